"""From an uploaded archive to a verdict, with nothing played: services, tasks, engine."""

import zipfile

import pytest

from registry.models import VerificationRun
from registry.services.entries import EntryFields, entry_draft_create, entry_publish, entry_update
from registry.services.uploads import SentArchive
from registry.services.versions import version_create
from runners.configuration import mirrors_of_site, uploads_of_site
from runners.tasks import inspect_version, verify_run
from tests.registry.registry_helpers import newest, person

pytestmark = [pytest.mark.docker, pytest.mark.django_db(transaction=True)]
TEST = "from model import answer\n\ndef test_answer():\n    assert answer() == 42\n"
FILES = {"m/README.md": "# m\n", "m/models/a/test_model.py": TEST}


@pytest.fixture
def pack(tmp_path):
    def pack(owner, answer):
        path = tmp_path / "model.zip"
        model = f"def answer():\n    return {answer}\n"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in (FILES | {"m/models/a/model.py": model}).items():
                archive.writestr(name, content)
        return SentArchive(path=path, name="model.zip", sent_by=owner)

    return pack


def verified(entry, owner):
    inspect_version(newest(entry).pk)
    entry_update(entry=entry, fields=EntryFields(title="A model", licence="MIT"))
    run = entry_publish(entry=entry, requested_by=owner)
    verify_run(run.pk)
    return VerificationRun.objects.get(pk=run.pk)


def test_each_upload_is_a_commit_that_is_verified(pack, settings, tmp_path):
    settings.UPLOAD_DIR, settings.MIRROR_DIR = tmp_path / "uploads", tmp_path / "mirrors"
    ada = person()
    entry = entry_draft_create(owner=ada, folder="models/a", archive=pack(ada, 41))
    wrong = verified(entry, ada)
    assert (wrong.tests_pass, wrong.report["tests"]["failed"]) == (False, 1), wrong.explanation

    version_create(entry=entry, folder="models/a", archive=pack(ada, 42))
    right = verified(entry, ada)
    assert right.tests_pass, right.explanation
    source = right.report["source"]
    assert (source["address"], source["folder"]) == (entry.upload_address, "models/a")
    assert source["commit"] == right.commit != wrong.commit
    assert source["readme"] == "README.md"
    assert right.artifacts.filter(name="source.tar.gz").exists()
    kept = mirrors_of_site().open(source["address"], wrong.commit, folder="models/a")
    assert "41" in kept.tree.text("model.py")
    assert uploads_of_site().place(str(entry.pk)).is_dir()
