"""Keys that sign receipts: made once, published, replaced, retired, never lost."""

import json
import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from securesystemslib.signer import Key

from registry.models import SigningKey
from registry.services.errors import ServiceError
from registry.services.keys import key_register, key_retire
from registry.spec.envelope import new_secret_key, public_key, public_pem, secret_key

pytestmark = pytest.mark.django_db
PEM = public_pem(new_secret_key().public_key)


@pytest.fixture
def place(settings, tmp_path):
    settings.SIGNING_KEY = tmp_path / "keys" / "key.pem"
    return settings.SIGNING_KEY


def keys(*words):
    out = StringIO()
    call_command("keys", *words, stdout=out)
    return out.getvalue()


def published():
    return Client().get("/.well-known/reprise-keys.json").json()["keys"]


def test_a_new_key_is_its_owners_alone_and_published(place):
    keys("new")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    keyid = secret_key(place.read_bytes()).public_key.keyid
    assert list(published()) == [keyid]
    assert keyid in keys("list")
    with pytest.raises(CommandError, match="rotate"):
        keys("new")


def test_a_rotated_key_signs_no_more_and_stays_published(place):
    keys("new")
    old = secret_key(place.read_bytes()).public_key.keyid
    keys("rotate")
    new = secret_key(place.read_bytes()).public_key.keyid
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [path.name for path in place.parent.iterdir()] == ["key.pem"]
    dates = {keyid: key["retired_at"] for keyid, key in published().items()}
    assert dates[new] is None
    assert dates[old] is not None
    assert "retired" in keys("list")


def test_nothing_to_rotate_is_said(place):
    with pytest.raises(CommandError):
        keys("rotate")


def test_published_keys_are_what_securesystemslib_reads(place):
    keys("new")
    ((keyid, said),) = published().items()
    key = Key.from_dict(keyid, json.loads(json.dumps(said)))
    assert (key.keytype, key.scheme) == ("ed25519", "ed25519")
    assert public_key(said["pem"]).keyval == key.keyval


def test_keys_may_be_read_by_any_page_and_kept_for_an_hour(place):
    keys("new")
    reply = Client().get("/.well-known/reprise-keys.json")
    assert reply["Access-Control-Allow-Origin"] == "*"
    assert "public" in reply["Cache-Control"]
    assert "Cookie" not in reply.get("Vary", "")
    again = Client().get("/.well-known/reprise-keys.json", headers={"If-None-Match": reply["ETag"]})
    assert again.status_code == 304
    pem = Client().get(f"/.well-known/reprise-keys/{next(iter(published()))}.pem")
    assert pem.content.startswith(b"-----BEGIN PUBLIC KEY-----")
    assert Client().get("/.well-known/reprise-keys/none.pem").status_code == 404


def test_a_key_is_registered_once_and_keeps_its_dates():
    first, again = key_register(public_pem=PEM), key_register(public_pem=PEM)
    assert first.created_at == again.created_at
    retired = key_retire(keyid=first.keyid)
    assert key_retire(keyid=first.keyid).retired_at == retired.retired_at
    assert key_register(public_pem=PEM).retired_at == retired.retired_at
    assert SigningKey.objects.count() == 1


@pytest.mark.parametrize("pem", ["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n" * 200])
def test_what_is_no_key_is_not_registered(pem):
    with pytest.raises(ServiceError):
        key_register(public_pem=pem)


def test_a_key_that_nobody_knows_is_not_retired():
    with pytest.raises(ServiceError):
        key_retire(keyid="0" * 64)
