"""An entry's page for everybody, its owner, others; withdrawn; drafts."""

import pytest

from registry.models import VerificationRun
from registry.services.entries import entry_withdraw
from tests.web import scenery


@pytest.fixture
def model(ada, tmp_path):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    return entry


def test_the_page_says_what_was_seen_and_how_to_cite_and_pull(client, model):
    page = client.get(f"/models/{model.pk}/").content.decode()
    for word in (
        "Flow-based sampling", "Emmy Noether", "https://orcid.org/0000-0002-1825-0097",
        "reproduced", "Pass. The repository&#x27;s tests report 41 passed.",
        "Equal the repository&#x27;s expected values; two runs agree bit by bit.", "Repaired",
        scenery.COMMIT, scenery.SWHID, "MIT", "@software{", "git clone", "badge.svg",
        "Other looks", "Every declared output equals the expected values",
    ):  # fmt: skip
        assert word in page, word


def test_the_attempts_at_its_environment_are_on_its_page(client, model):
    page = client.get(f"/models/{model.pk}/").content.decode()
    assert "<summary>3 attempts at an environment, number 3 kept</summary>" in page
    assert "scipy added: imported, but not declared" in page
    assert 'title="repaired: pins relaxed, imports added"' in page
    assert page.count('id="attempts"') == 1


def test_the_description_is_rendered_with_links_to_the_commit(client, model):
    page = client.get(f"/models/{model.pk}/").content.decode()
    assert f"https://github.com/ada/lattice-phi4/blob/{scenery.COMMIT}/docs/notes.md" in page
    assert "<h3" in page
    assert '<img src="docs' not in page


def test_a_model_is_found_by_its_name_whatever_the_case(client, model):
    for address in ("/ada/lattice-phi4/", "/Ada/Lattice-Phi4/"):
        assert client.get(address)["Location"] == f"/models/{model.pk}/"


def test_tests_and_outputs_are_two_verdicts(client, ada, tmp_path):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path, scenery.failing_tests)
    page = client.get(f"/models/{entry.pk}/").content.decode()
    assert "Do not pass." in page
    assert "Not checked." in page
    assert "tests fail" in page


def test_a_model_not_yet_verified_claims_nothing(client, ada):
    entry, run = scenery.published(ada)
    page = client.get(f"/models/{entry.pk}/").content.decode()
    assert f'href="/runs/{run.pk}/"' in page
    assert "Equal the repository" not in page


def test_owners_see_what_they_can_do_and_others_do_not(client, owner, other, model):
    address = f"/models/{model.pk}/"
    assert b"Verify again" in owner.get(address).content
    assert b"Verify again" not in other.get(address).content
    assert b"Verify again" not in client.get(address).content


@pytest.mark.parametrize(
    "action", ["verify/", "withdraw/", "versions/new/", "versions/again/", "edit/"]
)
def test_others_cannot_change_a_model(other, client, model, action):
    address = f"/models/{model.pk}/{action}"
    typed = {"reason": "mine now", "address": "https://github.com/x/y"}
    assert other.post(address, typed).status_code == 404
    assert client.post(address, typed).status_code == 302
    model.refresh_from_db()
    assert model.visibility == "public"
    assert model.versions.count() == 1


def test_verifying_again_queues_one_run_and_shows_it(owner, model):
    reply = owner.post(f"/models/{model.pk}/verify/")
    newest = VerificationRun.objects.latest("pk")
    assert reply["Location"] == f"/runs/{newest.pk}/"
    assert owner.post(f"/models/{model.pk}/verify/")["Location"] == reply["Location"]
    assert b"Watch it" in owner.get(f"/models/{model.pk}/").content


def test_a_draft_is_there_for_its_owner_alone(owner, other, client, ada):
    entry = scenery.ready(ada)
    address = f"/models/{entry.pk}/"
    assert b"Continue the draft" in owner.get(address).content
    for stranger in (other, client):
        assert stranger.get(address).status_code == 404
        assert stranger.get("/ada/lattice-phi4/").status_code == 404
        assert stranger.get(f"{address}badge.svg").status_code == 404


def test_a_withdrawn_model_leaves_a_notice(owner, client, model):
    assert owner.get(f"/models/{model.pk}/withdraw/").status_code == 200
    assert b"errorlist" in owner.post(f"/models/{model.pk}/withdraw/", {"reason": ""}).content
    owner.post(f"/models/{model.pk}/withdraw/", {"reason": "Sign error in equation 4."})
    reply = client.get(f"/models/{model.pk}/")
    assert reply.status_code == 410
    assert b"Sign error in equation 4." in reply.content
    assert b"git clone" not in reply.content
    run = VerificationRun.objects.get()
    assert client.get(f"/runs/{run.pk}/").status_code == 404
    assert owner.get(f"/models/{model.pk}/edit/").status_code == 404


def test_a_new_version_begins_from_the_old_address(owner, model):
    page = owner.get(f"/models/{model.pk}/versions/new/").content.decode()
    assert f'value="{scenery.ADDRESS}"' in page
    typed = {"address": scenery.ADDRESS, "ref": "v2"}
    reply = owner.post(f"/models/{model.pk}/versions/new/", typed)
    assert reply["Location"] == f"/models/{model.pk}/edit/"
    refused = owner.post(f"/models/{model.pk}/versions/new/", typed).content.decode()
    assert "Version 2 of this entry is not published yet." in refused
    assert 'value="v2"' in refused


def test_the_page_stays_within_its_budget_of_queries(client, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        client.get(f"/models/{model.pk}/")


def test_hostile_descriptions_and_names_do_nothing(client, ada):
    hostile = (
        "<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) ![y](https://evil.example/i.png)"
    )
    entry, _ = scenery.published(ada, description=hostile, container_image="<svg onload=alert(1)>")
    page = client.get(f"/models/{entry.pk}/").content.decode()
    assert "onerror" not in page
    assert "<svg onload" not in page
    assert 'href="javascript' not in page
    assert 'src="https://evil' not in page


def test_a_withdrawal_by_the_service_shows_too(client, model):
    entry_withdraw(entry=model, actor=model.owner, reason="Superseded.")
    assert b"Superseded." in client.get(f"/models/{model.pk}/").content
