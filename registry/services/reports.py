"""Reports of problems: made by anybody, ended by curators.

The owner hears at once of what is wrong or broken, for only they can mend it. Of a report on rights
or abuse they hear what a curator decides: before that it may be an unfounded accusation, and whom
it is about could make away with what it is about.
"""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from registry.models import ModelEntry, ProblemReport, User
from registry.models.curation import ReportKind, ReportState
from registry.models.news import NewsKind
from registry.selectors.sharing import UNTOLD
from registry.services.audit import audit_record
from registry.services.editors import editors_tell
from registry.services.errors import ServiceError
from registry.services.news import news_tell
from registry.services.text import typed

TEXT_CHARACTERS = 5_000


def report_create(
    *, entry: ModelEntry, reporter: User | None, email: str, kind: ReportKind, text: str
) -> ProblemReport:
    """Put a problem into the curators' queue. Raises ServiceError when nothing is said."""
    said = typed(text, limit=TEXT_CHARACTERS, what="description")
    if not said:
        raise ServiceError("text_missing", "Nothing is said of the problem.", "Say what is wrong.")
    with transaction.atomic():
        report = ProblemReport.objects.create(
            entry=entry,
            reporter=reporter,
            email="" if reporter else email,
            kind=kind,
            text=said,
            created_at=timezone.now(),
        )
        if kind not in UNTOLD:
            _tell_editors(report)
    return report


def report_end(*, actor: User, report: ProblemReport, state: ReportState, words: str) -> None:
    """End a report as resolved or dismissed, with words to whoever made it. Raises ServiceError."""
    said = typed(words, limit=TEXT_CHARACTERS, what="answer")
    if state == ReportState.OPEN or not said:
        raise ServiceError(
            "words_missing", "The answer is empty.", "Say what was done, or why not."
        )
    with transaction.atomic():
        still_open = ProblemReport.objects.filter(pk=report.pk, state=ReportState.OPEN)
        changed = still_open.update(
            state=state, resolution=said, resolved_by=actor, resolved_at=timezone.now()
        )
        if changed != 1:
            raise ServiceError("report_ended", "Another curator has ended this report meanwhile.")
        audit_record(
            actor=actor,
            action=f"report.{state.value}",
            subject=f"report {report.pk}: {report.get_kind_display()}",
            entry=report.entry,
            detail={"words": said},
        )
        _answer(report, said)


def _tell_editors(report: ProblemReport) -> None:
    """The text itself is read on the site alone: no stranger writes mail through this portal."""
    entry = report.entry
    editors_tell(
        entry=entry,
        kind=NewsKind.REPORT,
        sentence=f"A reader reports a problem with “{entry.title or entry.name}”: "
        f"{report.get_kind_display().lower()}.",
        address=reverse("entry_settings", args=[entry.pk]) + "#reports",
    )


def _answer(report: ProblemReport, said: str) -> None:
    entry = report.entry
    sentence = f"Your report on “{entry.title or entry.name}” was looked at."
    if report.reporter:
        news_tell(
            users=[report.reporter],
            kind=NewsKind.CURATION,
            cause=f"report-{report.pk}-ended",
            sentence=sentence,
            address=reverse("entry_page", args=[entry.pk]),
            detail=said,
        )
    elif report.email:
        page = settings.PUBLIC_URL.rstrip("/") + reverse("entry_page", args=[entry.pk])
        address, text = report.email, f"{sentence}\n\n{said}\n\n{page}\n"
        # A mail server that is away must not undo what a curator decided.
        transaction.on_commit(lambda: _mail(address, sentence, text), robust=True)


def _mail(address: str, subject: str, text: str) -> None:
    send_mail(" ".join(subject.split()), text, None, [address])
