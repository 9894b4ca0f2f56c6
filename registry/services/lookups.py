"""Questions to servers elsewhere: asked by people, answered by workers, kept for a day.

What `Lookup.result` holds: of ARTICLE a spec Article; of REFS {"tags": […], "branches": […]}; of
MODEL an ImportedModel. A file that somebody sent is kept as an answer to a question nobody asked:
its address is `file:` and the file's name; of TABLE, registry.services.tables says what it holds.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from registry import dispatch
from registry.models import Lookup, User
from registry.models.outside import LookupKind, LookupState
from registry.services.errors import ServiceError
from registry.services.resending import rows_resend
from registry.services.text import as_json, cut, typed
from registry.services.versions import ADDRESS_CHARACTERS
from registry.spec.evidence import Failure
from registry.spec.identifiers import doi_normalised

# Of one person: what somebody types by hand, and no crawl.
ASKED_AN_HOUR = 30
# For how long an answer is given again without asking anew.
FRESH = {
    LookupKind.ARTICLE: timedelta(days=1),
    LookupKind.MODEL: timedelta(minutes=10),
    LookupKind.REFS: timedelta(minutes=1),
}
KEPT = timedelta(days=1)
_USER = re.compile(r"^[a-zA-Z+]+://[^/]*@")
_EXAMPLES = {
    LookupKind.ARTICLE: "Paste a DOI, such as 10.1103/PhysRevLett.126.032001.",
    LookupKind.MODEL: "Paste the address of the model's page, such as "
    "https://modeldb.science/144027.",
    LookupKind.REFS: "Paste the address that you would give to `git clone`.",
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a worker is to ask, and where."""

    kind: LookupKind
    address: str


def lookup_ask(*, user: User, kind: LookupKind, address: str) -> Lookup:
    """A question on its way, or this person's own fresh answer to the same one.

    `address` is a DOI, a repository's address or that of a model's page. Raises ServiceError when
    it cannot be one, and when the person has asked too much.
    """
    wanted = _wanted(kind, address)
    with transaction.atomic():
        # One at a time for each person, so that the allowance holds.
        person = User.objects.select_for_update().get(pk=user.pk)
        known = _known(person, kind, wanted)
        if known:
            return known
        _refuse_too_many(person)
        now = timezone.now()
        lookup = Lookup.objects.create(
            kind=kind, address=wanted, asked_by=person, asked_at=now, sent_at=now
        )
        dispatch.send_after_commit(dispatch.LOOK_UP, lookup.pk)
    return lookup


def lookup_keep(*, user: User, kind: LookupKind, name: str, result: object) -> Lookup:
    """What was read of a file that somebody sent. Raises ServiceError when they sent too many."""
    now = timezone.now()
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        _refuse_too_many(person)
        return Lookup.objects.create(
            kind=kind,
            address=cut(f"file:{name}", ADDRESS_CHARACTERS),
            state=LookupState.ANSWERED,
            result=as_json(result),
            asked_by=person,
            asked_at=now,
            sent_at=now,
            answered_at=now,
        )


def lookup_to_answer(*, lookup_id: int) -> Question | None:
    """What is to be asked; None when nobody waits for it any more."""
    row = Lookup.objects.filter(pk=lookup_id, state=LookupState.PENDING).first()
    return Question(kind=LookupKind(row.kind), address=row.address) if row else None


def lookup_answered(*, lookup_id: int, result: object) -> bool:
    """Keep the answer; False when nobody waits for it any more."""
    return _settled(lookup_id, state=LookupState.ANSWERED, result=as_json(result))


def lookup_failed(*, lookup_id: int, failure: Failure) -> bool:
    """Keep why there is no answer; False when nobody waits for one any more."""
    return _settled(lookup_id, state=LookupState.FAILED, failure=as_json(failure))


def lookups_resend(*, resend_after_seconds: float) -> int:
    """Send again what was sent so long ago that the message must be lost."""
    waiting = Lookup.objects.filter(state=LookupState.PENDING)
    return rows_resend(waiting, task=dispatch.LOOK_UP, after_seconds=resend_after_seconds)


def lookups_remove_old() -> int:
    """Forget questions that nobody comes back to; how many."""
    return Lookup.objects.filter(asked_at__lt=Now() - KEPT).delete()[0]


def _wanted(kind: LookupKind, address: str) -> str:
    """The address as it is asked for. Raises ServiceError."""
    given = typed(address, limit=ADDRESS_CHARACTERS, what="address")
    if not given:
        raise ServiceError("address_missing", "There is no address.", _EXAMPLES[kind])
    if kind == LookupKind.ARTICLE:
        try:
            return doi_normalised(given)
        except ValueError as error:
            raise ServiceError("address_doi", str(error), _EXAMPLES[kind]) from error
    if _USER.search(given):
        raise ServiceError(
            "address_secret",
            "The address holds a user name, a password or a token.",
            "Remove everything up to the “@”; the portal asks for public things only.",
        )
    return given


def _known(user: User, kind: LookupKind, address: str) -> Lookup | None:
    """The same question of the same person, still open or answered a moment ago."""
    since = timezone.now() - FRESH[kind]
    same = Lookup.objects.filter(asked_by=user, kind=kind, address=address, asked_at__gt=since)
    return same.exclude(state=LookupState.FAILED).order_by("-asked_at").first()


def _refuse_too_many(user: User) -> None:
    lately = timezone.now() - timedelta(hours=1)
    if Lookup.objects.filter(asked_by=user, asked_at__gt=lately).count() >= ASKED_AN_HOUR:
        raise ServiceError(
            "asked_too_often",
            f"You have looked up {ASKED_AN_HOUR} addresses or files in an hour, which is the most.",
            "Wait a while, or fill in the fields yourself.",
        )


def _settled(lookup_id: int, **columns: object) -> bool:
    pending = Lookup.objects.filter(pk=lookup_id, state=LookupState.PENDING)
    return pending.update(answered_at=timezone.now(), **columns) == 1
