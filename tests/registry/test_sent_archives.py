"""Archives that people send: kept as blobs, numbered within their entry, and nobody else's."""

import io
import zipfile
from pathlib import Path

import pytest

from registry.models import ModelEntry, Upload
from registry.services import ServiceError
from registry.services.blobs import blob_open
from registry.services.entries import entry_draft_create, entry_publish
from registry.services.uploads import SentArchive, upload_history
from registry.services.versions import (
    version_create,
    version_inspected,
    version_retarget,
    version_to_inspect,
)
from tests.registry.registry_helpers import ADDRESS, inspection, newest, person, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack(tmp_path):
    def pack(owner, content="1", name="pendulum-1.0.zip"):
        path = tmp_path / "sent"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("README.md", content)
        return SentArchive(path=path, name=name, sent_by=owner)

    return pack


def code_of(service, **arguments):
    with pytest.raises(ServiceError) as caught:
        service(**arguments)
    assert caught.value.hint
    return caught.value.code


def read(entry):
    version = newest(entry)
    seen = inspection(address=version.address, ref=version.ref, folder=version.folder)
    assert version_inspected(version_id=version.pk, inspection=seen)
    return ModelEntry.objects.get(pk=entry.pk)


def test_an_archive_becomes_a_draft_under_its_own_name(pack):
    ada = person()
    entry = entry_draft_create(owner=ada, folder="/m/", archive=pack(ada))
    version = newest(entry)
    assert entry.name == "m"
    assert version_to_inspect(version_id=version.pk) == (f"upload:{entry.pk}", "upload-1", "m")
    assert version.place == "m in an uploaded archive"
    (file,) = upload_history(address=version.address, ref=version.ref)
    assert (file.number, file.name) == (1, "pendulum-1.0.zip")
    with blob_open(file.sha256) as kept:
        assert zipfile.is_zipfile(kept)


@pytest.mark.parametrize("name", ["pendulum.zip", "pendulum.tar.gz", "pendulum.TGZ", "pendulum"])
def test_an_entry_is_named_after_the_archive(pack, name):
    ada = person()
    assert entry_draft_create(owner=ada, archive=pack(ada, name=name)).name == "pendulum"


def test_each_archive_is_the_next_of_its_entry(pack):
    ada = person()
    entry = entry_draft_create(owner=ada, archive=pack(ada))
    version_retarget(version=newest(entry), archive=pack(ada, "2"))
    entry_publish(entry=read(entry), requested_by=ada)
    version = version_create(entry=entry, archive=pack(ada, "3"))
    assert (version.number, version.ref) == (2, "upload-3")
    assert [upload.number for upload in entry.uploads.all()] == [1, 2, 3]
    history = upload_history(address=version.address, ref=version.ref)
    assert [file.number for file in history] == [2, 3], "a replaced draft is no part of the past"
    other = entry_draft_create(owner=ada, archive=pack(ada))
    assert newest(other).ref == "upload-1"


def test_what_is_asked_for_later_is_no_part_of_an_earlier_history(pack):
    ada = person()
    entry = entry_draft_create(owner=ada, archive=pack(ada))
    entry_publish(entry=read(entry), requested_by=ada)
    version_create(entry=entry, archive=pack(ada, "2"))
    entry_publish(entry=read(entry), requested_by=ada)
    address = entry.upload_address
    assert [file.number for file in upload_history(address=address, ref="upload-1")] == [1]


def test_an_entry_can_go_from_a_repository_to_an_archive_and_back(pack):
    ada = person()
    entry, _ = published(ada)
    version = version_create(entry=entry, archive=pack(ada))
    assert (version.address, version.ref) == (f"upload:{entry.pk}", "upload-1")
    assert version_retarget(version=version, address=ADDRESS).ref == ""


