"""Who gets nothing by git, and what git then says; requests that no git would send."""

import gzip

import pytest
import requests
from django.core.cache import cache

from registry.models import ApiToken, ModelEntry
from registry.models.entries import Visibility
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.tokens import token_create, token_revoke
from runners.source import serve
from tests.gitting.client import commits
from tests.web import scenery

ASKED = "application/x-git-upload-pack-request"


def token_for(user) -> tuple[ApiToken, str]:
    return token_create(user=user, name="git", scopes=(), expires_at=None)


def hide(model) -> None:
    entry = ModelEntry.objects.get(pk=model.entry.pk)
    entry_update(entry=entry, fields=EntryFields(visibility=Visibility.PRIVATE))


def post(model, body, **headers):
    return requests.post(
        f"{model.site}/git-upload-pack",
        data=body,
        headers={"Content-Type": ASKED, **headers},
        timeout=30,
    )


def get(model, path="info/refs?service=git-upload-pack", **headers):
    return requests.get(f"{model.site}/{path}", headers=headers, timeout=30, allow_redirects=False)


def named(model, owner, name):
    return model.site.replace(f"/ada/{model.entry.name}.git", f"/{owner}/{name}.git")


def test_a_push_is_refused_with_words(git, model):
    git("clone", "-q", model.site, "it")
    said = git.refused("push", "origin", "HEAD:main", clone="it")
    assert "remote: Nothing can be pushed here." in said
    assert "403" in said
    assert (
        requests.post(f"{model.site}/git-receive-pack", data=b"0000", timeout=30).status_code == 403
    )
    assert "403" in git.refused("push", named(model, "no", "body"), "HEAD:main", clone="it")


