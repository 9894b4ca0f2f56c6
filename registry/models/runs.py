"""Runs, what they did as they went, and the evidence that they left."""

from django.db import models
from django.db.models import Q

from registry.models.entries import CAUSES, COMMIT, LEVELS, ModelVersion
from registry.models.people import User
from registry.spec.ladder import Outcome, Step, StepState


def _choices(names: type[Step] | type[StepState]) -> list[tuple[str, str]]:
    return [(name.value, name.value.replace("_", " ")) for name in names]


class RunState(models.TextChoices):
    """Where a run stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"


class RunOutcome(models.TextChoices):
    """How a run ended (spec Outcome)."""

    REPRODUCED = Outcome.REPRODUCED.value, "Reproduced"
    NOT_REPRODUCED = Outcome.NOT_REPRODUCED.value, "Not reproduced"
    ERRORED = Outcome.ERRORED.value, "Could not be verified"
    CANCELLED = Outcome.CANCELLED.value, "Cancelled"


class Trigger(models.TextChoices):
    """Why a run was asked for."""

    PUBLICATION = "publication", "Publication"
    PERSON = "person", "A person"
    SCHEDULE = "schedule", "Schedule"
    WEBHOOK = "webhook", "A push"
    BASE_IMAGE = "base-image", "A new base image"
    CONFIRMATION = "confirmation", "A second look"


class VerificationRun(models.Model):
    """One verification of one version: `queued → running → finished`, then frozen.

    `lease_token` is held by the one worker that may write to a running run; all times of a lease
    are the database's. `report` is a spec Report as JSON.
    """

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="runs", db_index=False
    )
    # What was verified: a version may still change until it is published.
    commit = models.CharField(max_length=40)
    manifest_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    outcome = models.CharField(max_length=20, choices=RunOutcome.choices, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    cause = models.CharField(max_length=20, blank=True, default="")
    explanation = models.TextField(blank=True, default="")
    hint = models.TextField(blank=True, default="")
    tests_pass = models.BooleanField(null=True, blank=True)
    # Whether the environment had to be changed to work, and by which rungs (spec Repair).
    repaired = models.BooleanField(default=False)
    repairs = models.JSONField(default=list, blank=True)
    # In what sense two runs agreed (spec Repeatability), and how many claims of the article held.
    repeatability = models.CharField(max_length=20, blank=True, default="")
    claims = models.PositiveSmallIntegerField(default=0)
    claims_met = models.PositiveSmallIntegerField(default=0)
    # Which base image it stood on, and the sha256 of its Python and packages (spec Environment).
    base_image = models.CharField(max_length=300, blank=True, default="")
    base_digest = models.CharField(max_length=100, blank=True, default="")
    environment_digest = models.CharField(max_length=64, blank=True, default="")
    python = models.CharField(max_length=20, blank=True, default="")
    # What of the field's frameworks is installed in it (registry.spec.frameworks).
    frameworks = models.JSONField(default=list, blank=True)
    # The run whose fall this one looks at a second time, before anything is called lost.
    confirms = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="confirmed_by"
    )
    # What its tests and inference cost, largest container first, and how big its image is.
    run_seconds = models.FloatField(null=True, blank=True)
    peak_memory_mb = models.PositiveIntegerField(null=True, blank=True)
    image_mb = models.PositiveIntegerField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField()
    # When a message asking for this run was last handed to the broker, which may lose it.
    sent_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    trigger = models.CharField(max_length=20, choices=Trigger.choices)
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="requested_runs"
    )
    policy_version = models.CharField(max_length=50, blank=True, default="")
    policy_digest = models.CharField(max_length=100, blank=True, default="")
    host = models.CharField(max_length=300, blank=True, default="")
    cpu_model = models.CharField(max_length=300, blank=True, default="")
    report = models.JSONField(null=True, blank=True)

    class Meta:
        """The states of a run and what each implies."""

        constraints = (
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(condition=Q(commit__regex=COMMIT), name="run_commit_form"),
            models.CheckConstraint(
                condition=Q(
                    state="finished", outcome__in=RunOutcome.values, finished_at__isnull=False
                )
                | (~Q(state="finished") & Q(outcome="", finished_at__isnull=True)),
                name="run_finished_iff_outcome",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="running",
                    lease_token__isnull=False,
                    lease_expires_at__isnull=False,
                    started_at__isnull=False,
                    attempt__gte=1,
                )
                | (~Q(state="running") & Q(lease_token=None, lease_expires_at=None)),
                name="run_running_iff_lease",
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=["reproduced", "not_reproduced"],
                    report__isnull=False,
                    level__isnull=False,
                )
                & LEVELS
                | (~Q(outcome__in=["reproduced", "not_reproduced"]) & Q(level=None)),
                name="run_verdict_iff_level",
            ),
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="run_cause_known"),
            models.CheckConstraint(
                condition=Q(trigger__in=Trigger.values), name="run_trigger_known"
            ),
            models.UniqueConstraint(
                fields=["version"],
                condition=~Q(state="finished"),
                name="run_one_unfinished",
                violation_error_message="This version is already being verified.",
            ),
        )
        indexes = (
            models.Index(fields=["version", "-finished_at"], name="run_of_version"),
            models.Index(fields=["-queued_at"], name="run_recent"),
            models.Index(
                fields=["version", "finished_at", "level"],
                condition=Q(level__isnull=False),
                name="run_decided",
            ),
            models.Index(fields=["sent_at"], condition=Q(state="queued"), name="run_waiting"),
            models.Index(
                fields=["lease_expires_at"], condition=Q(state="running"), name="run_leased"
            ),
        )

    def __str__(self) -> str:
        return f"run {self.pk} of version {self.version_id}"


class RunEvent(models.Model):
    """A step of a run began, ended or was left out. Append only."""

    run = models.ForeignKey(
        VerificationRun, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    attempt = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=30, choices=_choices(Step))
    state = models.CharField(max_length=10, choices=_choices(StepState))
    at = models.DateTimeField()
    seconds = models.FloatField(null=True, blank=True)
    message = models.TextField(blank=True, default="")

    class Meta:
        """Read in the order of writing."""

        ordering = ("id",)
        indexes = (models.Index(fields=["run", "id"], name="event_of_run"),)

    def __str__(self) -> str:
        return f"{self.step} {self.state}"


class LogChunk(models.Model):
    """A piece of a run's log, numbered within its attempt. Append only."""

    run = models.ForeignKey(
        VerificationRun, on_delete=models.PROTECT, related_name="log_chunks", db_index=False
    )
    attempt = models.PositiveSmallIntegerField()
    seq = models.PositiveIntegerField()
    step = models.CharField(max_length=30, choices=_choices(Step))
    text = models.TextField()

    class Meta:
        """Read in the order of writing."""

        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["run", "attempt", "seq"], name="log_seq"),)
        indexes = (models.Index(fields=["run", "id"], name="log_of_run"),)

    def __str__(self) -> str:
        return f"{self.step} {self.attempt}.{self.seq}"


