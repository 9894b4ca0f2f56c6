"""Sharing, curating and moving in, done by a program."""

import json

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry.models import Lookup, ModelEntry, Vocabulary
from registry.models.entries import Visibility
from registry.models.outside import LookupKind
from registry.services.lookups import lookup_answered
from registry.spec.manifest import Article
from tests.api.checked import call
from tests.api.world import API, client_of, problem_of, send
from tests.registry.registry_helpers import ADDRESS, person, published

CODEMETA = {
    "@context": "https://doi.org/10.5063/schema/codemeta-2.0",
    "name": "Lorenz 63",
    "description": "Three modes of convection.",
    "codeRepository": "https://example.org/ada/lorenz",
    "license": "https://spdx.org/licenses/MIT",
    "author": [{"givenName": "Edward", "familyName": "Lorenz"}],
}


@pytest.fixture
def ada(world):
    return client_of("ada", world)


@pytest.fixture
def bob(world):
    return client_of("bob", world)


@pytest.fixture
def cora(world):
    client = Client()
    client.force_login(person("cora", is_staff=True))
    return client


def test_a_role_opens_a_private_model_until_it_is_given_back(world, ada, bob):
    path = f"/models/{world.private.pk}/"
    problem_of(send(bob, "get", path), 404)
    assert call(ada, "put", f"{path}members/bob/", {"role": "reader"})["role"] == "reader"
    call(bob, "get", path)
    call(ada, "put", f"{path}members/BOB/", {"role": "maintainer"})
    roles = call(bob, "get", f"{path}members/")["results"]
    assert {row["username"]: row["role"] for row in roles} == {"ada": "owner", "bob": "maintainer"}
    owner = send(ada, "put", f"{path}members/bob/", {"role": "owner"})
    assert problem_of(owner, 400)["errors"][0]["pointer"] == "#/role"
    problem_of(send(bob, "put", f"{path}members/ada/", {"role": "reader"}), 403)
    problem_of(send(ada, "delete", f"{path}members/ada/"), 409)
    call(bob, "delete", f"{path}members/bob/", expect=204)
    problem_of(send(bob, "get", path), 404)
    log = call(ada, "get", f"{path}log/")["results"]
    assert [event["action"] for event in log][:3] == [
        "member.left", "member.changed", "member.added",
    ]  # fmt: skip


def test_a_group_is_founded_joined_granted_a_role_and_ended(world, ada, bob):
    path = f"/models/{world.private.pk}/"
    made = call(ada, "post", "/groups/", {"name": "Lattice", "title": "QCD"}, expect=201)
    assert made["you"] == "manager"
    call(ada, "post", "/groups/lattice/members/", {"username": "bob"}, expect=201)
    nobody = send(ada, "post", "/groups/lattice/members/", {"username": "nobody"})
    assert problem_of(nobody, 400)["errors"][0]["pointer"] == "#/username"
    call(ada, "put", f"{path}grants/lattice/", {"role": "reader"})
    problem_of(send(bob, "get", path), 404)
    assert [row["group"] for row in call(bob, "get", "/users/me/invitations/")["results"]] == [
        "Lattice"
    ]
    seen = call(Client(), "get", "/groups/lattice/members/")["results"]
    assert [row["username"] for row in seen] == ["ada"]
    assert call(bob, "post", "/groups/lattice/join/")["you"] == "member"
    call(bob, "get", path)
    shared = call(bob, "get", "/groups/lattice/models/")["results"]
    assert [row["accession"] for row in shared] == [world.private.pk]
    assert call(Client(), "get", "/groups/lattice/models/")["results"] == []
    last = send(ada, "patch", "/groups/lattice/members/ada/", {"is_manager": False})
    assert problem_of(last, 409)["type"].endswith("last-manager")
    call(ada, "patch", "/groups/lattice/members/bob/", {"is_manager": True})
    call(bob, "delete", "/groups/lattice/", expect=204)
    problem_of(send(bob, "get", path), 404)


