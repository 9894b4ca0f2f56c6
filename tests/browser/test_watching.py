"""Watching a run as a person does: its log grows in colours and is searched; one stops it."""

import re

import pytest
from playwright.sync_api import expect

from registry.models.runs import Trigger
from registry.services.runs import run_finish, run_log_append, run_queue
from registry.spec.ladder import Step
from tests.browser.conftest import DESK, PHONE
from tests.web import scenery

pytestmark = pytest.mark.browser


@pytest.fixture
def live(ada):
    """A run whose tests are going on, and the claim on it."""
    run = scenery.published(ada)[1]
    return run, scenery.started(run)


def say(claim, text):
    run_log_append(claim=claim, step=Step.RUN_TESTS, text=text)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_log_grows_in_colours_under_numbers_that_stay(open_browser, live, size):
    run, claim = live
    page = open_browser(viewport=size)
    page.goto(f"/runs/{run.pk}/")
    expect(page).to_have_title(re.compile("^Running: verification"))
    expect(page.get_by_text("There is no earlier run to tell how long it takes")).to_be_visible()
    log = page.locator("#log-run_tests")
    expect(log.locator(".line")).to_have_count(6)
    say(claim, "loading 10 %")
    expect(log.locator("#run_tests-L7")).to_contain_text("loading 10 %")
    say(claim, "\rloading 100 %\n\x1b[31mFAILED\x1b[0m tests/test_flow.py\n")
    expect(log.locator("#run_tests-L7")).to_have_text(re.compile(r"^7loading 100 %\s*$"))
    expect(log.locator("#run_tests-L8 .t-red")).to_have_text("FAILED")
    expect(log.locator(".line")).to_have_count(8)
    root = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert root[0] <= root[1]
    run_finish(claim=claim, report=scenery.report(), files={})
    expect(page).to_have_title(re.compile("^Reproduced: verification"))


def test_a_log_is_searched_in_place_and_as_a_whole(open_browser, live):
    run, claim = live
    page = open_browser()
    page.goto(f"/runs/{run.pk}/")
    box = page.get_by_role("searchbox", name="Search the log")
    box.fill("wheel 3 of")
    expect(page.locator("#log-found")).to_have_text(
        "1 line on this page. Enter searches the whole log."
    )
    expect(page.locator("#build_image-L5")).to_be_visible()
    expect(page.locator("#build_image-L6")).to_be_hidden()
    say(claim, "nothing of it\nwheel 3 of more\n")
    expect(page.locator("#run_tests-L8")).to_be_visible()
    expect(page.locator("#run_tests-L7")).to_be_hidden()
    box.press("Enter")
    expect(page.get_by_role("heading", name="Found in the log")).to_be_visible()
    expect(page.locator("mark")).to_have_text(["wheel 3 of", "wheel 3 of"])
    page.locator("#build_image-L5 > a").click()
    assert page.url.endswith("#build_image-L5")


def test_a_link_to_a_line_finds_it_after_the_log_has_grown(open_browser, live):
    run, claim = live
    page = open_browser()
    page.goto(f"/runs/{run.pk}/")
    page.locator("#run_tests-L3 > a").click()
    assert page.url.endswith(f"/runs/{run.pk}/#run_tests-L3")
    link = page.url
    say(claim, "more\n" * 1000)
    other = open_browser()
    other.goto(link)
    line = other.locator("#run_tests-L3")
    expect(line).to_be_in_viewport()
    expect(line).to_contain_text("tests/test_flow.py ...............")
    expect(other.get_by_text("Lines 1 to 200")).to_be_visible()


def test_numbers_are_not_copied_with_the_lines(open_browser, live):
    page = open_browser()
    page.goto(f"/runs/{live[0].pk}/")
    copied = page.evaluate(
        """() => { getSelection().selectAllChildren(document.getElementById("log-run_tests"));
        return getSelection().toString(); }"""
    )
    assert copied.startswith("collected 41 items")
    assert not re.search(r"^\d", copied, re.MULTILINE)


def test_an_owner_stops_a_run_and_begins_it_again(open_browser, sign_in, live):
    run, claim = live
    page = sign_in(open_browser())
    page.goto(f"/runs/{run.pk}/")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It will stop in a few seconds.")).to_be_visible()
    expect(page).to_have_title(re.compile("^Stopping: verification"))
    run_finish(claim=claim, report=scenery.report(), files={})
    page.get_by_role("button", name="Run it again").click()
    expect(page.get_by_text("Queued.", exact=False).first).to_be_visible()


def test_without_scripts_a_log_is_read_searched_and_linked_to(open_browser, live):
    run, _ = live
    page = open_browser(java_script_enabled=False, viewport=PHONE)
    page.goto(f"/runs/{run.pk}/")
    expect(page.locator("#log-run_tests")).to_contain_text("collected 41 items")
    page.locator("#run_tests-L3 > a").click()
    expect(page.locator("#run_tests-L3")).to_be_in_viewport()
    assert page.url.endswith(f"/runs/{run.pk}/lines/?step=run_tests&at=3#run_tests-L3")
    page.get_by_role("searchbox", name="Search the log of this step").fill("36%")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.locator("mark")).to_have_text("36%")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_two_runs_are_picked_and_compared(open_browser, ada, tmp_path, size):
    run = scenery.published(ada)[1]
    scenery.verified(run, tmp_path)
    again = run_queue(version=run.version, trigger=Trigger.SCHEDULE, requested_by=None)
    scenery.verified(again, tmp_path, scenery.mismatch)
    page = open_browser(viewport=size)
    page.goto(f"/runs/{again.pk}/")
    page.get_by_label("Compare with").select_option(str(run.pk))
    page.get_by_role("button", name="Show what differs").click()
    expect(page.get_by_role("heading", name="What differs")).to_be_visible()
    expect(page.get_by_text("The later run fell behind the earlier one.")).to_be_visible()
    expect(
        page.get_by_text("Not the same bytes.")
        .or_(page.get_by_text("The same bytes in both."))
        .first
    ).to_be_visible()
    root = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert root[0] <= root[1]
