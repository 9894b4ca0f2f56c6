"""Badges as READMEs, papers and shields ask for them."""

import json
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from registry import badges
from registry.models import VerificationRun
from registry.services.runs import run_cancel, run_release
from registry.services.versions import version_create
from registry.spec.ladder import Cause, Level, Outcome
from tests.api.world import client_of
from tests.registry.registry_helpers import (
    ADDRESS,
    claimed,
    failing_report,
    person,
    published,
    queued,
    repaired_report,
    report,
    verified,
)

SVG = "{http://www.w3.org/2000/svg}"
GREY_UNKNOWN = {
    "schemaVersion": 1,
    "label": "reprise",
    "message": "unknown",
    "color": "6e7781",
    "isError": True,
}


def said(entry, client=None, query=""):
    """The badge's message, the same in both forms."""
    client = client or Client()
    body = client.get(f"/models/{entry.pk}/badge.json{query}").json()
    svg = ET.fromstring(client.get(f"/models/{entry.pk}/badge.svg{query}").content)
    assert svg.get("aria-label").startswith(f"reprise: {body['message']}")
    return body


def day(run):
    return run.finished_at.date().isoformat()


def test_an_entry_goes_from_queued_to_a_dated_verdict(db):
    entry, run = published(person())
    assert said(entry)["message"] == "queued"
    claim = claimed(run)
    assert said(entry)["message"] == "running"
    run_release(claim=claim, reason="test", max_attempts=9)
    run = verified(run)
    assert said(entry)["message"] == f"reproduced · {day(run)}"
    assert "isError" not in said(entry)


def test_a_run_under_way_does_not_hide_the_verdict(db):
    entry, run = published(person())
    run = verified(run)
    queued(entry)
    assert said(entry)["message"] == f"reproduced · {day(run)}"


@pytest.mark.parametrize(
    ("changes", "message", "colour"),
    [
        ({}, "mismatch", "cf222e"),
        ({"tests_pass": False}, "mismatch, tests fail", "cf222e"),
        ({"cause": Cause.TEST, "level": 2, "tests_pass": False}, "tests fail", "cf222e"),
        ({"cause": Cause.BUILD, "level": 1}, "build fails", "cf222e"),
        ({"cause": Cause.NONDETERMINISTIC, "level": 3}, "not repeatable", "cf222e"),
        ({"cause": Cause.TIMEOUT, "level": 2}, "timeout", "cf222e"),
        ({"cause": None, "level": 1}, "archived", "57606a"),
        ({"cause": None, "level": 2}, "builds", "5b5bd6"),
        ({"cause": None, "level": 3}, "runs", "0969da"),
        ({"cause": None}, "repeatable", "0e7c7b"),
        ({"cause": None, "tests_pass": False}, "repeatable, tests fail", "9a6700"),
    ],
)
def test_what_fell_short_is_said(db, changes, message, colour):
    entry, run = published(person())
    level = Level(changes.get("level", Level.REPEATABLE))
    run = verified(run, failing_report(**changes | {"level_name": level.label}))
    body = said(entry)
    assert (body["message"], body["color"]) == (f"{message} · {day(run)}", colour)
    assert body.get("isError", False) is bool(run.cause)


def test_every_cause_of_a_verdict_has_words():
    assert set(badges.CAUSE_WORDS) == set(Cause) - {Cause.INFRASTRUCTURE}
    assert set(badges._OF_LEVEL) == set(Level)


def test_outputs_that_agree_and_tests_that_fail_are_two_verdicts(db):
    entry, run = published(person())
    run = verified(run, report(tests_pass=False))
    assert said(entry)["message"] == f"reproduced, tests fail · {day(run)}"


def test_a_repaired_environment_is_said_and_its_rungs_are_named(db):
    entry, run = published(person())
    run = verified(run, repaired_report())
    assert said(entry)["message"] == f"reproduced · repaired · {day(run)}"
    svg = ET.fromstring(Client().get(f"/models/{entry.pk}/badge.svg").content)
    named = "(repaired: packages of the commit's date, imports added)"
    assert svg.get("aria-label").endswith(named)
    assert svg.findtext(f"{SVG}title").endswith(named)


def test_shields_gets_no_field_that_it_would_refuse(db):
    entry, run = published(person())
    verified(run, repaired_report())
    assert set(said(entry)) == {"schemaVersion", "label", "message", "color"}


def test_tests_that_fail_in_a_repaired_environment_say_both(db, settings):
    entry, run = published(person())
    run = verified(run, repaired_report(tests_pass=False))
    settings.STALE_AFTER_DAYS = -1
    assert said(entry)["message"] == f"reproduced, tests fail (stale) · repaired · {day(run)}"


def test_an_old_verdict_says_so(db, settings):
    entry, run = published(person())
    run = verified(run)
    settings.STALE_AFTER_DAYS = -1
    assert said(entry)["message"] == f"reproduced (stale) · {day(run)}"


def test_an_old_failure_is_old_too(db, settings):
    entry, run = published(person())
    run = verified(run, failing_report())
    settings.STALE_AFTER_DAYS = -1
    assert said(entry)["message"] == f"mismatch (stale) · {day(run)}"


