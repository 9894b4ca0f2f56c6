"""Archives and folders at the doors of the API."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry.models import ModelEntry, Upload
from tests.api.world import API, client_of, problem_of, send
from tests.registry.registry_helpers import ADDRESS


def packed(content="1"):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("README.md", content)
    return SimpleUploadedFile("pendulum.zip", target.getvalue())


def test_an_archive_makes_a_draft(world):
    client = client_of("models", world)
    reply = client.post(f"{API}/models/", {"archive": packed(), "folder": "m", "name": "sent"})
    assert reply.status_code == 201
    said = reply.json()
    assert said["name"] == "sent"
    version = said["draft_version"]
    address = f"upload:{said['accession']}"
    assert (version["address"], version["ref"], version["folder"]) == (address, "upload-1", "m")


def test_an_archive_makes_a_further_version(world):
    client, path = client_of("models", world), f"{API}/models/{world.public.pk}/versions/"
    reply = client.post(path, {"archive": packed()})
    assert (reply.status_code, reply.json()["number"]) == (201, 2)
    assert reply.json()["ref"] == "upload-1"


def test_a_folder_goes_with_an_address(world):
    body = {"address": ADDRESS, "folder": "models/a"}
    reply = send(client_of("models", world), "post", "/models/", body).json()
    assert (reply["name"], reply["draft_version"]["folder"]) == ("a", "models/a")


def test_a_further_version_is_read_from_the_last_folder(world):
    client, path = client_of("models", world), f"/models/{world.public.pk}/versions/"
    world.public.versions.filter(published_at=None).delete()
    first = send(client, "post", path, {"folder": "models/a", "ref": "v2"}).json()
    assert (first["address"], first["folder"], first["ref"]) == (ADDRESS, "models/a", "v2")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"archive": SimpleUploadedFile("x.zip", b"no zip")}, 400, "archive-unknown"),
        ({"archive": SimpleUploadedFile("x.zip", b"")}, 400, "invalid"),
        ({"archive": packed(), "address": ADDRESS}, 400, "source-twice"),
        ({"archive": packed(), "ref": "v1"}, 400, "source-twice"),
        ({"archive": packed(), "file": "x"}, 400, "invalid"),
        ({"archive": "upload:1"}, 400, "invalid"),
        ({"address": "upload:1", "ref": "upload-1"}, 400, "upload-unknown"),
        ({"folder": "a"}, 400, "address-missing"),
        ({"address": ADDRESS, "folder": "a" * 501}, 400, "invalid"),
    ],
)
def test_what_is_no_source_is_refused(world, body, status, code):
    count = ModelEntry.objects.count()
    problem = problem_of(client_of("models", world).post(f"{API}/models/", body), status)
    assert problem["type"].endswith(f":{code}")
    assert ModelEntry.objects.count() == count


def test_what_is_too_large_is_said_so(world, settings):
    settings.UPLOAD_BYTES = 50
    reply = client_of("models", world).post(f"{API}/models/", {"archive": packed("x" * 100)})
    assert "are taken" in problem_of(reply, 413)["detail"]


def test_others_send_nothing_and_read_nothing_by_an_address(world):
    path = f"{API}/models/{world.draft.pk}/versions/"
    problem_of(Client().post(path, {"archive": packed()}), 401)
    problem_of(client_of("bob", world).post(path, {"archive": packed()}), 404)
    problem_of(client_of("runs", world).post(f"{API}/models/", {"archive": packed()}), 403)
    assert not Upload.objects.exists()
    client_of("models", world).post(f"{API}/models/", {"archive": packed(), "name": "mine"})
    address = f"upload:{ModelEntry.objects.get(name='mine').pk}"
    stolen = {"address": address, "ref": "upload-1"}
    problem = problem_of(send(client_of("bob", world), "post", "/models/", stolen), 400)
    assert problem["type"].endswith("upload-unknown")
