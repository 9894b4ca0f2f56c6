"""Pushes that hosts tell of: who may speak, what is believed, and what is ignored with a reason."""

import hashlib
import hmac
import json

import msgspec
import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from registry_helpers import (
    ADDRESS,
    COMMIT,
    OTHER_COMMIT,
    draft,
    inspection,
    newest,
    person,
    published,
    ready_draft,
    verified,
)
from test_races import errors_in, together

from registry.models import Hook, HookDelivery, ModelEntry
from registry.pushes import HOSTS, Push, hook_secret
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.errors import ServiceError
from registry.services.hooks import hook_branch, hook_open, hook_renew, push_receive, secret_of
from registry.services.schedule import ScheduleLimits, runs_schedule
from registry.services.versions import version_inspected

pytestmark = pytest.mark.django_db

MOVED = "e" * 40
NOWHERE = "0" * 40


def github(commit=MOVED, ref="refs/heads/main", address=ADDRESS):
    of = {"clone_url": f"{address}.git", "html_url": address, "default_branch": "main"}
    return {"ref": ref, "after": commit, "deleted": commit == NOWHERE, "repository": of}


def gitlab(commit=MOVED, ref="refs/heads/main", address=ADDRESS):
    of = {"git_http_url": f"{address}.git", "web_url": address, "default_branch": "main"}
    return {"object_kind": "push", "ref": ref, "after": commit, "project": of}


def bitbucket(commit=MOVED, ref="refs/heads/main", address=ADDRESS):
    name, kind = ref.rpartition("/")[2], "tag" if "tags" in ref else "branch"
    new = {"type": kind, "name": name, "target": {"hash": commit}}
    return {
        "push": {"changes": [{"new": None if commit == NOWHERE else new, "old": None}]},
        "repository": {"links": {"html": {"href": address}}, "mainbranch": {"name": "main"}},
    }


def signed(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def github_headers(secret, body, number):
    return {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": number,
        "X-Hub-Signature-256": signed(secret, body),
    }


def gitlab_headers(secret, body, number):
    del body
    return {
        "X-Gitlab-Event": "Push Hook",
        "X-Gitlab-Event-UUID": number,
        "X-Gitlab-Token": secret,
    }


def bitbucket_headers(secret, body, number):
    return {
        "X-Event-Key": "repo:push",
        "X-Request-UUID": number,
        "X-Hub-Signature": signed(secret, body),
    }


EVERY_HOST = pytest.mark.parametrize(
    ("said", "headers"),
    [(github, github_headers), (gitlab, gitlab_headers), (bitbucket, bitbucket_headers)],
    ids=["github", "gitlab", "bitbucket"],
)


@pytest.fixture
def hook():
    entry, run = published(person())
    verified(run)
    return hook_open(entry=ModelEntry.objects.get(pk=entry.pk))


def send(client, hook, body, headers, *, content_type="application/json", accession=None):
    address = f"/hooks/{accession or hook.pk}/"
    return client.post(address, data=body, content_type=content_type, headers=headers)


def tell(client, hook, message, headers=github_headers, *, number="1", secret=None):
    body = json.dumps(message).encode()
    return send(client, hook, body, headers(secret or secret_of(hook), body, number))


def upstream():
    return ModelEntry.objects.get().upstream_commit


def nothing_happened():
    return upstream() == "" and not HookDelivery.objects.exists()


@EVERY_HOST
def test_a_push_to_the_default_branch_is_noted(client, hook, said, headers):
    answer = tell(client, hook, said(), headers)
    assert (answer.status_code, answer.json()["taken"]) == (200, True)
    entry = ModelEntry.objects.get()
    assert (entry.upstream_commit, entry.upstream_at is None) == (MOVED, False)
    delivery = HookDelivery.objects.get()
    assert (delivery.commit, delivery.ref) == (MOVED, "main")


@EVERY_HOST
@pytest.mark.parametrize("secret", ["", "wrong", "wröng"])
def test_a_wrong_secret_is_refused_and_nothing_is_kept(client, hook, said, headers, secret):
    body = json.dumps(said()).encode()
    given = headers("wrong", body, "1")
    for name in ("X-Hub-Signature-256", "X-Hub-Signature", "X-Gitlab-Token"):
        if name in given:
            given[name] = secret
    assert send(client, hook, body, given).status_code == 403
    assert nothing_happened()


@EVERY_HOST
def test_a_message_without_a_signature_or_a_token_is_refused(client, hook, said, headers):
    body = json.dumps(said()).encode()
    secrets = {"X-Hub-Signature-256", "X-Hub-Signature", "X-Gitlab-Token"}
    given = {k: v for k, v in headers(secret_of(hook), body, "1").items() if k not in secrets}
    assert send(client, hook, body, given).status_code == 403


def test_one_altered_byte_of_a_signed_message_is_refused(client, hook):
    body = json.dumps(github()).encode()
    headers = github_headers(secret_of(hook), body, "1")
    assert send(client, hook, body.replace(b"eee", b"eef", 1), headers).status_code == 403
    assert nothing_happened()


def test_the_old_kind_of_signature_does_not_open_the_door(client, hook):
    body = json.dumps(github()).encode()
    sha1 = "sha1=" + hmac.new(secret_of(hook).encode(), body, hashlib.sha1).hexdigest()
    headers = {"X-GitHub-Event": "push", "X-Hub-Signature": sha1}
    assert send(client, hook, body, headers).status_code == 403


def test_another_entrys_secret_and_the_one_before_open_nothing(client, hook):
    before = secret_of(hook)
    hook_renew(entry=hook.entry)
    hook.refresh_from_db()
    assert secret_of(hook) != before
    assert tell(client, hook, github(), secret=before).status_code == 403
    other = hook_secret(key=settings.SECRET_KEY, accession=hook.pk + 1, generation=2)
    assert tell(client, hook, github(), secret=other).status_code == 403
    assert tell(client, hook, github()).json()["taken"]


@EVERY_HOST
def test_a_replay_answers_200_and_does_nothing(client, hook, said, headers):
    tell(client, hook, said(), headers)
    tell(client, hook, said(commit="f" * 40), headers, number="2")
    answer = tell(client, hook, said(), headers)
    assert (answer.status_code, answer.json()["taken"]) == (200, False)
    assert upstream() == "f" * 40
    assert HookDelivery.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "headers"), [(github, github_headers), (bitbucket, bitbucket_headers)]
)
def test_a_replay_under_a_made_up_number_does_nothing_either(client, hook, said, headers):
    tell(client, hook, said(), headers)
    tell(client, hook, said(commit="f" * 40), headers, number="2")
    assert not tell(client, hook, said(), headers, number="3").json()["taken"]
    assert upstream() == "f" * 40


