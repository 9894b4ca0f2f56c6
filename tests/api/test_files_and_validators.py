"""Files, ETags and 304; and that nothing from a repository runs here."""

import base64
import hashlib
import json

import pytest
from django.test import Client

from tests.api.world import API, ARCHIVE, client_of, send


def test_the_archive_is_whole_and_named(world):
    response = Client().get(f"{API}/models/{world.public.pk}/versions/1/archive/")
    assert response.getvalue() == ARCHIVE
    digest = hashlib.sha256(ARCHIVE)
    assert response["ETag"] == f'"{digest.hexdigest()}"'
    assert response["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert response["Content-Length"] == str(len(ARCHIVE))
    assert response["Content-Type"] == "application/gzip"
    assert 'filename="public-1.tar.gz"' in response["Content-Disposition"]


def test_the_archive_is_of_the_version_as_it_is(world):
    run = world.runs["public"]
    assert run.commit == run.version.commit
    shown = send(Client(), "get", f"/models/{world.public.pk}/").json()["version"]
    assert Client().get(shown["archive"]).status_code == 200


def test_a_file_can_be_asked_about_without_its_bytes(world):
    response = Client().head(f"{API}/models/{world.public.pk}/versions/1/archive/")
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(ARCHIVE))
    assert b"".join(response.streaming_content if response.streaming else [response.content]) == b""


def test_an_artifact_is_a_download_in_a_sandbox(world):
    run = world.runs["public"].pk
    listed = send(Client(), "get", f"/runs/{run}/artifacts/").json()["results"]
    assert [row["name"] for row in listed] == ["out/page.html", "source.tar.gz"]
    response = Client().get(listed[0]["url"])
    content = response.getvalue()
    assert content == b"<script>alert(1)</script>"
    assert hashlib.sha256(content).hexdigest() == listed[0]["sha256"]
    assert len(content) == listed[0]["size"]
    assert response["Content-Disposition"] == 'attachment; filename="page.html"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_files_do_not_mind_what_the_caller_accepts(world):
    client = Client(headers={"Accept": "application/gzip"})
    response = client.get(f"{API}/models/{world.public.pk}/versions/1/archive/")
    assert response.status_code == 200
    response.close()


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_known_file_is_not_sent_again(world, method):
    path = f"{API}/runs/{world.runs['public'].pk}/artifacts/source.tar.gz/"
    etag = f'"{hashlib.sha256(ARCHIVE).hexdigest()}"'
    response = getattr(Client(headers={"If-None-Match": etag}), method)(path)
    assert response.status_code == 304
    assert response["ETag"] == etag
    assert getattr(Client(headers={"If-None-Match": '"other"'}), method)(path).status_code == 200


def test_details_reports_and_lists_are_checked_by_etag(world):
    run = world.runs["public"].pk
    for path in (f"/models/{world.public.pk}/", f"/runs/{run}/", f"/runs/{run}/report/", "/runs/"):
        first = send(Client(), "get", path)
        known = Client(headers={"If-None-Match": first["ETag"]})
        assert send(known, "get", path).status_code == 304
        assert first["Cache-Control"] == "private, no-cache"
        assert {"Authorization", "Cookie"} <= set(first["Vary"].replace(" ", "").split(","))


def test_a_changed_entry_has_another_etag(world):
    path = f"/models/{world.draft.pk}/"
    client = client_of("models", world)
    before = send(client, "get", path)["ETag"]
    send(client, "patch", path, {"title": "Changed"})
    after = client.get(API + path, headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after["ETag"] != before


def test_the_report_is_given_as_it_was_stored(world):
    run = world.runs["public"]
    assert send(Client(), "get", f"/runs/{run.pk}/report/").json() == run.report


def test_a_run_without_a_report_has_none_to_give(world):
    run = send(client_of("runs", world), "post", f"/models/{world.public.pk}/verify/").json()
    assert run["report"] is None
    assert send(Client(), "get", f"/runs/{run['id']}/report/").status_code == 404


def test_a_model_is_cited_with_its_article(world):
    path = f"/models/{world.public.pk}/citation/"
    bibtex = send(Client(), "get", path)
    assert bibtex["Content-Type"].startswith("application/x-bibtex")
    text = bibtex.content.decode()
    assert "@software{" in text
    assert "@article{" in text
    assert f"/models/{world.public.pk}/" in text
    assert "Lovelace, A." in send(Client(), "get", f"{path}?format=apa").content.decode()
    items = json.loads(send(Client(), "get", f"{path}?format=csl-json").content)
    assert [item["type"] for item in items] == ["software", "article-journal"]
    assert send(Client(), "get", f"{path}?format=word").status_code == 400
