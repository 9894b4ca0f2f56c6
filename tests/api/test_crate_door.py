"""All files of a run in one zip."""

import hashlib
import io
import zipfile

import pytest
from django.core.files.storage import storages
from django.test import Client

from registry.models import VerificationRun
from registry.services.errors import ServiceError
from tests.api.world import API, ARCHIVE


def door(run: VerificationRun) -> str:
    return f"{API}/runs/{run.pk}/crate/"


def test_the_zip_holds_every_file_under_its_name(world):
    run = world.runs["public"]
    response = Client().get(door(run))
    assert response["Content-Type"] == "application/zip"
    assert f"run-{run.pk}.crate.zip" in response["Content-Disposition"]
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    content = response.getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["out/page.html", "source.tar.gz"]
        assert archive.read("source.tar.gz") == ARCHIVE
        kept = {one.name: one.blob_id for one in run.artifacts.all()}
        found = {name: archive.read(name) for name in archive.namelist()}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in found.items()} == kept
    assert Client().get(door(run)).getvalue() == content


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_zip_that_is_known_is_not_sent_again(world, method):
    run = world.runs["public"]
    etag = Client().head(door(run))["ETag"]
    again = getattr(Client(headers={"If-None-Match": etag}), method)(door(run))
    assert (again.status_code, again.content) == (304, b"")


def test_a_zip_of_which_a_file_was_lost_cannot_be_opened(world):
    run = world.runs["public"]
    last = run.artifacts.order_by("name").last()
    assert last is not None
    storages["blobs"].delete(last.blob.key)
    response, sent = Client().get(door(run)), []
    with pytest.raises(ServiceError):
        sent.extend(response.streaming_content)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(sent)))
