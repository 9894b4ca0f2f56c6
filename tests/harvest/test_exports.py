"""Bulk exports: what is in them and what is not, their signature, and the doors to them."""

import gzip
import hashlib
import json
import threading
from pathlib import Path

import jsonschema
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from securesystemslib.dsse import Envelope

from registry.models import Blob, BulkExport, ModelEntry
from registry.selectors.exporting import lines_exported, snapshot
from registry.services.collections import collection_add, collection_create
from registry.services.exports import export_make
from tests.harvest.harvest_world import shelf

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "export.schema.json").read_text())
# The last listing of the page is what anybody types.
CHECK = (DOCS / "harvesting.md").read_text().rpartition("```python\n")[2].partition("```")[0]
STATEMENT = "export.intoto.jsonl"
# All of these read the database as a worker does: in a transaction of their own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(transactional_db, tmp_path, settings):
    settings.SIGNING_KEY = tmp_path / "signing-key.pem"
    settings.PUBLIC_URL = "https://reprise.example.org"
    found = shelf(tmp_path)
    kept = collection_create(owner=found.ada, title="Shown", description="", is_public=True)
    own = collection_create(owner=found.ada, title="Own", description="", is_public=False)
    for entry in (found.public, found.private, found.draft):
        for collection in (kept, own):
            collection_add(collection=collection, entry=entry, note=f"On {entry.name}")
    return found


def bytes_of(address, **headers):
    answer = Client().get(address.removeprefix("http://testserver"), headers=headers)
    assert answer.status_code in {200, 206}, address
    content = b"".join(answer) if answer.streaming else answer.content
    return answer, content


def listed():
    answer = Client().get("/api/v1/exports/")
    assert answer.status_code == 200
    return answer.json()["results"]


def lines_of(export):
    """File → its lines, each held to the published schema."""
    found = {}
    for file in export["files"]:
        _, packed = bytes_of(file["url"])
        assert hashlib.sha256(packed).hexdigest() == file["sha256"]
        assert len(packed) == file["size"]
        found[file["name"]] = [json.loads(line) for line in gzip.decompress(packed).splitlines()]
        kind = SCHEMA["properties"][file["name"]]
        checker = jsonschema.Draft202012Validator({**kind, "$defs": SCHEMA["$defs"]})
        for line in found[file["name"]]:
            checker.validate(line)
    assert set(found) == set(SCHEMA["properties"])
    return found


def every(path):
    """All rows of a list of the API, as a stranger sees it."""
    place, rows = f"/api/v1/{path}", []
    while place:
        page = Client().get(place).json()
        rows += page["results"]
        place = page["next"]
    return rows


def test_an_export_is_what_the_api_lists_to_a_stranger_and_nothing_else(held):
    call_command("keys", "new")
    call_command("export")
    [export] = listed()
    files = lines_of(export)
    models = files["models.jsonl.gz"]
    by_api = {one["accession"]: one for one in every("models/")}
    assert {one["accession"] for one in models} == by_api.keys() == {held.public.pk}
    for one in models:
        for name in ("title", "summary", "level", "outcome"):
            assert (one[name] or None) == (by_api[one["accession"]][name] or None), name
        assert one["terms"] == {"subject": ["classical-mechanics/hamiltonian-systems"]}
    versions = every(f"models/{held.public.pk}/versions/")
    assert [(one["number"], one["commit"]) for one in files["versions.jsonl.gz"]] == [
        (one["number"], one["commit"]) for one in versions
    ]
    [run] = files["runs.jsonl.gz"]
    assert run["run"] == held.run.pk
    artifacts = every(f"runs/{held.run.pk}/artifacts/")
    assert {one["name"]: one["sha256"] for one in run["files"]} == {
        one["name"]: one["sha256"] for one in artifacts
    }
    [collection] = files["collections.jsonl.gz"]
    assert [one["note"] for one in collection["models"]] == ["On public"]
    whole = json.dumps(files)
    for entry in held.hidden:
        assert f'"ada/{entry.name}"' not in whole
        assert f"/models/{entry.pk}/" not in whole


