"""Input files at the doors of the API."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registry.models import InputFile
from tests.api.world import API, client_of, problem_of


def given(content: bytes = b"1,2\n"):
    return {"file": SimpleUploadedFile("in.csv", content)}


def test_an_editor_sends_a_file_and_sees_what_names_it(world):
    client, path = client_of("models", world), f"{API}/models/{world.draft.pk}/inputs/"
    reply = client.post(path, given())
    sha256 = hashlib.sha256(b"1,2\n").hexdigest()
    assert reply.status_code == 201
    said = reply.json()
    assert (said["name"], said["size"], said["sha256"]) == ("in.csv", 4, sha256)
    assert sha256 in said["declaration"]
    assert client.post(path, given()).json() == said
    assert client.get(path).json()["results"] == [said]


@pytest.mark.parametrize(
    ("role", "entry", "status"),
    [
        ("anonymous", "public", 401),
        ("bob", "public", 403),
        ("bob", "draft", 404),
        ("token", "draft", 403),
        ("models", "withdrawn", 410),
    ],
)
def test_nobody_else_sends_or_sees_any(world, role, entry, status):
    path = f"{API}/models/{world.entry(entry).pk}/inputs/"
    problem_of(client_of(role, world).post(path, given()), status)
    if role != "token":
        problem_of(client_of(role, world).get(path), status)
    assert not InputFile.objects.exists()


def test_what_is_no_file_or_too_large_is_refused(world, settings):
    client, path = client_of("models", world), f"{API}/models/{world.draft.pk}/inputs/"
    for body in ({}, {"file": "text"}, given(b""), given() | {"name": "x"}):
        problem_of(client.post(path, body), 400)
    settings.UPLOAD_BYTES = 3
    assert "are taken" in problem_of(client.post(path, given()), 413)["detail"]
