"""`docker pull` of what was verified, by those who may see it: real docker, a real registry."""

import os
import subprocess
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.utils import timezone

from registry import image_tokens
from registry.image_tokens import Access, token_minted
from registry.models import ModelEntry, PullCount
from registry.models.entries import Visibility
from registry.models.pulling import ImageState, PullKind
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.runs import run_finish
from runners import tasks
from runners.tasks import clear_registry, push_image
from tests.images.conftest import api_token, model_of, seen_in
from tests.registry.registry_helpers import ADDRESS, COMMIT, person, published

pytestmark = [pytest.mark.docker, pytest.mark.django_db(transaction=True)]
ALL_ACTIONS = ("pull", "push", "delete")


@pytest.fixture
def model(registry, built):
    """A public model of ada's, pushed."""
    return pushed(model_of(person("ada"), built()))


def pushed(model):
    push_image(model.run.pk)
    assert model.pushed.state == ImageState.READY, model.pushed.failure
    return model


@pytest.fixture
def place(registry, model):
    """What docker calls the repository."""
    return f"{registry.host}/{model.pushed.repository}"


def for_worker(model):
    """A token that no person is given."""
    return token_minted([Access(repository=model.pushed.repository, actions=ALL_ACTIONS)])


def made_private(model):
    fields = EntryFields(visibility=Visibility.PRIVATE)
    entry_update(entry=ModelEntry.objects.get(pk=model.entry.pk), fields=fields)


def test_tag_and_digest_give_the_image_that_was_verified(docker, model, place):
    row = model.pushed
    assert (row.repository, row.tag) == (model.entry.full_name.lower(), "v1")
    by_digest = f"{place}@{row.digest}"
    for name in (f"{place}:v1", by_digest):
        docker.forget(model.image)
        assert row.digest in docker("pull", name)
        assert docker.image_id(name) == model.image
    assert PullCount.objects.get(kind=PullKind.IMAGE).count == 2


def test_what_the_use_tab_says_pulls_and_runs_the_model(docker, model, client):
    docker.forget(model.image)
    ways = client.get(f"/models/{model.entry.pk}/use/").context["ways"]
    (way,) = [way for way in ways if way.id == "image"]
    environment = {"PATH": os.environ["PATH"], "DOCKER_CONFIG": str(docker.config)}
    done = subprocess.run(
        ["sh", "-euc", way.command], env=environment, capture_output=True, text=True, check=True
    )
    assert model.pushed.digest in done.stdout
    assert "tini version" in done.stdout


def test_the_engine_keeps_the_image_and_no_name_of_the_registry(docker, model, place):
    names = docker("image", "inspect", "--format", "{{.RepoTags}}", model.image)
    assert "-images:" in names
    assert place not in names


def test_the_manifest_says_what_is_true_and_the_api_where_it_is(registry, model, client):
    row = model.pushed
    manifest = registry.manifest(row.repository, "v1", for_worker(model))
    assert manifest.headers["Docker-Content-Digest"] == row.digest
    said = manifest.json()
    assert said["config"]["digest"] == model.image
    assert row.size == said["config"]["size"] + sum(layer["size"] for layer in said["layers"])
    prefix = "org.opencontainers.image."
    assert {name.removeprefix(prefix): value for name, value in said["annotations"].items()} == {
        "title": "A pendulum",
        "version": "1",
        "revision": COMMIT,
        "source": ADDRESS,
        "licenses": "MIT",
        "url": f"http://127.0.0.1:8000/models/{model.entry.pk}/v1/",
        "vendor": "Reprise",
        "authors": "Ada Lovelace",
    }
    run = client.get(f"/api/v1/runs/{model.run.pk}/").json()
    reference = f"{registry.host}/{row.repository}@{row.digest}"
    assert run["image"] == {"reference": reference, "digest": row.digest, "size": row.size}


def test_a_private_models_image_is_its_readers_and_else_as_if_it_were_not_there(
    docker, registry, model, place
):
    docker.forget(model.image)
    absent = f"{registry.host}/{'x' * len(model.pushed.repository)}:v1"
    made_private(model)
    denied = docker("pull", f"{place}:v1", fails=True)
    assert "denied" in denied
    assert denied.replace(place, "") == docker("pull", absent, fails=True).replace(
        absent.removesuffix(":v1"), ""
    )
    login = ("login", "--username", "x", "--password-stdin", registry.host)
    docker(*login, typed=api_token(person("bob")))
    assert docker("pull", f"{place}:v1", fails=True) == denied
    docker(*login, typed=api_token(model.owner))
    docker("pull", f"{place}:v1")
    assert docker.image_id(f"{place}:v1") == model.image


def test_who_comes_too_often_is_told_by_docker_when_to_come_back(docker, model, place, settings):
    cache.clear()
    settings.API_RATES = settings.API_RATES | {"pulls": "1/hour"}
    docker("pull", f"{place}:v1")
    said = docker("pull", f"{place}:v1", fails=True)
    cache.clear()
    assert "toomanyrequests: Too many requests from you or your network" in said


def test_docker_login_says_when_a_token_is_no_good(docker, registry):
    login = ("login", "--username", "ada", "--password-stdin", registry.host)
    assert "unknown, revoked or expired" in docker(*login, typed="wrong", fails=True)


def test_nobody_pushes_with_a_token_of_a_person(docker, registry, model, place):
    docker(
        *("login", "--username", "ada", "--password-stdin", registry.host),
        typed=api_token(model.owner),
    )
    docker("tag", model.image, f"{place}:mine")
    try:
        assert "denied" in docker("push", f"{place}:mine", fails=True)
    finally:
        docker("image", "rm", f"{place}:mine")


