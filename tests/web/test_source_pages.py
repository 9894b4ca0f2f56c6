"""Where a model is read from, as pages ask for it: folders, and archives in place of addresses."""

import io
import os
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry.models import ModelEntry, Upload
from runners.tasks import inspect_version
from tests.repositories import make_repository
from tests.web import scenery

README = "# Pendulum\n\nA pendulum that is integrated by a symplectic method, for tests.\n"
MODEL = {"m/README.md": README, "m/LICENSE": "", "m/model.py": "print(1)\n"}


def packed(files=MODEL, name="pendulum.zip"):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return SimpleUploadedFile(name, target.getvalue(), "application/zip")


def page_of(client, address):
    return client.get(address).content.decode()


def read(entry):
    version = entry.versions.order_by("-number").first()
    inspect_version(version.pk)
    version.refresh_from_db()
    return version


def test_the_form_offers_an_archive_and_a_folder(owner):
    page = page_of(owner, "/publish/")
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file"' in page
    assert 'name="folder"' in page


def test_an_archive_is_read_like_a_repository(owner):
    reply = owner.post("/publish/", {"archive": packed()})
    entry = ModelEntry.objects.get()
    assert "Fetching <code>an uploaded archive</code>" in page_of(owner, reply["Location"])
    version = read(entry)
    assert (version.state, version.readme_path) == ("ready", "README.md")
    assert version.description["title"] == "Pendulum"
    page = page_of(owner, reply["Location"])
    assert "Read from <code>an uploaded archive</code>" in page
    assert "Uploaded archive" in page_of(owner, f"/models/{entry.pk}/")
    assert "upload:" not in page + page_of(owner, f"/models/{entry.pk}/")


def test_a_second_archive_is_the_next_commit(owner):
    owner.post("/publish/", {"archive": packed()})
    entry = ModelEntry.objects.get()
    first = read(entry)
    owner.post(f"/models/{entry.pk}/source/", {"archive": packed({"README.md": "# B\n"})})
    second = read(entry)
    assert second.commit != first.commit
    assert second.tree_swhid != first.tree_swhid


def test_an_archive_is_read_again_in_another_folder(owner):
    files = {"README.md": README, "models/a/x.py": "", "models/b/README.md": "# B\n"}
    owner.post("/publish/", {"archive": packed(files), "folder": "model/b"})
    entry = ModelEntry.objects.get()
    version = read(entry)
    assert version.failure_value.sentence == "This commit has no folder called “model/b”."
    page = page_of(owner, f"/models/{entry.pk}/source/")
    assert "It has, among others: models/b" in page
    assert "or none to read the same again" in page
    owner.post(f"/models/{entry.pk}/source/", {"folder": "models/b"})
    version = read(entry)
    assert (version.state, version.folder, version.description["title"]) == (
        "ready", "models/b", "B"
    )  # fmt: skip


def test_a_bad_archive_is_explained_where_another_can_be_sent(owner):
    owner.post("/publish/", {"archive": packed({"../../etc/passwd": "x"})})
    entry = ModelEntry.objects.get()
    assert read(entry).state == "failed"
    page = page_of(owner, f"/models/{entry.pk}/source/")
    assert "leads out of it" in page
    assert "Pack the model&#x27;s folder as a zip or a tar.gz" in page
    owner.post(f"/models/{entry.pk}/source/", {"archive": packed()})
    assert read(entry).state == "ready"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Give the address of a repository, or choose an archive"),
        ({"archive": SimpleUploadedFile("x.pdf", b"%PDF-1.4 ...")}, "This is no archive."),
        ({"archive": SimpleUploadedFile("x.rar", b"Rar!\x1a\x07")}, "of the kind rar are not read"),
        ({"archive": SimpleUploadedFile("x.zip", b"")}, "The submitted file is empty."),
        ({"archive": packed(), "address": scenery.ADDRESS}, "or send no archive"),
        ({"address": "upload:1"}, "An uploaded archive has no address"),
    ],
)
def test_what_is_refused_loses_nothing_that_was_typed(owner, sent, said):
    page = owner.post("/publish/", {"folder": "a/b", "name": "kept-name"} | sent).content.decode()
    assert said in page
    assert 'value="a/b"' in page
    assert 'value="kept-name"' in page
    assert not ModelEntry.objects.exists()


def test_a_file_that_is_too_large_is_refused_and_not_kept(owner, settings, tmp_path):
    settings.UPLOAD_BYTES, settings.FILE_UPLOAD_TEMP_DIR = 100_000, str(tmp_path)
    large = SimpleUploadedFile("x.zip", b"PK\x03\x04" + os.urandom(500_000))
    page = owner.post("/publish/", {"archive": large, "name": "kept-name"}).content.decode()
    assert "larger than the 0 MB that are taken" in page
    assert 'value="kept-name"' in page
    assert not Upload.objects.exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sent", [{"archive": 1, "more": 1}, {"archive": 2}], ids=["two fields", "one field"]
)
def test_several_files_at_once_are_refused(owner, sent):
    files = {name: [packed() for _ in range(count)] for name, count in sent.items()}
    page = owner.post("/publish/", files).content.decode()
    assert "Send one archive" in page
    assert not ModelEntry.objects.exists()


def test_strangers_send_nothing(db):
    assert Client().post("/publish/", {"archive": packed()}).status_code == 302
    assert not Upload.objects.exists()


def test_other_people_send_nothing_for_an_entry(owner, other):
    owner.post("/publish/", {"archive": packed()})
    entry = ModelEntry.objects.get()
    for place in ("source", "versions/new"):
        reply = other.post(f"/models/{entry.pk}/{place}/", {"archive": packed()})
        assert reply.status_code == 404
    assert Upload.objects.count() == 1


def test_one_model_of_several_in_a_repository_is_read(owner, tmp_path):
    files = {"README.md": "# All\n", "models/a/README.md": README, "models/b/x": ""}
    address = str(make_repository(tmp_path, files))
    owner.post("/publish/", {"address": address, "folder": "models/a/"})
    entry = ModelEntry.objects.get()
    version = read(entry)
    assert (entry.name, version.folder) == ("a", "models/a")
    assert version.description["title"] == "Pendulum"
    page = page_of(owner, f"/models/{entry.pk}/")
    assert "<dt>Folder</dt><dd><code>models/a</code></dd>" in page
    assert f"models/a in {address}" in page_of(owner, f"/models/{entry.pk}/source/")


def test_what_a_commit_lacks_is_told_before_it_is_published(owner, tmp_path):
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
    address = str(make_repository(tmp_path, {"README.md": README, "weights.pt": pointer}))
    owner.post("/publish/", {"address": address})
    entry = ModelEntry.objects.get()
    read(entry)
    page = page_of(owner, f"/models/{entry.pk}/edit/")
    assert "Only pointers are here, not the files themselves" in page
    assert "weights.pt" in page
