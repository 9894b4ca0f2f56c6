"""An entry's page for everybody, its owner, others; withdrawn; drafts."""

from dataclasses import replace

import pytest

from registry.models import VerificationRun
from registry.services.entries import entry_withdraw
from registry.services.versions import version_create, version_inspected
from registry.services.vocabularies import terms_write, vocabularies_load
from tests.web import scenery


@pytest.fixture
def model(ada, tmp_path):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    return entry


def text_of(client, model, tab=""):
    reply = client.get(f"/models/{model.pk}/{tab}")
    assert reply.status_code == 200
    return reply.content.decode()


def test_the_overview_says_what_was_seen_and_how_to_cite_and_pull(client, model):
    page = text_of(client, model)
    for word in (
        "Flow-based sampling", "Emmy Noether", "https://orcid.org/0000-0002-1825-0097",
        "reproduced", "Pass. The repository&#x27;s tests report 41 passed.",
        "Equal the repository&#x27;s expected values; two runs agree bit by bit.", "Repaired",
        scenery.COMMIT, scenery.SWHID, "MIT", "Lovelace, A.", "git clone", "badge.svg",
        "Other looks", "Seen <time", 'rel="canonical"', "10.1103/PhysRevD.100.034515",
        f'href="/models/{model.pk}/report/"',
    ):  # fmt: skip
        assert word in page, word


def test_every_tab_is_there_and_says_which_one_it_is(client, owner, model):
    tabs = ("", "files/", "reproducibility/", "versions/", "use/", "cite/")
    for tab in tabs:
        page = text_of(client, model, tab)
        for other in tabs:
            current = ' aria-current="page"' if other == tab else ""
            assert f'<a href="/models/{model.pk}/{other}"{current}>' in page, (tab, other)
        assert "Settings</a>" not in page
        assert page.count("<h1>") == 1
    assert f'href="/models/{model.pk}/settings/"' in text_of(owner, model)


def test_the_evidence_is_on_the_reproducibility_tab(client, model):
    page = text_of(client, model, "reproducibility/")
    for word in (
        "<summary>3 attempts at an environment, number 3 kept</summary>",
        "scipy added: imported, but not declared", 'title="repaired: pins relaxed, imports added"',
        "out/magnetisation.csv", "torch==2.3.0+cpu", "Receipt", "By version and environment",
        "Equals the repository&#x27;s expected file", "5f70bf18a086007016e948b04aed3b82",
        "Every declared output equals the expected values",
    ):  # fmt: skip
        assert word in page, word
    assert page.count('id="attempts"') == 1


def test_a_run_that_shows_everything_does_so_on_the_tab(client, ada, tmp_path):
    entry, run = scenery.published(ada)
    whole, files = scenery.every_kind(tmp_path)
    claim = scenery.started(run)
    scenery.run_finish(claim=claim, report=whole, files=files)
    page = text_of(client, entry, "reproducibility/")
    for word in ("Claims of the article", "Outputs", "Where it differs most", "<figure>"):
        assert word in page, word
    overview = text_of(client, entry)
    assert "From its latest outputs" in overview
    assert overview.count("<figcaption>") == 3


def test_versions_have_their_verdicts_and_what_changed(client, owner, ada, model):
    version = version_create(entry=model, address=scenery.ADDRESS, ref="v2")
    read = scenery.inspection(version)
    assert version_inspected(version_id=version.pk, inspection=replace(read, commit="2" * 40))
    page = text_of(client, model, "versions/")
    assert "not published" not in page
    page = text_of(owner, model, "versions/")
    assert "not published" in page
    assert "not verified" in page
    assert f'href="/models/{model.pk}/compare/1...2"' in page
    assert page.count('class="level level-5"') >= 1


def test_a_stale_verdict_says_so_wherever_it_is_shown(client, model, settings):
    settings.STALE_AFTER_DAYS = 0
    assert "stale: seen more than 0 days ago" in text_of(client, model)
    assert "seen more than 0 days ago" in text_of(client, model, "use/")


def test_terms_and_keywords_lead_to_the_list(client, model):
    vocabularies_load()
    terms_write(entry=model, terms={"framework": ["NumPy"]}, origin="form")
    page = text_of(client, model)
    assert '<a href="/models/?framework=' in page
    assert '<a href="/models/?q=lattice%20field%20theory">' in page


def test_programs_get_the_citation_at_the_same_address(client, model):
    reply = client.get(f"/models/{model.pk}/", headers={"Accept": "application/x-bibtex"})
    assert reply.content.startswith(b"@software{")
    assert "Accept" in client.get(f"/models/{model.pk}/")["Vary"]


def test_the_description_shows_its_formulas_and_leads_to_the_files(client, model):
    page = text_of(client, model)
    assert f'href="/models/{model.pk}/files/1/docs/notes.md"' in page
    assert f'<img src="/models/{model.pk}/raw/1/docs/acceptance.png"' in page
    assert "<math" in page
    assert "<h3" in page


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


@pytest.mark.parametrize("action", ["verify/", "withdraw/", "versions/new/", "edit/"])
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
    assert b"Watch it" in owner.get(f"/models/{model.pk}/reproducibility/").content


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
    for tab in ("files/", "reproducibility/", "versions/", "use/", "history/"):
        assert client.get(f"/models/{model.pk}/{tab}").status_code == 404
    run = VerificationRun.objects.get()
    assert client.get(f"/runs/{run.pk}/").status_code == 404
    assert owner.get(f"/models/{model.pk}/edit/").status_code == 404


@pytest.mark.parametrize(
    ("tab", "most"),
    [("", 9), ("reproducibility/", 15), ("versions/", 6), ("use/", 10)],
    ids=["overview", "reproducibility", "versions", "use"],
)
def test_pages_stay_within_their_budget_of_queries(
    client, model, tab, most, django_assert_max_num_queries
):
    with django_assert_max_num_queries(most):
        client.get(f"/models/{model.pk}/{tab}")


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
