"""Files under their hash: whole or absent."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.storage import FileSystemStorage, InMemoryStorage, storages
from django.db.models import ForeignKey
from django.utils import timezone
from registry_helpers import claimed, person, queued, ready_draft, report

from registry.models import Blob
from registry.services.blobs import _unused, blob_open, blob_store, blobs_collect
from registry.services.errors import ServiceError
from registry.services.runs import run_finish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    """An empty storage of this test's own."""
    where = tmp_path / "blobs"
    blobs = settings.STORAGES["blobs"] | {"OPTIONS": {"location": where}}
    settings.STORAGES = settings.STORAGES | {"blobs": blobs}
    return where


def written(tmp_path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


def kept_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_blob_is_its_bytes_under_their_hash(tmp_path, folder):
    content = bytes(range(256)) * 10_000
    blob = blob_store(path=written(tmp_path, content))
    assert (blob.sha256, blob.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert kept_in(folder) == [folder / blob.sha256[:2] / blob.sha256]
    with blob_open(blob.sha256) as file:
        assert file.read() == content


def test_an_empty_file_is_a_blob_too(tmp_path):
    blob = blob_store(path=written(tmp_path, b""))
    with blob_open(blob.sha256) as file:
        assert file.read() == b""


def test_the_same_bytes_are_kept_once(tmp_path, folder):
    first = blob_store(path=written(tmp_path, b"x"))
    assert blob_store(path=written(tmp_path, b"x")) == first
    assert (Blob.objects.count(), len(kept_in(folder))) == (1, 1)


def test_a_truncated_blob_is_not_served_and_mended_by_storing_again(tmp_path, folder):
    blob = blob_store(path=written(tmp_path, b"whole"))
    (folder / blob.key).write_bytes(b"who")
    with pytest.raises(ServiceError, match="lost this file"):
        blob_open(blob.sha256)
    blob_store(path=written(tmp_path, b"whole"))
    with blob_open(blob.sha256) as file:
        assert file.read() == b"whole"


def test_a_blob_without_row_and_a_row_without_blob_are_not_served(tmp_path, folder):
    blob = blob_store(path=written(tmp_path, b"x"))
    (folder / blob.key).unlink()
    for sha256 in (blob.sha256, "0" * 64, "../../etc/passwd"):
        with pytest.raises(ServiceError):
            blob_open(sha256)


def test_a_file_that_vanishes_leaves_neither_blob_nor_row(tmp_path, folder):
    with pytest.raises(FileNotFoundError):
        blob_store(path=tmp_path / "gone")
    assert (Blob.objects.count(), kept_in(folder)) == (0, [])


def test_files_of_a_run_are_stored_before_anything_is_written(tmp_path, folder):
    run = queued(ready_draft(person()))
    path = written(tmp_path, b"log")
    with pytest.raises(FileNotFoundError):
        run_finish(
            claim=claimed(run), report=report({"a": path}), files={"a": path, "b": tmp_path / "no"}
        )
    run.refresh_from_db()
    assert run.state == "running"


def test_any_storage_of_django_serves(tmp_path, settings):
    memory = {"BACKEND": f"{InMemoryStorage.__module__}.{InMemoryStorage.__name__}"}
    settings.STORAGES = settings.STORAGES | {"blobs": memory}
    blob = blob_store(path=written(tmp_path, b"x"))
    assert blob_store(path=written(tmp_path, b"x")) == blob
    assert storages["blobs"].exists(blob.key)
    with blob_open(blob.sha256) as file:
        assert file.read() == b"x"


def old(blob: Blob, days: float = 2) -> Blob:
    Blob.objects.filter(pk=blob.pk).update(created_at=timezone.now() - timedelta(days=days))
    return blob


def pointing_tables() -> list[ForeignKey]:
    return [
        field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is Blob
    ]


def test_what_nothing_points_to_is_removed_after_a_day_with_its_bytes(tmp_path, folder):
    blob = blob_store(path=written(tmp_path, b"x"))
    assert blobs_collect() == 0
    old(blob)
    assert blobs_collect() == 1
    assert (Blob.objects.count(), kept_in(folder)) == (0, [])


def test_storing_the_same_bytes_again_keeps_them_for_another_day(tmp_path):
    old(blob_store(path=written(tmp_path, b"x")))
    blob_store(path=written(tmp_path, b"x"))
    assert blobs_collect() == 0


def test_each_table_that_points_to_blobs_keeps_them(tmp_path):
    fields = pointing_tables()
    assert len(fields) >= 8
    for number, field in enumerate(fields):
        blob = old(blob_store(path=written(tmp_path, f"{number}".encode())))
        query = str(_unused().filter(pk=blob.pk).query)
        table, column = field.model._meta.db_table, field.column
        assert re.search(rf'"{column}" = \(?"registry_blob"', query), field
        assert f'"{table}"' in query, field


def test_a_run_keeps_its_files_however_old_they_are(tmp_path):
    path = written(tmp_path, b"log")
    run = queued(ready_draft(person()))
    run_finish(claim=claimed(run), report=report({"a": path}), files={"a": path})
    used = old(Blob.objects.get())
    assert blobs_collect() == 0
    with blob_open(used.pk) as file:
        assert file.read() == b"log"


def test_a_crash_while_bytes_are_removed_leaves_no_row_without_them(tmp_path, monkeypatch):
    blob = old(blob_store(path=written(tmp_path, b"x")))

    def crash(self, name):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "delete", crash)
        with pytest.raises(KeyboardInterrupt):
            blobs_collect()
    assert Blob.objects.count() == 0
    assert blob_store(path=written(tmp_path, b"x")) == blob


def test_so_many_at_once(tmp_path):
    for content in (b"1", b"2", b"3"):
        old(blob_store(path=written(tmp_path, content)))
    assert (blobs_collect(most=2), blobs_collect(most=2)) == (2, 1)
