"""Telling people how a verification ended: whose model fell, who asked for it, who follows it.

One run is one cause: whoever is all three is told the weightiest, once.
"""

from django.urls import reverse

from registry.badges import CAUSE_WORDS
from registry.models import ModelEntry, User, VerificationRun
from registry.models.entries import Role
from registry.models.news import NewsKind
from registry.selectors.news import followers_of
from registry.services.deliveries import run_event_tell
from registry.services.news import news_tell
from registry.services.verdicts import Copies
from registry.spec.events import Event
from registry.spec.ladder import Cause, Level, Outcome


def run_verdict_tell(*, run_id: int, entry: ModelEntry, was: Copies, now: Copies) -> None:
    """Tell of a run that came to a verdict. `was` and `now` are the entry's before and after it."""
    if was.lost_at is None and now.lost_at is not None:
        roles = (Role.OWNER, Role.MAINTAINER)
        editors = User.objects.filter(memberships__entry=entry, memberships__role__in=roles)
        words = CAUSE_WORDS.get(Cause(now.lost_cause), "") if now.lost_cause else ""
        sentence = f"{_named(entry)} no longer does what it did{': ' if words else ''}{words}."
        _tell(run_id, entry, NewsKind.FALL, list(editors), sentence)
        run_event_tell(run_id=run_id, event=Event.VERDICT_FELL)
    run_end_tell(run_id=run_id)
    if _said(was) != _said(now):
        run_event_tell(run_id=run_id, event=Event.VERDICT_CHANGED)
        sentence = f"{_named(entry)} has a new verdict: {_verdict(now.level, now.cause)}."
        _tell(run_id, entry, NewsKind.VERSION, followers_of(entry), sentence)


def run_end_tell(*, run_id: int) -> None:
    """Tell whoever asked for a run, and the programs that listen, that it has ended."""
    asked = VerificationRun.objects.select_related("requested_by", "version__entry")
    run = asked.defer("report").get(pk=run_id)
    entry = run.version.entry
    run_event_tell(run_id=run_id, event=Event.RUN_FINISHED)
    if run.requested_by is None:
        return
    if run.outcome == Outcome.ERRORED:
        said = "could not be carried out; that says nothing of the model"
    else:
        said = f"has ended: {_verdict(run.level or 0, run.cause)}"
    sentence = f"Your verification {run.pk} of {_named(entry)} {said}."
    _tell(run.pk, entry, NewsKind.RUN, [run.requested_by], sentence)


def _tell(run_id: int, entry: ModelEntry, kind: NewsKind, users: list[User], sentence: str) -> None:
    news_tell(
        users=users,
        kind=kind,
        cause=f"run-{run_id}-ended",
        sentence=sentence,
        address=reverse("run_page", args=[run_id]),
        entry=entry,
    )


def _named(entry: ModelEntry) -> str:
    return entry.title or entry.name


def _verdict(level: int, cause: str) -> str:
    failed = CAUSE_WORDS.get(Cause(cause), cause) if cause else ""
    return f"{Level(level).label}{', ' if failed else ''}{failed}"


def _said(copies: Copies) -> tuple[int, str, str, bool | None]:
    """What of the copies is the verdict: that the same was seen again is no news."""
    return (copies.level, copies.outcome, copies.cause, copies.tests_pass)
