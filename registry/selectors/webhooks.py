"""Queries about webhooks and what they were told."""

from django.db.models import QuerySet

from registry.models import ModelEntry, User, Webhook, WebhookDelivery
from registry.models.entries import Visibility
from registry.selectors.entries import EDITORS


def webhooks_of(user: User) -> QuerySet[Webhook]:
    """A person's webhooks with their models, in the order in which they were made."""
    return Webhook.objects.filter(owner=user).select_related("entry__owner").order_by("pk")


def deliveries_of(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    """What a webhook was told, the newest first."""
    return webhook.deliveries.order_by("-pk")


def entries_to_hear_of(user: User) -> QuerySet[ModelEntry]:
    """The models whose events a person may be told of: what they own or maintain themselves."""
    own = ModelEntry.objects.filter(memberships__user=user, memberships__role__in=EDITORS)
    return own.exclude(visibility=Visibility.WITHDRAWN).select_related("owner").order_by("name")
