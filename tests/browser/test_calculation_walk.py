"""Running a model here as a person does: from its page to a result, without reloading anything."""

import pytest
from playwright.sync_api import expect

from registry.models import Calculation
from registry.services.calculations import (
    calculation_claim,
    calculation_finish,
    calculation_log_append,
)
from registry.spec.calculations import Calculated
from tests.browser.conftest import PHONE
from tests.web import calculation_scenery, scenery

pytestmark = pytest.mark.browser


def test_a_reader_runs_a_model_on_numbers_of_theirs(open_browser, sign_in, ada, settings, tmp_path):
    settings.CALCULATIONS_A_DAY = 5
    entry = calculation_scenery.opened(ada)
    scenery.person("bob")
    page = open_browser(viewport=PHONE)
    page.goto(f"/models/{entry.pk}/use/")
    page.get_by_role("link", name="Run it here").click()
    expect(page.get_by_text("Sign in to run it.")).to_be_visible()
    sign_in(page, "bob")
    page.goto(f"/models/{entry.pk}/calculations/")
    box = page.get_by_role("textbox", name="Or JSON")
    box.fill('{"x": 2')
    page.get_by_role("button", name="Run it").click()
    expect(page.get_by_text("This is no JSON")).to_be_visible()
    box.fill('{"x": 2}')
    page.get_by_role("button", name="Run it").click()
    expect(page.get_by_text("It is the next calculation.")).to_be_visible()

    claim = calculation_claim(calculation_id=Calculation.objects.get().pk, lease_seconds=60)
    calculation_log_append(claim=claim, text="step \x1b[32m1\x1b[0m\n")
    expect(page.locator("#calculation-log")).to_have_text("step 1")
    expect(page.locator("#calculation-poll")).to_contain_text("Running")
    (tmp_path / "orbit").write_text("t,x\n" + "".join(f"{n},{n * n}\n" for n in range(20)))
    files = {"orbit.csv": tmp_path / "orbit"}
    calculation_finish(claim=claim, calculated=Calculated(outcome="done", seconds=1, files=files))
    expect(page.locator("figure.drawn svg")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="orbit.csv").click()
    assert download.value.suggested_filename == "orbit.csv"
    page.get_by_role("button", name="Remove it now").click()
    expect(page.get_by_text("None are kept.")).to_be_visible()
