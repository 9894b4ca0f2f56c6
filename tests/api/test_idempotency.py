"""A change that is sent twice under one `Idempotency-Key` is made once."""

import io
import threading
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from registry.models import KeptAnswer, ModelEntry
from registry.services import ServiceError
from registry.services.answers import answer_claim, answers_remove_old
from tests.api.world import API, client_of, problem_of, send, token_of
from tests.registry.registry_helpers import person

KEY = {"Idempotency-Key": "0b1c"}
DRAFT = {"address": "https://example.org/pendulum.git", "name": "pendulum"}


def test_the_same_request_gets_the_same_answer(world):
    client = client_of("models", world)
    first = send(client, "post", "/models/", DRAFT, headers=KEY)
    again = send(client, "post", "/models/", DRAFT, headers=KEY)
    assert first.status_code == again.status_code == 201
    assert (again.content, again["Location"]) == (first.content, first["Location"])
    assert again["Content-Type"] == first["Content-Type"]
    assert (again["Idempotency-Replayed"], first.has_header("Idempotency-Replayed")) == (
        "true",
        False,
    )
    assert ModelEntry.objects.filter(name="pendulum").count() == 1


def test_another_request_under_the_key_is_refused(world):
    client = client_of("models", world)
    send(client, "post", "/models/", DRAFT, headers=KEY)
    other = send(client, "post", "/models/", DRAFT | {"name": "other"}, headers=KEY)
    assert problem_of(other, 422)["type"] == "urn:reprise:problem:idempotency-key-reused"
    elsewhere = send(client, "post", f"/models/{world.public.pk}/versions/", DRAFT, headers=KEY)
    problem_of(elsewhere, 422)


def test_keys_are_each_persons_own(world):
    send(client_of("models", world), "post", "/models/", DRAFT, headers=KEY)
    client = Client(headers={"Authorization": f"Bearer {token_of(world.bob, 'models:write')}"})
    assert send(client, "post", "/models/", DRAFT, headers=KEY).status_code == 201


def test_a_token_without_the_scope_is_told_nothing(world):
    send(client_of("models", world), "post", "/models/", DRAFT, headers=KEY)
    problem_of(send(client_of("token", world), "post", "/models/", DRAFT, headers=KEY), 403)


def test_a_refusal_leaves_the_key_free(world):
    client = client_of("models", world)
    problem_of(send(client, "post", "/models/", {}, headers=KEY), 400)
    assert send(client, "post", "/models/", DRAFT, headers=KEY).status_code == 201


def test_files_count_by_their_content(world):
    client = client_of("models", world)

    def sent(content: bytes):
        file = io.BytesIO(content)
        file.name = "model.zip"
        return client.post(f"{API}/models/", {"archive": file, "name": "sent"}, headers=KEY)

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("model.py", "print(1)")
    assert sent(packed.getvalue()).status_code == 201
    assert sent(packed.getvalue())["Idempotency-Replayed"] == "true"
    problem_of(sent(packed.getvalue() + b"\0"), 422)


def test_an_answer_without_a_body_is_kept_too(world):
    client = client_of("models", world)
    path = f"/models/{world.draft.pk}/"
    assert send(client, "delete", path, headers=KEY).status_code == 204
    again = send(client, "delete", path, headers=KEY)
    assert (again.status_code, again["Idempotency-Replayed"]) == (204, "true")


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256])
def test_what_is_no_key_is_refused(world, key):
    headers = {"Idempotency-Key": key}
    said = problem_of(
        send(client_of("models", world), "post", "/models/", DRAFT, headers=headers), 400
    )
    assert "1 to 255" in said["detail"]


def test_what_holds_a_secret_is_never_kept(world):
    client = Client(headers={"Authorization": f"Bearer {token_of(world.ada, 'webhooks:write')}"})
    said = {"address": "https://example.org/told", "events": ["run.finished"]}
    problem_of(send(client, "post", "/webhooks/", said, headers=KEY), 400)
    assert not KeptAnswer.objects.exists()


def test_reading_needs_no_key(world):
    assert Client().get(f"{API}/models/", headers=KEY).status_code == 200
    assert not KeptAnswer.objects.exists()


def test_answers_are_forgotten_after_a_day(world):
    send(client_of("models", world), "post", "/models/", DRAFT, headers=KEY)
    assert answers_remove_old() == 0
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert answers_remove_old() == 1


def test_while_the_first_goes_on_the_second_waits(world):
    answer_claim(user=world.ada, key="k", request_digest="d")
    with pytest.raises(ServiceError) as refusal:
        answer_claim(user=world.ada, key="k", request_digest="d")
    assert refusal.value.code == "idempotency_key_going_on"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_carried_out():
    token = token_of(person("ada"), "models:write")
    together = threading.Barrier(4)
    answers = []

    def ask() -> None:
        client = Client(headers={"Authorization": f"Bearer {token}"})
        together.wait(20)
        answers.append(send(client, "post", "/models/", DRAFT, headers=KEY))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ModelEntry.objects.count() == 1
    codes = sorted(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}
    done = [one for one in answers if one.status_code == 201]
    assert sum(not one.has_header("Idempotency-Replayed") for one in done) == 1
    assert len({one.content for one in done}) == 1