class CheckResult(models.Model):
    """What one step of a finished run came to. Evidence, immutable."""

    run = models.ForeignKey(
        VerificationRun, on_delete=models.PROTECT, related_name="checks", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=30, choices=_choices(Step))
    state = models.CharField(max_length=10, choices=_choices(StepState))
    seconds = models.FloatField(null=True, blank=True)
    cause = models.CharField(max_length=20, blank=True, default="")
    message = models.TextField(blank=True, default="")

    class Meta:
        """One result a step."""

        ordering = (
            "run",
            "number",
        )
        constraints = (
            models.UniqueConstraint(fields=["run", "step"], name="check_step"),
            models.UniqueConstraint(fields=["run", "number"], name="check_number"),
        )

    def __str__(self) -> str:
        return f"{self.step} {self.state}"


class TestOutcome(models.Model):
    """One test as the repository's own report names it. Evidence, immutable."""

    __test__ = False

    check_result = models.ForeignKey(
        CheckResult, on_delete=models.PROTECT, related_name="tests", db_index=False
    )
    number = models.PositiveIntegerField()
    name = models.TextField()
    state = models.CharField(max_length=10)
    seconds = models.FloatField()
    message = models.TextField(blank=True, default="")

    class Meta:
        """In the order of the report."""

        ordering = (
            "check_result",
            "number",
        )
        constraints = (
            models.UniqueConstraint(fields=["check_result", "number"], name="test_number"),
            models.CheckConstraint(
                condition=Q(state__in=["passed", "failed", "error", "skipped"]),
                name="test_state_known",
            ),
        )

    def __str__(self) -> str:
        return self.name


class OutputComparison(models.Model):
    """One output held against its expected values or the other run's. Evidence, immutable.

    The columns are those of spec Comparison; errors are the largest over all compared numbers.
    """

    check_result = models.ForeignKey(
        CheckResult, on_delete=models.PROTECT, related_name="comparisons", db_index=False
    )
    number = models.PositiveIntegerField()
    path = models.CharField(max_length=500)
    against = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    identical = models.BooleanField()
    agrees = models.BooleanField()
    rtol = models.FloatField()
    atol = models.FloatField()
    compared = models.BigIntegerField()
    mismatched = models.BigIntegerField()
    max_absolute_error = models.FloatField(null=True, blank=True)
    max_relative_error = models.FloatField(null=True, blank=True)
    where = models.TextField(blank=True, default="")
    message = models.TextField(blank=True, default="")
    differs = models.TextField(blank=True, default="")
    # Spec Statistic or null, lists of spec WorstRow and Figure.
    statistic = models.JSONField(null=True, blank=True)
    worst = models.JSONField(default=list, blank=True)
    figures = models.JSONField(default=list, blank=True)

    class Meta:
        """In the order of the report."""

        ordering = (
            "check_result",
            "number",
        )
        constraints = (
            models.UniqueConstraint(fields=["check_result", "number"], name="comparison_number"),
            models.CheckConstraint(
                condition=Q(against__in=["expected", "repeat"]), name="comparison_against_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.path} against {self.against}"


class ClaimOutcome(models.Model):
    """A value of the article, and what the output holds in its place. Evidence, immutable.

    The columns are those of spec ClaimCheck.
    """

    check_result = models.ForeignKey(
        CheckResult, on_delete=models.PROTECT, related_name="claims", db_index=False
    )
    number = models.PositiveIntegerField()
    path = models.CharField(max_length=500)
    label = models.CharField(max_length=200)
    at = models.CharField(max_length=300)
    value = models.FloatField()
    tolerance = models.FloatField()
    unit = models.CharField(max_length=50, blank=True, default="")
    seen = models.FloatField(null=True, blank=True)
    agrees = models.BooleanField()
    message = models.TextField(blank=True, default="")

    class Meta:
        """In the order of the manifest."""

        ordering = (
            "check_result",
            "number",
        )
        constraints = (
            models.UniqueConstraint(fields=["check_result", "number"], name="claim_number"),
        )

    def __str__(self) -> str:
        return self.label