def test_a_private_model_is_had_by_token_and_known_to_nobody_else(git, model):
    hide(model)
    ada, bob = model.owner, scenery.person("bob")
    token, plain = token_for(ada)
    known = model.site.replace("http://", f"http://anything:{plain}@")
    bearer = f"http.extraHeader=Authorization: Bearer {plain}"
    git("clone", "-q", known, "by-password")
    git("-c", bearer, "clone", "-q", model.site, "by-header")
    assert git("rev-parse", "v2", clone="by-header") == commits(model)[1]

    nobody = named(model, "ada", "nothing")
    assert "could not read Username" in git.refused("clone", model.site, "x")
    private, absent = (
        get(model),
        requests.get(f"{nobody}/info/refs?service=git-upload-pack", timeout=30),
    )
    assert (private.status_code, private.content) == (401, absent.content)
    assert private.headers["WWW-Authenticate"] == absent.headers["WWW-Authenticate"]
    assert private.headers["WWW-Authenticate"].startswith("Basic ")
    assert post(model, b"0000").status_code == 401

    _, of_bob = token_for(bob)
    stranger = {"Authorization": f"Bearer {of_bob}"}
    answers = [get(model, **stranger), requests.get(absent.url, headers=stranger, timeout=30)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert "not found" in git.refused("clone", known.replace(plain, of_bob), "y")

    token_revoke(token=token)
    refused = get(model, Authorization=f"Bearer {plain}")
    assert refused.status_code == 401
    assert "revoked" in refused.text


def test_a_browsers_session_counts_for_nothing(client, model):
    """Reviewers who must not know the authors have sessions; a commit names its authors."""
    hide(model)
    client.force_login(model.owner)
    path = f"/ada/{model.entry.name}.git/info/refs?service=git-upload-pack"
    assert client.get(path).status_code == 401
    led = client.get(f"/ada/{model.entry.name}.git")
    assert (led.status_code, led["Location"]) == (302, f"/ada/{model.entry.name}/")


def test_drafts_and_withdrawn_models_say_so_to_those_who_may_know(git, model):
    draft = scenery.ready(model.owner, "https://example.org/ada/draft")
    _, plain = token_for(model.owner)
    place = named(model, "ada", draft.name).replace("http://", f"http://a:{plain}@")
    assert "No version of this model is published yet" in git.refused("clone", place, "x")
    entry_withdraw(entry=model.entry, reason="Wrong by a factor.", actor=model.owner)
    gone = get(model)
    assert (gone.status_code, "was withdrawn" in gone.text) == (410, True)
    assert "remote: This model was withdrawn" in git.refused("clone", model.site, "y")


def test_every_name_of_an_entry_leads_to_it(git, model):
    old = model.site
    entry_update(entry=model.entry, fields=EntryFields(name="renamed"))
    for name in (old, named(model, "ADA", "ReNamed"), named(model, "ada", "renamed")):
        assert git("ls-remote", name, "HEAD").split()[0] == commits(model)[1]


def test_what_has_no_mirror_here_is_told_and_not_half_given(git, model, settings, tmp_path):
    settings.MIRROR_DIR = tmp_path / "elsewhere"
    answer = get(model)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "remote: The repository of this model is not on the machine" in git.refused(
        "clone", model.site, "x"
    )


def test_beyond_so_many_at_once_one_is_asked_to_wait(model, monkeypatch):
    monkeypatch.setattr(serve, "_places", serve._Places(2, 1))
    monkeypatch.setattr(serve, "_WAIT_SECONDS", 0.1)
    with serve._places.one("127.0.0.1"):
        answer = get(model)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Too many" in answer.text
    assert get(model).status_code == 200


def test_no_caller_takes_all_places(model, monkeypatch):
    """Nor does it help to come by another door: an account is one caller everywhere."""
    monkeypatch.setattr(serve, "_places", serve._Places(9, 1))
    monkeypatch.setattr(serve, "_WAIT_SECONDS", 0.1)
    token = {"Authorization": f"Bearer {token_for(model.owner)[1]}"}
    with serve._places.one("127.0.0.1"):
        assert get(model).status_code == 503
        assert get(model, **token).status_code == 200
    with serve._places.one(f"user_{model.owner.pk}"):
        assert get(model).status_code == 200
        assert get(model, **token).status_code == 503


def test_who_comes_too_often_is_told_by_git_when_to_come_back(git, model, settings):
    cache.clear()
    settings.API_RATES = settings.API_RATES | {"pulls": "3/hour"}
    git("clone", "-q", model.site, "it")
    said = git.refused("clone", model.site, "x")
    assert "remote: Too many requests from you or your network: 3 within 3600 seconds" in said
    assert "429" in said
    refused = get(model)
    assert (refused.status_code, 0 < int(refused.headers["Retry-After"]) <= 3600) == (429, True)
    assert refused.headers["RateLimit"].startswith('"pulls";r=0;t=')
    assert post(model, b"0000").status_code == 429
    nobody = get(model, Authorization=f"Bearer {token_for(model.owner)[1]}")
    assert nobody.status_code == 200, "an account has its own allowance"
    cache.clear()


def test_the_dumb_protocol_and_old_files_are_not_here(model):
    for path in ("info/refs", "HEAD", "objects/info/packs", "config", "..%2F..%2Fetc"):
        answer = get(model, path)
        assert answer.status_code == 404, path
    assert get(model, "info/refs?service=git-upload-archive").status_code == 404
    assert get(model, "git-upload-pack").status_code == 405


def bomb(size):
    return gzip.compress(b"0000" * (size // 4))


HOSTILE = {
    "empty": (b"", {}, {200}),
    "flush": (b"0000", {}, {200}),
    "garbage": (b"\xff\x00garbage" * 99, {}, {200}),
    "NUL": (b"\0" * 5000, {}, {200}),
    "huge line": (b"fff4" + b"a" * 70_000, {}, {200}),
    "short line": (b"0032want " + b"a" * 9, {}, {200}),
    "line of nothing": (b"0004" * 1000, {}, {200}),
    "signed length": (b"+03cwant x", {}, {200}),
    "unknown command": (b"0014command=destroy0000", {"Git-Protocol": "version=2"}, {200}),
    "no such object": (b"0032want " + b"1" * 40 + b"\n00000009done\n", {}, {200}),
    "not packed": (b"0000", {"Content-Encoding": "gzip"}, {400}),
    "cut off": (gzip.compress(b"0000" * 99)[:-9], {"Content-Encoding": "gzip"}, {200}),
    "other packing": (b"0000", {"Content-Encoding": "br"}, {415}),
    "a bomb": (bomb(99 * 2**20), {"Content-Encoding": "gzip"}, {413}),
    "too long": (b"0000" * (9 * 2**20), {}, {413}),
    "another type": (b"0000", {"Content-Type": "text/plain"}, {415}),
    "protocol of lines": (b"0000", {"Git-Protocol": "version=2:" + "x" * 9999}, {200}),
}


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_hostile_requests_end_and_are_nobodys_fault(model, case):
    body, headers, statuses = HOSTILE[case]
    answer = post(model, body, **headers)
    assert answer.status_code in statuses, answer.text
    assert b"PACK" not in answer.content


def test_a_packed_request_is_read_as_git_meant_it(model):
    """As git packs what is longer than a kilobyte; without the end of it nothing is given."""
    first, second, _ = commits(model)
    wants = b"".join(b"0032want %s\n" % oid.encode() for oid in (first, second))
    body = gzip.compress(wants + b"00000009done\n")
    answer = post(model, body, **{"Content-Encoding": "gzip"})
    assert answer.content.startswith(b"0008NAK\nPACK")
