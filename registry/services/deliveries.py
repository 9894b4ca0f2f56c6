"""Messages to other programs about what happened to a model.

A message is a row, written in the transaction in which the thing happened, so that none is lost
and none is sent of what was taken back. A worker sends it, again and again with longer pauses,
until the receiver takes it. A receiver may get a message twice: `webhook-id` says so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from registry import dispatch
from registry.models import ModelEntry, VerificationRun, Webhook, WebhookDelivery
from registry.models.news import NewsKind
from registry.models.webhooks import DeliveryState
from registry.selectors.entries import EDITORS
from registry.services.news import news_tell
from registry.services.resending import rows_resend
from registry.services.text import cut
from registry.spec.events import Event, webhook_headers, webhook_secret
from registry.spec.ladder import Level

# With the pauses below, a receiver may be away for two days.
TRIES_MOST = 14
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
# A receiver that takes nothing for so long is not asked any more.
PATIENCE = timedelta(days=5)
KEPT = timedelta(days=30)
_REMOVED_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A message as it is to be sent: to whom, what, and the headers that sign it."""

    delivery_id: int
    tries: int
    address: str
    body: bytes
    headers: Mapping[str, str]


def secret_of_webhook(webhook: Webhook) -> str:
    """What its receiver checks signatures with."""
    return webhook_secret(
        key=settings.SECRET_KEY, webhook=webhook.pk, generation=webhook.generation
    )


def event_tell(
    *, event: Event, cause: str, entry: ModelEntry, detail: Mapping[str, object]
) -> None:
    """Tell all webhooks that hear of it, once a `cause`, in the transaction in which it happens."""
    said = {"model": _model(entry), **detail}
    for webhook in _hearing(entry, event):
        delivery_create(webhook=webhook, event=event, cause=cause, said=said)


def run_event_tell(*, run_id: int, event: Event) -> None:
    """Tell of a run that has ended, or of what it changed."""
    runs = VerificationRun.objects.select_related("version__entry__owner")
    run = runs.defer("report", "version__manifest", "version__plan").get(pk=run_id)
    cause, detail = f"{event}-{run_id}", {"run": _run(run)}
    event_tell(event=event, cause=cause, entry=run.version.entry, detail=detail)


def delivery_create(
    *, webhook: Webhook, event: Event, cause: str, said: Mapping[str, object]
) -> WebhookDelivery:
    """A message on its way; the one that there is, where the webhook was told of `cause`."""
    now = timezone.now()
    body = {"type": event.value, "timestamp": now.isoformat(), "data": said}
    delivery, fresh = WebhookDelivery.objects.get_or_create(
        webhook=webhook,
        cause=cause,
        defaults={
            "event": event.value,
            "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            "due_at": now,
            "sent_at": now,
            "created_at": now,
        },
    )
    if fresh:
        dispatch.send_after_commit(dispatch.SEND_WEBHOOK, delivery.pk)
    return delivery


def delivery_replay(*, delivery: WebhookDelivery) -> None:
    """Send a message once more, the same to the byte, whatever became of it."""
    now = timezone.now()
    with transaction.atomic():
        rows = WebhookDelivery.objects.filter(pk=delivery.pk)
        rows.update(state=DeliveryState.PENDING, tries=0, due_at=now, sent_at=now)
        dispatch.send_after_commit(dispatch.SEND_WEBHOOK, delivery.pk)


def delivery_claim(*, delivery_id: int) -> Sending | None:
    """Take a message that is due; None when it is not, or another worker has it.

    The next try is laid down before this one, so that a worker which dies loses none.
    """
    now = timezone.now()
    due = WebhookDelivery.objects.filter(
        pk=delivery_id, state=DeliveryState.PENDING, due_at__lte=now, webhook__is_active=True
    )
    delivery = due.select_related("webhook").first()
    if delivery is None:
        return None
    later = {"tries": delivery.tries + 1, "due_at": now + _pause(delivery.tries), "sent_at": now}
    if not due.filter(tries=delivery.tries).update(**later):
        return None
    headers = webhook_headers(
        secret=secret_of_webhook(delivery.webhook),
        message=str(delivery.event_id),
        timestamp=int(now.timestamp()),
        body=delivery.body,
    )
    return Sending(
        delivery_id=delivery.pk,
        tries=delivery.tries + 1,
        address=delivery.webhook.address,
        body=delivery.body.encode(),
        headers=headers,
    )


