"""Input files on the edit page."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registry.models import InputFile
from tests.web import scenery


@pytest.fixture
def draft(ada):
    return scenery.ready(ada)


def test_a_file_is_sent_and_its_lines_can_be_copied(owner, draft):
    sent = {"file": SimpleUploadedFile("couplings.csv", b"1,2\n")}
    page = owner.post(f"/models/{draft.pk}/inputs/", sent, follow=True).content.decode()
    sha256 = hashlib.sha256(b"1,2\n").hexdigest()
    assert f"Its sha256 is {sha256}" in page
    assert "path = &quot;couplings.csv&quot;" in page
    assert f"sha256 = &quot;{sha256}&quot;" in page


def test_a_hostile_name_is_shown_as_text(owner, draft):
    sent = {"file": SimpleUploadedFile("<img src=x>\u202egnp", b"1")}
    page = owner.post(f"/models/{draft.pk}/inputs/", sent, follow=True).content.decode()
    assert "<img src=x>" not in page
    assert "\u202e" not in page


def test_nothing_and_too_much_are_refused_on_the_page(owner, draft, settings):
    page = owner.post(f"/models/{draft.pk}/inputs/", {}, follow=True).content.decode()
    assert "Choose a file that is not empty." in page
    settings.UPLOAD_BYTES = 1
    sent = {"file": SimpleUploadedFile("a", b"12")}
    page = owner.post(f"/models/{draft.pk}/inputs/", sent, follow=True).content.decode()
    assert "are taken" in page
    assert not InputFile.objects.exists()


def test_only_editors_send_files(client, draft, bob):
    sent = {"file": SimpleUploadedFile("a", b"12")}
    assert client.post(f"/models/{draft.pk}/inputs/", sent).status_code == 302
    client.force_login(bob)
    assert client.post(f"/models/{draft.pk}/inputs/", sent).status_code == 404
    assert not InputFile.objects.exists()
