"""The keyboard: what it reaches, and whether it shows where it is."""

import pytest
from playwright.sync_api import expect

from tests.web import scenery

pytestmark = pytest.mark.browser


@pytest.fixture
def model(ada, tmp_path):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    return entry


def test_the_keyboard_reaches_everything_and_shows_where_it_is(open_browser, model):
    page = open_browser()
    page.goto("/models/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim()"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px", seen
        if "Flow-based" in seen[-1]:
            break
    assert "Sign in" in seen
    assert "Flow-based" in seen[-1]


def test_the_skip_link_leads_to_the_content(open_browser, model):
    page = open_browser()
    page.goto(f"/models/{model.pk}/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
