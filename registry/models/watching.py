"""What keeps an entry's verdict young: pushes that hosts tell of, and the search for what broke."""

from django.db import models
from django.db.models import Q

from registry.models.entries import ModelEntry
from registry.models.runs import VerificationRun


class Hook(models.Model):
    """The address that a host calls on a push. Its secret is derived from `generation`, not kept.

    `branch` is the one that is followed; "" is the default branch.
    """

    entry = models.OneToOneField(
        ModelEntry, on_delete=models.CASCADE, primary_key=True, related_name="hook"
    )
    generation = models.PositiveIntegerField(default=1)
    branch = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"hook of {self.entry_id}"


class HookDelivery(models.Model):
    """A push that was taken in. The host's own number of it makes a replay do nothing."""

    hook = models.ForeignKey(
        Hook, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    delivery = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    ref = models.CharField(max_length=300, blank=True, default="")
    commit = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        """Once."""

        ordering = ("-received_at",)
        constraints = (
            models.UniqueConstraint(fields=["hook", "delivery"], name="hook_delivery_once"),
        )

    def __str__(self) -> str:
        return self.delivery


class Bisection(models.Model):
    """The search for what broke a model between its last good run and the first bad one.

    `steps` is a list of spec Tried: what was tried and what came of it. `finding` is one sentence,
    "" before the end. `state`, `attempt` and the lease are as a run's.
    """

    entry = models.ForeignKey(
        ModelEntry, on_delete=models.PROTECT, related_name="bisections", db_index=False
    )
    good = models.ForeignKey(
        VerificationRun, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    bad = models.ForeignKey(
        VerificationRun, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, default="queued")
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    steps = models.JSONField(default=list, blank=True)
    finding = models.TextField(blank=True, default="")
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Two runs are searched between once."""

        ordering = ("-queued_at",)
        constraints = (
            models.UniqueConstraint(fields=["good", "bad"], name="bisection_once"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "finished"]),
                name="bisection_state_known",
            ),
        )
        indexes = (models.Index(fields=["entry", "-queued_at"], name="bisection_of"),)

    def __str__(self) -> str:
        return f"between runs {self.good_id} and {self.bad_id}"