def test_the_registry_believes_tokens_of_this_site_alone_and_in_their_time(
    registry, model, monkeypatch
):
    repository = model.pushed.repository
    good = token_minted([Access(repository=repository, actions=("pull",))])
    assert registry.manifest(repository, "v1", good).status_code == 200
    claims = jwt.decode(good, options={"verify_signature": False})
    kid = jwt.get_unverified_header(good)["kid"]
    stranger = ec.generate_private_key(ec.SECP256R1())
    monkeypatch.setattr(image_tokens, "NAME", "elsewhere")
    elsewhere = token_minted([Access(repository=repository, actions=("pull",))])
    bad = {
        "none": "",
        "broken": good[:-6] + "AAAAAA",
        "foreign key": jwt.encode(claims, stranger, algorithm="ES256", headers={"kid": kid}),
        "no signature": jwt.encode(claims, None, algorithm="none", headers={"kid": kid}),
        "another service": elsewhere,
        "expired": late(repository, monkeypatch),
        "another repository": token_minted([Access(repository="a/b", actions=("pull",))]),
    }
    codes = {why: registry.manifest(repository, "v1", t).status_code for why, t in bad.items()}
    assert codes == dict.fromkeys(bad, 401)


def late(repository, monkeypatch):
    """A token as it was given out ten minutes ago."""
    monkeypatch.undo()
    then = timezone.now() - timedelta(minutes=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image_tokens.timezone, "now", lambda: then)
        return token_minted([Access(repository=repository, actions=("pull",))])


def test_a_withdrawn_models_images_go(docker, registry, model, place):
    docker.forget(model.image)
    entry_withdraw(entry=model.entry, reason="The data were wrong.", actor=model.owner)
    assert "denied" in docker("pull", f"{place}:v1", fails=True)
    row = model.pushed
    clear_registry()
    for reference in ("v1", row.digest):
        assert registry.manifest(row.repository, reference, for_worker(model)).status_code == 404
    assert model.pushed.state == ImageState.REMOVED


def test_what_is_superseded_keeps_its_digest_for_a_while_and_then_its_bytes_go(
    docker, registry, model, built, settings
):
    old, bytes_then = model.pushed, registry.bytes
    place = f"{registry.host}/{old.repository}"
    model.verified_again(built())
    new = pushed(model).pushed
    docker("pull", f"{place}:v1")
    assert docker.image_id(f"{place}:v1") == model.image
    docker.forget(model.image, old.run.report["environment"]["image_digest"])
    docker("pull", f"{place}@{old.digest}")
    clear_registry()
    assert registry.manifest(old.repository, old.digest, for_worker(model)).status_code == 200
    settings.REGISTRY_KEEP_DAYS = 0
    clear_registry()
    assert registry.manifest(old.repository, old.digest, for_worker(model)).status_code == 404
    full = registry.bytes
    assert full > bytes_then + 100_000
    registry.running.collect_garbage()
    assert registry.bytes < full - 100_000
    docker.forget(model.image)
    docker("pull", f"{place}@{new.digest}")
    assert docker.image_id(f"{place}@{new.digest}") == model.image


def test_an_image_that_is_verified_again_keeps_its_digest(registry, model, settings):
    old = model.pushed
    model.verified_again(model.image)
    new = pushed(model).pushed
    assert (new.digest, new.tag) == (old.digest, "v1")
    settings.REGISTRY_KEEP_DAYS = 0
    clear_registry()
    assert registry.manifest(new.repository, "v1", for_worker(model)).status_code == 200


def test_a_registry_that_is_down_costs_no_verdict_and_gets_the_image_later(
    registry, built, settings
):
    settings.REGISTRY_URL = "http://127.0.0.1:9"
    model = model_of(person("ada"), built())
    push_image(model.run.pk)
    row = model.pushed
    assert (row.state, row.digest, row.pushed_at) == (ImageState.PENDING, "", None)
    assert "cannot be reached" in row.failure
    model.run.refresh_from_db()
    assert (model.run.state, model.run.outcome) == ("finished", "reproduced")
    settings.REGISTRY_URL = f"http://{registry.host}"
    assert pushed(model).pushed.failure == ""


def test_a_worker_ends_its_run_and_pushes_or_lets_it_wait(registry, built, settings, monkeypatch):
    """The pipeline alone is a stand-in: it ends at once, in an image that is there."""
    image = built()
    monkeypatch.setattr(
        tasks.verifying,
        "_attempt",
        lambda claim: run_finish(claim=claim, report=seen_in(image), files={}),
    )
    ada, states = person("ada"), []
    for name, address in (("up", settings.REGISTRY_URL), ("down", "http://127.0.0.1:9")):
        settings.REGISTRY_URL = address
        _, run = published(ada, name=name)
        tasks.verify_run(run.pk)
        run.refresh_from_db()
        states.append((run.outcome, run.pushed_image.state))
    assert states == [("reproduced", ImageState.READY), ("reproduced", ImageState.PENDING)]


def test_a_worker_whose_engine_lacks_the_image_leaves_it_to_others(registry):
    model = model_of(person("ada"), "sha256:" + "0" * 64)
    push_image(model.run.pk)
    assert (model.pushed.state, model.pushed.tries) == (ImageState.PENDING, 1)


def test_a_push_that_breaks_off_in_the_middle_waits_and_goes_well_later(registry, built, settings):
    """The API answers, and what the engine pushes to is gone."""
    settings.REGISTRY_PUSH = "127.0.0.1:9"
    model = model_of(person("ada"), built())
    push_image(model.run.pk)
    assert model.pushed.state == ImageState.PENDING
    assert "did not take an image" in model.pushed.failure
    settings.REGISTRY_PUSH = registry.host
    pushed(model)
