"""Bringing models from elsewhere as a person walks it; workers are played by services."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from registry.imports.formats import model_read
from registry.models import Lookup, ModelEntry
from registry.models.outside import LookupKind
from registry.services.imports import repository_ask
from registry.services.lookups import lookup_answered
from registry.services.vocabularies import vocabularies_load
from tests.chromium import DESK, PHONE

pytestmark = pytest.mark.browser
RECORDS = Path(__file__).parents[1] / "imports" / "records"
REPORT = "What would be taken over"
REFS = {"tags": ["v2.0"], "branches": ["main"]}


def begin(page):
    page.get_by_role("link", name="Publish a model").click()
    page.get_by_role("link", name="Bring it from ModelDB").click()


def repository_answers():
    refs = Lookup.objects.get(kind=LookupKind.REFS)
    assert lookup_answered(lookup_id=refs.pk, result=REFS)


def fits(page):
    """Nothing sticks out to the side."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_a_file_becomes_a_draft_by_way_of_its_report(open_browser, sign_in, ada):
    vocabularies_load()
    page = sign_in(open_browser(viewport=DESK))
    begin(page)
    page.get_by_label("Or a file that describes it").set_input_files(RECORDS / "modeldb.json")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(REPORT)
    taken = page.get_by_role("group", name="What is taken over")
    expect(taken.get_by_role("row", name="Simulation environment")).to_contain_text("NEURON")
    assert not ModelEntry.objects.exists()
    repository_answers()
    expect(page.get_by_text("The repository is there:")).to_be_visible(timeout=4000)
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_text("Nothing of it is public.")).to_be_visible()
    assert ModelEntry.objects.get().title == "Axonal Na+ channels in layer 5"


def test_an_address_is_followed_on_a_phone_until_its_answer_comes(open_browser, sign_in, ada):
    page = sign_in(open_browser(viewport=PHONE))
    page.goto("/publish/import/")
    fits(page)
    page.get_by_label("Address of the model's page").fill("https://zenodo.org/records/3727209")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Asking for its description")
    lookup = Lookup.objects.get()
    assert lookup_answered(
        lookup_id=lookup.pk, result=model_read((RECORDS / "zenodo.json").read_bytes())
    )
    repository_ask(lookup_id=lookup.pk)
    expect(page.get_by_role("heading", level=1)).to_have_text(REPORT, timeout=4000)
    expect(page.get_by_label("Branch, tag or commit")).to_have_value("v1.2")
    fits(page)


def test_a_table_is_looked_at_and_made_without_javascript(open_browser, sign_in, ada, tmp_path):
    table = tmp_path / "models.csv"
    table.write_text(
        "address,title,licence\nhttps://github.com/ada/a,First,MIT\nhttps://x.org/b,Second,MTI\n"
    )
    page = sign_in(open_browser(viewport=PHONE, java_script_enabled=False))
    page.goto("/publish/import/csv/")
    page.get_by_label("Table as CSV").set_input_files(table)
    page.get_by_role("button", name="Look at the rows").click()
    expect(page.get_by_role("row", name="3 Wrong")).to_contain_text("MTI")
    page.get_by_role("button", name="Make 1 draft").click()
    expect(page.get_by_role("row", name="2 Made")).to_contain_text("First")
    page.get_by_role("link", name="First").click()
    assert ModelEntry.objects.get().title == "First"
    expect(page.get_by_role("heading", level=1)).to_contain_text("First")


def test_the_keyboard_alone_brings_a_model(open_browser, sign_in, ada):
    page = sign_in(open_browser())
    page.goto("/publish/import/")
    page.get_by_label("Address of the model's page").focus()
    page.keyboard.type("https://modeldb.science/144027")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Asking for its description")
