"""Phones, keyboards, screen readers, light and dark: on every page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.web import scenery

pytestmark = pytest.mark.browser

# The contrast of each text with what lies behind it, by WCAG 2; alpha is not used for text here.
CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (/^rgb\\(/.test(colour)) return rgb(colour);
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility() || element.closest("svg")) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.push([ratio.toFixed(2), element.className, element.textContent]);
  }
  return weak;
}"""
UNNAMED = """() => [...document.querySelectorAll("input, select, textarea, button, a")]
  .filter((e) => e.type !== "hidden")
  .filter((e) => !(e.labels?.length || e.textContent.trim() || e.getAttribute("aria-label")))
  .map((e) => e.outerHTML)"""
TWICE = """() => { const seen = [...document.querySelectorAll("[id]")].map((e) => e.id);
  return seen.filter((id, at) => seen.indexOf(id) !== at); }"""


@pytest.fixture
def addresses(ada, tmp_path):
    """Every kind of page, with something on it."""
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    wrong, other_run = scenery.published(ada, "https://github.com/ada/antenna", title="Antenna")
    scenery.verified(other_run, tmp_path, scenery.mismatch)
    _, live = scenery.published(ada, "https://github.com/ada/ising", title="Ising")
    scenery.started(live)
    draft = scenery.ready(ada, "https://github.com/ada/" + "very-long-name" * 6)
    failed = scenery.unreadable(ada)
    return [
        "/", "/?q=nothing+at+all", "/rules/", "/publish/", "/settings/profile/",
        "/settings/tokens/", "/accounts/email/", "/accounts/password/change/",
        f"/models/{entry.pk}/",
        f"/models/{wrong.pk}/", f"/runs/{run.pk}/", f"/runs/{other_run.pk}/", f"/runs/{live.pk}/",
        f"/models/{draft.pk}/edit/", f"/models/{draft.pk}/",
        f"/models/{failed.pk}/edit/", f"/models/{entry.pk}/withdraw/",
        f"/models/{entry.pk}/versions/new/",
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_fits_reads_well_and_names_its_controls(
    open_browser, addresses, sign_in, size, scheme
):
    page = sign_in(open_browser(viewport=size, color_scheme=scheme))
    for address in addresses:
        page.goto(address)
        root = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert root[0] <= root[1], f"{address} scrolls sideways: {root}"
        assert page.evaluate(CONTRAST) == [], address
        assert page.evaluate(UNNAMED) == [], address
        assert page.evaluate(TWICE) == [], address
        assert page.locator("h1").count() == 1, address
        assert page.title().endswith("Reprise"), address


def test_the_keyboard_reaches_everything_and_shows_where_it_is(open_browser, addresses):
    page = open_browser()
    page.goto(addresses[0])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim()"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px", seen
    assert "Sign in" in seen
    assert any("Flow-based" in text for text in seen)


def test_the_skip_link_leads_to_the_content(open_browser, addresses):
    page = open_browser()
    page.goto(addresses[8])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_list_filters_as_one_types_and_its_address_can_be_shared(open_browser, addresses):
    page = open_browser()
    page.goto("/")
    page.get_by_label("Search").press_sequentially("anten", delay=30)
    expect(page.get_by_text("1 model", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Antenna")).to_be_visible()
    page.get_by_label("Verified at least").select_option("reproduced")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    assert "q=anten" in page.url
    page.go_back()
    expect(page.get_by_role("link", name="Antenna")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Antenna")).to_be_visible()
    expect(page.get_by_label("Search")).to_have_value("anten")


def test_a_citation_is_copied_at_a_press(open_browser, addresses):
    page = open_browser(permissions=["clipboard-read", "clipboard-write"])
    page.goto(addresses[8])
    page.get_by_role("button", name="Copy BibTeX: this model").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "@software{" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("who", ["everybody", "without scripts"])
def test_pages_are_readable_with_and_without_scripts(open_browser, addresses, who):
    page = open_browser(java_script_enabled=who == "everybody")
    page.goto(addresses[8])
    expect(page.get_by_text("Equal the repository's expected values;")).to_be_visible()
    expect(page.get_by_text("@software{")).to_be_visible()
    page.get_by_role("link", name="The evidence").click()
    expect(page.get_by_role("heading", name="Outputs", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="3 attempts at an environment")).to_be_visible()
    page.get_by_text("The log that shows it").first.click()
    expect(page.get_by_text("torch==1.4.0 has no wheels")).to_be_visible()
