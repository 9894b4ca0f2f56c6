"""Queries of curators: reports, what is told poorly, the record of who did what."""

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from registry.models import AuditEvent, Collection, ModelEntry, ProblemReport
from registry.models.curation import ReportState
from registry.models.entries import Visibility

POOR = 60  # per cent of what a reader looks for
RECENT = timedelta(days=90)


def reports_queue(*, ended: bool) -> QuerySet[ProblemReport]:
    """The open reports, oldest first; or the ended ones, newest first."""
    reports = ProblemReport.objects.select_related("entry__owner", "reporter", "resolved_by")
    if ended:
        return reports.exclude(state=ReportState.OPEN).order_by("-resolved_at")
    return reports.filter(state=ReportState.OPEN).order_by("created_at")


def report_get(report_id: int) -> ProblemReport | None:
    """One report with its entry."""
    reports = ProblemReport.objects.select_related("entry__owner", "reporter", "resolved_by")
    return reports.filter(pk=report_id).first()


def entries_poorly_told() -> QuerySet[ModelEntry]:
    """Public entries of the last months that leave out most of what readers look for."""
    fresh = ModelEntry.objects.filter(
        visibility=Visibility.PUBLIC,
        created_at__gte=timezone.now() - RECENT,
        completeness__lt=POOR,
    )
    return fresh.select_related("owner").order_by("completeness", "-accession")


def featured() -> tuple[QuerySet[ModelEntry], QuerySet[Collection]]:
    """What curators put on the front page, the newest first."""
    entries = ModelEntry.objects.filter(featured_at__isnull=False, visibility=Visibility.PUBLIC)
    collections = Collection.objects.filter(featured_at__isnull=False, is_public=True)
    return (
        entries.select_related("owner").order_by("-featured_at"),
        collections.select_related("owner").order_by("-featured_at"),
    )


def audit_search(
    *,
    text: str = "",
    action: str = "",
    accession: int | None = None,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEvent]:
    """Events whose actor, action or subject holds every word, newest first; the days inclusive."""
    events = AuditEvent.objects.all()
    for word in text.split():
        said = Q(actor__icontains=word) | Q(subject__icontains=word) | Q(action__icontains=word)
        events = events.filter(said)
    if action:
        events = events.filter(action__startswith=action)
    if accession is not None:
        events = events.filter(accession=accession)
    if since:
        events = events.filter(at__gte=datetime.combine(since, time.min, tzinfo=UTC))
    if until:
        events = events.filter(at__lte=datetime.combine(until, time.max, tzinfo=UTC))
    return events
