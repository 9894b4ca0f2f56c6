"""Citing a model as a person does: read, copy, download; and giving a version its DOI."""

import pytest
import rispy
from playwright.sync_api import expect

from registry.models import ModelEntry
from runners.tasks import mint_doi
from tests.browser.conftest import DESK, PHONE
from tests.citing.datacite_stand_in import PASSWORD, PREFIX, REPOSITORY, stand_in
from tests.web import scenery

pytestmark = pytest.mark.browser
# What a browser makes of the data block in the head: it must be there, and never run.
JSON_LD = "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').text).name"


@pytest.fixture
def model(ada, tmp_path):
    entry, run = scenery.published(ada, description="Samples fields on a torus.")
    scenery.verified(run, tmp_path)
    return ModelEntry.objects.get(pk=entry.pk)


@pytest.fixture
def datacite(settings):
    with stand_in() as running:
        settings.DATACITE_URL = running.url
        settings.DATACITE_PREFIX, settings.DATACITE_REPOSITORY = PREFIX, REPOSITORY
        settings.DATACITE_PASSWORD = PASSWORD
        yield running


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_reader_copies_bibtex_and_downloads_ris(open_browser, model, size):
    page = open_browser(viewport=size, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/models/{model.pk}/")
    page.get_by_role("link", name="Cite", exact=True).click()
    page.get_by_role("button", name="Copy BibTeX").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("@software{lovelace2024reprise")
    version = page.get_by_role("region", name="This version")
    version.get_by_text("Other styles").click()
    expect(version.locator("#software-ieee")).to_be_visible()
    version.get_by_text("Other formats").click()
    with page.expect_download() as download:
        version.get_by_role("link", name="Download this version as RIS").click()
    (record,) = rispy.loads(download.value.path().read_text())
    assert record["title"] == model.title
    assert page.evaluate(JSON_LD) == model.title
    assert not too_wide(page)


def test_without_scripts_every_citation_can_be_read(open_browser, model):
    page = open_browser(java_script_enabled=False)
    page.goto(f"/models/{model.pk}/cite/")
    expect(page.get_by_role("region", name="The article")).to_contain_text("Physical Review D")
    verification = page.get_by_role("region", name="The verification")
    expect(verification).to_contain_text("reproduced (level 5 of 6)")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_an_owner_gives_a_version_its_doi_by_keyboard(open_browser, sign_in, model, datacite):
    page = open_browser()
    sign_in(page)
    page.goto(f"/models/{model.pk}/cite/")
    page.get_by_label("I understand that this is for good.").press("Space")
    page.get_by_role("button", name="Register a DOI").press("Enter")
    doi = f"10.5072/reprise.{model.pk}.1"
    expect(page.locator("#doi").get_by_role("status")).to_contain_text(f"{doi} is being registered")
    mint_doi(model.current_version_id)
    page.reload()
    expect(page.get_by_role("link", name=doi)).to_be_visible()
    expect(page.locator("#software-apa")).to_contain_text(f"https://doi.org/{doi}")
    assert datacite.dois[doi]["state"] == "findable"
