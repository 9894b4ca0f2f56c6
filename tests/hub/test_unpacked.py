"""Large files are unpacked by a worker for whoever asks next, and nobody sees a difference."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone

from registry import dispatch, source_downloads
from registry.models import Blob, UnpackedFile
from registry.services.blobs import blobs_collect
from registry.services.unpacked import unpacked_remove_old
from runners.tasks import unpack_file
from tests.hub.conftest import BIG

NAME = "data/field.bin"
DOORS = ("/ada/model/resolve/v1/{}", "/api/v1/models/{number}/versions/1/files/{}/")
SAME = ("ETag", "Content-Length", "Content-Type", "Content-Disposition", "Content-Range")


@pytest.fixture
def sent(monkeypatch, model):
    """The tasks that were sent since the model is there; files of a megabyte are large here."""
    cache.clear()
    monkeypatch.setattr(source_downloads, "LARGE_BYTES", 1_000_000)
    tasks = []
    monkeypatch.setattr(dispatch, "send_after_commit", lambda *task: tasks.append(task))
    return tasks


def told(door, model, **headers):
    """An answer's headers that must not change, and its body."""
    response = Client(headers=headers).get(door.format(NAME, number=model.entry.pk))
    named = {name: response.headers.get(name) for name in SAME}
    return named, response.getvalue(), "Repr-Digest" in response.headers


@pytest.mark.parametrize("door", DOORS)
def test_who_asks_next_gets_the_same_from_the_unpacked_file(sent, model, door):
    parts = ({}, {"Range": "bytes=1500000-"}, {"Range": "bytes=-5"})
    before = [told(door, model, **part) for part in parts]
    ((name, *task),) = sent
    assert name == "runners.unpack_file"
    unpack_file(*task)
    after = [told(door, model, **part) for part in parts]
    assert [each[:2] for each in after] == [each[:2] for each in before]
    assert [each[2] for each in (*before, *after)] == [False] * 3 + [True] * 3
    assert (before[0][1], before[1][1]) == (BIG, BIG[1_500_000:])
    assert len(sent) == 1


def test_small_files_and_questions_without_a_body_ask_for_no_work(sent, model):
    Client().head(f"/ada/model/resolve/v1/{NAME}")
    Client().get("/ada/model/resolve/v1/config.json").getvalue()
    assert not sent


def test_lost_bytes_are_read_from_the_mirror_again(sent, model):
    told(DOORS[0], model)
    unpack_file(*sent[0][1:])
    storages["blobs"].delete(UnpackedFile.objects.get().blob.key)
    cache.clear()
    (_, body, kept) = told(DOORS[0], model)
    assert (body, kept) == (BIG, False)
    unpack_file(*sent[1][1:])
    assert told(DOORS[0], model)[1:] == (BIG, True)


def test_a_file_that_a_draft_no_longer_has_is_not_unpacked(sent, model):
    unpack_file(model.entry.current_version.pk, "gone.bin")
    assert not UnpackedFile.objects.exists()


def test_it_is_forgotten_after_a_month_and_its_bytes_go(sent, model):
    told(DOORS[0], model)
    unpack_file(*sent[0][1:])
    blob = UnpackedFile.objects.get().blob_id
    now = timezone.now()
    assert unpacked_remove_old(now=now + timedelta(days=29)) == 0
    assert unpacked_remove_old(now=now + timedelta(days=31)) == 1
    assert blobs_collect(now=now + timedelta(days=2))
    assert not Blob.objects.filter(pk=blob).exists()
    assert told(DOORS[0], model)[1] == BIG
