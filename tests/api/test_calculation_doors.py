"""Calculations at the doors of the API."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry.models import Calculation, CalculationFile, PullCount
from registry.models.entries import Visibility
from registry.services.blobs import blob_open
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from tests.api.world import API, problem_of, send, token_of
from tests.registry.registry_helpers import person
from tests.web import calculation_scenery


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.CALCULATIONS_A_DAY = 3


@pytest.fixture
def ada(db):
    return person("ada")


@pytest.fixture
def entry(ada):
    return calculation_scenery.opened(ada)


@pytest.fixture
def bob(db) -> Client:
    return caller(person("bob"), "calculations:write")


def caller(user, *scopes) -> Client:
    return Client(headers={"Authorization": f"Bearer {token_of(user, *scopes)}"})


def asked(client, entry, **inputs):
    reply = send(client, "post", f"/models/{entry.pk}/calculations/", {"inputs": inputs})
    assert reply.status_code == 202, reply.content
    return reply.json()


def held(calculation_id: int) -> dict[str, bytes]:
    files = CalculationFile.objects.filter(calculation_id=calculation_id)
    return {file.path: blob_open(file.blob_id).read() for file in files}


def test_json_goes_in_as_text_or_as_what_it_says(entry, bob):
    inputs = {"in.json": {"x": [1, 2.5], "né": None}, "data/table.csv": "a,b\n1,2\n"}
    said = asked(bob, entry, **inputs)
    assert (said["state"], said["outcome"], said["model"]) == ("queued", None, entry.pk)
    files = held(said["id"])
    assert json.loads(files["in.json"]) == inputs["in.json"]
    assert files["data/table.csv"] == b"a,b\n1,2\n"
    assert PullCount.objects.get().kind == "calculation"


def test_files_go_in_under_the_paths_of_the_inputs(entry, bob):
    table = SimpleUploadedFile("../../x", b"1,2\n")
    reply = bob.post(f"{API}/models/{entry.pk}/calculations/", {"data/table.csv": table})
    assert reply.status_code == 202, reply.content
    assert reply["Location"] == reply.json()["url"]
    assert held(reply.json()["id"]) == {"data/table.csv": b"1,2\n"}


def test_what_came_of_it_is_read_downloaded_and_removed(entry, bob, tmp_path):
    said = asked(bob, entry, **{"in.json": {"x": 1}})
    calculation_scenery.ended(Calculation.objects.get(), tmp_path)
    path = f"{API}/calculations/{said['id']}/"
    done = bob.get(path).json()
    assert (done["outcome"], done["seconds"], done["before"]) == ("done", 2.0, 0)
    assert "<script>" in done["log"]
    paths = {file["path"]: file["is_output"] for file in done["files"]}
    assert paths == {"in.json": False, "orbit.csv": True, "page.html": True}
    page = bob.get(f"{path}files/page.html/")
    assert b"".join(page) == b"<script>alert(1)</script>"
    assert "sandbox" in page["Content-Security-Policy"]
    listed = bob.get(f"{API}/models/{entry.pk}/calculations/").json()["results"]
    assert [row["id"] for row in listed] == [said["id"]]
    assert bob.delete(path).status_code == 204
    problem_of(bob.get(path), 404)
    problem_of(bob.delete(path), 404)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"inputs": {}}, 400),
        ({"inputs": []}, 400),
        ({"inputs": {"in.json": 1}, "command": "sh"}, 400),
        ({"inputs": {"../in.json": 1}}, 400),
        ({"inputs": {"run.py": "import os"}}, 400),
        ({"inputs": {"in.json": "\ud800"}}, 400),
        ({"inputs": {"in.json": "x" * 1_100_000}}, 413),
        ({"inputs": {"in.json": "x" * 3_000_000}}, 413),
    ],
    ids=["none", "empty", "list", "command", "path", "code", "surrogate", "large", "too-large"],
)
def test_what_cannot_be_taken_is_refused(entry, bob, settings, body, status):
    settings.CALCULATION_INPUT_MB = 1
    problem_of(send(bob, "post", f"/models/{entry.pk}/calculations/", body), status)
    assert not Calculation.objects.exists()


def test_text_in_place_of_a_file_and_many_files_are_refused(entry, bob):
    path = f"{API}/models/{entry.pk}/calculations/"
    problem_of(bob.post(path, {"in.json": "text"}), 400)
    many = {f"{n}": SimpleUploadedFile("f", b"1") for n in range(20)}
    assert "more fields or files" in problem_of(bob.post(path, many), 400)["detail"]
    assert not Calculation.objects.exists()


def test_an_allowance_that_is_used_up_and_a_model_that_is_closed_are_said(
    entry, bob, ada, settings
):
    for _ in range(3):
        said = asked(bob, entry, **{"in.json": 1})
        assert bob.delete(f"{API}/calculations/{said['id']}/").status_code == 204
    path, body = f"/models/{entry.pk}/calculations/", {"inputs": {"in.json": 1}}
    assert "within a day" in problem_of(send(bob, "post", path, body), 429)["detail"]
    settings.CALCULATIONS_A_DAY = 0
    assert "no longer run here" in problem_of(send(bob, "post", path, body), 409)["detail"]


def test_nobody_else_learns_of_it(entry, bob, ada):
    said = asked(bob, entry, **{"in.json": 1})
    path = f"{API}/calculations/{said['id']}/"
    for client in (Client(), caller(ada, "calculations:write")):
        for address in (path, f"{path}files/in.json/", f"{API}/calculations/999999/"):
            assert (
                problem_of(client.get(address), 404)["detail"]
                == "Nothing is here that you may see."
            )
    problem_of(caller(ada, "calculations:write").delete(path), 404)
    problem_of(Client().delete(path), 401)
    problem_of(Client().get(f"{API}/models/{entry.pk}/calculations/"), 401)
    assert caller(ada).get(f"{API}/models/{entry.pk}/calculations/").json()["results"] == []
    assert bob.get(path).status_code == 200


def test_a_token_needs_the_scope_to_ask_and_to_remove(entry, ada):
    own, reader = caller(ada, "calculations:write"), caller(ada, "models:write", "runs:write")
    path, body = f"/models/{entry.pk}/calculations/", {"inputs": {"in.json": 1}}
    assert "calculations:write" in problem_of(send(reader, "post", path, body), 403)["detail"]
    said = asked(own, entry, **{"in.json": 1})
    problem_of(reader.delete(f"{API}/calculations/{said['id']}/"), 403)
    assert reader.get(f"{API}/calculations/{said['id']}/").status_code == 200


def test_of_a_model_that_one_may_not_know_of_nothing_is_had(entry, bob, ada):
    said = asked(bob, entry, **{"in.json": 1})
    path, body = f"/models/{entry.pk}/calculations/", {"inputs": {"in.json": 1}}
    entry_update(entry=entry, fields=EntryFields(visibility=Visibility.PRIVATE))
    problem_of(send(bob, "post", path, body), 404)
    problem_of(bob.get(f"{API}/calculations/{said['id']}/"), 404)
    problem_of(bob.get(API + path), 404)
    entry_update(entry=entry, fields=EntryFields(visibility=Visibility.PUBLIC))
    entry.refresh_from_db()
    entry_withdraw(entry=entry, reason="gone", actor=ada)
    problem_of(send(bob, "post", path, body), 410)
    problem_of(bob.get(f"{API}/calculations/{said['id']}/"), 404)