def test_anybody_checks_the_signature_as_the_documents_say(held, tmp_path, monkeypatch):
    call_command("keys", "new")
    call_command("export")
    [export] = listed()
    [key] = Client().get("/.well-known/reprise-keys.json").json()["keys"].values()
    monkeypatch.chdir(tmp_path)
    Path("key.pem").write_text(key["pem"])
    for file in [{"name": STATEMENT, "url": export["statement"]}, *export["files"]]:
        Path(file["name"]).write_bytes(bytes_of(file["url"])[1])
    exec(CHECK, {})
    statement = json.loads(Envelope.from_dict(json.loads(Path(STATEMENT).read_text())).payload)
    assert {one["name"] for one in statement["subject"]} == {one["name"] for one in export["files"]}
    assert statement["predicate"]["lines"]["models.jsonl.gz"] == 1
    assert statement["predicate"]["site"] == "https://reprise.example.org"
    Path("models.jsonl.gz").write_bytes(b"")
    with pytest.raises(AssertionError):
        exec(CHECK, {})


def test_the_same_content_is_the_same_bytes_and_old_exports_go(held, monkeypatch):
    first = export_make(signer=None, keep=2)
    files = [{file["sha256"] for file in listed()[0]["files"]}]
    for _ in range(2):
        BulkExport.objects.all().update(made_at="2026-01-01T00:00:00Z")
        for row in BulkExport.objects.filter(name__startswith=first):
            BulkExport.objects.filter(pk=row.pk).update(name=row.name.replace(first, f"{first}0"))
        first = export_make(signer=None, keep=1)
        files.append({file["sha256"] for file in listed()[0]["files"]})
    assert files[0] == files[1] == files[2]
    assert [export["name"] for export in listed()] == [first]
    assert listed()[0]["statement"] is None
    assert Client().get(f"/exports/{first}/{STATEMENT}").status_code == 404
    # Their bytes stay until nothing points to them: services.blobs.
    assert Blob.objects.filter(pk__in=files[0]).count() == len(files[0])


def test_an_export_is_of_one_moment_and_keeps_nobody_from_writing(held):
    def titles():
        return [line.title for line in lines_exported("models.jsonl.gz")]

    def rename():
        ModelEntry.objects.update(title="Another")
        connection.close()

    with snapshot():
        before = titles()
        writer = threading.Thread(target=rename)
        writer.start()
        writer.join(timeout=30)
        assert not writer.is_alive()
        assert titles() == before == ["A pendulum"]
    assert titles() == ["Another"]


def test_a_download_that_broke_off_goes_on(held):
    export_make(signer=None, keep=1)
    [file] = [one for one in listed()[0]["files"] if one["name"] == "vocabularies.jsonl.gz"]
    _, whole = bytes_of(file["url"])
    answer, rest = bytes_of(file["url"], range="bytes=100-")
    assert answer.status_code == 206
    assert rest == whole[100:]


def test_pages_list_what_there_is_and_know_no_other(held):
    assert b"There is none yet" in Client().get("/exports/").content
    name = export_make(signer=None, keep=1)
    assert f"/exports/{name}/models.jsonl.gz" in Client().get("/exports/").content.decode()
    for place in (f"{name}/other.jsonl.gz", "20010101T000000Z/models.jsonl.gz", f"{name}/..%2F"):
        assert Client().get(f"/exports/{place}").status_code == 404


def test_who_asks_too_often_for_files_is_told_until_when(settings):
    settings.API_RATES = settings.API_RATES | {"pulls": "1/hour"}
    cache.clear()
    answers = [Client().get("/exports/20261123T031500Z/models.jsonl.gz") for _ in range(2)]
    cache.clear()
    assert [answer.status_code for answer in answers] == [404, 429]
    assert "Go on in 3600 seconds." in answers[1].content.decode()
    assert answers[1]["Retry-After"] == "3600"
