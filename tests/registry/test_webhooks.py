"""Webhooks: who hears of what, signed as others' libraries check it, sent until it is taken."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Receiver

from registry.models import AuditEvent, GroupMember, Notification, User, Webhook, WebhookDelivery
from registry.models.entries import Role, Visibility
from registry.models.runs import Trigger
from registry.models.webhooks import DeliveryState
from registry.services import ServiceError
from registry.services.deliveries import (
    PATIENCE,
    TRIES_MOST,
    deliveries_resend,
    delivery_answered,
    delivery_claim,
    delivery_replay,
    secret_of_webhook,
)
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.groups import group_create, group_invite
from registry.services.runs import run_cancel, run_queue
from registry.services.sharing import grant_set, member_set
from registry.services.tokens import token_create
from registry.services.webhooks import (
    WEBHOOKS_MOST,
    webhook_change,
    webhook_create,
    webhook_delete,
    webhook_renew,
    webhook_test,
)
from registry.spec.events import SAID
from registry.spec.ladder import Level
from runners.tasks import send_webhook
from tests.registry.registry_helpers import failing_report, messages, person, published, verified

ALL = [event.value for event in SAID]
HOME = "https://lab.example.org/told"

pytestmark = pytest.mark.django_db


class Heard(ThreadingHTTPServer):
    """A receiver on this machine: what it heard, and what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.place}/hook?to=chat"


class _Handler(BaseHTTPRequestHandler):
    server: Heard

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"said")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def receiver(settings) -> Iterator[Heard]:
    with Heard() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SOURCE_ALLOW = (server.place,)
        yield server
        server.shutdown()


@pytest.fixture
def ada():
    return person("ada")


def hook(owner: User, address: str = HOME, **more: object) -> Webhook:
    return webhook_create(owner=owner, address=address, events=ALL, **more)


def told(webhook: Webhook) -> list[str]:
    return list(webhook.deliveries.order_by("pk").values_list("event", flat=True))


def test_the_life_of_a_model_is_told_once_each(ada):
    everything, falls = hook(ada), webhook_create(owner=ada, address=HOME, events=["verdict.fell"])
    entry, run = published(ada)
    verified(run)
    entry_withdraw(entry=entry, actor=ada, reason="Superseded.")
    assert told(everything) == [
        "version.published", "run.finished", "verdict.changed", "entry.withdrawn",
    ]  # fmt: skip
    assert told(falls) == []
    body = json.loads(everything.deliveries.get(event="run.finished").body)
    assert body["type"] == "run.finished"
    assert body["data"]["model"]["accession"] == entry.pk
    assert body["data"]["run"]["level_name"] == Level.REPRODUCED.label


def test_the_same_verdict_again_is_no_change(ada):
    entry, run = published(ada)
    verified(run, failing_report())
    webhook = hook(ada, entry=entry)
    again = run_queue(version=entry.current_version, trigger=Trigger.PERSON, requested_by=ada)
    verified(again, failing_report())
    assert told(webhook) == ["run.finished"]


def test_a_run_that_is_cancelled_has_ended_too(ada):
    entry, run = published(ada)
    webhook = hook(ada, entry=entry)
    run_cancel(run=run)
    assert told(webhook) == ["run.finished"]
    said = json.loads(webhook.deliveries.get().body)["data"]["run"]
    assert (said["outcome"], said["level"]) == ("cancelled", None)


def test_only_those_who_edit_a_model_hear_of_it(ada):
    others = {name: person(name) for name in ("stranger", "reader", "keeper", "colleague")}
    hooks = {name: hook(user) for name, user in others.items()}
    entry, run = published(ada, name="shared")
    member_set(actor=ada, entry=entry, user=others["reader"], role=Role.READER)
    member_set(actor=ada, entry=entry, user=others["keeper"], role=Role.MAINTAINER)
    group = group_create(user=ada, name="lattice", title="")
    group_invite(group=group, user=others["colleague"], actor=ada)
    GroupMember.objects.filter(user=others["colleague"]).update(accepted_at=timezone.now())
    grant_set(actor=ada, entry=entry, group=group, role=Role.MAINTAINER)
    verified(run)
    heard = {name for name, webhook in hooks.items() if told(webhook)}
    assert heard == {"keeper", "colleague"}


def test_who_is_no_editor_any_more_hears_nothing_more(ada):
    keeper = person("keeper")
    entry, run = published(ada)
    member_set(actor=ada, entry=entry, user=keeper, role=Role.MAINTAINER)
    webhook = hook(keeper, entry=entry)
    member_set(actor=ada, entry=entry, user=keeper, role=Role.READER)
    verified(run)
    assert told(webhook) == []


