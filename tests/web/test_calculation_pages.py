"""Running a model here, on pages: the form, who sees what, and what hostile files become."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registry.models import Calculation, EntryCalculations, ModelEntry, PullCount
from registry.services.calculations import (
    calculation_claim,
    calculation_finish,
    calculation_log_append,
)
from registry.services.runs import run_finish
from registry.spec.calculations import Calculated
from tests.registry.registry_helpers import claimed, report
from tests.web import calculation_scenery, scenery
from tests.web.calculation_scenery import ended


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.CALCULATIONS_A_DAY = 3


@pytest.fixture
def entry(ada) -> ModelEntry:
    return calculation_scenery.calculable(ada)


@pytest.fixture
def opened(ada) -> ModelEntry:
    return calculation_scenery.opened(ada)


def page_of(client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer
    return answer.content.decode()


def asked(client, entry, **data) -> Calculation:
    client.post(f"/models/{entry.pk}/calculations/", data or {"input-1-text": '{"x": 2}'})
    return Calculation.objects.latest("pk")


def test_it_is_off_until_portal_and_owner_switch_it_on(owner, other, entry, settings):
    address = f"/models/{entry.pk}/calculations/"
    assert "Let people run it" in page_of(owner, f"/models/{entry.pk}/settings/")
    page_of(other, address, 404)
    assert other.post(f"/models/{entry.pk}/settings/calculations/", {"on": "1"}).status_code == 404
    owner.post(f"/models/{entry.pk}/settings/calculations/", {"on": "yes"})
    assert "Run it here" in page_of(other, f"/models/{entry.pk}/use/")
    page_of(other, address)
    settings.CALCULATIONS_A_DAY = 0
    page_of(other, address, 404)
    assert other.post(address, {"input-1-text": "{}"}).status_code == 404
    assert "Run it here" not in page_of(other, f"/models/{entry.pk}/use/")
    assert "Run it here" not in page_of(owner, f"/models/{entry.pk}/settings/")


def test_the_owner_closes_it_again(owner, opened):
    page = page_of(owner, f"/models/{opened.pk}/settings/")
    assert "Let nobody run it any more" in page
    owner.post(f"/models/{opened.pk}/settings/calculations/")
    assert not EntryCalculations.objects.exists()


def test_a_model_without_inputs_says_what_is_missing(owner, ada):
    entry, run = scenery.published(ada)
    run_finish(claim=claimed(run), report=report(), files={})
    page = page_of(owner, f"/models/{entry.pk}/settings/")
    assert "[[inputs]]" in page
    assert "Let people run it" not in page


def test_strangers_are_asked_to_sign_in(client, opened):
    address = f"/models/{opened.pk}/calculations/"
    assert "Sign in" in page_of(client, address)
    answer = client.post(address, {"input-1-text": "{}"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert not Calculation.objects.exists()


def test_pasted_json_and_a_file_go_in_and_are_counted_once(other, opened):
    table = SimpleUploadedFile("../../etc/passwd", b"1,2\n")
    calculation = asked(other, opened, **{"input-1-text": '{"x":\r\n 2}', "input-2": table})
    files = {file.path: file for file in calculation.files.all()}
    assert files.keys() == {"in.json", "data/table.csv"}
    address = f"/calculations/{calculation.pk}"
    assert b"".join(other.get(f"{address}/files/in.json")) == b'{"x":\n 2}\n'
    assert b"".join(other.get(f"{address}/files/data/table.csv")) == b"1,2\n"
    assert PullCount.objects.get().kind == "calculation"
    assert "Queued." in page_of(other, f"{address}/")
    assert "2 more calculations" in page_of(other, f"/models/{opened.pk}/calculations/")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "There is no input"),
        ({"input-1-text": '{"x": '}, "This is no JSON"),
        ({"input-1-text": "[" * 100_000}, "This is no JSON"),
        ({"other": "x"}, "There is no input"),
    ],
    ids=["nothing", "no-json", "deep", "unknown"],
)
def test_what_cannot_be_taken_is_said_in_the_form(other, opened, data, said):
    answer = other.post(f"/models/{opened.pk}/calculations/", data)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Calculation.objects.exists()


def test_an_allowance_that_is_used_up_is_said_in_words(other, opened):
    for _ in range(3):
        calculation = asked(other, opened)
        other.post(f"/calculations/{calculation.pk}/cancel/")
    answer = other.post(f"/models/{opened.pk}/calculations/", {"input-1-text": "{}"})
    assert "within a day" in answer.content.decode()
    assert Calculation.objects.count() == 3


def test_a_result_is_shown_safely_and_downloaded_as_it_is(other, opened, tmp_path):
    calculation = ended(asked(other, opened), tmp_path)
    page = page_of(other, f"/calculations/{calculation.pk}/")
    assert "<script>alert(1)" not in page
    assert "\u202e" not in page
    assert '<svg class="plot"' in page
    assert "says nothing about the badge" in page
    answer = other.get(f"/calculations/{calculation.pk}/files/page.html")
    assert b"".join(answer) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "private" in answer["Cache-Control"]
    log = other.get(f"/calculations/{calculation.pk}/log/")
    assert (log["Content-Type"], log.status_code) == ("text/plain; charset=utf-8", 200)
    for path in ("files/run.py", "files/..%2Fpage.html", "files/x%00"):
        assert other.get(f"/calculations/{calculation.pk}/{path}").status_code == 404


def test_while_it_goes_on_fragments_tell_and_at_its_end_the_page_is_loaded_anew(
    other, opened, tmp_path
):
    calculation = asked(other, opened)
    live = f"/calculations/{calculation.pk}/live/?state=queued"
    assert "It is the next calculation." in page_of(other, live)
    claim = calculation_claim(calculation_id=calculation.pk, lease_seconds=60)
    calculation_log_append(claim=claim, text="step 1\n")
    page = page_of(other, live)
    assert "step 1" in page
    assert "calculation-news" in page
    calculation_finish(claim=claim, calculated=Calculated(outcome="failed", explanation="E 3."))
    assert other.get(live)["HX-Refresh"] == "true"
    assert "E 3." in page_of(other, f"/calculations/{calculation.pk}/")


def test_nobody_else_sees_or_touches_it(owner, client, other, opened, tmp_path):
    calculation = ended(asked(other, opened), tmp_path)
    address = f"/calculations/{calculation.pk}/"
    for path in ("", "live/", "log/", "files/in.json", "files/orbit.csv"):
        page_of(owner, address + path, 404)
        assert client.get(address + path).status_code == 302
    for path in ("cancel/", "remove/"):
        assert owner.post(address + path).status_code == 404
        assert owner.post(f"/calculations/999/{path}").status_code == 404
    assert "None are kept" in page_of(owner, "/calculations/")
    assert str(calculation.pk) in page_of(other, "/calculations/")


def test_it_is_removed_on_demand(other, opened, tmp_path):
    calculation = ended(asked(other, opened), tmp_path)
    answer = other.post(f"/calculations/{calculation.pk}/remove/", follow=True)
    assert "are removed" in answer.content.decode()
    page_of(other, f"/calculations/{calculation.pk}/", 404)
