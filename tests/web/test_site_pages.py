"""Lists, rules, errors, and what every page must have."""

import re

import pytest
from django.test import Client
from django.utils.html import escape

from registry.models import ModelEntry
from registry.services.entries import entry_withdraw
from registry.spec.ladder import Repair
from registry.spec.policy import REPAIRS
from tests.web import scenery


@pytest.mark.parametrize(
    "address", ["/", "/models/", "/rules/", "/accounts/login/", "/accounts/signup/"]
)
def test_pages_for_all_open_without_an_account(client, db, address):
    reply = client.get(address)
    assert reply.status_code == 200
    assert b"<h1>" in reply.content


@pytest.mark.parametrize(
    "address", ["/publish/", "/settings/profile/", "/settings/tokens/", "/models/1/edit/"]
)
def test_pages_of_people_ask_to_sign_in(client, db, address):
    reply = client.get(address)
    assert reply.status_code == 302
    assert reply["Location"].startswith("/accounts/login/?next=")


def test_no_page_holds_inline_scripts_or_styles_or_foreign_assets(client, owner, ada, tmp_path):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    draft = scenery.ready(ada, "https://github.com/ada/other")
    for address in (
        "/", f"/models/{entry.pk}/", f"/runs/{run.pk}/", f"/models/{draft.pk}/edit/", "/publish/",
        "/rules/", "/settings/tokens/", "/accounts/email/", "/accounts/password/change/",
    ):  # fmt: skip
        page = owner.get(address).content.decode()
        # Data in a script element is no script.
        acting = r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)"
        assert not re.search(acting, page), address
        assert not re.search(r"\sstyle=|<style|\son\w+=", page), address
        assert not re.search(
            r'(?:src|<link[^>]+href)="https?://(?!testserver|127)',
            # A canonical address and a vocabulary are named, and not fetched.
            re.sub(r'<link rel="(canonical|schema\.\w+)" href', "", page),
        ), address


def test_the_policy_of_content_allows_this_site_alone(client, db):
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_list_is_newest_first_and_names_the_badge_in_words(client, ada, tmp_path):
    _, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    _, failing = scenery.published(ada, "https://github.com/ada/antenna", title="Evolved antenna")
    scenery.verified(failing, tmp_path, scenery.mismatch)
    page = client.get("/models/").content.decode()
    assert page.index("Evolved antenna") < page.index("Flow-based sampling")
    assert "reproduced" in page
    assert "mismatch" in page
    assert "2 models" in page


def test_search_and_level_have_addresses_that_can_be_shared(client, ada, tmp_path):
    _, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    scenery.published(ada, "https://github.com/ada/antenna", title="Evolved antenna")
    found = client.get("/models/?q=flow&level=5").content.decode()
    assert "Flow-based" in found
    assert "Evolved antenna" not in found
    assert 'value="flow"' in found


def test_htmx_gets_the_rows_alone(client, ada):
    scenery.published(ada)
    rows = client.get("/models/?q=flow", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in rows
    assert "Flow-based" in rows


def test_wrong_filters_still_list_something(client, ada):
    scenery.published(ada)
    for query in (
        "level=99",
        "level=x",
        "page=x",
        "page=0",
        "q=%00",
        "q=" + "x" * 5000,
        "q='OR 1=1",
    ):
        assert client.get(f"/models/?{query}").status_code == 200, query
    assert client.get("/models/?page=9999").status_code == 404
    assert client.get("/models/?ordering=password&owner__password__startswith=a").status_code == 200


def test_an_empty_portal_suggests_to_publish_and_an_empty_search_to_widen(client, ada):
    assert b"Publish the first one" in client.get("/").content
    scenery.published(ada)
    assert b"Nothing matches" in client.get("/models/?q=zzzz").content


def test_long_lists_lead_on(client, ada):
    for number in range(21):
        scenery.published(ada, f"https://github.com/ada/m{number}", title=f"Model {number}")
    first = client.get("/models/?q=model").content.decode()
    assert "page=2" in first
    assert "q=model" in first
    assert "Next page" not in client.get("/models/?q=model&page=2").content.decode()


def test_drafts_are_listed_to_their_owner_alone(owner, other, client, ada):
    scenery.ready(ada, title="Secret model")
    assert b"Secret model" in owner.get("/models/?owner=ada").content
    assert b"Secret model" not in other.get("/models/").content
    assert b"Secret model" not in client.get("/models/?q=secret").content


def test_withdrawn_models_are_not_listed(client, ada):
    entry, _ = scenery.published(ada)
    entry_withdraw(entry=entry, actor=entry.owner, reason="Wrong sign.")
    assert b"Flow-based" not in client.get("/").content


def test_the_rules_name_every_level_and_cause(client, db):
    page = client.get("/rules/").content.decode()
    for word in ("registered", "sustained", "nondeterministic", "infrastructure", "report", "0.01"):
        assert word in page


def test_the_list_says_what_was_repaired_and_how(client, ada, tmp_path):
    _, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    page = client.get("/").content.decode()
    assert 'title="repaired: pins relaxed, imports added"> · repaired<' in page


def test_the_rules_explain_every_rung_of_the_repair_ladder(client, db):
    page = client.get("/rules/").content.decode()
    for repair in Repair:
        assert f'id="repair-{repair.value}"' in page
        assert escape(repair.label) in page
        assert escape(REPAIRS[repair]) in page
    assert "up to 8 attempts" in page


def test_error_pages_show_a_way_on(client, db):
    missing = client.get("/models/999999999999999999999/")
    assert missing.status_code == 404
    assert b"All models" in missing.content
    assert client.get("/nobody/nothing/").status_code == 404


def test_a_form_without_its_token_is_refused_in_plain_words(db):
    strict = Client(enforce_csrf_checks=True)
    reply = strict.post("/accounts/login/", {"login": "a", "password": "b"})
    assert reply.status_code == 403
    assert b"The form was too old" in reply.content


def test_a_fault_of_ours_is_said_to_be_ours(db, ada, monkeypatch):
    def broken(**_):
        raise RuntimeError("database on fire")

    monkeypatch.setattr("registry.views.finding.entry_list", broken)
    reply = Client(raise_request_exception=False).get("/models/")
    assert reply.status_code == 500
    assert b"our fault" in reply.content
    assert b"fire" not in reply.content


def test_hostile_words_are_shown_as_text(client, owner, ada):
    hostile = "<script>alert(1)</script>"
    entry, _ = scenery.published(ada, title=hostile, summary=hostile, keywords=(hostile,))
    for address in ("/", f"/models/{entry.pk}/", f"/models/?q={hostile}"):
        assert hostile.encode() not in owner.get(address).content
    assert ModelEntry.objects.get(pk=entry.pk).title == hostile
