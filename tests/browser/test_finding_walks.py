"""Finding a model as people do: typing, ticking, on a phone, by keyboard, without a script."""

import re

import pytest
from playwright.sync_api import expect

from registry.caching import process_cache
from registry.models import ModelEntry
from registry.services.vocabularies import terms_write, vocabularies_load
from registry.spec.ladder import Origin
from tests.browser.conftest import PHONE
from tests.web import scenery

pytestmark = pytest.mark.browser


@pytest.fixture
def models(ada):
    """Four models of two subjects, two of them reproduced."""
    process_cache.clear()
    vocabularies_load()
    for name, subject, level in (
        ("vortex street", "Turbulence", 5),
        ("eddy cascade", "Turbulence", 3),
        ("spin kagome", "Lattice spin models", 5),
        ("gauge kagome", "Lattice field theory", 1),
    ):
        address = f"https://github.com/ada/{name.replace(' ', '-')}"
        entry, _ = scenery.published(ada, address, title=f"A {name}")
        terms_write(entry=entry, terms={"subject": [subject]}, origin=Origin.FORM)
        ModelEntry.objects.filter(pk=entry.pk).update(level=level)


def titles(page):
    return page.locator("#found .entries h2")


def test_ticking_narrows_the_list_at_once_and_the_address_can_be_shared(open_browser, models):
    page = open_browser()
    page.goto("/models/")
    expect(titles(page)).to_have_count(4)
    page.get_by_role("checkbox", name=re.compile("Fluid dynamics")).check()
    expect(titles(page)).to_have_count(2)
    page.get_by_role("checkbox", name=re.compile("reproduced")).check()
    expect(titles(page)).to_have_text(["A vortex street"])
    expect(page).to_have_url(re.compile(r"/models/\?level=5&subject=fluid-dynamics$"))
    expect(page.get_by_role("list", name="Chosen")).to_contain_text("Subject: Fluid dynamics")
    other = open_browser()
    other.goto(page.url)
    expect(titles(other)).to_have_text(["A vortex street"])
    page.get_by_role("link", name=re.compile("Verified at least: reproduced")).click()
    expect(titles(page)).to_have_count(2)
    page.get_by_role("list", name="Chosen").get_by_role("link", name="Clear all").click()
    expect(titles(page)).to_have_count(4)


def test_typing_finds_and_mends_a_slip_and_says_so(open_browser, models):
    page = open_browser()
    page.goto("/models/")
    search = page.get_by_role("searchbox")
    search.press_sequentially("kago", delay=20)
    expect(titles(page)).to_have_count(2)
    expect(search).to_be_focused()
    search.fill("vortxe")
    expect(page.get_by_text("instead of “vortxe”")).to_be_visible()
    expect(titles(page)).to_have_text(["A vortex street"])
    page.get_by_role("link", name="Search for “vortxe” only").click()
    expect(page.get_by_text("Nothing matches.")).to_be_visible()


def test_the_keyboard_alone_narrows_and_keeps_its_place(open_browser, models):
    page = open_browser()
    page.goto("/models/")
    page.get_by_role("checkbox", name=re.compile("Fluid dynamics")).focus()
    page.keyboard.press("Space")
    expect(titles(page)).to_have_count(2)
    expect(page.get_by_role("checkbox", name=re.compile("Fluid dynamics"))).to_be_focused()
    page.keyboard.press("Space")
    expect(titles(page)).to_have_count(4)


def test_on_a_phone_the_facets_fold_and_stay_open_while_one_ticks(open_browser, models):
    page = open_browser(viewport=PHONE)
    page.goto("/models/")
    fluid = page.get_by_role("checkbox", name=re.compile("Fluid dynamics"))
    expect(fluid).to_be_hidden()
    page.locator("summary", has_text="Filters").click()
    fluid.check()
    expect(page.locator("summary", has_text="Filters (1)")).to_be_visible()
    expect(page.get_by_role("checkbox", name=re.compile("Turbulence"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_without_a_script_the_form_does_the_same(open_browser, models):
    page = open_browser(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("searchbox").fill("kagome")
    page.get_by_role("button", name="Search").click()
    expect(titles(page)).to_have_count(2)
    page.get_by_role("checkbox", name=re.compile("Statistical mechanics")).check()
    page.get_by_role("button", name="Apply").click()
    expect(titles(page)).to_have_text(["A spin kagome"])
    page.get_by_role("link", name="All terms of Subject").click()
    page.get_by_role("link", name="Turbulence").click()
    expect(titles(page)).to_have_count(2)


def test_a_search_is_kept_and_found_again(open_browser, sign_in, models):
    page = open_browser()
    sign_in(page, "ada")
    page.goto("/models/?q=kagome")
    page.get_by_role("link", name="Save this search").click()
    page.get_by_label("name").fill("Kagome models")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Kagome models", exact=True).click()
    expect(titles(page)).to_have_count(2)
