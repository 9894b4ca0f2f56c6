"""What curators look after: reports of problems, and the record of who did what."""

from django.db import models
from django.db.models import Q

from registry.models.entries import ModelEntry
from registry.models.people import User


class ReportKind(models.TextChoices):
    """What a reader says is wrong."""

    WRONG = "wrong", "Something said here is not right"
    BROKEN = "broken", "It does not work for me"
    RIGHTS = "rights", "It is mine, or breaks a licence"
    ABUSE = "abuse", "Spam, harm or abuse"
    OTHER = "other", "Something else"


class ReportState(models.TextChoices):
    """How far a report has come."""

    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"
    DISMISSED = "dismissed", "Dismissed"


class ProblemReport(models.Model):
    """A problem that somebody reports of an entry, and what curators made of it."""

    entry = models.ForeignKey(ModelEntry, on_delete=models.PROTECT, related_name="problem_reports")
    reporter = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="problem_reports"
    )
    email = models.EmailField(blank=True, default="")
    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    text = models.TextField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    resolution = models.TextField(blank=True, default="")
    resolved_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What is not open any more says when that was decided."""

        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=ReportKind.values), name="report_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", resolved_at=None)
                | Q(state__in=["resolved", "dismissed"], resolved_at__isnull=False),
                name="report_ended_iff_moment",
            ),
        )
        indexes = (models.Index(fields=["state", "created_at"], name="report_queue"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.entry_id}"


class AuditEvent(models.Model):
    """Who did what to whom. Append only, and outlives what it speaks of: names, not keys.

    `action` is `<entity>.<verb>`, as in `entry.transferred`; `subject` names what was acted upon.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=50)
    subject = models.CharField(max_length=300)
    accession = models.PositiveBigIntegerField(null=True, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        """Newest first; the log of one entry is one index."""

        ordering = ("-id",)
        indexes = (models.Index(fields=["accession", "-id"], name="audit_of_entry"),)

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}"