def delivery_answered(*, sending: Sending, status: int | None, answer: str) -> None:
    """Note what a receiver answered; `status` None where it could not be asked.

    2xx takes the message. 410 ends the webhook, as does taking nothing for days.
    """
    taken = status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    over = taken or sending.tries >= TRIES_MOST or status == HTTPStatus.GONE
    ended = DeliveryState.TAKEN if taken else DeliveryState.FAILED
    said = {"status": status, "answer": cut(answer, 1000), "answered_at": timezone.now()}
    with transaction.atomic():
        rows = WebhookDelivery.objects.filter(pk=sending.delivery_id, tries=sending.tries)
        rows.update(state=ended if over else DeliveryState.PENDING, **said)
        delivery = rows.select_related("webhook").first()
        if delivery is not None:
            _judge(delivery.webhook, taken=taken, gone=status == HTTPStatus.GONE, answer=answer)


def deliveries_resend(*, resend_after_seconds: float) -> int:
    """Send the messages that are due, and those whose task must be lost; drop the old ones."""
    old = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEPT)
    ids = old.exclude(state=DeliveryState.PENDING).values_list("pk", flat=True)
    WebhookDelivery.objects.filter(pk__in=list(ids[:_REMOVED_AT_ONCE])).delete()
    due = WebhookDelivery.objects.filter(
        state=DeliveryState.PENDING, due_at__lte=timezone.now(), webhook__is_active=True
    )
    return rows_resend(due, task=dispatch.SEND_WEBHOOK, after_seconds=resend_after_seconds)


def _pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * int(2**tries), LONGEST_PAUSE)


def _judge(webhook: Webhook, *, taken: bool, gone: bool, answer: str) -> None:
    """Whether a webhook is still worth asking; when it is not any more, its owner is told."""
    now, rows = timezone.now(), Webhook.objects.filter(pk=webhook.pk)
    if taken:
        rows.exclude(failing_since=None).update(failing_since=None, failure="")
        return
    since = webhook.failing_since or now
    is_over = gone or now - since > PATIENCE
    rows.update(failing_since=since, failure=cut(answer, 500), is_active=not is_over)
    if is_over and webhook.is_active:
        news_tell(
            users=[webhook.owner],
            kind=NewsKind.SHARING,
            cause=f"webhook-{webhook.pk}-ended-{now.date()}",
            sentence=f"The webhook to {cut(webhook.address, 200)} takes no messages: "
            "it is switched off.",
            address=reverse("webhook_page", args=[webhook.pk]),
        )


def _hearing(entry: ModelEntry, event: Event) -> list[Webhook]:
    """The webhooks that are told of an event of an entry: of whoever edits it now."""
    listening = Webhook.objects.filter(
        Q(entry=entry) | Q(entry=None), is_active=True, owner__is_active=True
    ).select_related("owner")
    editors = listening.filter(_edits(entry)).distinct()
    return [webhook for webhook in editors if event in webhook.events]


def _edits(entry: ModelEntry) -> Q:
    """Owners of webhooks who may edit the entry, by themselves or in a group."""
    alone = Q(owner__memberships__entry=entry, owner__memberships__role__in=EDITORS)
    shared = Q(
        owner__group_memberships__accepted_at__isnull=False,
        owner__group_memberships__group__grants__entry=entry,
        owner__group_memberships__group__grants__role__in=EDITORS,
    )
    return alone | shared


def _model(entry: ModelEntry) -> dict[str, object]:
    return {
        "accession": entry.pk,
        "name": entry.full_name,
        "title": entry.title,
        "page": _absolute("entry_page", entry.pk),
        "api": _absolute("api:model", entry.pk),
        "level": entry.level,
        "level_name": Level(entry.level).label,
        "outcome": entry.outcome or None,
    }


def _run(run: VerificationRun) -> dict[str, object]:
    return {
        "id": run.pk,
        "version": run.version.number,
        "commit": run.commit,
        "page": _absolute("run_page", run.pk),
        "api": _absolute("api:run", run.pk),
        "outcome": run.outcome or None,
        "level": run.level,
        "level_name": Level(run.level).label if run.level is not None else None,
        "cause": run.cause or None,
        "tests_pass": run.tests_pass,
        "explanation": run.explanation,
    }


def _absolute(name: str, number: int) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=[number])
