"""How much of a request is read: one bound for all doors, by the length that it has to state."""

import io
import json

import pytest
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import reverse

from registry.services.hooks import hook_open
from tests.api.world import API, client_of, problem_of, send, token_of
from tests.registry.registry_helpers import person, published

MOST = 2_000


class Body(io.RawIOBase):
    """A body of as many bytes as are asked for, which counts how many were."""

    def __init__(self, start: bytes = b"") -> None:
        self.start, self.given = start, 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "read without a bound"
        assert self.given < MOST, "read beyond the bound"
        piece = self.start[self.given : self.given + size] or b" " * size
        self.given += len(piece)
        return piece


@pytest.fixture(autouse=True)
def _small(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = MOST


def called(path, body, **environ):
    """The status of a POST as a server hands it on, and the problem's kind."""
    made = RequestFactory().post(path, data=b"", content_type="application/json").environ
    made |= {"CONTENT_TYPE": "application/json", "wsgi.input": body, **environ}
    reply = ClientHandler()({name: value for name, value in made.items() if value is not None})
    return reply.status_code, json.loads(reply.content)


def doors(entry):
    run = entry.current_version.runs.get()
    return [
        f"{API}/models/",
        f"{API}/models/{entry.pk}/publish/",
        f"{API}/runs/{run.pk}/reproductions/",
        reverse("hook", args=[entry.pk]),
    ]


@pytest.fixture
def entry(db):
    entry = published(person())[0]
    hook_open(entry=entry)
    return entry


def test_no_door_reads_more_than_the_bound(entry):
    authority = f"Bearer {token_of(entry.owner, 'models:write', 'reproductions:write')}"
    for path in doors(entry):
        body = Body()
        status, said = called(
            path, body, CONTENT_LENGTH=str(MOST + 1), HTTP_AUTHORIZATION=authority
        )
        assert (status, said["type"]) == (413, "urn:reprise:problem:too-large"), path
        assert "as a file" in said["detail"]
        assert body.given == 0


@pytest.mark.parametrize(
    "environ",
    [
        {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"},
        {"CONTENT_LENGTH": "10", "HTTP_TRANSFER_ENCODING": "chunked"},
        {"CONTENT_LENGTH": "ten"},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "٣"},
    ],
    ids=["chunked", "both", "words", "negative", "other-digits"],
)
def test_a_length_that_is_not_said_is_asked_for(entry, environ):
    for path in doors(entry):
        body = Body()
        status, said = called(path, body, **environ)
        assert (status, said["type"]) == (411, "urn:reprise:problem:length-missing"), path
        assert body.given == 0


def test_what_comes_beyond_the_stated_length_is_not_read(entry):
    sent = json.dumps({"keywords": "x"}).encode()
    authority = f"Bearer {token_of(entry.owner, 'models:write')}"
    environ = {"CONTENT_LENGTH": str(len(sent)), "HTTP_AUTHORIZATION": authority}
    body = Body(start=sent)
    status, _ = called(f"{API}/models/", body, **environ)
    assert status == 400
    assert body.given == len(sent)


def test_a_number_of_a_million_digits_is_no_length(entry):
    assert called(f"{API}/models/", Body(), CONTENT_LENGTH="9" * 10_000)[0] == 413


def test_a_form_is_no_way_round_the_bound(world):
    client = client_of("models", world)
    answer = client.post(f"{API}/models/{world.public.pk}/publish/", {"title": "x" * MOST})
    problem_of(answer, 413)


def test_files_have_their_own_bound(world):
    client = client_of("models", world)
    file = io.BytesIO(b"not an archive" * MOST)
    file.name = "model.zip"
    assert problem_of(client.post(f"{API}/models/", {"archive": file}), 400)


def test_what_is_within_the_bound_is_read(world):
    assert send(client_of("models", world), "post", "/models/", {}).status_code == 400
    assert Client().get(f"{API}/models/").status_code == 200
