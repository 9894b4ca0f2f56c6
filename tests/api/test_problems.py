"""Every refusal has one shape and says what to do."""

import json

import pytest
from django.test import Client

from registry.models import ModelEntry
from tests.api.world import API, client_of, problem_of, send
from tests.registry.registry_helpers import person


@pytest.mark.parametrize(
    "path",
    [
        "/nonsense/",
        "/models/abc/",
        "/models/-1/",
        "/models/0/",
        f"/models/{10**30}/",
        "/models/1/versions/1/nonsense/",
        f"/models/1/versions/{10**30}/",
        f"/runs/{10**30}/logs/",
        "/runs/1/artifacts/../../etc/passwd/",
        "/runs/1/artifacts/%00/",
        "/users/me/password/",
        "/%00/",
        "/models/1%00/",
    ],
)
def test_an_address_that_leads_nowhere(db, path):
    problem = problem_of(Client().get(API + path), 404)
    assert problem["type"] == "urn:reprise:problem:not-found"
    assert problem["title"] == "Not Found"


@pytest.mark.parametrize("path", ["/api/", "/api/v2/models/", "/api/v1x/"])
def test_another_version_of_the_api_leads_nowhere(db, path):
    problem_of(Client().get(path), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_nowhere_by_any_method(db, method):
    client = Client()
    client.force_login(person())
    problem_of(send(client, method, "/nonsense/"), 404)


def test_an_artifact_name_with_a_nul_is_not_there(world):
    problem_of(Client().get(f"{API}/runs/{world.runs['public'].pk}/artifacts/a%00b/"), 404)


def test_an_address_without_its_last_slash_is_sent_on_with_body_and_query(world):
    response = client_of("models", world).post(
        f"{API}/models?x=1", {"address": "https://example.org/a/b"}, content_type="application/json"
    )
    assert response.status_code == 308
    assert response["Location"] == f"{API}/models/?x=1"
    assert not ModelEntry.objects.filter(name="b").exists()


def test_a_slash_elsewhere_is_no_open_redirect(db):
    for path in ("//evil.example/models", "/%2F%2Fevil.example", "//evil.example"):
        response = Client().get(f"{API}{path}")
        assert response.status_code == 404 or response["Location"].startswith(f"{API}/")


def test_a_wrong_method_names_the_right_ones(world):
    response = send(client_of("models", world), "put", f"/models/{world.public.pk}/")
    problem_of(response, 405)
    assert "PATCH" in response["Allow"]


def test_a_body_that_is_no_json(world):
    client = client_of("models", world)
    for text in ("{", "[1", "NaN", '{"address": NaN}', "\x80"):
        response = client.post(f"{API}/models/", text, content_type="application/json")
        problem_of(response, 400)


def test_a_body_of_another_kind(world):
    sent = {"data": "<a/>", "content_type": "application/xml"}
    response = client_of("models", world).post(f"{API}/models/", **sent)
    assert "xml" in problem_of(response, 415)["detail"]


def test_a_reply_of_another_kind(db):
    problem_of(Client().get(f"{API}/models/", headers={"Accept": "text/html"}), 406)


@pytest.mark.parametrize("body", [[], [1], "text", 7, None])
def test_json_that_is_no_object(world, body):
    response = client_of("models", world).post(
        f"{API}/models/", json.dumps(body), content_type="application/json"
    )
    problem_of(response, 400)


def test_each_wrong_field_is_pointed_at(world):
    body = {
        "title": "x" * 301,
        "authors": [{"given": "Ada"}, {"family": "L", "orcid": "0000-0002-1825-0098"}],
        "article": {
            "doi": "nonsense",
            "year": 26,
            "authors": [{"orcid": None}],
            "url": "javascript:x",
        },
        "keywords": ["fine", ""],
    }
    response = send(client_of("models", world), "patch", f"/models/{world.draft.pk}/", body)
    problem = problem_of(response, 400)
    pointers = {error["pointer"]: error["detail"] for error in problem["errors"]}
    assert set(pointers) == {
        "#/title",
        "#/authors/1/orcid",
        "#/article/doi",
        "#/article/year",
        "#/article/authors",
        "#/article/url",
        "#/keywords/1",
    }
    assert "mistyped" in pointers["#/authors/1/orcid"]


@pytest.mark.parametrize(
    "field",
    ["is_superuser", "is_staff", "owner", "owner_id", "accession", "level", "withdrawn_reason"],
)
def test_a_field_that_is_not_the_callers_to_set_is_refused(world, field):
    client = client_of("models", world)
    for method, path, body in (
        ("patch", f"/models/{world.draft.pk}/", {"title": "x"}),
        ("post", "/models/", {"address": "https://example.org/a/b"}),
    ):
        problem = problem_of(send(client, method, path, body | {field: True}), 400)
        assert problem["errors"][0]["pointer"] == f"#/{field}"
    world.ada.refresh_from_db()
    assert not world.ada.is_superuser
    assert ModelEntry.objects.get(pk=world.draft.pk).title != "x"


@pytest.mark.parametrize(
    "manifest",
    [
        {"outputs": [{"path": "a", "rtol": 0.5}]},
        {"outputs": [{"path": "a", "atol": 1e999}]},
        {"outputs": "all"},
        {"determinism": {"seed": -1}},
        {"determinism": {"seed": 10**40}},
        {"run": {"a": 1}},
        {"system_packages": ["x; rm -rf /"]},
        {"test": ["a", 1]},
    ],
)
def test_a_manifest_that_breaks_its_rules_is_refused(world, manifest):
    text = json.dumps({"manifest": manifest}).replace("Infinity", "1e999")
    response = client_of("models", world).patch(
        f"{API}/models/{world.draft.pk}/", text, content_type="application/json"
    )
    problem = problem_of(response, 400)
    assert problem["errors"][0]["pointer"].startswith("#/manifest")


def test_a_taken_name_is_a_conflict_with_a_hint(world):
    body = {"address": "https://example.org/a/b", "name": "public"}
    problem = problem_of(send(client_of("models", world), "post", "/models/", body), 409)
    assert problem["type"] == "urn:reprise:problem:name-taken"
    assert problem["hint"] == "Choose another short name."


def test_an_impossible_name_is_a_mistake(world):
    body = {"address": "https://example.org/a/b", "name": "--no"}
    problem_of(send(client_of("models", world), "post", "/models/", body), 400)


def test_a_version_not_archived_yet_is_not_there(world):
    ada = client_of("ada", world)
    problem = problem_of(send(ada, "get", f"/models/{world.draft.pk}/versions/1/archive/"), 404)
    assert "not archived yet" in problem["detail"]


def test_a_lost_blob_is_not_there(world, tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {
        "blobs": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "empty"},
        }
    }
    path = f"/models/{world.public.pk}/versions/1/archive/"
    problem = problem_of(send(Client(), "get", path), 404)
    assert problem["hint"]


