"""The door at which docker asks for permission to pull: what it grants, to whom, and no more."""

import base64

import jwt
import pytest
from django.utils import timezone

from registry.image_tokens import certificate_pem
from registry.models import PullCount, PushedImage
from registry.models.entries import Visibility
from registry.models.pulling import ImageState, PullKind
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.tokens import token_create
from tests.registry.registry_helpers import person, published, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(settings):
    settings.REGISTRY = "images.example.org"
    return person("ada")


@pytest.fixture
def model(ada):
    entry, run = published(ada)
    verified(run)
    PushedImage.objects.filter(pk=run.pk).update(
        state=ImageState.READY, repository="ada/pendulum", digest="sha256:0", tag="v1",
        pushed_at=timezone.now(),
    )  # fmt: skip
    return entry


def basic(user, name="docker"):
    plain = token_create(user=user, name="x", scopes=(), expires_at=None)[1]
    credentials = base64.b64encode(f"{name}:{plain}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


def granted(client, *scopes, **headers):
    """What the token lets do that this caller gets."""
    answer = client.get("/registry/token", {"service": "reprise", "scope": scopes}, headers=headers)
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert said["token"] == said["access_token"]
    claims = jwt.decode(said["token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == said["expires_in"] == 300
    return claims["access"]


PULL = "repository:ada/pendulum:pull"
ONE = [{"type": "repository", "name": "ada/pendulum", "actions": ["pull"]}]


def test_everybody_may_pull_what_is_public_and_it_is_counted_once_a_permission(client, model):
    assert granted(client, PULL) == ONE
    assert PullCount.objects.get(kind=PullKind.IMAGE).count == 1
    assert granted(client) == []
    client.head("/registry/token", {"scope": PULL})
    assert PullCount.objects.get(kind=PullKind.IMAGE).count == 1


@pytest.mark.parametrize(
    "scope",
    [
        "repository:ada/pendulum:push",
        "repository:ada/pendulum:delete",
        "repository:ada/pendulum:*",
        "repository(plugin):ada/pendulum:pull",
        "registry:catalog:*",
        "repository:ada/nothing:pull",
        "repository:ada/pendulum/:pull",
        "repository:ADA/pendulum:pull",
        "repository:ada/pend\0ulum:pull",
        "repository::pull",
        "nonsense",
    ],
)
def test_nothing_else_is_granted_not_even_to_staff(client, model, scope):
    assert granted(client, scope, **basic(person("root", is_staff=True))) == []


def test_of_pull_and_push_pull_is_granted_and_of_many_scopes_some(client, model):
    assert granted(client, "repository:ada/pendulum:push,pull") == ONE
    assert granted(client, f"repository:a/b:pull {PULL}", PULL) == ONE
    assert granted(client, *[f"repository:a/b{i}:pull" for i in range(30)], PULL) == []


def test_a_private_model_is_for_those_who_may_see_it(client, model, ada):
    fields = EntryFields(visibility=Visibility.PRIVATE)
    entry_update(entry=model, fields=fields)
    assert granted(client, PULL) == granted(client, PULL, **basic(person("bob"))) == []
    assert granted(client, PULL, **basic(ada)) == ONE
    bearer = token_create(user=ada, name="y", scopes=(), expires_at=None)[1]
    assert granted(client, PULL, Authorization=f"Bearer {bearer}") == ONE


def test_a_withdrawn_model_is_for_nobody(client, model, ada):
    entry_withdraw(entry=model, reason="Wrong.", actor=ada)
    assert granted(client, PULL) == granted(client, PULL, **basic(ada)) == []


def test_what_only_waits_to_be_pushed_is_not_granted(client, model):
    PushedImage.objects.update(state=ImageState.PENDING)
    assert granted(client, PULL) == []


def test_a_token_that_is_no_good_is_refused_with_words(client, model):
    answer = client.get("/registry/token", headers={"Authorization": "Basic eDp5"})
    assert answer.status_code == 401
    (error,) = answer.json()["errors"]
    assert error["code"] == "UNAUTHORIZED"
    assert "unknown, revoked or expired" in error["message"]


def test_who_asks_by_post_is_told_to_ask_by_get(model, client):
    client.handler.enforce_csrf_checks = True
    assert client.post("/registry/token", {"grant_type": "password"}).status_code == 405


def test_without_a_registry_the_door_is_not_there(client, settings):
    settings.REGISTRY = ""
    assert client.get("/registry/token").status_code == 404


def test_a_certificate_is_written_that_holds_no_secret(manage, tmp_path):
    file = tmp_path / "site.pem"
    assert manage("registry-certificate", file).returncode == 0
    assert file.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in file.read_text()
    assert certificate_pem() != file.read_bytes()  # of the same key, which alone counts
    assert "cannot be written" in manage("registry-certificate", tmp_path / "no" / "x").stderr
