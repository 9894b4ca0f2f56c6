"""DOIs of published versions: asked for by an owner, registered by a worker, hidden when withdrawn.

A row is written before anything is sent, and DataCite is told again until it has said yes or no.
The DOI follows from accession and number, so that asking twice names the same one.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from registry import dispatch
from registry.citations.as_datacite import datacite_json
from registry.models import Doi, ModelEntry, ModelVersion, User
from registry.models.entries import Visibility
from registry.models.outside import DoiState
from registry.selectors.citations import version_cited
from registry.services.audit import audit_record
from registry.services.errors import ServiceError
from registry.services.resending import rows_resend
from registry.services.text import cut

_IS_PUBLIC = Q(version__entry__visibility=Visibility.PUBLIC)


@dataclass(frozen=True, kw_only=True)
class DoiToTell:
    """What DataCite is to be told of a DOI: where it leads, what of, and whether it is found.

    `metadata` is DataCite's schema 4.5 as JSON; `is_new` says that it is not known to be ours.
    """

    doi: str
    url: str
    metadata: dict[str, Any]
    is_new: bool
    is_findable: bool


def minting_is_on() -> bool:
    """Whether this site has an account at DataCite. Its password is for workers alone to know."""
    return bool(settings.DATACITE_PREFIX and settings.DATACITE_REPOSITORY)


def doi_mint(*, version: ModelVersion, actor: User) -> Doi:
    """Have a DOI registered for a version of a public model; what is registered stays as it is.

    1. Refuse what a DOI must not lead to, because it is for good.
    2. Write the row, or set one that failed back to waiting.
    3. Send it to a worker after commit.
    """
    with transaction.atomic():
        entry = ModelEntry.objects.select_for_update().get(pk=version.entry_id)
        _refuse_unfit(entry, version)
        now = timezone.now()
        doi, is_new = Doi.objects.get_or_create(
            version=version,
            defaults={"doi": _name(version), "asked_at": now, "sent_at": now},
        )
        again = Doi.objects.filter(pk=doi.pk, state=DoiState.FAILED)
        if is_new or again.update(state=DoiState.PENDING, failure="", sent_at=now):
            audit_record(actor=actor, action="doi.asked", subject=doi.doi, entry=entry)
            dispatch.send_after_commit(dispatch.MINT_DOI, version.pk)
        doi.refresh_from_db()
    return doi


def doi_to_tell(*, version_id: int) -> DoiToTell | None:
    """What is still to be told of a version's DOI; None when DataCite knows all of it."""
    doi = _untold().filter(pk=version_id).select_related("version__entry").first()
    if doi is None:
        return None
    work = version_cited(entry=doi.version.entry, version=doi.version)
    return DoiToTell(
        doi=doi.doi,
        url=work.url,
        metadata=datacite_json(work),
        is_new=doi.state != DoiState.REGISTERED,
        is_findable=doi.version.entry.visibility == Visibility.PUBLIC,
    )


def doi_told(*, version_id: int, is_findable: bool) -> None:
    """Note that DataCite has taken what it was told. Doing it twice changes nothing."""
    told = Doi.objects.filter(pk=version_id)
    told.exclude(state=DoiState.REGISTERED).update(
        state=DoiState.REGISTERED, failure="", registered_at=Now()
    )
    told.update(is_findable=is_findable)


def doi_refused(*, version_id: int, reason: str) -> None:
    """Note why DataCite did not register a DOI. One that is registered stays so."""
    waiting = Doi.objects.filter(pk=version_id, state=DoiState.PENDING)
    waiting.update(state=DoiState.FAILED, failure=cut(reason, 1000))


def dois_resend(*, resend_after_seconds: float) -> int:
    """Tell DataCite again what it was told so long ago that the message must be lost.

    And for the first time what changed since: of a model that was withdrawn, or shown again.
    """
    if not minting_is_on():
        return 0
    return rows_resend(_untold(), task=dispatch.MINT_DOI, after_seconds=resend_after_seconds)


def _untold() -> QuerySet[Doi]:
    """DOIs of which DataCite does not know all yet."""
    changed = (Q(is_findable=True) & ~_IS_PUBLIC) | (Q(is_findable=False) & _IS_PUBLIC)
    return Doi.objects.filter(Q(state=DoiState.PENDING) | Q(state=DoiState.REGISTERED) & changed)


def _name(version: ModelVersion) -> str:
    return f"{settings.DATACITE_PREFIX}/reprise.{version.entry_id}.{version.number}"


def _refuse_unfit(entry: ModelEntry, version: ModelVersion) -> None:
    """Raise ServiceError for what a DOI cannot lead to."""
    if not minting_is_on():
        raise ServiceError(
            "doi_off",
            "This site registers no DOIs.",
            "Ask whoever runs it, or archive the repository at Zenodo and cite that DOI.",
        )
    if version.published_at is None or entry.visibility != Visibility.PUBLIC:
        raise ServiceError(
            "doi_not_public",
            "Only a published version of a public model can have a DOI.",
            "Publish it, or make the model public first.",
        )
    if not version.people:
        raise ServiceError(
            "doi_no_authors",
            f"Version {version.number} names no author, and a DOI needs one.",
            "Publish a new version that names its authors.",
        )