def test_a_fault_of_ours_tells_nothing_of_itself(world, monkeypatch, caplog):
    def broken(**_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("registry.api.entries.entry_list", broken)
    client = Client(raise_request_exception=False)
    problem = problem_of(client.get(f"{API}/models/"), 500)
    assert "secret" not in str(problem)
    assert "secret detail" in caplog.text
    with pytest.raises(RuntimeError):
        Client().get(f"{API}/models/")


def test_strangers_share_an_allowance_by_address_whatever_they_forward(world, settings):
    settings.API_RATES = {"anonymous": "3/minute", "known": "5/minute", "changes": "1/minute"}
    for number in range(3):
        assert (
            Client(headers={"X-Forwarded-For": f"10.0.0.{number}"})
            .get(f"{API}/models/")
            .status_code
            == 200
        )
    refused = Client(headers={"X-Forwarded-For": "8.8.8.8"}).get(f"{API}/models/")
    problem_of(refused, 429)
    assert int(refused["Retry-After"]) > 0
    assert Client(REMOTE_ADDR="192.0.2.9").get(f"{API}/models/").status_code == 200


def test_one_ipv6_home_is_one_caller(world, settings):
    settings.API_RATES = {"anonymous": "1/minute", "known": "5/minute", "changes": "1/minute"}
    assert Client(REMOTE_ADDR="2001:db8:1:2::1").get(f"{API}/models/").status_code == 200
    assert Client(REMOTE_ADDR="2001:db8:1:2:ffff::9").get(f"{API}/models/").status_code == 429
    assert Client(REMOTE_ADDR="2001:db8:1:3::1").get(f"{API}/models/").status_code == 200


def test_people_have_a_larger_allowance_and_changes_a_smaller_one(world, settings):
    settings.API_RATES = {"anonymous": "1/minute", "known": "5/minute", "changes": "1/minute"}
    client = client_of("models", world)
    path = f"/models/{world.draft.pk}/"
    assert send(client, "patch", path, {"title": "x"}).status_code == 200
    problem_of(send(client, "patch", path, {"title": "y"}), 429)
    # Another token of the same person draws on the same allowance.
    problem_of(send(client_of("models", world), "patch", path, {"title": "z"}), 429)
    assert send(client, "get", path).status_code == 200
