"""Models run for people, on inputs of their own, in the image that was verified."""

from django.db import models
from django.db.models import Q

from registry.models.entries import ModelEntry
from registry.models.people import User
from registry.models.runs import VerificationRun
from registry.models.storage import Blob


class EntryCalculations(models.Model):
    """That an entry's owner lets people run it here with inputs of their own: off without a row."""

    entry = models.OneToOneField(
        ModelEntry, on_delete=models.CASCADE, primary_key=True, related_name="calculations_open"
    )
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calculations with {self.entry_id}"


class CalculationState(models.TextChoices):
    """Where a calculation stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"


class CalculationOutcome(models.TextChoices):
    """How a calculation ended."""

    DONE = "done", "Done"
    FAILED = "failed", "The model ended with an error"
    ERRORED = "errored", "Could not be run"
    CANCELLED = "cancelled", "Cancelled"


class Calculation(models.Model):
    """The declared inference of a model, run for somebody on inputs of theirs.

    In the image that `run` verified. Says nothing of the model, and never touches its badge. All
    of it is removed at `removed_after`. The lease is as a run's.
    """

    run = models.ForeignKey(VerificationRun, on_delete=models.PROTECT, related_name="calculations")
    asked_by = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="calculations", db_index=False
    )
    command = models.JSONField(default=list)
    state = models.CharField(
        max_length=10, choices=CalculationState.choices, default=CalculationState.QUEUED
    )
    outcome = models.CharField(
        max_length=10, choices=CalculationOutcome.choices, blank=True, default=""
    )
    explanation = models.TextField(blank=True, default="")
    hint = models.TextField(blank=True, default="")
    log = models.TextField(blank=True, default="")
    seconds = models.FloatField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    removed_after = models.DateTimeField()

    class Meta:
        """The states of a calculation and what each implies."""

        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    state="finished",
                    outcome__in=CalculationOutcome.values,
                    finished_at__isnull=False,
                )
                | (~Q(state="finished") & Q(outcome="", finished_at=None)),
                name="calculation_finished_iff_outcome",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="running", lease_token__isnull=False, lease_expires_at__isnull=False
                )
                | (~Q(state="running") & Q(lease_token=None, lease_expires_at=None)),
                name="calculation_running_iff_lease",
            ),
        )
        indexes = (
            models.Index(fields=["asked_by", "-queued_at"], name="calculation_of_person"),
            models.Index(
                fields=["sent_at"], condition=Q(state="queued"), name="calculation_waiting"
            ),
            models.Index(
                fields=["lease_expires_at"], condition=Q(state="running"), name="calculation_leased"
            ),
            models.Index(fields=["removed_after"], name="calculation_by_end"),
        )

    def __str__(self) -> str:
        return f"calculation {self.pk} of run {self.run_id}"


class CalculationFile(models.Model):
    """A file that went into a calculation, or came out of it."""

    calculation = models.ForeignKey(
        Calculation, on_delete=models.CASCADE, related_name="files", db_index=False
    )
    is_output = models.BooleanField()
    path = models.CharField(max_length=500)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="calculation_files")

    class Meta:
        """One of a path on each side."""

        ordering = ("is_output", "path")
        constraints = (
            models.UniqueConstraint(
                fields=["calculation", "is_output", "path"], name="calculation_file_once"
            ),
        )

    def __str__(self) -> str:
        return self.path
