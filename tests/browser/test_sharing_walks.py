"""A reviewer's way and a curator's way, as they walk them, on a desk and on a phone."""

import re

import pytest

from registry.models import Membership, ModelEntry, ProblemReport
from registry.models.curation import ReportKind
from registry.models.entries import Visibility
from registry.services.reports import report_create
from registry.services.runs import run_finish
from registry.services.sharing import visibility_set
from tests.browser.conftest import DESK, PHONE
from tests.web import scenery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLAIN = "It has no pictures: no mirror of this repository exists to show them from."
SCREENS = pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])


@pytest.fixture
def private(ada, tmp_path):
    """A private model with a verdict and drawings."""
    entry, run = scenery.published(ada, description=PLAIN)
    report, files = scenery.every_kind(tmp_path)
    run_finish(claim=scenery.claimed(run), report=report, files=files)
    visibility_set(actor=ada, entry=entry, visibility=Visibility.PRIVATE)
    return entry


def fits(page):
    """Nothing stands out of the window to the right."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


@SCREENS
def test_an_owner_makes_a_link_and_a_reviewer_without_an_account_reviews_blindly(
    open_browser, sign_in, private, screen
):
    owner = sign_in(open_browser(viewport=screen))
    owner.goto(f"/models/{private.pk}/")
    owner.get_by_role("link", name="Settings", exact=True).click()
    owner.get_by_label("For whom or what").fill("Journal X, referees")
    owner.get_by_label("It ends after").select_option("30 days")
    assert owner.get_by_label("Hide who made it").is_checked()
    owner.get_by_role("button", name="Make the link").click()
    address = owner.locator("#new-link").inner_text()
    assert fits(owner)
    reviewer = open_browser(viewport=screen)
    reviewer.goto(re.sub(r"^https?://[^/]+", "", address))
    reviewer.get_by_text("You see this as an anonymous reviewer until").wait_for()
    assert address.split("/")[-2] not in reviewer.url
    body = reviewer.locator("body").inner_text()
    assert "Lovelace" not in body
    assert "Claims of the article" in body
    figure = reviewer.locator("figure img").first
    figure.scroll_into_view_if_needed()
    reviewer.wait_for_function(
        "image => image.complete && image.naturalWidth > 0", arg=figure.element_handle()
    )
    assert fits(reviewer)
    owner.goto(f"/models/{private.pk}/settings/")
    owner.get_by_role("button", name="Revoke Journal X, referees").click()
    owner.get_by_text("opens nothing any more").wait_for()


@SCREENS
def test_an_owner_shares_with_a_colleague_by_part_of_their_name(
    open_browser, sign_in, private, screen
):
    scenery.person("emmy", first_name="Emmy", last_name="Noether")
    page = sign_in(open_browser(viewport=screen, java_script_enabled=False))
    page.goto(f"/models/{private.pk}/settings/")
    page.get_by_label("Person").fill("noether")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Emmy Noether (emmy)").click()
    page.get_by_text("emmy is a reader now.").wait_for()
    assert Membership.objects.filter(user__username="emmy", entry=private).exists()
    assert fits(page)


@SCREENS
def test_a_reader_reports_and_a_curator_answers_and_merges(open_browser, sign_in, ada, screen):
    entry, _ = scenery.published(ada, description=PLAIN)
    address = "https://github.com/ada/kept"
    kept, _ = scenery.published(ada, address, title="The kept one", description=PLAIN)
    scenery.person("curie", is_staff=True)
    reader = open_browser(viewport=screen)
    reader.goto(f"/models/{entry.pk}/")
    reader.get_by_role("link", name="Report a problem").click()
    reader.get_by_label("Something said here is not right").check()
    reader.get_by_label("Tell us more").fill("It is the same model as another one.")
    reader.get_by_role("button", name="Send the report").click()
    reader.get_by_text("Thank you. The curators look at it.").wait_for()
    curator = sign_in(open_browser(viewport=screen), "curie")
    curator.goto("/curation/")
    assert fits(curator)
    curator.get_by_role("link", name=re.compile("Something said here is not right")).click()
    curator.get_by_role("link", name="Merge it into another").click()
    curator.get_by_label("Number of the model that stays").fill(str(kept.pk))
    curator.get_by_label("Reason").fill("The same model, sent twice.")
    curator.get_by_role("button", name="Merge it into another").click()
    curator.get_by_text("Merged; its people are told.").wait_for()
    curator.goto(f"/curation/reports/{ProblemReport.objects.get().pk}/")
    curator.get_by_label("Answer to whoever reported it").fill("Right: they are one now.")
    curator.get_by_role("button", name="Resolved").click()
    curator.get_by_text("None. All is answered.").wait_for()
    curator.goto("/curation/log/?q=merged")
    curator.get_by_role("cell", name="entry merged").wait_for()
    assert fits(curator)
    reader.goto(f"/models/{entry.pk}/")
    reader.get_by_text(f"Model {entry.pk} became part of this one").wait_for()
    assert ModelEntry.objects.get(pk=entry.pk).merged_into == kept


@SCREENS
def test_a_reader_puts_a_model_into_a_new_collection_and_shows_it(
    open_browser, sign_in, ada, screen
):
    entry, _ = scenery.published(ada, description=PLAIN)
    page = sign_in(open_browser(viewport=screen))
    page.goto(f"/models/{entry.pk}/")
    page.get_by_role("link", name="Add to a collection").click()
    page.get_by_label("Title of the new one").fill("φ⁴ for a course")
    page.get_by_label("Note").fill("Read this first")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("Added to your collection.").wait_for()
    page.goto("/collections/")
    page.get_by_role("link", name="φ⁴ for a course").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Show it to everybody").check()
    page.get_by_role("button", name="Save").click()
    assert fits(page)
    stranger = open_browser(viewport=screen)
    stranger.goto(page.url)
    stranger.get_by_text("Read this first").wait_for()


def test_a_report_that_is_answered_is_gone_from_the_queue(open_browser, sign_in, ada):
    entry, _ = scenery.published(ada, description=PLAIN)
    report_create(entry=entry, reporter=None, email="", kind=ReportKind.OTHER, text="Nothing.")
    scenery.person("curie", is_staff=True)
    curator = sign_in(open_browser(), "curie")
    curator.goto("/curation/")
    curator.get_by_role("link", name=re.compile("Something else")).click()
    curator.get_by_label("Answer to whoever reported it").fill("There is nothing to mend.")
    curator.get_by_role("button", name="Dismiss").click()
    curator.get_by_role("link", name="Ended reports").click()
    curator.get_by_text("dismissed by curie").wait_for()
