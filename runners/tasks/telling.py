"""What is asked of servers elsewhere, and told to people and programs."""

import logging

from celery import shared_task

from registry.imports.model import ImportedModel
from registry.models.outside import LookupKind
from registry.services.deliveries import (
    delivery_answered,
    delivery_claim,
)
from registry.services.dois import doi_refused, doi_to_tell, doi_told
from registry.services.imports import repository_ask
from registry.services.lookups import (
    Question,
    lookup_answered,
    lookup_failed,
    lookup_to_answer,
)
from registry.services.mailing import news_mail
from registry.spec.evidence import Failure
from registry.spec.ladder import Cause
from runners.configuration import (
    asking_of_site,
    bounds_of_site,
    datacite_of_site,
    mirrors_of_site,
)
from runners.doi.datacite_client import DoiRefused, tell_datacite
from runners.faults import PlatformFault, RepositoryFault
from runners.lookups import look_up_article, look_up_model, look_up_refs
from runners.telling import tell

logger = logging.getLogger(__name__)


@shared_task(name="runners.look_up")
def look_up(lookup_id: int) -> None:
    """Ask a server elsewhere what somebody wants to know, and keep the answer or why there is none.

    Whoever asked is waiting, so nothing is tried again unasked.
    """
    question = lookup_to_answer(lookup_id=lookup_id)
    if question is None:
        return
    try:
        result = _answer(question)
    except RepositoryFault as fault:
        lookup_failed(lookup_id=lookup_id, failure=fault.failure)
    except Exception:
        logger.exception("Lookup %s failed: %s", lookup_id, question)
        lookup_failed(lookup_id=lookup_id, failure=_NOT_NOW)
    else:
        lookup_answered(lookup_id=lookup_id, result=result)
        if isinstance(result, ImportedModel):
            repository_ask(lookup_id=lookup_id)


_NOT_NOW = Failure(
    cause=Cause.INFRASTRUCTURE,
    sentence="This could not be looked up: the portal cannot reach the other server now.",
    hint="Try again later, or fill in the fields yourself.",
)


def _answer(question: Question) -> object:
    match question.kind:
        case LookupKind.ARTICLE:
            return look_up_article(question.address, asking_of_site())
        case LookupKind.REFS:
            return look_up_refs(question.address, mirrors_of_site(), bounds_of_site().source)
        case LookupKind.MODEL:
            return look_up_model(question.address, asking_of_site())
    raise AssertionError(question.kind)


@shared_task(name="runners.mint_doi")
def mint_doi(version_id: int) -> None:
    """Tell DataCite what it does not know yet of a version's DOI; what fails is sent again."""
    asked = doi_to_tell(version_id=version_id)
    if asked is None:
        return
    try:
        tell_datacite(
            datacite_of_site(),
            doi=asked.doi,
            url=asked.url,
            metadata=asked.metadata,
            is_new=asked.is_new,
            is_findable=asked.is_findable,
        )
    except DoiRefused as refusal:
        logger.warning("The DOI %s was refused: %s", asked.doi, refusal)
        doi_refused(version_id=version_id, reason=str(refusal))
    except PlatformFault as fault:
        logger.warning("The DOI %s waits: %s", asked.doi, fault)
    else:
        doi_told(version_id=version_id, is_findable=asked.is_findable)


@shared_task(name="runners.mail_news")
def mail_news(notification_id: int) -> None:
    """Send the mail that a piece of news is due in, if nobody has sent it."""
    news_mail(notification_id=notification_id)


@shared_task(name="runners.send_webhook")
def send_webhook(delivery_id: int) -> None:
    """Send a message to another program, if it is due; what is not taken is tried again."""
    sending = delivery_claim(delivery_id=delivery_id)
    if sending is None:
        return
    try:
        asking = asking_of_site()
        answer = tell(sending.address, sending.body, sending.headers, asking=asking)
    except (RepositoryFault, PlatformFault) as fault:
        delivery_answered(sending=sending, status=None, answer=str(fault))
    else:
        delivery_answered(sending=sending, status=answer.status, answer=answer.text)
