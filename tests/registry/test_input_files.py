"""Input files: kept once for each entry, given to nobody else's runs."""

import hashlib

import pytest

from registry.models import Blob, InputFile
from registry.services import ServiceError
from registry.services import inputs as service
from registry.services.inputs import input_file_open, input_file_store
from registry.services.uploads import SentArchive
from runners.tasks import input_opened
from tests.registry.registry_helpers import person, ready_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return person("ada")


def sent(folder, by, *, name="in.csv", content=b"1,2\n") -> SentArchive:
    path = folder / "sent"
    path.write_bytes(content)
    return SentArchive(path=path, name=name, sent_by=by)


def test_a_file_is_kept_under_its_hash_and_once(ada, tmp_path):
    entry = ready_draft(ada)
    first = input_file_store(entry=entry, file=sent(tmp_path, ada))
    again = input_file_store(entry=entry, file=sent(tmp_path, ada, name="other.csv"))
    assert first == again
    assert first.blob_id == hashlib.sha256(b"1,2\n").hexdigest()
    assert first.declaration == f'[[inputs]]\npath = "in.csv"\nsha256 = "{first.blob_id}"'
    assert InputFile.objects.count() == Blob.objects.count() == 1


@pytest.mark.parametrize("name", ['a"b', "../x", "a\nb", "é", ".hidden", "a\x7f", "a\\b"])
def test_a_name_that_toml_would_read_otherwise_is_not_proposed(ada, tmp_path, name):
    kept = input_file_store(entry=ready_draft(ada), file=sent(tmp_path, ada, name=name))
    assert 'path = "input"' in kept.declaration


def test_only_the_entrys_own_runs_are_given_a_file(ada, tmp_path):
    entry = ready_draft(ada, name="one")
    other = ready_draft(person("bob"), name="two")
    kept = input_file_store(entry=entry, file=sent(tmp_path, ada))
    with input_opened(entry.pk, kept.blob_id) as file:
        assert file.read() == b"1,2\n"
    assert input_file_open(accession=other.pk, sha256=kept.blob_id) is None
    assert input_file_open(accession=entry.pk, sha256="0" * 64) is None


def test_a_file_that_is_too_large_and_one_too_many_are_refused(
    ada, tmp_path, settings, monkeypatch
):
    entry = ready_draft(ada)
    settings.UPLOAD_BYTES = 10
    with pytest.raises(ServiceError) as caught:
        input_file_store(entry=entry, file=sent(tmp_path, ada, content=b"x" * 11))
    assert caught.value.code == "input_too_large"
    monkeypatch.setattr(service, "INPUT_FILES_MOST", 1)
    input_file_store(entry=entry, file=sent(tmp_path, ada))
    with pytest.raises(ServiceError) as caught:
        input_file_store(entry=entry, file=sent(tmp_path, ada, content=b"another"))
    assert caught.value.code == "inputs_too_many"
    assert InputFile.objects.count() == 1
