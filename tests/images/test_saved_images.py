"""Images as files: asked for, written by a worker from the real engine, read by real tools."""

import hashlib
import json
import platform
import subprocess
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from registry import dispatch
from registry.models import PullCount, SavedImage, VerificationRun
from registry.models.entries import Visibility
from registry.models.pulling import ImageState
from registry.services import saved_images
from registry.services.entries import EntryFields, entry_update
from registry.services.errors import ServiceError
from registry.services.runs import run_claim, run_finish
from registry.spec.evidence import Environment
from runners.tasks import save_image
from tests.registry import registry_helpers as scenery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """The messages that went out, in place of a broker."""
    messages = []
    monkeypatch.setattr(dispatch, "_send", lambda name, args: messages.append((name, *args)) or 1)
    return messages


@pytest.fixture
def bob(db):
    return scenery.person("bob")


def run_with(image: str, name: str = "model") -> VerificationRun:
    """A finished run of a public model whose report names an image."""
    owner = scenery.person(f"owner-of-{name}")
    _, run = scenery.published(owner, name=name)
    built = scenery.report(environment=Environment(strategy="x", image_digest=image or None))
    claim = run_claim(run_id=run.pk, host=platform.node(), cpu_model="A CPU", lease_seconds=60)
    run_finish(claim=claim, report=built, files={})
    return VerificationRun.objects.get(pk=run.pk)


def door(run):
    return f"/api/v1/runs/{run.pk}/image-archive/"


def asked(run, user, status=202):
    client = Client()
    client.force_login(user)
    answer = client.post(door(run))
    assert answer.status_code == status, answer.content
    return answer.json()


def refusal(run):
    answer = Client().get(door(run))
    return answer.status_code, answer.json()["detail"]


@pytest.fixture
def image(built):
    """An image of the real engine; its id."""
    return built()


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout


@pytest.mark.docker
def test_the_verified_image_comes_as_a_file_that_real_tools_read(
    image, bob, tmp_path, django_capture_on_commit_callbacks, sent
):
    run = run_with(image)
    assert refusal(run)[0] == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert asked(run, bob)["state"] == "pending"
        assert asked(run, bob)["state"] == "pending"
    assert sent == [("runners.save_image", run.pk)]
    assert refusal(run) == (409, "This image is being written.")
    save_image(run.pk)
    answer = Client().get(door(run))
    content = answer.getvalue()
    assert answer["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert Client(headers={"Range": "bytes=9-"}).get(door(run)).getvalue() == content[9:]
    file = tmp_path / "image.tar"
    file.write_bytes(content)
    docker("image", "rm", "--force", image)
    assert image in docker("load", "--input", str(file))
    assert docker("image", "inspect", "--format", "{{.Id}}", image).strip() == image
    config = subprocess.check_output(
        ["skopeo", "inspect", "--config", "--raw", f"docker-archive:{file}"]
    )
    assert f"sha256:{hashlib.sha256(config).hexdigest()}" == image
    layout = f"oci:{tmp_path}/layout:x"
    subprocess.run(
        ["skopeo", "--insecure-policy", "copy", "-q", f"docker-archive:{file}", layout], check=True
    )
    assert json.loads((tmp_path / "layout/index.json").read_text())["manifests"]
    assert sum(row.count for row in PullCount.objects.filter(kind="image")) == 1


@pytest.mark.docker
def test_an_image_that_is_gone_or_too_large_is_told_in_words(image, bob, settings):
    lacking = run_with("sha256:" + "0" * 64, "lacking")
    asked(lacking, bob)
    save_image(lacking.pk)
    assert refusal(lacking) == (409, saved_images.LACKED)
    settings.SAVED_IMAGE_MB = 0
    large = run_with(image, "large")
    asked(large, bob)
    save_image(large.pk)
    assert refusal(large) == (409, saved_images.TOO_LARGE)
    assert asked(large, bob)["state"] == "pending"


def test_who_may_not_see_the_run_learns_nothing_and_strangers_ask_for_none(bob):
    run = run_with("sha256:" + "1" * 64)
    assert Client().post(door(run)).status_code == 401
    entry_update(entry=run.version.entry, fields=EntryFields(visibility=Visibility.PRIVATE))
    asked(run, bob, 404)
    assert refusal(run)[0] == 404
    bare = run_with("", "bare")
    assert "no image" in asked(bare, bob, 409)["detail"]


def test_a_worker_that_is_lost_is_followed_by_another_until_the_tries_are_used_up(bob):
    run = run_with("sha256:" + "1" * 64)
    saved_images.saved_image_ask(run=run, user=bob)
    row = SavedImage.objects.filter(pk=run.pk)
    for _ in range(saved_images.TRIES):
        assert saved_images.saved_image_claim(run_id=run.pk).host == platform.node()
        assert saved_images.saved_image_claim(run_id=run.pk) is None
        assert saved_images.saved_images_reconcile(resend_after_seconds=1) == 0
        row.update(sent_at=timezone.now() - timedelta(seconds=9))
        assert saved_images.saved_images_reconcile(resend_after_seconds=1) == 1
    assert saved_images.saved_image_claim(run_id=run.pk) is None
    assert row.get().state == ImageState.FAILED


def test_another_machine_that_lacks_it_leaves_it_to_the_others(bob):
    run = run_with("sha256:" + "1" * 64)
    saved_images.saved_image_ask(run=run, user=bob)
    saved_images.saved_image_claim(run_id=run.pk)
    saved_images.saved_image_lacked(run_id=run.pk, here=False)
    assert saved_images.saved_image_claim(run_id=run.pk) is not None
    assert saved_images.saving_labels() == {str(run.pk)}


def test_a_file_is_let_go_after_its_days_and_may_be_asked_for_again(bob, tmp_path):
    run = run_with("sha256:" + "1" * 64)
    saved_images.saved_image_ask(run=run, user=bob)
    (tmp_path / "image.tar").write_bytes(b"image")
    saved_images.saved_image_keep(run_id=run.pk, path=tmp_path / "image.tar")
    saved_images.saved_images_reconcile(resend_after_seconds=1)
    assert Client().get(door(run)).getvalue() == b"image"
    SavedImage.objects.update(
        made_at=timezone.now() - timedelta(days=site.SAVED_IMAGE_DAYS, hours=1)
    )
    saved_images.saved_images_reconcile(resend_after_seconds=1)
    assert refusal(run)[0] == 404
    assert saved_images.saved_image_ask(run=run, user=bob).state == ImageState.PENDING


def test_nobody_asks_for_too_many(bob, monkeypatch):
    monkeypatch.setattr(saved_images, "ASKED_A_DAY", 1)
    saved_images.saved_image_ask(run=run_with("sha256:" + "1" * 64), user=bob)
    with pytest.raises(ServiceError, match="in a day"):
        saved_images.saved_image_ask(run=run_with("sha256:" + "2" * 64, "other"), user=bob)


def test_the_page_asks_for_it_as_the_api_does(bob):
    run = run_with("sha256:" + "1" * 64)
    page, asking = f"/models/{run.version.entry_id}/use/", f"/runs/{run.pk}/image-archive"
    assert "Sign in to ask for it." in Client().get(page).content.decode()
    assert "/accounts/" in Client().post(asking).url
    client = Client()
    client.force_login(bob)
    assert asking in client.get(page).content.decode()
    assert client.post(asking, follow=True).redirect_chain == [(page, 302)]
    assert "It is being written." in client.get(page).content.decode()
    entry_update(entry=run.version.entry, fields=EntryFields(visibility=Visibility.PRIVATE))
    assert client.post(asking).status_code == 404
