"""Publishing by keyboard, on a phone, in two windows, and with a crash between."""

import pytest
from playwright.sync_api import expect

from registry.models import Lookup, ModelEntry, TypedForm, VerificationRun
from registry.services.lookups import lookup_answered
from registry.services.runs import run_finish
from registry.services.versions import version_inspected
from registry.services.vocabularies import vocabularies_load
from registry.spec.manifest import Article, Person
from tests.chromium import DESK, PHONE
from tests.web import scenery

pytestmark = pytest.mark.browser
CHECK = "Check what was understood"


def heading(page, text):
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def be_read():
    version = ModelEntry.objects.get().versions.get()
    assert version_inspected(version_id=version.pk, inspection=scenery.inspection(version))


def tab_to(page, name):
    """Press Tab until what has the focus is called `name`, as somebody without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(() => { const one = document.activeElement;"
            " return (one.labels?.[0]?.textContent || one.textContent || '').trim(); })()"
        )
        if focused.startswith(name):
            return
    raise AssertionError(f"Tab never comes to {name}")


def test_a_model_is_published_with_the_keyboard_alone(open_browser, ada, sign_in):
    page = sign_in(open_browser())
    page.goto("/publish/")
    tab_to(page, "Repository address")
    page.keyboard.type(scenery.ADDRESS)
    page.keyboard.press("Enter")
    heading(page, "Reading the repository")
    be_read()
    heading(page, CHECK)
    tab_to(page, "Save and go on")
    page.keyboard.press("Enter")
    heading(page, "Try it in private")
    tab_to(page, "Skip this")
    page.keyboard.press("Enter")
    heading(page, "Publish")
    tab_to(page, "Back, to change something")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Its verification has begun")).to_be_visible()
    assert ModelEntry.objects.get().visibility == "public"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_draft_is_tried_in_private_and_its_verdict_carries_over(
    open_browser, ada, sign_in, viewport
):
    entry = scenery.ready(ada)
    page = sign_in(open_browser(viewport=viewport))
    for step in ("source", "edit", "try", "publish", "delete"):
        page.goto(f"/models/{entry.pk}/{step}/")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), step
    page.goto(f"/models/{entry.pk}/try/")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("begins as soon as a machine is free")).to_be_visible()
    claim = scenery.started(VerificationRun.objects.get())
    expect(page.get_by_text("collected 41 items")).to_be_visible()
    run_finish(claim=claim, report=scenery.report(), files={})
    expect(page.get_by_text("equal the expected values").first).to_be_visible()
    page.get_by_role("link", name="Go on", exact=True).click()
    expect(page.get_by_text("It carries over, with its receipt")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("with the verdict of the verification before")).to_be_visible()
    assert VerificationRun.objects.count() == 1
    assert ModelEntry.objects.get().outcome == "reproduced"


def test_what_was_typed_is_there_after_a_crash(open_browser, ada, sign_in):
    entry = scenery.ready(ada)
    page = sign_in(open_browser())
    page.goto(f"/models/{entry.pk}/edit/")
    page.get_by_label("Summary").fill("Typed before the light went out.")
    expect(page.locator("#kept")).to_contain_text("Saved")
    page.close()

    again = sign_in(open_browser())
    again.goto(f"/models/{entry.pk}/edit/")
    expect(again.get_by_text("did not save it. It is still here.")).to_be_visible()
    expect(again.get_by_label("Summary")).to_have_value("Typed before the light went out.")
    again.get_by_role("button", name="Discard it").click()
    expect(again.get_by_label("Summary")).to_have_value(scenery.DESCRIPTION.summary)
    assert not TypedForm.objects.exists()


def test_what_is_typed_while_signed_out_comes_back_after_signing_in(open_browser, ada, sign_in):
    entry = scenery.ready(ada)
    page = sign_in(open_browser())
    page.goto(f"/models/{entry.pk}/edit/")
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Summary").fill("Typed too late.")
    expect(page.locator("#kept")).to_contain_text("you are signed out")
    page.get_by_role("button", name="Save and go on").first.click()
    page.get_by_label("User name or e-mail address").fill("ada")
    page.get_by_label("Password").fill(scenery.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    heading(page, CHECK)
    expect(page.get_by_label("Summary")).to_have_value("Typed too late.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert ModelEntry.objects.get().summary == "Typed too late."


def test_two_windows_are_compared_and_neither_overwrites_the_other(open_browser, ada, sign_in):
    entry = scenery.ready(ada)
    one = sign_in(open_browser())
    one.goto(f"/models/{entry.pk}/edit/")
    two = one.context.new_page()
    two.goto(f"/models/{entry.pk}/edit/")
    one.get_by_label("Summary").fill("From the first window.")
    expect(one.locator("#kept")).to_contain_text("Saved")
    two.locator("#id_title").fill("From the second window")
    two.get_by_label("Summary").fill("From the second window.")
    expect(two.locator("#kept")).to_contain_text("Another window of yours")
    one.get_by_role("button", name="Save the draft").click()
    expect(one.get_by_text("Saved.", exact=True)).to_be_visible()

    two.get_by_role("button", name="Save the draft").click()
    expect(two.get_by_role("heading", name="It was changed in the meantime")).to_be_visible()
    expect(two.locator("#id_title")).to_have_value("From the second window")
    two.get_by_role("group", name="Summary").get_by_label("Saved now").check()
    two.get_by_role("button", name="Save the draft").click()
    expect(two.get_by_text("Saved.", exact=True)).to_be_visible()
    kept = ModelEntry.objects.get()
    assert (kept.title, kept.summary) == ("From the second window", "From the first window.")


def test_an_article_is_looked_up_and_a_term_suggested_as_one_types(open_browser, ada, sign_in):
    vocabularies_load()
    entry = scenery.ready(ada, article=None)
    page = sign_in(open_browser())
    page.goto(f"/models/{entry.pk}/edit/")
    page.locator("#id_article-doi").fill("10.1038/118558a0")
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_text("Asking for the article of")).to_be_visible()
    page.locator("#id_title").fill("Typed meanwhile")
    people = (Person(given="Vito", family="Volterra"),)
    found = Article(title="Fluctuations", authors=people, journal="Nature", doi="10.1038/118558a0")
    lookup_answered(lookup_id=Lookup.objects.get().pk, result=found)
    expect(page.get_by_text("The article was found")).to_be_visible()
    expect(page.get_by_label("Journal")).to_have_value("Nature")
    expect(page.locator("#id_title")).to_have_value("Typed meanwhile")

    page.get_by_role("button", name="Preview the description").click()
    expect(page.get_by_role("region", name="Preview")).to_contain_text("What it does")
    subject = page.get_by_label("Subject")
    subject.press_sequentially("stat")
    listed = page.locator("datalist[id^='terms-subject'] option")
    expect(listed.first).to_have_attribute("value", "Statistical mechanics")
    subject.fill("Statistical mechanics")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert ModelEntry.objects.get().facets.get().term.name == "Statistical mechanics"
    assert entry.versions.get().article == found
