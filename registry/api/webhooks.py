"""Doors to one's webhooks: what is told of events, where, and what became of it."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Strict, body_of, person, query_of
from registry.api.lookup import entry_editable
from registry.api.schema import replies
from registry.api.serializers import Linked
from registry.models import Webhook, WebhookDelivery
from registry.selectors.webhooks import deliveries_of, webhooks_of
from registry.services.deliveries import delivery_replay, secret_of_webhook
from registry.services.webhooks import (
    ADDRESS_CHARACTERS,
    webhook_change,
    webhook_create,
    webhook_delete,
    webhook_renew,
    webhook_test,
)
from registry.spec.events import SAID

EVENTS = [event.value for event in SAID]


class WebhookSerializer(Linked):
    """A webhook without its secret, which is shown when it is made and when it is renewed."""

    model = serializers.IntegerField(
        source="entry_id", allow_null=True, help_text="null: all models that you edit."
    )
    events = serializers.ListField(child=serializers.ChoiceField(choices=EVENTS))

    class Meta:
        """What is told, where, and whether it is taken."""

        model = Webhook
        fields = (
            "id", "address", "model", "events", "is_active", "failing_since", "failure",
            "created_at",
        )  # fmt: skip
        read_only_fields = fields


class WebhookSecretSerializer(serializers.Serializer[Any]):
    """A webhook and its secret."""

    webhook = WebhookSerializer()
    secret = serializers.CharField(help_text="As Standard Webhooks has it: whsec_ and base64.")


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """A message and what became of it."""

    class Meta:
        """The message to the byte, and the last answer."""

        model = WebhookDelivery
        fields = (
            "id", "event_id", "event", "body", "state", "tries", "due_at", "status", "answer",
            "answered_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class WebhookBody(Strict):
    """A webhook to be made."""

    address = serializers.CharField(max_length=ADDRESS_CHARACTERS)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=EVENTS), allow_empty=False, max_length=len(EVENTS)
    )
    model = serializers.IntegerField(
        min_value=1, required=False, allow_null=True, help_text="An accession of a model of yours."
    )


class WebhookPatch(Strict):
    """What changes of a webhook."""

    address = serializers.CharField(max_length=ADDRESS_CHARACTERS, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=EVENTS),
        allow_empty=False,
        max_length=len(EVENTS),
        required=False,
    )
    is_active = serializers.BooleanField(required=False)


class _WebhookDoor(ApiView):
    """A door to one of the caller's own webhooks. To all others there is none."""

    write_scope = "webhooks:write"

    def webhook(self, request: Request, webhook_id: int) -> Webhook:
        """The webhook. Raises Http404, NotAuthenticated."""
        found = webhooks_of(person(request)).filter(pk=webhook_id).first()
        if found is None:
            raise Http404
        return found

    def with_secret(self, webhook: Webhook, status: int) -> Response:
        """The webhook and what its receiver checks signatures with."""
        said = {"webhook": webhook, "secret": secret_of_webhook(webhook)}
        shown = WebhookSecretSerializer(said, context=self.get_serializer_context())
        return Response(shown.data, status=status)


class WebhooksView(_WebhookDoor):
    """The caller's webhooks."""

    keeps_answers = False

    @extend_schema(
        operation_id="webhooks_list", responses=replies(_200=WebhookSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        """List your webhooks."""
        query_of(request, ListQuery)
        page = self.paginate_queryset(webhooks_of(person(request)))
        rows = WebhookSerializer(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(rows.data)

    @extend_schema(
        operation_id="webhooks_create",
        request=WebhookBody,
        responses=replies(_201=WebhookSecretSerializer),
    )
    def post(self, request: Request) -> Response:
        """Have an address told of events; the answer holds the secret that signs them."""
        body = body_of(request, WebhookBody)
        accession = body.pop("model", None)
        entry = entry_editable(request, accession) if accession else None
        webhook = webhook_create(owner=person(request), entry=entry, **body)
        return self.with_secret(webhook, 201)


class WebhookView(_WebhookDoor):
    """One webhook."""

    @extend_schema(operation_id="webhooks_get", responses=replies(_200=WebhookSerializer))
    def get(self, request: Request, webhook_id: int) -> Response:
        """Show a webhook of yours."""
        return self._shown(self.webhook(request, webhook_id))

    @extend_schema(
        operation_id="webhooks_change",
        request=WebhookPatch,
        responses=replies(_200=WebhookSerializer),
    )
    def patch(self, request: Request, webhook_id: int) -> Response:
        """Change a webhook, switch it off, or on again."""
        webhook = self.webhook(request, webhook_id)
        now = {name: getattr(webhook, name) for name in ("address", "events", "is_active")}
        webhook_change(webhook=webhook, **now | body_of(request, WebhookPatch))
        return self._shown(webhook)

    @extend_schema(operation_id="webhooks_delete", responses=replies(_204=None))
    def delete(self, request: Request, webhook_id: int) -> Response:
        """Tell its address nothing more."""
        webhook_delete(webhook=self.webhook(request, webhook_id))
        return Response(status=204)

    def _shown(self, webhook: Webhook) -> Response:
        return Response(WebhookSerializer(webhook, context=self.get_serializer_context()).data)


class WebhookSecretView(_WebhookDoor):
    """Another secret."""

    keeps_answers = False

    @extend_schema(
        operation_id="webhooks_renew",
        request=None,
        responses=replies(_200=WebhookSecretSerializer),
    )
    def post(self, request: Request, webhook_id: int) -> Response:
        """Sign with another secret from now on."""
        webhook = self.webhook(request, webhook_id)
        webhook_renew(webhook=webhook)
        return self.with_secret(webhook, 200)


class WebhookTestView(_WebhookDoor):
    """A message that means nothing."""

    @extend_schema(
        operation_id="webhooks_test", request=None, responses=replies(_202=DeliverySerializer)
    )
    def post(self, request: Request, webhook_id: int) -> Response:
        """Send a message to see that it arrives."""
        delivery = webhook_test(webhook=self.webhook(request, webhook_id))
        return Response(DeliverySerializer(delivery).data, status=202)


class DeliveriesView(_WebhookDoor):
    """What a webhook was told."""

    @extend_schema(
        operation_id="webhook_deliveries_list",
        responses=replies(_200=DeliverySerializer(many=True)),
    )
    def get(self, request: Request, webhook_id: int) -> Response:
        """List the messages of the last thirty days, newest first."""
        query_of(request, ListQuery)
        page = self.paginate_queryset(deliveries_of(self.webhook(request, webhook_id)))
        return self.get_paginated_response(DeliverySerializer(page, many=True).data)


class DeliveryReplayView(_WebhookDoor):
    """A message once more."""

    @extend_schema(
        operation_id="webhook_deliveries_replay",
        request=None,
        responses=replies(_202=DeliverySerializer),
    )
    def post(self, request: Request, webhook_id: int, delivery_id: int) -> Response:
        """Send a message again, the same to the byte and under the same `webhook-id`."""
        webhook = self.webhook(request, webhook_id)
        delivery = deliveries_of(webhook).filter(pk=delivery_id).first()
        if delivery is None:
            raise Http404
        delivery_replay(delivery=delivery)
        delivery.refresh_from_db()
        return Response(DeliverySerializer(delivery).data, status=202)
