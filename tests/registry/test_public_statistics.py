"""What the public models come to together, and the runs behind it as open data."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from registry_helpers import (
    COMMIT,
    failing_report,
    newest,
    person,
    published,
    queued,
    ready_draft,
    report,
    verified,
)

from registry.caching import process_cache
from registry.models import ModelEntry, ModelVersion, VerificationRun
from registry.models.entries import Visibility
from registry.selectors import statistics as selectors
from registry.selectors.statistics import RUN_COLUMNS, public_runs, runs_exported, statistics_now
from registry.services.entries import entry_withdraw
from registry.spec.evidence import Environment, Host
from registry.spec.ladder import Cause, Level, Outcome
from registry.views import statistics as pages
from registry.views.statistics import cell

pytestmark = pytest.mark.django_db

TORCH = Environment(python="3.11.9", packages=("numpy==2", "torch==2.4"), base_image="python:3.11")
MONTH = timedelta(days=365.25 / 12)
START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_kept():
    process_cache.clear()


@pytest.fixture
def ada():
    return person()


def broken(**changes):
    fallen = {"level": int(Level.BUILDS), "level_name": "builds", "cause": Cause.TEST,
              "tests_pass": False}  # fmt: skip
    return failing_report(**fallen | changes)


def model_seen(owner, *levels: tuple[float, int]) -> None:
    """A public model with runs so many months after its publication, that came to these levels."""
    entry = ready_draft(owner, address=f"https://example.org/ada/m{ModelEntry.objects.count()}")
    ModelVersion.objects.filter(entry=entry).update(published_at=START)
    ModelEntry.objects.filter(pk=entry.pk).update(visibility=Visibility.PUBLIC)
    for months, level in levels:
        VerificationRun.objects.create(
            version=newest(entry),
            commit=COMMIT,
            state="finished",
            outcome=Outcome.REPRODUCED if level >= Level.RUNS else Outcome.NOT_REPRODUCED,
            level=level,
            queued_at=START,
            sent_at=START,
            finished_at=START + months * MONTH,
            trigger="schedule",
            report={},
        )


# --- The numbers -------------------------------------------------------------------------------


def test_counts_are_of_public_models_as_they_stand(ada):
    entry, run = published(ada)
    verified(run, report(environment=TORCH))
    _, other = published(ada, address="https://example.org/ada/other")
    verified(other, broken())
    hidden, third = published(ada, address="https://example.org/ada/hidden")
    verified(third)
    ModelEntry.objects.filter(pk=hidden.pk).update(visibility=Visibility.PRIVATE)

    seen = statistics_now()

    assert (seen.models, seen.verified, seen.runs) == (2, 2, 2)
    assert dict(seen.levels)["reproduced"] == 1
    assert dict(seen.levels)["builds"] == 1
    assert seen.causes == (("test", 1),)
    named = {group.name: (group.models, group.run, group.reproduced) for group in seen.frameworks}
    assert named["PyTorch"] == (1, 1, 1)
    assert [(group.name, group.models, group.run) for group in seen.years] == [("2024", 2, 1)]
    assert entry.pk


def test_a_version_is_lost_when_two_runs_in_a_row_do_not_run(ada):
    model_seen(ada, (0, 5), (2, 5), (4, 2), (5, 2))
    model_seen(ada, (0, 5), (6, 2), (7, 5), (12, 5))
    model_seen(ada, (0, 3))
    model_seen(ada, (0, 2), (3, 2))

    seen = statistics_now()

    assert (seen.lifetimes, seen.lost) == (3, 1)
    (row,) = seen.curve
    assert row.time == pytest.approx(4.0)
    assert (row.at_risk, row.lost, row.share) == (2, 1, 0.5)
    assert seen.watched == pytest.approx(12.0)
    assert [seen.at_risk(month) for month in (0, 4, 12, 13)] == [3, 2, 1, 0]


def test_the_numbers_are_kept_for_some_minutes(ada):
    assert selectors.statistics().models == 0
    published(ada)
    assert selectors.statistics().models == 0
    process_cache.clear()
    assert selectors.statistics().models == 1


def test_few_queries_whatever_the_number_of_models(ada, django_assert_max_num_queries):
    for number in range(3):
        _, run = published(ada, address=f"https://example.org/ada/m{number}")
        verified(run)
    with django_assert_max_num_queries(11):
        statistics_now()


# --- The page ----------------------------------------------------------------------------------


def test_the_page_of_an_empty_portal_claims_nothing(client):
    page = client.get("/statistics/").content.decode()
    assert "0 versions ever ran: too few to say" in page
    assert "%" not in page.split("How long models still run")[1].split("<h2")[0].split("<p>")[1]


def test_of_few_models_no_share_is_given(client, ada):
    _, run = published(ada)
    verified(run)
    page = client.get("/statistics/").content.decode()
    assert "1 version ever ran: too few to say how long models last." in page
    assert "95 % band" not in page


def test_of_many_models_the_curve_is_drawn_with_its_table(client, ada, monkeypatch):
    monkeypatch.setattr(pages, "FEW", 8)
    for number in range(8):
        model_seen(ada, (0, 5), (2, 2 if number % 4 == 0 else 5), (3, 2 if number % 4 == 0 else 5))
    page = client.get("/statistics/").content.decode()
    assert "2 of them were lost: after 2 months 75% (95 % band 45% to 100%) still run." in page
    assert 'class="plot-line"' in page
    assert "<td>75%</td><td>45% to 100%</td>" in page


def test_the_numbers_are_to_be_had_by_the_api(client, ada):
    _, run = published(ada)
    verified(run)
    said = client.get("/api/v1/statistics/").json()
    assert (said["models"], said["levels"]["reproduced"], said["licence"]) == (1, 1, "CC0-1.0")


# --- The data ----------------------------------------------------------------------------------


def rows_of(client: Client) -> list[dict[str, str]]:
    text = b"".join(client.get("/statistics/runs.csv").streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


READ = {
    "integer": re.compile(r"-?\d+"),
    "number": re.compile(r"\d+\.\d+"),
    "boolean": re.compile(r"true|false"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "string": re.compile(r".*", re.DOTALL),
}


def test_each_row_has_the_types_that_the_package_says(client, ada):
    _, run = published(ada)
    verified(run, report(environment=TORCH))
    _, other = published(ada, address="https://example.org/ada/other")
    verified(other, broken(environment=Environment()))

    fields = client.get("/statistics/datapackage.json").json()["resources"][0]["schema"]["fields"]
    rows = rows_of(client)

    assert [field["name"] for field in fields] == list(rows[0])
    for row in rows:
        for field in fields:
            value = row[field["name"]]
            assert value == "" or READ[field["type"]].fullmatch(value), (field, value)
    assert rows[0]["frameworks"] == "PyTorch"
    assert rows[0]["tests_pass"] == "true"
    assert rows[1]["python"] == ""


def test_json_and_csv_hold_the_same_runs(client, ada):
    _, run = published(ada)
    verified(run)
    said = json.loads(b"".join(client.get("/statistics/runs.json").streaming_content))
    assert said["licence"] == "CC0-1.0"
    assert [{name: cell(value) for name, value in row.items()} for row in said["runs"]] == rows_of(
        client
    )


def test_the_data_of_an_empty_portal_is_still_a_table(client):
    assert rows_of(client) == []
    assert json.loads(b"".join(client.get("/statistics/runs.json").streaming_content))["runs"] == []


def test_only_runs_of_public_models_are_given_away(client, ada):
    entry, run = published(ada)
    verified(run)
    assert len(rows_of(client)) == 1
    ModelEntry.objects.filter(pk=entry.pk).update(visibility=Visibility.PRIVATE)
    assert rows_of(client) == []


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_text_of_others_begins_a_formula(text):
    assert cell(text) == f"'{text}"


def test_a_cpu_of_a_hostile_machine_is_no_formula(client, ada):
    entry, run = published(ada)
    host = Host(name="n", cpu_model="x", cpus=1, memory_bytes=1, engine="e", isolation="runc")
    VerificationRun.objects.filter(pk=run.pk).update(base_image="")
    verified(run, report(host=host, environment=replace(TORCH, base_image="=1+1")))
    assert rows_of(client)[0]["base_image"] == "'=1+1"
    assert entry.pk


def test_the_data_is_checked_before_it_is_sent_again(client, ada):
    entry, run = published(ada)
    verified(run)
    first = client.get("/statistics/runs.csv")
    again = client.get("/statistics/runs.csv", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert 'rel="license"' in first["Link"]
    entry_withdraw(entry=entry, actor=entry.owner, reason="wrong")
    gone = client.get("/statistics/runs.csv", headers={"If-None-Match": first["ETag"]})
    assert gone.status_code == 200


def test_more_runs_than_are_read_at_once_all_come_in_order(ada, monkeypatch):
    monkeypatch.setattr(selectors, "ROWS_AT_ONCE", 2)
    entry, run = published(ada)
    verified(run)
    for _ in range(4):
        verified(queued(entry))
    numbers = [row["run"] for row in runs_exported()]
    assert numbers == sorted(public_runs().values_list("pk", flat=True))
    assert len(numbers) == 5


def test_every_column_is_filled_for_a_run_with_everything(ada):
    _, run = published(ada)
    verified(run, report(environment=TORCH))
    (row,) = runs_exported()
    assert list(row) == list(RUN_COLUMNS)
    assert (row["accession"], row["outcome"], row["python"]) == (
        run.version.entry_id,
        Outcome.REPRODUCED,
        "3.11.9",
    )