@EVERY_HOST
@pytest.mark.parametrize(
    "what",
    [
        {"ref": "refs/heads/experiment"},
        {"ref": "refs/tags/v1", "commit": COMMIT},
        {"ref": "refs/notes/v1"},
        {"commit": NOWHERE},
        {"commit": "not a commit"},
    ],
)
def test_what_is_not_about_the_followed_branch_is_ignored(client, hook, said, headers, what):
    answer = tell(client, hook, said(**what), headers)
    assert (answer.status_code, answer.json()["taken"]) == (200, False)
    assert answer.json()["reason"].startswith("Ignored")
    assert nothing_happened()


def test_another_branch_is_followed_when_the_entry_says_so(client, hook):
    hook_branch(entry=hook.entry, branch=" stable ")
    assert not tell(client, hook, github()).json()["taken"]
    assert tell(client, hook, github(ref="refs/heads/stable")).json()["taken"]


@EVERY_HOST
def test_a_push_of_another_repository_is_refused(client, hook, said, headers):
    answer = tell(client, hook, said(address="https://example.org/eve/pendulum"), headers)
    assert (answer.status_code, answer.json()["type"]) == (
        409,
        "urn:reprise:problem:other-repository",
    )
    assert nothing_happened()


@pytest.mark.parametrize(
    "spelling",
    [
        ADDRESS,
        f"{ADDRESS}.git",
        f"{ADDRESS}/",
        "https://Example.org/Ada/Pendulum",
        "http://example.org/ada/pendulum",
    ],
)
def test_a_repository_is_known_by_any_spelling_of_its_address(spelling):
    push = Push(addresses=("", spelling), default="", branches={})
    assert push.is_of(ADDRESS)
    assert not push.is_of("")
    assert not push.is_of("/ada/pendulum")


@pytest.mark.parametrize("event", ["ping", "issues", "Tag Push Hook"])
def test_other_events_are_heard_and_no_more(client, hook, event):
    body = b'{"zen": "Keep it logically awesome."}'
    headers = github_headers(secret_of(hook), body, "1") | {"X-GitHub-Event": event}
    assert send(client, hook, body, headers).json()["taken"] is False
    assert nothing_happened()


@pytest.mark.parametrize(
    "body", [b" ", b"[]", b"{", b"[" * 200_000, b"\xff", b'{"ref": 1}', b'{"ref": "x"}', b"null"]
)
def test_a_signed_message_that_is_no_push_is_refused(client, hook, body):
    answer = send(client, hook, body, github_headers(secret_of(hook), body, "1"))
    assert answer.status_code == 400
    assert nothing_happened()


@pytest.mark.parametrize("name", ["a\u0000b", "\u202e", "x" * 5000])
def test_names_that_no_branch_has_are_kept_harmless(client, hook, name):
    hook_branch(entry=hook.entry, branch="main")
    message = github(ref=f"refs/heads/{name}")
    assert tell(client, hook, message).status_code == 200
    assert nothing_happened()


def test_forms_large_messages_and_strangers_are_refused(client, hook, settings):
    body = json.dumps(github()).encode()
    headers = github_headers(secret_of(hook), body, "1")
    form = send(client, hook, body, headers, content_type="application/x-www-form-urlencoded")
    assert form.status_code == 415
    large = b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    assert send(client, hook, large, headers).status_code == 413
    assert send(client, hook, body, {}).status_code == 400
    assert client.get(f"/hooks/{hook.pk}/").status_code == 405
    assert nothing_happened()


