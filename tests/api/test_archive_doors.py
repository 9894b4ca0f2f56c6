"""Archives of versions: three forms, whole or a folder, the same bytes each time, made once."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from registry import rates
from registry.models import Blob, SourceArchive
from registry.models.pulling import ImageState
from registry.models.runs import Trigger
from registry.services import archives
from registry.services.drafts import entry_draft_delete
from registry.services.runs import run_queue
from registry.services.saved_images import SavedImage
from registry.source_archives import Form
from runners.tasks import make_archive
from tests.api.world import API, send
from tests.web import scenery
from tests.web.source_scenery import Mirrored, mirrors  # noqa: F401 — a fixture

FILES = {
    "README": "large",
    "readme": "small",
    "src/a b.py": "print('ran')\n",
    "src/deep/ü-\u4e2d.txt": "x" * 5000,
    "src/-rf": "",
    "src/$(touch pwned)": "1",
    "src/quote'\".txt": "2",
    "src/back\\slash": "3",
    "srcs.txt": "beside",
}
HOSTILE = {"new\nline": "4", "src/\x1b[31mred": "5"}
OPENED = {
    "tar.gz": "tar -xzf x",
    "tar.zst": "zstd -q -d --stdout x | tar -xf -",
    "zip": "unzip -q x",
}


def archived(owner, folder, files):
    """A version whose run kept its source archive."""
    model = Mirrored(folder, owner, files)
    kept = {"source.tar.gz": folder / "source.tar.gz"}
    model.archive(kept["source.tar.gz"])
    claim = scenery.started(model.entry.current_version.runs.get())
    scenery.run_finish(claim=claim, report=scenery.report(kept), files=kept)
    return model


@pytest.fixture
def ada(db):
    return scenery.person("ada")


@pytest.fixture
def model(ada, mirrors):  # noqa: F811 — the fixture
    return archived(ada, mirrors, FILES | HOSTILE)


def door(model, form="zip", folder="", name="archive/"):
    version = model.entry.current_version.number
    return f"{API}/models/{model.entry.pk}/versions/{version}/{name}?format={form}&folder={folder}"


def got(model, form, folder=""):
    answer = Client().get(door(model, form, folder))
    assert answer.status_code == 200, answer.content
    return answer.getvalue()


def unpacked(content, form, place):
    """The files that the tools which people have make of it, by their paths."""
    place.mkdir()
    (place / "x").write_bytes(content)
    subprocess.run(["sh", "-euc", OPENED[form]], cwd=place, check=True)
    (place / "x").unlink()
    assert len(list(place.iterdir())) == 1
    (top,) = place.iterdir()
    return {str(path.relative_to(top)): path for path in top.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("form", OPENED)
def test_real_tools_find_every_file_under_its_name_and_no_hostile_one(model, form, tmp_path):
    whole = unpacked(got(model, form), form, tmp_path / "whole")
    assert {name: path.read_text() for name, path in whole.items()} == FILES
    part = unpacked(got(model, form, "src/"), form, tmp_path / "part")
    assert {name: path.read_text() for name, path in part.items()} == {
        name: text for name, text in FILES.items() if name.startswith("src/")
    }


@pytest.mark.parametrize("form", OPENED)
def test_modes_and_links_stay(ada, mirrors, form, tmp_path):  # noqa: F811 — the fixture
    def commit(_files):
        return plain({"run.sh": "#!/bin/sh\n"}, executables={"run.sh"}, symlinks={"l": "run.sh"})

    model = Mirrored(mirrors, ada, {"x": "x"})
    plain = model.repository.commit
    model.repository.commit = commit
    model.release({})
    kept = {"source.tar.gz": mirrors / "source.tar.gz"}
    model.archive(kept["source.tar.gz"])
    claim = scenery.started(model.entry.current_version.runs.get())
    scenery.run_finish(claim=claim, report=scenery.report(kept), files=kept)
    found = unpacked(got(model, form), form, tmp_path / "x")
    assert found["run.sh"].stat().st_mode & 0o111
    assert (str(found["l"].readlink()), set(found)) == ("run.sh", {"run.sh", "l"})


@pytest.mark.parametrize("form", OPENED)
def test_the_same_bytes_each_time_with_their_sha256_published(model, form):
    first = Client().get(door(model, form, "src"))
    content, etag = first.getvalue(), first["ETag"].strip('"')
    said = Client().get(door(model, form, "src", "archive.sha256"))
    name = f"{model.entry.name}-1-src.{form}"
    assert (said.content.decode(), said["X-Content-Type-Options"]) == (
        f"{etag}  {name}\n",
        "nosniff",
    )
    assert f'filename="{name}"' in first["Content-Disposition"]
    SourceArchive.objects.all().delete()
    Blob.objects.filter(pk=etag).delete()
    assert got(model, form, "src") == content
    assert SourceArchive.objects.get().blob_id == etag


def test_the_whole_as_tar_gz_is_what_the_run_kept_and_is_not_kept_twice(model):
    kept = model.entry.current_version.runs.get().artifacts.get(name="source.tar.gz")
    answer = Client().get(door(model, "tar.gz"))
    assert answer["ETag"] == f'"{kept.blob_id}"'
    assert len(answer.getvalue()) == kept.blob.size
    assert not SourceArchive.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_the_same_and_one_is_kept(model):
    def take(_number):
        version = model.entry.current_version
        try:
            return archives.archive_take(version=version, form=Form.ZIP, folder="").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(take, range(2)))) == 1
    assert SourceArchive.objects.count() == 1


@pytest.mark.parametrize(
    ("folder", "status"),
    [
        ("nowhere", 404),
        ("..", 404),
        ("src/../src", 404),
        ("README", 404),
        ("%00", 400),
        ("sr", 404),
    ],
)
def test_what_is_no_folder_of_the_version_is_refused_in_words(model, folder, status):
    answer = Client().get(door(model, "zip", folder))
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)


def test_a_large_one_is_made_by_a_worker_while_the_caller_waits(model, monkeypatch):
    cache.clear()
    sent = []
    monkeypatch.setattr(archives, "AT_ONCE_BYTES", 10)
    monkeypatch.setattr(archives.dispatch, "send_after_commit", lambda *task: sent.append(task))
    for _ in range(2):
        answer = Client().get(door(model, "zip", "src"))
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert "is being made" in answer.json()["detail"]
    ((name, *task),) = sent
    assert name == "runners.make_archive"
    make_archive(*task)
    got(model, "zip", "src")
    assert Client().get(door(model, "zip", "nowhere")).status_code == 404


def test_who_has_too_many_made_is_told_until_when(model, monkeypatch):
    cache.clear()
    monkeypatch.setitem(rates._FIXED, "archive", "1/hour")
    got(model, "zip", "src")
    refused = Client().get(door(model, "zip", ""))
    assert refused.status_code == 429
    assert "very many archives made. Expected available in 3600" in refused.json()["detail"]
    # What is there already is given on.
    got(model, "zip", "src")


def test_many_folders_push_the_oldest_out(model, monkeypatch):
    monkeypatch.setattr(archives, "FOLDERS_KEPT", 1)
    for form in ("zip", "tar.gz", "tar.zst"):
        got(model, form, "src")
    got(model, "zip")
    assert [str(row) for row in SourceArchive.objects.order_by("pk")] == [
        f"{model.entry.current_version.pk} src tar.zst",
        f"{model.entry.current_version.pk}  zip",
    ]


def test_a_stranger_learns_nothing_of_what_is_not_theirs(world):
    private = f"{API}/models/{world.private.pk}/versions/1"
    for place in (f"{private}/archive/?format=zip", f"{private}/archive.sha256"):
        nowhere = place.replace(str(world.private.pk), "999999")
        answers = [Client().get(each) for each in (place, nowhere)]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].json() | {"instance": ""} == answers[1].json() | {"instance": ""}


def test_an_archive_that_is_damaged_is_no_fault_of_the_caller(world):
    answer = send(Client(), "get", f"/models/{world.public.pk}/versions/1/archive/?format=zip")
    assert (answer.status_code, "damaged" in answer.json()["detail"]) == (409, True)


def test_nothing_that_was_made_of_a_draft_outlives_it(world):
    draft = world.draft
    version = draft.versions.get()
    run = run_queue(version=version, trigger=Trigger.PERSON, requested_by=draft.owner)
    now = run.queued_at
    scenery.run_finish(claim=scenery.claimed(run), report=scenery.report({}), files={})
    blob = world.runs["public"].artifacts.first().blob
    for commit in (version.commit, "e" * 40):
        SourceArchive.objects.create(
            version=version, commit=commit, format="zip", blob=blob, made_at=now
        )
    SavedImage.objects.create(
        run=run, state=ImageState.READY, blob=blob, asked_at=now, sent_at=now, made_at=now
    )
    entry_draft_delete(entry=draft, actor=draft.owner)
    assert not SourceArchive.objects.exists()
    assert not SavedImage.objects.exists()
