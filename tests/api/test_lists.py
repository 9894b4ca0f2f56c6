"""Lists: pages that nothing shifts, filters, and a number of queries that does not grow."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import ModelEntry
from registry.services.runs import run_event_append
from registry.spec.ladder import Level, Step, StepState
from tests.api.world import API, client_of, problem_of, send
from tests.registry.registry_helpers import (
    claimed,
    failing_report,
    person,
    published,
    ready_draft,
    repaired_report,
    report,
    verified,
)


def entries(count: int) -> list[int]:
    """The accessions of public entries, the newest last."""
    ada = person()
    return [published(ada, name=f"model{number}")[0].pk for number in range(count)]


def walked(first: str, *, between: object = None, link: str = "next") -> list[list[int]]:
    """The accessions of each page from `first` on."""
    pages, address = [], first
    while address:
        reply = Client().get(address)
        assert reply.status_code == 200, reply.content
        pages.append([row["accession"] for row in reply.json()["results"]])
        address = reply.json()[link]
        if callable(between):
            between()
    return pages


@pytest.mark.parametrize("order", ["", "newest", "updated", "level"])
def test_pages_hold_every_entry_once(db, order):
    made = entries(7)
    pages = walked(f"{API}/models/?page_size=3" + (f"&order={order}" if order else ""))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(number for page in pages for number in page) == made


def test_entries_added_while_reading_shift_nothing(db):
    made = entries(5)
    bob = person("bob")
    added = iter(range(100))
    pages = walked(
        f"{API}/models/?page_size=2", between=lambda: published(bob, name=f"new{next(added)}")
    )
    assert [number for page in pages for number in page] == made[::-1]


def test_an_entry_that_leaves_while_reading_takes_no_other_with_it(db):
    made = entries(6)

    def hide_the_last_row_read() -> None:
        ModelEntry.objects.filter(pk=made[-2]).update(visibility="private")

    pages = walked(f"{API}/models/?page_size=2", between=hide_the_last_row_read)
    assert [number for page in pages for number in page] == made[::-1]


def test_the_way_back_is_the_way_in(db):
    made = entries(7)
    reply = Client().get(f"{API}/models/?page_size=3").json()
    assert reply["previous"] is None
    for _ in range(2):
        reply = Client().get(reply["next"]).json()
    assert reply["next"] is None
    back = [[row["accession"] for row in reply["results"]]]
    while reply["previous"]:
        reply = Client().get(reply["previous"]).json()
        back.append([row["accession"] for row in reply["results"]])
    assert [number for page in back[::-1] for number in page] == made[::-1]


def test_found_entries_come_in_pages_too(db):
    made = entries(5)
    pages = walked(f"{API}/models/?q=pendulum&page_size=2")
    assert sorted(number for page in pages for number in page) == made
    assert [len(page) for page in pages] == [2, 2, 1]


def test_links_keep_the_filters(db):
    entries(3)
    reply = Client().get(f"{API}/models/?owner=ada&page_size=1&order=level").json()
    assert "owner=ada" in reply["next"]
    assert "order=level" in reply["next"]


def test_a_cursor_of_another_order_is_refused(db):
    entries(3)
    cursor = Client().get(f"{API}/models/?page_size=1").json()["next"].partition("cursor=")[2]
    response = Client().get(f"{API}/models/?page_size=1&order=level&cursor={cursor}")
    assert problem_of(response, 400)["errors"][0]["pointer"] == "#/cursor"


@pytest.fixture
def ladder(db):
    """One entry reproduced, one short of it, one not yet verified; all public."""
    ada, bob = person("ada"), person("bob")
    good, run = published(ada, name="good")
    verified(run, report())
    bad, run = published(ada, name="bad")
    verified(run, failing_report())
    fresh, _ = published(bob, name="fresh")
    ready_draft(ada, name="hidden")
    return good, bad, fresh


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("level=5", {"good"}),
        ("level=reproduced", {"good"}),
        ("level=Repeatable", {"good", "bad"}),
        ("level=0", {"good", "bad", "fresh"}),
        ("outcome=not_reproduced", {"bad"}),
        ("owner=bob", {"fresh"}),
        ("owner=BOB", {"fresh"}),
        ("owner=nobody", set()),
        ("q=pendulum&owner=ada", {"good", "bad"}),
        ("q=nothing-like-it", set()),
        ("q=", {"good", "bad", "fresh"}),
        ("order=level&level=4", {"good", "bad"}),
    ],
)
def test_filters_narrow_the_list(ladder, query, names):
    rows = Client().get(f"{API}/models/?{query}").json()["results"]
    assert {row["name"] for row in rows} == names


def test_a_row_says_what_was_verified(ladder):
    rows = {row["name"]: row for row in Client().get(f"{API}/models/").json()["results"]}
    assert rows["good"]["level"] == int(Level.REPRODUCED)
    assert rows["good"]["level_name"] == "reproduced"
    assert rows["bad"]["cause"] == "mismatch"
    assert rows["fresh"]["outcome"] is None
    assert rows["good"]["badge"].endswith(f"/models/{ladder[0].pk}/badge.svg")


def test_models_and_runs_say_how_their_environment_was_repaired(db):
    entry, run = published(person())
    run = verified(run, repaired_report())
    found = Client().get(f"{API}/models/{entry.pk}/").json()
    shown = Client().get(f"{API}/runs/{run.pk}/").json()
    rows = [Client().get(f"{API}/{door}/").json()["results"][0] for door in ("models", "runs")]
    for body in (found, shown, *rows):
        assert (body["repaired"], body["repairs"]) == (True, ["dated", "imports"])
    assert shown["modifiers"] == ["repaired"]


def test_a_step_of_another_attempt_counts_its_starts(db):
    run = published(person())[1]
    claim = claimed(run)
    for state in (StepState.RUNNING, StepState.FAILED, StepState.RUNNING):
        run_event_append(
            claim=claim, step=Step.BUILD_IMAGE, state=state, at=run.queued_at, seconds=2, message=""
        )
    shown = Client().get(f"{API}/runs/{run.pk}/").json()
    build = next(step for step in shown["steps"] if step["step"] == "build_image")
    assert (build["state"], build["starts"], build["seconds"]) == ("running", 2, 2.0)
    assert (shown["progress"]["step"], shown["progress"]["round"]) == ("build_image", 2)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=queued", 1),
        ("state=finished", 2),
        ("outcome=reproduced", 1),
        ("outcome=cancelled", 0),
        ("state=finished&outcome=not_reproduced", 1),
        ("model=987654", 0),
    ],
)
def test_runs_are_narrowed(ladder, query, count):
    assert len(Client().get(f"{API}/runs/?{query}").json()["results"]) == count


def test_runs_of_one_model(ladder):
    rows = Client().get(f"{API}/runs/?model={ladder[1].pk}").json()["results"]
    assert [row["cause"] for row in rows] == ["mismatch"]


@pytest.mark.parametrize("path", ["/models/", "/models/?q=pendulum", "/runs/"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_longer_list_takes_no_more_queries(db, path, signed_in):
    ada = person()
    client = Client()
    if signed_in:
        client.force_login(ada)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(API + path).json()["results"]
        return len(seen)

    published(ada, name="first")
    before = queries()
    for number in range(5):
        published(ada, name=f"further{number}")
    assert queries() == before
    assert before <= (4 if signed_in else 2)


def test_longer_lists_of_versions_and_artifacts_take_no_more_queries(world):
    client = Client()

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(API + path).json()["results"]
        return len(seen)

    assert queries(f"/models/{world.public.pk}/versions/") <= 3
    assert queries(f"/runs/{world.runs['public'].pk}/artifacts/") <= 3


def test_steps_and_logs_are_read_on(world):
    run = world.runs["public"].pk
    shown = send(Client(), "get", f"/runs/{run}/").json()
    assert shown["steps"][0] == {
        "step": "fetch_source",
        "state": "passed",
        "starts": 1,
        "seconds": 1.5,
        "message": "",
    }
    assert shown["progress"]["fraction"] == 1.0
    assert shown["tests"]["passed"] == 2
    assert {row["against"] for row in shown["comparisons"]} == {"expected", "repeat"}
    logs = send(Client(), "get", f"/runs/{run}/logs/").json()
    assert [chunk["text"] for chunk in logs["chunks"]][:2] == ["piece 0\n", "piece 1\n"]
    assert logs["finished"] is True
    second = logs["chunks"][1]["id"]
    rest = send(Client(), "get", f"/runs/{run}/logs/?after={second}").json()
    assert [chunk["text"] for chunk in rest["chunks"]] == ["piece 2\n", "2 passed\n"]
    only = send(Client(), "get", f"/runs/{run}/logs/?step=run_tests").json()
    assert [chunk["text"] for chunk in only["chunks"]] == ["2 passed\n"]
    end = send(Client(), "get", f"/runs/{run}/logs/?after={rest['next_after']}").json()
    assert (end["chunks"], end["next_after"]) == ([], rest["next_after"])


def test_a_log_is_not_finished_before_its_run_and_its_last_piece(world, monkeypatch):
    run = send(client_of("runs", world), "post", f"/models/{world.public.pk}/verify/").json()
    logs = send(Client(), "get", f"/runs/{run['id']}/logs/").json()
    assert (logs["chunks"], logs["finished"]) == ([], False)
    monkeypatch.setattr("registry.api.runs.LOG_PIECES", 2)
    path, after, texts, finished = f"/runs/{world.runs['public'].pk}/logs/", 0, [], False
    while not finished:
        piece = send(Client(), "get", f"{path}?after={after}").json()
        texts += [chunk["text"] for chunk in piece["chunks"]]
        after, finished = piece["next_after"], piece["finished"]
    assert len(texts) == 4