def test_nobody_reads_an_archive_by_its_address(pack):
    ada, eve = person(), person("eve")
    entry = entry_draft_create(owner=ada, archive=pack(ada))
    address = newest(entry).address
    for typed in (address, address.upper(), f" {address} ", "upload:999"):
        assert (
            code_of(entry_draft_create, owner=eve, address=typed, ref="upload-1")
            == "upload_unknown"
        )
        assert code_of(entry_draft_create, owner=ada, address=typed) == "upload_unknown"
    foreign, _ = published(eve)
    refused = code_of(version_create, entry=foreign, address=address, ref="upload-1")
    assert refused == "upload_unknown"


def test_an_entry_reads_its_own_archive_again(pack):
    ada = person()
    entry = entry_draft_create(owner=ada, archive=pack(ada))
    version = newest(entry)
    again = version_retarget(
        version=version, address=version.address, ref=version.ref, folder="models/a"
    )
    assert (again.ref, again.folder, entry.uploads.count()) == ("upload-1", "models/a", 1)
    for ref in ("", "upload-2", "main", "upload-1x"):
        refused = code_of(version_retarget, version=version, address=version.address, ref=ref)
        assert refused == "upload_unknown"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"%PDF-1.4", "archive_unknown"), (b"", "archive_unknown"), (b"Rar!\x1a", "archive_unknown"),
     (b"PK\x03\x04" + bytes(2_000), "archive_too_large")],
)  # fmt: skip
def test_what_is_no_archive_or_too_large_is_kept_nowhere(tmp_path, settings, content, code):
    settings.UPLOAD_BYTES = 1_000
    ada, path = person(), tmp_path / "sent"
    path.write_bytes(content)
    sent = SentArchive(path=path, name="x.zip", sent_by=ada)
    assert code_of(entry_draft_create, owner=ada, archive=sent) == code
    assert not Upload.objects.exists()
    assert not ModelEntry.objects.exists()


def test_an_address_and_an_archive_are_not_mixed(pack):
    ada = person()
    refused = code_of(entry_draft_create, owner=ada, address=ADDRESS, archive=pack(ada))
    assert refused == "source_twice"


def test_the_history_of_an_ordinary_address_is_empty():
    assert upload_history(address=ADDRESS, ref="upload-1") == ()
    assert upload_history(address="upload:1", ref="main") == ()


def test_a_citation_of_an_archive_names_no_address_that_nobody_can_open(pack):
    ada = person()
    entry = read(entry_draft_create(owner=ada, archive=pack(ada)))
    entry_publish(entry=entry, requested_by=ada)
    version = newest(entry)
    assert version.citations.get(kind="software").url == ""
    assert version.citation["folder"] == ""


def test_two_entries_of_one_repository_have_folders_of_their_own():
    ada = person()
    entries = [
        entry_draft_create(owner=ada, address=ADDRESS, folder=folder)
        for folder in ("models/a", "models/b", "")
    ]
    assert [entry.name for entry in entries] == ["a", "b", "pendulum"]
    assert [newest(entry).folder for entry in entries] == ["models/a", "models/b", ""]


def test_another_folder_of_the_same_commit_is_another_source():
    entry = entry_draft_create(owner=person(), address=ADDRESS, folder="a")
    version = newest(entry)
    target = version_to_inspect(version_id=version.pk)
    version_retarget(version=version, address=ADDRESS, folder="b")
    late = inspection(folder="a")
    assert not version_inspected(version_id=version.pk, inspection=late, target=target)


def _zip_bytes() -> bytes:
    target = io.BytesIO()
    zipfile.ZipFile(target, "w").close()
    return target.getvalue()


def test_equal_archives_are_kept_once(tmp_path: Path):
    ada = person()
    for name in ("one", "two"):
        path = tmp_path / name
        path.write_bytes(_zip_bytes())
        entry_draft_create(owner=ada, archive=SentArchive(path=path, name=name, sent_by=ada))
    assert len({upload.blob_id for upload in Upload.objects.all()}) == 1