def test_an_entry_without_a_hook_looks_like_none_at_all(client, hook):
    without = [
        10**9,
        published(person("bob"))[0].pk,
        ready_draft(person("cyd")).pk,
        draft(person("eve")).pk,
    ]
    body = json.dumps(github()).encode()
    headers = github_headers(secret_of(hook), body, "1")
    answers = [send(client, hook, body, headers, accession=number) for number in without]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.json()["detail"] for answer in answers}) == 1


def test_a_withdrawn_entry_hears_nothing(client, hook):
    entry_withdraw(entry=hook.entry, actor=hook.entry.owner, reason="Wrong.")
    assert tell(client, hook, github()).status_code == 404


def test_a_caller_who_comes_too_often_is_told_when_to_return(client, hook, settings):
    cache.clear()
    settings.API_RATES = settings.API_RATES | {"changes": "2/minute"}
    answers = [tell(client, hook, github(), secret="wrong") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]
    assert "Retry-After" in answers[-1].headers
    cache.clear()


def test_taking_in_a_push_waits_for_no_broker(client, hook, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as sent:
        assert tell(client, hook, github()).json()["taken"]
    assert sent == []


def test_drafts_and_uploads_have_no_hook():
    with pytest.raises(ServiceError, match="published"):
        hook_open(entry=ready_draft(person("cyd")))
    entry, _ = published(person("bob"))
    version = newest(entry)
    version.address = f"upload:{entry.pk}"
    entry.current_version = version
    with pytest.raises(ServiceError, match="uploaded"):
        hook_open(entry=entry)
    assert not Hook.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_push_that_comes_many_times_at_once_is_taken_once(hook):
    push = Push(addresses=(ADDRESS,), default="main", branches={"main": MOVED})
    told = together(*[lambda: push_receive(hook=hook, push=push, delivery="1") for _ in range(6)])
    assert errors_in(told) == []
    assert sum(taken for taken, _ in told) == 1
    assert HookDelivery.objects.count() == 1


def test_a_push_to_the_commit_of_the_version_is_no_move(client, hook):
    assert tell(client, hook, github(commit=COMMIT)).json()["taken"]
    assert upstream() == COMMIT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values, st.sampled_from(HOSTS))
def test_whatever_is_signed_is_read_or_refused(value, host):

    try:
        push = host.read(json.dumps(value).encode())
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    assert all(len(commit) == 40 for commit in push.branches.values())


@EVERY_HOST
def test_a_pushed_tag_makes_a_version_that_is_called_by_it(client, hook, said, headers):
    answer = tell(client, hook, said(ref="refs/tags/v2.0"), headers)
    assert answer.json()["taken"]
    runs_schedule(now=timezone.now(), bases={}, limits=ScheduleLimits(runs_a_day=9, queue=9))
    version = newest(hook.entry)
    assert (version.ref, version.label, version.published_at) == (MOVED, "v2.0", None)
    read = inspection(commit=MOVED, ref=MOVED)
    assert version_inspected(version_id=version.pk, inspection=read)
    assert newest(hook.entry).label == "v2.0"


def test_the_tag_of_a_commit_that_waits_already_names_it(client, hook):
    assert tell(client, hook, github()).json()["taken"]
    runs_schedule(now=timezone.now(), bases={}, limits=ScheduleLimits(runs_a_day=9, queue=9))
    assert newest(hook.entry).label == ""
    assert tell(client, hook, github(ref="refs/tags/v2.0"), number="2").json()["taken"]
    assert newest(hook.entry).label == "v2.0"


def test_an_annotated_tag_is_the_commit_that_it_names(client, hook):
    message = github(commit="f" * 40, ref="refs/tags/v2.0") | {"head_commit": {"id": MOVED}}
    assert tell(client, hook, message).json()["taken"]
    assert upstream() == MOVED
    message = gitlab(commit="f" * 40, ref="refs/tags/v3.0") | {"checkout_sha": OTHER_COMMIT}
    body = json.dumps(message).encode()
    event = {"X-Gitlab-Event": "Tag Push Hook"}
    sent = gitlab_headers(secret_of(hook), body, "2") | event
    assert send(client, hook, body, sent).json()["taken"]
    assert upstream() == OTHER_COMMIT


def test_a_person_s_own_name_for_a_version_is_kept_when_it_is_tagged(client, hook):
    tell(client, hook, github())
    runs_schedule(now=timezone.now(), bases={}, limits=ScheduleLimits(runs_a_day=9, queue=9))
    read = inspection(commit=MOVED, ref=MOVED)
    version_inspected(version_id=newest(hook.entry).pk, inspection=read)
    entry_update(entry=hook.entry, fields=EntryFields(label="second edition"))
    tell(client, hook, github(ref="refs/tags/v2.0"), number="2")
    assert newest(hook.entry).label == "second edition"