def test_a_receiver_checks_it_with_a_library_of_others(ada, receiver):
    webhook = hook(ada, receiver.url)
    delivery = webhook_test(webhook=webhook)
    send_webhook(delivery.pk)
    [(path, headers, body)] = receiver.requests
    assert path == "/hook?to=chat"
    assert headers["Content-Type"] == "application/json"
    signed = {name.lower(): value for name, value in headers.items()}
    said = Receiver(secret_of_webhook(webhook)).verify(body, signed)
    assert said["type"] == "webhook.test"
    webhook_renew(webhook=webhook)
    with pytest.raises(Exception, match="No matching signature"):
        Receiver(secret_of_webhook(webhook)).verify(body, signed)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.answer) == (DeliveryState.TAKEN, 204, "")


def test_a_message_is_sent_until_it_is_taken_and_says_that_it_is_the_same(ada, receiver):
    delivery = webhook_test(webhook=hook(ada, receiver.url))
    receiver.status = 503
    send_webhook(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.answer) == (
        DeliveryState.PENDING,
        503,
        "said",
    )
    send_webhook(delivery.pk)
    assert len(receiver.requests) == 1, "it is not due yet"
    receiver.status = 200
    WebhookDelivery.objects.update(due_at=timezone.now())
    send_webhook(delivery.pk)
    first, second = (headers["webhook-id"] for _, headers, _ in receiver.requests)
    assert first == second
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.TAKEN
    send_webhook(delivery.pk)
    assert len(receiver.requests) == 2


def test_a_replay_is_the_same_to_the_byte(ada, receiver):
    delivery = webhook_test(webhook=hook(ada, receiver.url))
    send_webhook(delivery.pk)
    delivery_replay(delivery=delivery)
    send_webhook(delivery.pk)
    (_, one, body), (_, two, again) = receiver.requests
    assert (one["webhook-id"], body) == (two["webhook-id"], again)


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "http://lab.example.org/x",
        "https://user:secret@lab.example.org/x",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        "https://lab.example.org:8443/x",
    ],
)
def test_no_message_reaches_what_is_not_public(ada, address):
    delivery = webhook_test(webhook=hook(ada, address))
    send_webhook(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status) == (DeliveryState.PENDING, None)
    assert delivery.answer
    assert "secret" not in delivery.answer


def test_a_receiver_that_forwards_is_not_followed(ada, receiver):
    receiver.status = 307
    delivery = webhook_test(webhook=hook(ada, receiver.url))
    send_webhook(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status) == (DeliveryState.PENDING, 307)
    assert len(receiver.requests) == 1


def tried(delivery: WebhookDelivery, *, status: int | None) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    sending = delivery_claim(delivery_id=delivery.pk)
    assert sending is not None
    delivery_answered(sending=sending, status=status, answer="no")


def test_tries_end_and_the_owner_is_told_when_a_webhook_does(ada):
    webhook = hook(ada)
    delivery = webhook_test(webhook=webhook)
    for _ in range(TRIES_MOST):
        tried(delivery, status=500)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    Webhook.objects.update(failing_since=timezone.now() - PATIENCE - timedelta(minutes=1))
    tried(webhook_test(webhook=webhook), status=None)
    webhook.refresh_from_db()
    assert not webhook.is_active
    assert "switched off" in Notification.objects.get(user=ada).sentence
    assert delivery_claim(delivery_id=webhook_test(webhook=webhook).pk) is None
    webhook_change(webhook=webhook, address=HOME, events=ALL, is_active=True)
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.failing_since, webhook.failure) == (True, None, "")


def test_gone_ends_it_at_once(ada):
    webhook = hook(ada)
    tried(webhook_test(webhook=webhook), status=410)
    webhook.refresh_from_db()
    assert not webhook.is_active


def test_an_answer_to_an_older_try_changes_nothing(ada):
    delivery = webhook_test(webhook=hook(ada))
    late = delivery_claim(delivery_id=delivery.pk)
    tried(delivery, status=200)
    delivery_answered(sending=late, status=500, answer="late")
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.TAKEN


def test_two_workers_send_a_message_once(ada):
    delivery = webhook_test(webhook=hook(ada))
    assert delivery_claim(delivery_id=delivery.pk)
    assert delivery_claim(delivery_id=delivery.pk) is None


def test_lost_messages_are_sent_again_and_old_ones_dropped(ada, django_capture_on_commit_callbacks):
    webhook = hook(ada)
    lost, old = webhook_test(webhook=webhook), webhook_test(webhook=webhook)
    long_ago = timezone.now() - timedelta(days=40)
    WebhookDelivery.objects.filter(pk=lost.pk).update(sent_at=long_ago)
    WebhookDelivery.objects.filter(pk=old.pk).update(created_at=long_ago, state=DeliveryState.TAKEN)
    messages("light")
    with django_capture_on_commit_callbacks(execute=True):
        assert deliveries_resend(resend_after_seconds=60) == 1
    assert messages("light") == [[lost.pk]]
    assert list(WebhookDelivery.objects.all()) == [lost]