def test_a_fault_of_ours_takes_no_badge_away(db):
    entry, run = published(person())
    run = verified(run)
    again = queued(entry)
    run_release(claim=claimed(again), reason="the engine died", max_attempts=1)
    assert VerificationRun.objects.get(pk=again.pk).outcome == Outcome.ERRORED
    assert said(entry)["message"] == f"reproduced · {day(run)}"


def test_an_entry_whose_only_run_was_cancelled_is_not_verified(db):
    entry, run = published(person())
    run_cancel(run=run)
    assert said(entry)["message"] == "not verified"


def test_a_withdrawn_entry_says_so(world):
    assert said(world.withdrawn)["message"] == "withdrawn"


@pytest.mark.parametrize("form", ["svg", "json"])
def test_what_one_may_not_know_of_looks_as_what_does_not_exist(world, form):
    for client in (Client(), client_of("bob", world)):
        replies = [
            client.get(f"/models/{number}/badge.{form}")
            for number in (world.draft.pk, world.private.pk, 987654, 10**30)
        ]
        assert {reply.status_code for reply in replies} == {404}
        assert len({reply.content for reply in replies}) == 1
        assert len({json.dumps(dict(reply.headers)) for reply in replies}) == 1


def test_the_unknown_badge_is_a_whole_grey_one(db):
    assert Client().get("/models/1/badge.json").json() == GREY_UNKNOWN
    svg = Client().get("/models/1/badge.svg")
    assert svg["Content-Type"].startswith("image/svg+xml")
    assert ET.fromstring(svg.content).get("aria-label") == "reprise: unknown"


def test_its_owner_sees_the_badge_of_a_draft_and_of_a_private_entry(world):
    ada = client_of("ada", world)
    assert said(world.draft, ada)["message"] == "draft"
    assert said(world.private, ada)["message"].startswith("reproduced")
    assert "private" in ada.get(f"/models/{world.private.pk}/badge.svg")["Cache-Control"]


def test_a_version_has_a_badge_of_its_own(world):
    version_create(entry=world.public, address=ADDRESS, ref="")
    assert said(world.public, query="?version=1")["message"].startswith("reproduced")
    assert said(world.public, query="?version=2")["message"] == "unknown"
    assert said(world.public, client_of("ada", world), "?version=2")["message"] == "draft"
    for nonsense in ("0", "9", "-1", "x", "٣", "9" * 400, "%00", "1%00"):
        response = Client().get(f"/models/{world.public.pk}/badge.json?version={nonsense}")
        assert (response.status_code, response.json()) == (404, GREY_UNKNOWN)


@pytest.mark.parametrize("form", ["svg", "json"])
def test_badges_are_fresh_embeddable_and_harmless(world, form):
    path = f"/models/{world.public.pk}/badge.{form}"
    first = Client().get(path)
    assert first["Cache-Control"] == "public, no-cache, max-age=0"
    assert first["X-Content-Type-Options"] == "nosniff"
    assert first["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert first["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert first.get("Access-Control-Allow-Origin") == ("*" if form == "json" else None)
    again = Client(headers={"If-None-Match": first["ETag"]}).get(path)
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert Client().head(path)["ETag"] == first["ETag"]
    assert Client().post(path).status_code == 405


def test_the_etag_follows_the_verdict(db):
    entry, run = published(person())
    before = Client().get(f"/models/{entry.pk}/badge.svg")["ETag"]
    verified(run)
    after = Client(headers={"If-None-Match": before}).get(f"/models/{entry.pk}/badge.svg")
    assert after.status_code == 200


def test_a_badge_costs_few_queries(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        Client().get(f"/models/{world.public.pk}/badge.svg")


@pytest.mark.parametrize("style", ["flat", "flat-square", "for-the-badge"])
def test_styles_and_segments_are_asked_for_in_the_address(world, style):
    entry = world.public
    query = f"?style={style}&show=segments"
    svg = ET.fromstring(Client().get(f"/models/{entry.pk}/badge.svg{query}").content)
    assert int(svg.get("height")) == (28 if style == "for-the-badge" else 20)
    assert "builds" in svg.get("aria-label")
    assert Client().get(f"/models/{entry.pk}/badge.json?style={style}").json()["style"] == style


def test_an_unknown_style_is_the_usual_one(world):
    plain, odd = (
        Client().get(f"/models/{world.public.pk}/badge.svg{query}").content
        for query in ("", "?style=%22%3E%3Cscript%3E&show=%00")
    )
    assert plain == odd


def test_a_badge_leads_to_its_evidence(world):
    entry = world.public
    run = entry.current_version.runs.get()
    for query in ("", "?version=1"):
        reply = Client().get(f"/models/{entry.pk}/evidence/{query}")
        assert reply["Location"] == f"/runs/{run.pk}/"
    for number in (world.draft.pk, world.private.pk, 987654):
        assert Client().get(f"/models/{number}/evidence/").status_code == 404
        assert Client().get(f"/models/{number}/badge/").status_code == 404


def test_the_badge_page_offers_every_look_in_every_format(world):
    page = Client().get(f"/models/{world.public.pk}/badge/").content.decode()
    for text in (
        "?style=for-the-badge",
        "show=segments",
        ".. image::",
        "&lt;a href",
        "[![reprise]",
    ):
        assert text in page
    assert f"/models/{world.public.pk}/evidence/" in page.partition(r"\href{")[2]
    assert r"\fbox{\textsf{reprise: reproduced \textperiodcentered{}" in page
