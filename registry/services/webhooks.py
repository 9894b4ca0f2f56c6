"""Webhooks: who is told of what, at which address. What is sent to them: deliveries.py."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from registry.models import ModelEntry, User, Webhook, WebhookDelivery
from registry.selectors.entries import entry_is_edited_by
from registry.services.audit import audit_record
from registry.services.deliveries import delivery_create
from registry.services.errors import ServiceError
from registry.services.text import typed
from registry.spec.events import SAID, Event

WEBHOOKS_MOST = 20
ADDRESS_CHARACTERS = 2000


def webhook_create(
    *, owner: User, address: str, events: Collection[str], entry: ModelEntry | None = None
) -> Webhook:
    """Tell `address` of events of an entry, or of all entries that `owner` edits.

    Raises ServiceError for what cannot be an address, and for an entry of others.
    """
    if entry is not None and not entry_is_edited_by(user=owner, entry=entry):
        raise ServiceError("not_yours", "Only a model's own editors are told of it by a webhook.")
    with transaction.atomic():
        # One at a time for each person, so that the bound holds.
        person = User.objects.select_for_update().get(pk=owner.pk)
        if person.webhooks.count() >= WEBHOOKS_MOST:
            raise ServiceError(
                "too_many", f"You have {WEBHOOKS_MOST} webhooks.", "Delete one that is not used."
            )
        webhook = Webhook.objects.create(
            owner=person,
            entry=entry,
            address=_address(address),
            events=_events(events),
            created_at=timezone.now(),
        )
        _record(webhook, "webhook.created")
    return webhook


def webhook_change(
    *, webhook: Webhook, address: str, events: Collection[str], is_active: bool
) -> None:
    """Change what a webhook hears, and where. Raises ServiceError."""
    fields = {"address": _address(address), "events": _events(events), "is_active": is_active}
    with transaction.atomic():
        if is_active and not webhook.is_active:
            fields |= {"failing_since": None, "failure": ""}
        Webhook.objects.filter(pk=webhook.pk).update(**fields)
        webhook.refresh_from_db()
        _record(webhook, "webhook.changed")


def webhook_renew(*, webhook: Webhook) -> None:
    """Give a webhook another secret; what is sent from now on is signed with it."""
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(generation=F("generation") + 1)
        webhook.refresh_from_db()
        _record(webhook, "webhook.renewed")


def webhook_delete(*, webhook: Webhook) -> None:
    """Tell an address nothing more, and forget what it was told."""
    with transaction.atomic():
        _record(webhook, "webhook.deleted")
        webhook.delete()


def webhook_test(*, webhook: Webhook) -> WebhookDelivery:
    """Send a message that means nothing, to see that it arrives."""
    now = timezone.now()
    with transaction.atomic():
        return delivery_create(
            webhook=webhook,
            event=Event.TEST,
            cause=f"test-{now.timestamp()}",
            said={"webhook": webhook.pk},
        )


def _address(text: str) -> str:
    """Where messages go. Whether it may be asked is for the worker to say, each time anew."""
    address = typed(text, limit=ADDRESS_CHARACTERS, what="address")
    if not address.lower().startswith(("https://", "http://")):
        raise ServiceError(
            "address",
            "This is not the address of a web server.",
            "Give one that begins with https://.",
        )
    return address


def _events(names: Collection[str]) -> list[str]:
    known = [event.value for event in SAID]
    unknown = sorted(set(names) - set(known))
    if unknown or not names:
        raise ServiceError(
            "events",
            f"“{unknown[0]}” is no event." if unknown else "No event was chosen.",
            f"Choose from: {', '.join(known)}.",
        )
    return [name for name in known if name in names]


def _record(webhook: Webhook, action: str) -> None:
    said = {"webhook": webhook.pk, "events": webhook.events}
    audit_record(actor=webhook.owner, action=action, subject=webhook.address, detail=said)