@pytest.mark.parametrize(
    ("address", "events", "said"),
    [
        ("ftp://lab.example.org", ALL, "web server"),
        (HOME, [], "No event"),
        (HOME, ["webhook.test"], "is no event"),
        ("https://" + "x" * 2000, ALL, "characters"),
    ],
    ids=["scheme", "none", "unknown", "long"],
)
def test_what_cannot_be_is_refused_with_words(ada, address, events, said):
    with pytest.raises(ServiceError, match=said):
        webhook_create(owner=ada, address=address, events=events)


def test_nobody_listens_at_a_model_of_others_and_nobody_has_too_many(ada):
    entry, _ = published(ada)
    bob = person("bob")
    with pytest.raises(ServiceError):
        hook(bob, entry=entry)
    for _ in range(WEBHOOKS_MOST):
        hook(bob)
    with pytest.raises(ServiceError, match="You have 20"):
        hook(bob)


def test_what_is_done_to_webhooks_is_recorded_and_no_table_holds_a_secret(ada):
    webhook = hook(ada)
    secret = secret_of_webhook(webhook)
    webhook_renew(webhook=webhook)
    assert secret_of_webhook(webhook) != secret
    webhook_delete(webhook=webhook)
    actions = AuditEvent.objects.filter(action__startswith="webhook.").order_by("pk")
    assert [event.action for event in actions] == [
        "webhook.created", "webhook.renewed", "webhook.deleted",
    ]  # fmt: skip
    assert secret not in str(list(AuditEvent.objects.values()))


def test_its_owner_makes_tries_and_ends_one_by_the_pages(ada):
    client = Client()
    client.force_login(ada)
    made = client.post("/settings/webhooks/", {"address": HOME, "events": ["run.finished"]})
    webhook = Webhook.objects.get()
    assert made.headers["Location"] == f"/settings/webhooks/{webhook.pk}/"
    page = client.get(made.headers["Location"]).content.decode()
    assert secret_of_webhook(webhook) in page
    client.post(f"/settings/webhooks/{webhook.pk}/act/", {"action": "test"})
    delivery = webhook.deliveries.get()
    client.post(f"/settings/webhooks/{webhook.pk}/deliveries/{delivery.pk}/replay/")
    wrong = client.post("/settings/webhooks/", {"address": "ftp://x", "events": ["run.finished"]})
    assert "https://" in wrong.content.decode()
    bob = signed_in("bob")
    for address in ("", "act/", f"deliveries/{delivery.pk}/replay/"):
        assert bob.post(f"/settings/webhooks/{webhook.pk}/{address}").status_code == 404
    client.post(f"/settings/webhooks/{webhook.pk}/act/", {"action": "delete"})
    assert not Webhook.objects.exists()


def test_its_owner_makes_changes_and_ends_one_by_the_api(ada):
    _, token = token_create(user=ada, name="t", scopes=["webhooks:write"], expires_at=None)
    api = Client(headers={"authorization": f"Bearer {token}"})
    json_ = {"content_type": "application/json"}
    made = api.post("/api/v1/webhooks/", {"address": HOME, "events": ALL}, **json_)
    assert made.status_code == 201
    webhook = Webhook.objects.get()
    assert made.json()["secret"] == secret_of_webhook(webhook)
    one = f"/api/v1/webhooks/{webhook.pk}/"
    assert "secret" not in api.get(one).json()
    assert api.patch(one, {"events": ["verdict.fell"]}, **json_).json()["events"] == [
        "verdict.fell"
    ]
    assert api.post(f"{one}secret/").json()["secret"] != made.json()["secret"]
    sent = api.post(f"{one}test/").json()
    assert [row["id"] for row in api.get(f"{one}deliveries/").json()["results"]] == [sent["id"]]
    assert api.post(f"{one}deliveries/{sent['id']}/replay/").status_code == 202
    for who, status in ((Client(), 401), (signed_in("bob"), 404)):
        assert who.get(one).status_code == status
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404


def test_by_the_api_nobody_learns_of_a_hidden_model(ada):
    entry, _ = published(ada)
    bob = signed_in("bob")
    body = {"address": HOME, "events": ALL, "model": entry.pk}
    ask = {"content_type": "application/json"}
    assert bob.post("/api/v1/webhooks/", body, **ask).status_code == 403
    entry_update(entry=entry, fields=EntryFields(visibility=Visibility.PRIVATE))
    assert bob.post("/api/v1/webhooks/", body, **ask).status_code == 404
    assert bob.post("/api/v1/webhooks/", body | {"model": 987654}, **ask).status_code == 404


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client