def test_a_link_for_reviewers_is_shown_once_opens_and_ends(world, ada):
    path = f"/models/{world.private.pk}/"
    body = {"label": "Referees", "days": 30, "is_anonymous": False}
    made = call(ada, "post", f"{path}reviewer-links/", body, expect=201)
    key = made["address"].rstrip("/").rpartition("/")[2]
    assert key not in send(ada, "get", f"{path}reviewer-links/").content.decode()
    reviewer = Client()
    problem_of(send(reviewer, "get", path), 404)
    reviewer.get(made["address"])
    reviewer.post(made["address"])
    call(reviewer, "get", path)
    call(ada, "delete", f"{path}reviewer-links/{made['id']}/", expect=204)
    problem_of(send(reviewer, "get", path), 404)


def test_a_model_is_handed_over(world, ada, bob):
    path = f"/models/{world.public.pk}/"
    body = {"recipient": "bob", "sender_stays": False}
    offer = call(ada, "post", f"{path}transfer/", body, expect=201)
    problem_of(send(ada, "post", f"{path}transfer/", body), 409)
    door = f"/transfers/{offer['id']}/"
    problem_of(send(ada, "post", f"{door}accept/", {"name": "mine"}), 403)
    assert [row["id"] for row in call(bob, "get", "/transfers/")["results"]] == [offer["id"]]
    done = call(bob, "post", f"{door}accept/", {"name": "inherited"})
    assert done["accepted"] is True
    assert call(bob, "get", path)["full_name"] == "bob/inherited"
    problem_of(send(ada, "get", f"{path}members/"), 403)


def test_problems_are_reported_with_and_without_an_account_and_answered(world, ada, bob, cora):
    path = f"/models/{world.public.pk}/reports/"
    wrong = {"kind": "wrong", "text": "Equation 3 has a sign the wrong way round."}
    call(bob, "post", path, wrong, expect=201)
    rights = {"kind": "rights", "text": "It is mine.", "answer_to": "eve@example.org"}
    call(Client(), "post", path, rights, expect=201)
    assert [row["kind"] for row in call(ada, "get", path)["results"]] == ["wrong"]
    first, second = call(cora, "get", "/curation/reports/")["results"]
    assert (first["reporter"], second["reporter"]) == ("bob", None)
    assert second["answer_to"] == "eve@example.org"
    end = {"state": "dismissed", "words": "The licence allows it."}
    ended = call(cora, "post", f"/curation/reports/{second['id']}/end/", end)
    assert ended["resolved_by"] == "cora"
    problem_of(send(cora, "post", f"/curation/reports/{second['id']}/end/", end), 409)
    assert len(call(cora, "get", "/curation/reports/?state=ended")["results"]) == 1
    log = call(cora, "get", f"/curation/log/?action=report.&model={world.public.pk}")["results"]
    assert [event["action"] for event in log] == ["report.dismissed"]
    assert not mail.outbox  # sent after the commit, of which a test has none


def test_nobody_fills_the_queue_of_reports(world, bob):
    path = f"/models/{world.public.pk}/reports/"
    for _ in range(10):
        call(bob, "post", path, {"kind": "other", "text": "Hello."}, expect=201)
    refusal = send(bob, "post", path, {"kind": "other", "text": "Hello."})
    problem_of(refusal, 429)
    assert int(refusal["Retry-After"]) > 0
    call(Client(), "post", path, {"kind": "other", "text": "Hello."}, expect=201)


def test_curators_feature_and_merge(world, cora):
    other, _ = published(world.bob, name="better")
    call(cora, "put", f"/models/{other.pk}/featured/", expect=204)
    featured = call(Client(), "get", "/featured/models/")["results"]
    assert [row["accession"] for row in featured] == [other.pk]
    call(cora, "delete", f"/models/{other.pk}/featured/", expect=204)
    assert call(Client(), "get", "/featured/models/")["results"] == []
    body = {"into": other.pk, "reason": "The same model."}
    call(cora, "post", f"/models/{world.public.pk}/merge/", body, expect=204)
    merged = ModelEntry.objects.get(pk=world.public.pk)
    assert (merged.visibility, merged.merged_into_id) == (Visibility.WITHDRAWN, other.pk)


