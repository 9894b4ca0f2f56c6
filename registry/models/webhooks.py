"""Telling other programs what happened: who asked for it, and what became of each message."""

import uuid

from django.db import models
from django.db.models import Q

from registry.models.entries import ModelEntry
from registry.models.people import User


class Webhook(models.Model):
    """An address elsewhere that is told of events: of one entry, or of all that `owner` edits.

    Its secret is derived from `generation`, not kept. `events` are names of registry.spec.events.
    One that is refused for days is switched off, and says so in `failure`.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="webhooks")
    entry = models.ForeignKey(
        ModelEntry, on_delete=models.CASCADE, null=True, blank=True, related_name="webhooks"
    )
    address = models.CharField(max_length=2000)
    events = models.JSONField(default=list)
    generation = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    failure = models.CharField(max_length=500, blank=True, default="")
    failing_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        """In the order in which they were made."""

        ordering = ("pk",)

    def __str__(self) -> str:
        return self.address


class DeliveryState(models.TextChoices):
    """What became of a message."""

    PENDING = "pending", "Waiting"
    TAKEN = "taken", "Taken"
    FAILED = "failed", "Given up"


class WebhookDelivery(models.Model):
    """One message to one webhook: the row is the truth, and is sent until it is taken or given up.

    `event_id` is the same in every try and replay, so that the receiver can know it again. `body`
    is what is signed and sent, to the byte.
    """

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    event_id = models.UUIDField(default=uuid.uuid4)
    event = models.CharField(max_length=50)
    cause = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.CharField(max_length=1000, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        """A webhook hears of a cause once."""

        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=["webhook", "cause"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="webhook_delivery_state_known"
            ),
        )
        indexes = (
            models.Index(
                fields=["due_at"], condition=Q(state="pending"), name="webhook_delivery_waiting"
            ),
            models.Index(fields=["webhook", "-created_at"], name="webhook_delivery_recent"),
        )

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook_id}"
