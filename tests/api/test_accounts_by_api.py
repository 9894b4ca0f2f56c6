"""What people keep here of their own, done by a program: tokens, collections, news, searches."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import ApiToken, Notification, SavedSearch
from registry.services.collections import collection_add
from registry.services.following import entry_follow
from tests.api.checked import call
from tests.api.world import client_of, problem_of, send, token_of
from tests.registry.registry_helpers import person, published

ALL = {"name": "all", "scopes": ["tokens:write", "account:write"]}


@pytest.fixture
def ada(world):
    return client_of("ada", world)


def bearer(token):
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_a_token_is_shown_once_and_kept_as_a_digest(world, ada):
    made = call(ada, "post", "/users/me/tokens/", ALL | {"expires_at": None}, expect=201)
    assert made["token"].startswith(made["prefix"])
    again = send(ada, "get", "/users/me/tokens/").content.decode()
    kept = ApiToken.objects.get(pk=made["id"])
    assert made["token"] not in again
    assert kept.digest not in again
    assert call(bearer(made["token"]), "get", "/users/me/tokens/current/")["current"] is True


def test_the_answer_with_a_token_is_kept_by_nobody(world, ada):
    body = ALL | {"expires_at": None}
    key = {"Idempotency-Key": "k1"}
    problem_of(send(ada, "post", "/users/me/tokens/", body, headers=key), 400)
    assert not ApiToken.objects.exists()
    answer = send(ada, "post", "/users/me/tokens/", body)
    assert "no-store" in answer["Cache-Control"]
    assert not world.ada.kept_answers.exists()


def test_a_token_makes_none_that_may_more_or_outlives_it(world):
    soon = timezone.now() + timedelta(hours=1)
    token = token_of(world.ada, "tokens:write", "account:write")
    ApiToken.objects.update(expires_at=soon)
    client = bearer(token)
    later, sooner = (soon + timedelta(seconds=1)).isoformat(), soon.isoformat()
    for scopes, expires_at, code in (
        (["models:write"], sooner, "scope-beyond"),
        ([], later, "expiry-beyond"),
        ([], None, "expiry-beyond"),
    ):
        body = {"name": "child", "scopes": scopes, "expires_at": expires_at}
        problem = problem_of(send(client, "post", "/users/me/tokens/", body), 403)
        assert problem["type"].endswith(code)
    assert ApiToken.objects.count() == 1
    call(client, "post", "/users/me/tokens/", ALL | {"expires_at": sooner}, expect=201)


def test_any_token_can_end_itself_and_no_other(world):
    token, other = token_of(world.ada), token_of(world.ada)
    problem_of(
        send(bearer(token), "delete", f"/users/me/tokens/{ApiToken.objects.last().pk}/"), 403
    )
    call(bearer(token), "delete", "/users/me/tokens/current/", expect=204)
    problem_of(send(bearer(token), "get", "/users/me/"), 401)
    assert call(bearer(other), "get", "/users/me/")["username"] == "ada"


def test_a_collection_from_its_first_word_to_its_end(world, ada):
    second, _ = published(world.bob, name="second")
    body = {"title": "Glassy dynamics", "description": "*Slow*.", "is_public": True}
    made = call(ada, "post", "/collections/", body, expect=201)
    path = "/collections/ada/Glassy-dynamics/"
    assert made["url"].endswith(path)
    for entry in (world.public, second, world.private):
        call(ada, "post", f"{path}items/", {"model": entry.pk, "note": "Look"}, expect=201)
    refusal = send(ada, "post", f"{path}items/", {"model": second.pk})
    assert problem_of(refusal, 409)["type"].endswith("entry-there")

    def order(client):
        found = call(client, "get", f"{path}items/?page_size=2")
        following = found["next"] and call(client, "get", found["next"].partition("/api/v1")[2])
        rows = found["results"] + (following["results"] if following else [])
        return [row["model"]["accession"] for row in rows]

    assert order(ada) == [world.public.pk, second.pk, world.private.pk]
    assert order(Client()) == [world.public.pk, second.pk]
    call(ada, "patch", f"{path}items/{second.pk}/", {"before": world.public.pk, "note": "First"})
    assert order(ada) == [second.pk, world.public.pk, world.private.pk]
    call(ada, "patch", f"{path}items/{second.pk}/", {"before": None})
    assert order(ada) == [world.public.pk, world.private.pk, second.pk]
    call(ada, "delete", f"{path}items/{world.public.pk}/", expect=204)
    assert order(Client()) == [second.pk]
    call(ada, "patch", path, {"is_public": False})
    problem_of(send(Client(), "get", path), 404)
    listed = call(Client(), "get", "/collections/?owner=ada")["results"]
    assert listed == []
    assert call(ada, "get", path)["description"] == "*Slow*."
    call(ada, "delete", path, expect=204)
    assert call(ada, "get", "/collections/")["results"] == []


def test_a_model_that_became_hidden_is_not_told_by_a_collection_that_holds_it(world):
    bob = client_of("bob", world)
    call(bob, "post", "/collections/", {"title": "Mine"}, expect=201)
    collection_add(collection=world.bob.collections.get(), entry=world.private)
    path = f"/collections/bob/mine/items/{world.private.pk}/"
    assert call(bob, "get", "/collections/bob/mine/items/")["results"] == []
    problem_of(send(bob, "patch", path, {"note": "x"}), 404)


def test_a_profile_is_changed_field_by_field_and_shown_to_all(world, ada):
    call(ada, "patch", "/users/me/", {"affiliation": "Institut d'Optique"})
    me = call(ada, "patch", "/users/me/", {"orcid": "0000-0002-1825-0097"})
    assert me["affiliation"] == "Institut d'Optique"
    wrong = send(ada, "patch", "/users/me/", {"orcid": "0000-0002-1825-0098"})
    assert problem_of(wrong, 400)["type"].endswith("orcid")
    seen = call(Client(), "get", "/users/ADA/")
    assert seen["orcid"] == "0000-0002-1825-0097"
    assert seen["orcid_confirmed"] is False
    assert seen["models"].endswith("/api/v1/models/?owner=ada")


def test_news_are_read_and_chosen(world, ada):
    bob = client_of("bob", world)
    path = f"/models/{world.public.pk}/"
    assert call(bob, "put", f"{path}follow/") == {"following": True, "followers": 1}
    assert call(Client(), "get", f"{path}follow/") == {"following": False, "followers": 1}
    entry_follow(user=world.bob, entry=world.private)  # followed while it was public
    followed = call(bob, "get", "/users/me/follows/")["results"]
    assert [row["accession"] for row in followed] == [world.public.pk]
    call(ada, "put", f"{path}members/bob/", {"role": "reader"})
    told = call(bob, "get", "/users/me/news/?unread=1")["results"]
    assert [news["kind"] for news in told] == ["sharing"]
    call(bob, "post", f"/users/me/news/{told[0]['id']}/read/", expect=204)
    assert call(bob, "get", "/users/me/news/?unread=1")["results"] == []
    assert call(bob, "get", "/users/me/news/")["results"][0]["read_at"]
    choice = {"sharing": {"on_site": False, "mail": "never"}}
    chosen = call(bob, "patch", "/users/me/news-choices/", choice)
    assert chosen["sharing"] == choice["sharing"]
    assert chosen["fall"] == {"on_site": True, "mail": "at-once"}
    call(ada, "put", f"{path}members/bob/", {"role": "maintainer"})
    assert Notification.objects.filter(user=world.bob).count() == 1
    assert call(bob, "delete", f"{path}follow/")["following"] is False


def test_a_search_is_kept_with_its_feed_and_forgotten(world, ada):
    body = {"name": "Good", "query": "level=2&q=pendulum", "notify": True}
    kept = call(ada, "post", "/users/me/searches/", body, expect=201)
    found = call(ada, "get", kept["models"].partition("/api/v1")[2])["results"]
    assert {row["accession"] for row in found} == {world.public.pk, world.private.pk}
    assert Client().get(kept["feed"]).status_code == 200
    problem_of(send(ada, "post", "/users/me/searches/", {"name": "W", "query": "&" * 1999}), 400)
    for query in ("levle=2", "level=9"):
        wrong = send(ada, "post", "/users/me/searches/", {"name": "W", "query": query})
        assert problem_of(wrong, 400)["errors"][0]["pointer"] == "#/query", query
    path = f"/users/me/searches/{kept['id']}/"
    assert call(ada, "patch", path, {"name": "Better"})["notify"] is True
    call(ada, "delete", path, expect=204)
    assert not SavedSearch.objects.exists()
    assert Client().get(kept["feed"]).status_code == 404


def test_names_and_numbers_in_addresses_may_be_anything(world, ada):
    call(ada, "post", "/collections/", {"title": "Mine"}, expect=201)
    for name in ("%00", "a%00da", "..%2f", "%F0%9F%90%99", "x" * 200):
        for path in (f"/users/{name}/", f"/groups/{name}/", f"/collections/{name}/{name}/"):
            problem_of(send(ada, "get", path), 404)
        problem_of(send(ada, "delete", f"/models/{world.public.pk}/members/{name}/"), 404)
    for number in (0, 10**30):
        for path in (
            f"/collections/ada/Mine/items/{number}/",
            f"/users/me/tokens/{number}/",
            f"/users/me/searches/{number}/",
            f"/models/{number}/follow/",
            f"/models/{world.public.pk}/reviewer-links/{number}/",
        ):
            problem_of(send(ada, "delete", path), 404)
        for path in (f"/transfers/{number}/accept/", f"/users/me/news/{number}/read/",
                     f"/imports/tables/{number}/make/"):  # fmt: skip
            problem_of(send(ada, "post", path), 404)


def test_half_a_character_is_refused_and_no_fault_of_ours(world, ada):
    half = json.loads('"\\ud800"')
    public = f"/models/{world.public.pk}/"
    for path, body in (
        ("/users/me/tokens/", {"name": half, "scopes": [], "expires_at": None}),
        ("/collections/", {"title": half}),
        ("/users/me/searches/", {"name": half, "query": f"q={half}"}),
        ("/groups/", {"name": half}),
        ("/lookups/", {"kind": "article", "address": half}),
        (f"{public}transfer/", {"recipient": half}),
        (f"{public}reports/", {"kind": "wrong", "text": half}),
    ):
        answer = send(ada, "post", path, body)
        assert answer.status_code in {201, 400}, (path, answer.content)


def test_the_record_is_searched_to_the_end_of_days(world):
    cora = Client()
    cora.force_login(person("cora", is_staff=True))
    found = call(cora, "get", "/curation/log/?since=0001-01-01&until=9999-12-31")["results"]
    assert found
    assert call(cora, "get", "/curation/log/?until=2001-01-01")["results"] == []
