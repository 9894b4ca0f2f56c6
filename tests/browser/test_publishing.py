"""From signing up to a green badge, as a person goes through it; workers are played by services."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from registry.models import ModelEntry, VerificationRun
from registry.services.runs import run_finish, run_log_append
from registry.services.versions import version_inspected
from registry.spec.ladder import Step, StepState
from registry.spec.manifest import Article
from tests.web import scenery

pytestmark = pytest.mark.browser
CHECK = "Check what was understood"
# Without the pictures of a repository that no mirror holds.
DESCRIPTION = "# What it does\n\nSamples configurations."


def sign_up(page):
    page.goto("/accounts/signup/")
    page.get_by_label("User name").fill("emmy")
    page.get_by_label("E-mail address").fill("emmy@example.org")
    page.get_by_label("Password", exact=True).fill(scenery.PASSWORD)
    page.get_by_label("Password (again)").fill(scenery.PASSWORD)
    page.get_by_label("ORCID iD").fill("0000-0002-1825-0097")
    page.get_by_role("button", name="Create the account").click()


def ask_to_read(page):
    page.get_by_role("link", name="Publish a model").click()
    page.get_by_label("Repository address").fill(scenery.ADDRESS)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reading the repository")


def be_read():
    version = ModelEntry.objects.get().versions.get()
    said = replace(scenery.DESCRIPTION, description=DESCRIPTION)
    read = scenery.inspection(version, description=said)
    assert version_inspected(version_id=version.pk, inspection=read)


def test_signing_up_publishing_watching_and_a_green_badge(open_browser, transactional_db):
    page = open_browser()
    sign_up(page)
    ask_to_read(page)
    be_read()
    expect(page.get_by_role("heading", level=1)).to_have_text(CHECK)
    model = page.get_by_role("group", name="The model")
    expect(model.get_by_label("Title")).to_have_value(scenery.DESCRIPTION.title)

    model.get_by_label("Title").fill("Flows for a lattice")
    page.get_by_role("button", name="Save and go on").first.click()
    page.get_by_role("link", name="Skip this").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("begins as soon as a machine is free")).to_be_visible()

    claim = scenery.started(VerificationRun.objects.get())
    expect(page.get_by_text("collected 41 items")).to_be_visible(timeout=4000)
    run_log_append(claim=claim, step=Step.RUN_TESTS, text="41 passed in 2.0 s\n")
    expect(page.get_by_text("41 passed in 2.0 s")).to_be_visible(timeout=2500)
    scenery.event(claim, Step.RUN_TESTS, StepState.PASSED, seconds=2.0)
    scenery.event(claim, Step.RUN_INFERENCE, StepState.RUNNING)
    run_log_append(claim=claim, step=Step.RUN_INFERENCE, text="acceptance 0.64\n")
    expect(page.get_by_text("acceptance 0.64")).to_be_visible(timeout=2500)

    run_finish(claim=claim, report=scenery.report(), files={})
    expect(
        page.get_by_text("Equal the repository's expected values; two runs agree bit by bit.")
    ).to_be_visible()
    page.get_by_role("link", name="emmy/lattice-phi4").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Flows for a lattice")
    badge = page.get_by_role("img", name="Badge of this model")
    expect(badge).to_have_js_property("complete", value=True)
    assert badge.evaluate("image => image.naturalWidth") > 80


def test_what_could_not_be_read_is_corrected_in_place(open_browser, ada, sign_in):
    entry = scenery.unreadable(ada)
    page = sign_in(open_browser())
    page.goto(f"/models/{entry.pk}/edit/")
    expect(page.get_by_role("alert")).to_contain_text("There is no repository at this address")
    page.get_by_label("Repository address").fill(scenery.ADDRESS)
    page.get_by_role("button", name="Read it again").click()
    be_read()
    expect(page.get_by_role("heading", level=1)).to_have_text(CHECK)


def test_authors_can_be_added_and_a_mistake_loses_nothing(open_browser, ada, sign_in):
    entry = scenery.ready(ada)
    page = sign_in(open_browser())
    page.goto(f"/models/{entry.pk}/edit/")
    page.get_by_role("button", name="One more author").click()
    page.locator("#id_authors-2-family").fill("Gödel")
    page.locator("#id_authors-2-orcid").fill("0000-0002-1825-0098")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("is it mistyped?")).to_be_visible()
    expect(page.locator("#id_authors-2-family")).to_have_value("Gödel")
    page.locator("#id_authors-2-orcid").fill("0000-0002-1825-0097")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert entry.versions.get().people[2].family == "Gödel"


def test_an_article_is_corrected_and_cited(open_browser, ada, sign_in):
    entry = scenery.ready(ada, article=Article(doi="10.1038/118558a0"), description=DESCRIPTION)
    page = sign_in(open_browser())
    page.goto(f"/models/{entry.pk}/edit/")
    page.get_by_text("Its title, authors, journal").click()
    page.get_by_label("Title of the article").fill("Fluctuations in the abundance of a species")
    page.get_by_label("Its authors").fill("V. Volterra, A. Lotka")
    page.get_by_label("Journal").fill("Nature")
    page.get_by_label("Year").fill("1926")
    page.get_by_label("Volume").fill("118")
    page.get_by_label("Pages or article number").fill("558-560")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("may be several people")).to_be_visible()
    expect(page.get_by_label("Its authors")).to_have_value("V. Volterra, A. Lotka")
    expect(page.get_by_label("Journal")).to_have_value("Nature")
    page.get_by_label("Its authors").fill("Volterra, Vito")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="See its page").click()
    article = page.get_by_role("link", name="Fluctuations in the abundance of a species").first
    expect(article).to_have_attribute("href", "https://doi.org/10.1038/118558a0")
    page.goto(f"/models/{entry.pk}/cite/")
    expect(page.get_by_text("Volterra, V. (1926)").first).to_contain_text("Nature, 118, 558–560.")


def test_a_run_is_cancelled_from_its_page(open_browser, ada, sign_in):
    _, run = scenery.published(ada)
    page = sign_in(open_browser())
    page.goto(f"/runs/{run.pk}/")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It says nothing of the model.")).to_be_visible()
    page.get_by_role("button", name="Run it again").click()
    expect(page).to_have_url(re.compile(rf"/runs/{run.pk + 1}/"))


def test_everything_works_without_scripts(open_browser, transactional_db):
    page = open_browser(java_script_enabled=False)
    sign_up(page)
    ask_to_read(page)
    be_read()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Source")
    page.get_by_role("link", name="Go on with this commit").click()
    page.get_by_role("button", name="One more author").click()
    page.locator("#id_authors-2-family").fill("Gödel")
    page.get_by_role("button", name="Preview the description").click()
    expect(page.get_by_role("region", name="Preview")).to_contain_text("What it does")
    page.get_by_role("button", name="Save and go on").first.click()
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("Queued")).to_be_visible()
    page.get_by_role("link", name="Go on without waiting").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    assert ModelEntry.objects.get().versions.get().people[2].family == "Gödel"
    run = VerificationRun.objects.get()
    scenery.started(run)
    page.reload()
    expect(page.get_by_text("collected 41 items")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.goto("/models/?q=flow")
    expect(page.get_by_role("link", name="Flow-based")).to_be_visible()
    page.get_by_text("emmy", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
