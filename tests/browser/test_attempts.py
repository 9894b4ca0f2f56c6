"""Attempts at an environment as a person meets them: while they go on, and afterwards."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from registry.services.runs import run_log_append
from registry.spec.ladder import Step, StepState
from tests.browser.conftest import DESK, PHONE
from tests.web import scenery

pytestmark = pytest.mark.browser
SECOND = "Build the environment, attempt 2 of at most 8"


@pytest.fixture
def live(ada):
    """A run whose first attempt is being tested, and the claim on it."""
    run = scenery.published(ada)[1]
    return run, scenery.started(run)


def begin_again(claim):
    """The tests failed; the image is built anew."""
    scenery.event(claim, Step.RUN_TESTS, StepState.FAILED, seconds=2.0)
    scenery.event(claim, Step.BUILD_IMAGE, StepState.RUNNING)
    run_log_append(claim=claim, step=Step.BUILD_IMAGE, text="Attempt 2: numpy of 2021\n")


def test_another_attempt_is_followed_as_it_begins(open_browser, live):
    run, claim = live
    page = open_browser()
    page.goto(f"/runs/{run.pk}/")
    expect(page.get_by_text("Run its tests").first).to_be_visible()
    begin_again(claim)
    expect(page.locator("#run-poll").get_by_text(SECOND)).to_be_visible()
    expect(page.locator("#run-news")).to_have_text(f"Now: {SECOND}.")
    expect(page.locator("#head-build_image")).to_contain_text("running · 2 times")
    expect(page.locator("#head-run_tests")).to_contain_text("pending")
    expect(page.locator("#log-build_image")).to_contain_text("Attempt 2: numpy of 2021")
    expect(page.locator("#log-build_image")).to_contain_text("Installed 24 packages")


def test_without_scripts_it_is_read_on_the_next_look(open_browser, live):
    run, claim = live
    begin_again(claim)
    page = open_browser(java_script_enabled=False, viewport=PHONE)
    page.goto(f"/runs/{run.pk}/")
    expect(page.get_by_text(SECOND, exact=True)).to_be_visible()
    expect(page.get_by_text("Attempt 2: numpy of 2021")).to_be_visible()


def long_words():
    """A report whose attempts name what does not fit into a line."""
    long = "x" * 300
    attempts = tuple(
        replace(
            attempt,
            strategy=f"a/{long}/requirements.txt",
            changed=(f"{long} added",),
            failure=attempt.failure and replace(attempt.failure, sentence=long, lines=(long * 3,)),
        )
        for attempt in scenery.ENVIRONMENT.attempts
    )
    return scenery.report(environment=replace(scenery.ENVIRONMENT, attempts=attempts))


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_longest_words_of_an_attempt_stay_on_the_page(open_browser, ada, tmp_path, size):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path, long_words)
    page = open_browser(viewport=size)
    for address in (f"/runs/{run.pk}/", f"/models/{entry.pk}/"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= room, f"{address} scrolls sideways: {width} in {room}"


def test_the_verdict_leads_to_the_attempts_even_where_they_are_folded(open_browser, ada, tmp_path):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    page = open_browser()
    page.goto(f"/models/{entry.pk}/reproducibility/")
    expect(page.get_by_text("scipy added")).not_to_be_visible()
    page.get_by_role("link", name="How it came to that").click()
    expect(page.get_by_text("scipy added")).to_be_visible()
    page.get_by_text("The log that shows it").first.click()
    expect(page.get_by_text("torch==1.4.0 has no wheels")).to_be_visible()