def test_terms_are_found_added_moved_and_merged(world, cora):
    Vocabulary.objects.create(slug="subject", name="Subject")
    terms = "/vocabularies/subject/terms/"

    def add(name, parent=None):
        return call(cora, "post", terms, {"name": name, "parent": parent}, expect=201)

    physics, optics, light = add("Physics"), add("Optics"), add("Light")
    moved = call(
        cora, "patch", f"{terms}{optics['id']}/", {"parent": "physics", "synonyms": ["Photonics"]}
    )
    assert (moved["path"], moved["parent"]) == ("physics/optics", "physics")
    under = call(Client(), "get", f"{terms}?under=physics&page_size=1")
    assert [row["path"] for row in under["results"]] == ["physics"]
    rest = call(Client(), "get", under["next"].partition("/api/v1")[2])
    assert [row["path"] for row in rest["results"]] == ["physics/optics"]
    meant = call(Client(), "get", "/vocabularies/subject/suggest/?q=photo")
    assert meant["results"] == [{"name": "Optics", "path": "physics/optics"}]
    merged = call(cora, "post", f"{terms}{light['id']}/merge/", {"into": "physics/optics"})
    assert merged["synonyms"] == ["Photonics", "Light"]
    problem_of(send(cora, "get", f"{terms}{light['id']}/"), 404)
    half = {"name": "Rays", "parent": "physics/optics"}
    problem_of(send(cora, "patch", f"{terms}{physics['id']}/", half), 409)
    assert call(Client(), "get", f"{terms}{physics['id']}/")["name"] == "Physics"
    unknown = send(Client(), "get", f"{terms}?under=chemistry")
    assert problem_of(unknown, 400)["errors"][0]["pointer"] == "#/under"


def test_an_article_and_a_description_are_asked_for_and_read(world, ada, bob):
    asked = {"kind": "article", "address": "https://doi.org/10.1103/PhysRevLett.126.032001"}
    lookup = call(ada, "post", "/lookups/", asked, expect=202)
    assert (lookup["state"], lookup["article"]) == ("pending", None)
    lookup_answered(lookup_id=lookup["id"], result=Article(title="On pendula", year=1843))
    path = f"/lookups/{lookup['id']}/"
    assert call(ada, "get", path)["article"]["title"] == "On pendula"
    problem_of(send(bob, "get", path), 404)
    problem_of(send(ada, "get", f"/imports/{lookup['id']}/"), 404)
    refs = call(ada, "post", "/lookups/", {"kind": "refs", "address": ADDRESS}, expect=202)
    lookup_answered(lookup_id=refs["id"], result={"tags": ["v1"], "branches": ["main"]})
    found = call(ada, "get", f"/lookups/{refs['id']}/")
    assert found["refs"] == {"tags": ["v1"], "branches": ["main"]}


def test_a_described_model_becomes_a_draft(world, ada, bob):
    file = SimpleUploadedFile("codemeta.json", json.dumps(CODEMETA).encode())
    sent = ada.post(f"{API}/imports/", {"file": file})
    assert sent.status_code == 202, sent.content
    path = f"/imports/{sent.json()['id']}/"
    read = call(ada, "get", path)
    assert read["understood"]["title"] == "Lorenz 63"
    assert "its article" in read["understood"]["missing"]
    assert read["repository"]["state"] == "pending"
    problem_of(send(bob, "post", f"{path}draft/"), 404)
    made = call(ada, "post", f"{path}draft/", expect=201)
    assert (made["title"], made["visibility"]) == ("Lorenz 63", "draft")
    assert call(ada, "get", path)["there"] == made["accession"]
    both = {"address": "https://modeldb.science/1", "file": file}
    problem_of(ada.post(f"{API}/imports/", both), 400)


def test_a_table_is_judged_and_made_once(world, ada):
    text = "address,title\nhttps://example.org/ada/one,One\n,Nowhere\n"
    file = SimpleUploadedFile("models.csv", text.encode())
    table = ada.post(f"{API}/imports/tables/", {"file": file}).json()
    assert [row["state"] for row in table["rows"]] == ["new", "wrong"]
    path = f"/imports/tables/{table['id']}/"
    made = call(ada, "post", f"{path}make/")
    assert [row["state"] for row in made["rows"]] == ["made", "wrong"]
    assert call(ada, "post", f"{path}make/") == made
    assert Lookup.objects.get(pk=table["id"]).kind == LookupKind.TABLE
    assert ModelEntry.objects.get(pk=made["rows"][0]["model"]).visibility == Visibility.DRAFT
