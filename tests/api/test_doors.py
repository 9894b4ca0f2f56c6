"""Who may pass which door: every door, every visibility, every role."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import ApiToken, Membership, ModelEntry
from registry.models.runs import Trigger
from registry.services.runs import run_queue
from registry.services.tokens import token_create, token_revoke
from registry.services.versions import version_create, version_inspected
from tests.api.world import client_of, problem_of, send, token_of
from tests.registry.registry_helpers import ADDRESS, inspection, newest, ready_draft

READ_DOORS = ("", "versions/", "versions/1/", "versions/1/archive/", "citation/")
RUN_DOORS = ("", "report/", "logs/", "crate/", "artifacts/", "artifacts/out/page.html/")


@dataclass(frozen=True)
class Write:
    """A way to change an entry, and the scope that it takes."""

    method: str
    door: str
    body: dict[str, str] | None
    scope: str


EDITS = (
    Write("patch", "", {"title": "New"}, "models:write"),
    Write("post", "publish/", None, "models:write"),
    Write("post", "versions/", {"address": ADDRESS}, "models:write"),
)
RUNS = (Write("post", "verify/", None, "runs:write"),)
WRITES = (*EDITS, *RUNS)


@pytest.mark.parametrize("role", ["anonymous", "bob", "ada", "token"])
def test_a_public_entry_and_its_runs_are_open_to_all(world, role):
    client = client_of(role, world)
    for door in READ_DOORS:
        assert send(client, "get", f"/models/{world.public.pk}/{door}").status_code == 200
    for door in RUN_DOORS:
        assert send(client, "get", f"/runs/{world.runs['public'].pk}/{door}").status_code == 200


@pytest.mark.parametrize("visibility", ["draft", "private"])
@pytest.mark.parametrize("role", ["anonymous", "bob"])
def test_what_one_may_not_know_of_is_not_there(world, visibility, role):
    client = client_of(role, world)
    for door in READ_DOORS:
        hidden = send(client, "get", f"/models/{world.entry(visibility).pk}/{door}")
        absent = send(client, "get", f"/models/987654/{door}")
        assert problem_of(hidden, 404) | {"instance": ""} == absent.json() | {"instance": ""}
    for door in RUN_DOORS:
        problem_of(send(client, "get", f"/runs/{world.runs['private'].pk}/{door}"), 404)


@pytest.mark.parametrize("role", ["ada", "token"])
def test_its_owner_passes_every_door_of_a_private_entry(world, role):
    client = client_of(role, world)
    for door in READ_DOORS:
        assert send(client, "get", f"/models/{world.private.pk}/{door}").status_code == 200
    for door in RUN_DOORS:
        assert send(client, "get", f"/runs/{world.runs['private'].pk}/{door}").status_code == 200


def test_strangers_change_nothing(world):
    for entry in (world.draft, world.private, world.public):
        for write in WRITES:
            response = send(Client(), write.method, f"/models/{entry.pk}/{write.door}", write.body)
            problem_of(response, 401)
            assert response["WWW-Authenticate"].startswith("Bearer")


def test_other_people_change_nothing_and_learn_nothing(world):
    bob = client_of("bob", world)
    for entry, status in ((world.draft, 404), (world.private, 404), (world.public, 403)):
        for write in WRITES:
            path = f"/models/{entry.pk}/{write.door}"
            problem_of(send(bob, write.method, path, write.body), status)
    assert ModelEntry.objects.get(pk=world.public.pk).title == "A pendulum"


@pytest.mark.parametrize(
    ("role", "lacking"), [("token", WRITES), ("runs", EDITS), ("models", RUNS)]
)
def test_a_token_needs_the_scope_and_is_told_its_name(world, role, lacking):
    client = client_of(role, world)
    for write in lacking:
        path = f"/models/{world.public.pk}/{write.door}"
        problem = problem_of(send(client, write.method, path, write.body), 403)
        assert write.scope in problem["detail"]
        assert problem["type"].endswith("missing-scope")


@pytest.mark.parametrize("role", ["ada", "models"])
def test_the_owner_changes_a_title_by_session_and_by_token(world, role):
    path = f"/models/{world.draft.pk}/"
    response = send(client_of(role, world), "patch", path, {"title": "Renamed"})
    assert response.status_code == 200
    assert response.json()["title"] == "Renamed"


def test_a_session_needs_the_csrf_token(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.ada)
    problem = problem_of(send(client, "post", f"/models/{world.public.pk}/verify/"), 403)
    assert "CSRF" in problem["detail"]


def test_a_token_speaks_without_cookies_and_by_either_scheme(world):
    token = token_of(world.ada)
    for scheme in ("Bearer", "Token", "bearer"):
        client = Client(headers={"Authorization": f"{scheme} {token}"}, enforce_csrf_checks=True)
        assert send(client, "get", "/users/me/").json()["username"] == "ada"


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer a b", "Bearer nonsense", "Token \xff\xfe", "Bearer \0"]
)
def test_a_token_that_is_none_is_refused_even_for_reading(world, value):
    response = send(Client(headers={"Authorization": value}), "get", "/models/")
    problem_of(response, 401)
    assert "WWW-Authenticate" in response


def test_other_schemes_are_somebody_elses(world):
    client = Client(headers={"Authorization": "Basic YTpi"})
    assert send(client, "get", "/models/").status_code == 200


def test_revoked_expired_and_disabled_tokens_are_refused(world):
    revoked, plain_revoked = token_create(user=world.ada, name="a", scopes=(), expires_at=None)
    token_revoke(token=revoked)
    expired, plain_expired = token_create(
        user=world.ada, name="b", scopes=(), expires_at=timezone.now() + timedelta(days=1)
    )
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    plain_disabled = token_of(world.bob)
    world.bob.is_active = False
    world.bob.save()
    for plain in (plain_revoked, plain_expired, plain_disabled):
        response = send(Client(headers={"Authorization": f"Bearer {plain}"}), "get", "/users/me/")
        problem_of(response, 401)


def test_me_shows_the_person_and_the_tokens_scopes(world):
    problem_of(send(Client(), "get", "/users/me/"), 401)
    me = send(client_of("runs", world), "get", "/users/me/").json()
    assert (me["username"], me["token"]["scopes"]) == ("ada", ["runs:write"])
    assert "password" not in str(me)
    assert send(client_of("ada", world), "get", "/users/me/").json()["token"] is None


def test_lists_hold_what_the_caller_may_see_and_no_tombstones(world):
    def seen(role: str) -> set[str]:
        rows = send(client_of(role, world), "get", "/models/").json()["results"]
        return {row["name"] for row in rows}

    assert seen("anonymous") == seen("bob") == {"public"}
    assert seen("ada") == seen("token") == {"public", "private", "drafted"}


def test_run_lists_hold_what_the_caller_may_see_and_nothing_withdrawn(world):
    def seen(role: str) -> set[int]:
        return {
            row["id"] for row in send(client_of(role, world), "get", "/runs/").json()["results"]
        }

    assert seen("anonymous") == seen("bob") == {world.runs["public"].pk}
    assert seen("ada") == {world.runs["public"].pk, world.runs["private"].pk}


def test_the_draft_of_a_further_version_is_hidden_with_its_runs(world):
    version = version_create(entry=world.public, address=ADDRESS, ref="")
    assert version_inspected(version_id=version.pk, inspection=inspection())
    version.refresh_from_db()
    run = run_queue(version=version, trigger=Trigger.PERSON, requested_by=world.ada)
    for role in ("anonymous", "bob"):
        client = client_of(role, world)
        problem_of(send(client, "get", f"/models/{world.public.pk}/versions/2/"), 404)
        problem_of(send(client, "get", f"/runs/{run.pk}/"), 404)
        assert send(client, "get", f"/models/{world.public.pk}/").json()["draft_version"] is None
        numbers = send(client, "get", f"/models/{world.public.pk}/versions/").json()["results"]
        assert [row["number"] for row in numbers] == [1]
    ada = client_of("ada", world)
    assert send(ada, "get", f"/runs/{run.pk}/").status_code == 200
    shown = send(ada, "get", f"/models/{world.public.pk}/").json()
    assert (shown["version"]["number"], shown["draft_version"]["number"]) == (1, 2)


@pytest.mark.parametrize("role", ["anonymous", "bob"])
def test_of_a_withdrawn_entry_only_the_tombstone_and_its_citation_are_left(world, role):
    client, path = client_of(role, world), f"/models/{world.withdrawn.pk}/"
    tombstone = send(client, "get", path).json()
    assert tombstone["withdrawn_reason"] == "It was somebody else's."
    assert tombstone["description"] == tombstone["summary"] == ""
    assert tombstone["version"] is None
    assert send(client, "get", f"{path}citation/").status_code == 200
    for door in ("versions/", "versions/1/", "versions/1/archive/"):
        assert "somebody else" in problem_of(send(client, "get", path + door), 410)["detail"]
    for door in RUN_DOORS:
        problem_of(send(client, "get", f"/runs/{world.runs['withdrawn'].pk}/{door}"), 410)


def test_a_withdrawn_entry_is_not_changed_even_by_its_owner(world):
    ada = client_of("ada", world)
    for write in WRITES:
        path = f"/models/{world.withdrawn.pk}/{write.door}"
        problem_of(send(ada, write.method, path, write.body), 410)


def test_a_maintainer_edits_and_a_reader_only_reads(world):
    path = f"/models/{world.private.pk}/"
    Membership.objects.create(entry=world.private, user=world.bob, role="reader")
    bob = client_of("bob", world)
    assert send(bob, "get", path).status_code == 200
    problem_of(send(bob, "patch", path, {"title": "x"}), 403)
    Membership.objects.filter(user=world.bob).update(role="maintainer")
    assert send(bob, "patch", path, {"title": "x"}).status_code == 200


def test_a_draft_is_made_read_published_and_verified(world, django_capture_on_commit_callbacks):
    client = client_of("models", world)
    made = send(client, "post", "/models/", {"address": "https://example.org/ada/waves"})
    assert made.status_code == 201
    entry = made.json()
    assert made["Location"] == entry["url"]
    assert (entry["name"], entry["visibility"]) == ("waves", "draft")
    assert entry["version"]["state"] == "pending"
    refused = problem_of(send(client, "post", f"/models/{entry['accession']}/publish/"), 409)
    assert refused["type"].endswith("version-pending")
    assert refused["hint"]
    version = newest(ModelEntry.objects.get(pk=entry["accession"]))
    read = inspection(address=version.address)
    assert version_inspected(version_id=version.pk, inspection=read)
    accepted = send(client, "post", f"/models/{entry['accession']}/publish/")
    assert accepted.status_code == 202
    assert accepted.json()["state"] == "queued"
    assert accepted["Location"] == accepted.json()["url"]
    again = send(client_of("runs", world), "post", f"/models/{entry['accession']}/verify/")
    assert again.json()["id"] == accepted.json()["id"]


def test_a_queued_run_is_cancelled_and_tried_again(world):
    runs = client_of("runs", world)
    run = send(runs, "post", f"/models/{world.public.pk}/verify/").json()
    for stranger, status in (("bob", 403), ("anonymous", 401), ("models", 403)):
        problem_of(send(client_of(stranger, world), "post", f"/runs/{run['id']}/cancel/"), status)
    cancelled = send(runs, "post", f"/runs/{run['id']}/cancel/")
    assert (cancelled.status_code, cancelled.json()["outcome"]) == (202, "cancelled")
    assert {step["state"] for step in cancelled.json()["steps"]} == {"skipped"}
    retried = send(runs, "post", f"/runs/{run['id']}/retry/")
    assert retried.status_code == 202
    assert retried.json()["id"] != run["id"]
    assert {step["state"] for step in retried.json()["steps"]} == {"pending"}


def test_a_further_version_comes_from_the_same_address_unless_told(world):
    client = client_of("models", world)
    made = send(client, "post", f"/models/{world.public.pk}/versions/", {"ref": "v2"})
    assert made.status_code == 201
    assert (made.json()["number"], made.json()["state"]) == (2, "pending")
    assert (made.json()["address"], made.json()["ref"]) == (ADDRESS, "v2")
    problem = problem_of(send(client, "post", f"/models/{world.public.pk}/versions/"), 409)
    assert problem["type"].endswith("version-unpublished")


def test_everything_a_person_may_change_is_changed(world):
    body = {
        "name": "renamed",
        "title": "T",
        "summary": "S",
        "description": "# D",
        "keywords": ["a", "b", "a"],
        "container_image": "ghcr.io/ada/x:1",
        "label": "2.0",
        "licence": "Apache-2.0",
        "authors": [{"given": "Emmy", "family": "Noether", "orcid": "0000-0002-1825-0097"}],
        "article": {
            "title": "Invariante Variationsprobleme",
            "authors": [{"given": "Emmy", "family": "Noether"}],
            "year": 1918,
            "journal": "Nachrichten",
            "pages": "235–257",
            "doi": "https://doi.org/10.1000/182",
        },
        "manifest": {"run": "make", "outputs": [{"path": "a.csv", "rtol": 0.001}]},
    }
    path = f"/models/{world.draft.pk}/"
    response = send(client_of("models", world), "patch", path, body)
    assert response.status_code == 200, response.content
    shown = response.json()
    assert (shown["name"], shown["keywords"]) == ("renamed", ["a", "b"])
    version = shown["version"]
    assert (version["label"], version["licence"]) == ("2.0", "Apache-2.0")
    assert version["authors"][0]["family"] == "Noether"
    assert version["article"] == {
        "title": "Invariante Variationsprobleme",
        "authors": [{"given": "Emmy", "family": "Noether", "orcid": None, "affiliation": ""}],
        "year": 1918,
        "journal": "Nachrichten",
        "volume": "",
        "pages": "235–257",
        "doi": "10.1000/182",
        "url": "",
    }
    assert version["description_origins"]["article"] == "form"
    assert version["manifest"]["outputs"][0]["rtol"] == 0.001


def test_an_article_is_sent_back_as_it_was_given_and_taken_away(world):
    path, client = f"/models/{world.draft.pk}/", client_of("models", world)
    given = send(client, "get", path).json()["version"]["article"]
    version = send(client, "patch", path, {"article": given}).json()["version"]
    assert version["article"] == given
    assert "article" not in version["description_origins"]
    assert send(client, "patch", path, {"article": None}).json()["version"]["article"] is None


def test_a_field_that_no_article_has_is_refused(world):
    path = f"/models/{world.draft.pk}/"
    response = send(client_of("models", world), "patch", path, {"article": {"jurnal": "Nature"}})
    assert problem_of(response, 400)["errors"][0]["pointer"] == "#/article/jurnal"


def test_a_published_version_is_not_changed(world):
    path = f"/models/{world.public.pk}/"
    problem = problem_of(send(client_of("models", world), "patch", path, {"licence": "BSD"}), 409)
    assert problem["type"].endswith("version-published")


def test_publishing_without_a_licence_says_so(world):
    entry = ready_draft(world.ada, name="unlicensed")
    entry.versions.update(licence="")
    problem = problem_of(send(client_of("ada", world), "post", f"/models/{entry.pk}/publish/"), 409)
    assert "SPDX" in problem["hint"]


def test_the_root_lists_the_doors_and_each_opens(world):
    client = client_of("ada", world)
    for address in send(client, "get", "/").json().values():
        assert client.get(address).status_code == 200
