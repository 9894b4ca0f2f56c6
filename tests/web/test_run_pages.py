"""A run's page: waiting, running, growing, ended in each way; for everybody and its owner."""

import re
from dataclasses import replace

import pytest

from registry.models import LogChunk, VerificationRun
from registry.services.entries import entry_publish
from registry.services.runs import run_cancel, run_finish, run_log_append, run_release
from registry.services.versions import version_inspected
from registry.spec.ladder import Step, StepState
from registry.spec.manifest import Plan, PlannedEnvironment
from tests.web import scenery

HTMX = {"HX-Request": "true"}


@pytest.fixture
def queued(ada):
    return scenery.published(ada)[1]


def page_of(client, run):
    return client.get(f"/runs/{run.pk}/").content.decode()


def polled(client, page):
    """What the next poll of a page brings."""
    return client.get(re.search(r'hx-get="([^"]+)"', page)[1].replace("&amp;", "&"), headers=HTMX)


def test_a_queued_run_says_so_and_polls(client, queued):
    page = page_of(client, queued)
    assert "begins as soon as a machine is free" in page
    assert 'hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_a_running_run_shows_steps_times_progress_and_log(client, queued):
    scenery.started(queued)
    page = page_of(client, queued)
    assert "Run its tests" in page
    assert "1.2 s" in page
    assert re.search(r'<progress[^>]+value="[1-9]\d?"', page)
    assert "collected 41 items" in page
    assert "Downloading wheel 3 of 24" in page


def test_logs_are_shown_as_text_without_terminal_codes(client, queued):
    scenery.started(queued)
    page = page_of(client, queued)
    assert "&lt;script&gt;alert(&#x27;log&#x27;)" in page
    assert "\x1b" not in page


def test_polling_brings_only_what_is_new(client, queued):
    claim = scenery.started(queued)
    page = page_of(client, queued)
    first = polled(client, page).content.decode()
    assert "collected 41" not in first
    run_log_append(claim=claim, step=Step.RUN_TESTS, text="41 passed <b>in</b> 2 s\n")
    second = polled(client, first).content.decode()
    assert 'hx-swap-oob="beforeend:#log-run_tests"' in second
    assert "41 passed &lt;b&gt;in" in second
    assert "41 passed" not in polled(client, second).content.decode()


def test_polling_speaks_of_a_new_step_once(client, queued):
    claim = scenery.started(queued)
    page = page_of(client, queued)
    assert 'id="run-news"' not in polled(client, page).content.decode()
    scenery.event(claim, Step.RUN_TESTS, StepState.PASSED, seconds=2.0)
    scenery.event(claim, Step.RUN_INFERENCE, StepState.RUNNING)
    second = polled(client, page).content.decode()
    assert "Now: Run the model, twice." in second
    assert 'id="run-news"' not in polled(client, second).content.decode()


def test_the_page_reloads_when_the_run_ends_or_begins_again(client, queued):
    claim = scenery.started(queued)
    page = page_of(client, queued)
    run_release(claim=claim, reason="the engine went away", max_attempts=3)
    assert "HX-Refresh" not in polled(client, page)
    second = scenery.claimed(queued)
    assert polled(client, page)["HX-Refresh"] == "true"
    page = page_of(client, queued)
    run_finish(claim=second, report=scenery.report(), files={})
    assert polled(client, page)["HX-Refresh"] == "true"


def test_a_long_log_stays_quick_and_whole_elsewhere(client, queued, django_assert_max_num_queries):
    claim = scenery.claimed(queued)
    scenery.event(claim, Step.RUN_TESTS, StepState.RUNNING)
    line = "x" * 99 + "\n"
    LogChunk.objects.bulk_create(
        LogChunk(run=queued, attempt=1, seq=number, step=Step.RUN_TESTS, text=line * 100)
        for number in range(1, 501)
    )
    with django_assert_max_num_queries(30):
        page = page_of(client, queued)
    assert len(page) < 100_000
    assert "The whole log of this step" in page
    whole = client.get(f"/runs/{queued.pk}/log/")
    assert sum(len(part) for part in whole.streaming_content) > 5_000_000
    assert whole["Content-Type"] == "text/plain; charset=utf-8"
    assert "sandbox" in whole["Content-Security-Policy"]
    assert whole["X-Content-Type-Options"] == "nosniff"


def test_polling_a_flood_of_log_is_bounded(client, queued):
    claim = scenery.started(queued)
    page = page_of(client, queued)
    run_log_append(claim=claim, step=Step.RUN_TESTS, text="y" * 3_000_000)
    assert len(polled(client, page).content) < 100_000


def test_a_reproduced_run_shows_all_its_evidence(client, queued, tmp_path):
    run = scenery.verified(queued, tmp_path)
    page = page_of(client, run)
    for word in (
        "reproduced", "out/magnetisation.csv", "relative 1e-06", "byte for byte", "41 passed",
        "requirements.txt, Python 3.11", "torch==1.4.0 became torch~=2.3", "numpy==1.26.4",
        "AMD EPYC 7543", "junit.xml", "sha256:5f70bf18", "Repaired", "2026-11",
    ):  # fmt: skip
        assert word in page, word
    assert "hx-trigger" not in page


def items(page, ordered):
    """The items of the list `ordered`, as the texts that a reader sees."""
    inside = re.search(rf'<ol class="{ordered}".*?\n</ol>', page, re.DOTALL)[0]
    texts = [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", item)) for item in inside.split("\n    <li")
    ]
    return texts[1:]


def test_every_attempt_is_shown_with_what_it_changed_and_what_came_of_it(client, queued, tmp_path):
    page = page_of(client, scenery.verified(queued, tmp_path))
    assert "3 attempts at an environment, number 3 kept" in page
    first, second, third = items(page, "attempts")
    assert "1. requirements.txt, Python 3.11" in first
    assert "not built · 14.2 s" in first
    assert "torch 1.4 has no wheel for this Python." in first
    assert "&lt;b&gt;and you require torch==1.4.0" in first
    assert "built, not kept · 48.9 s" in second
    assert "Repair: pins relaxed ." in second
    assert "No module named &#x27;scipy&#x27;" in second
    assert "kept · 52.3 s" in third
    assert "scipy added: imported, but not declared" in third
    assert "pins relaxed , imports added" in third
    assert "What was wrong" not in third


def test_a_verdict_names_the_repairs_that_it_rests_on(client, queued, tmp_path):
    page = page_of(client, scenery.verified(queued, tmp_path))
    assert "<strong>Repaired</strong>: pins relaxed, imports added." in page
    assert '<a href="/rules/#repair-imports">imports added</a>' in page
    assert page.count('id="attempts"') == 1


def test_an_environment_that_works_as_declared_is_not_called_repaired(client, queued, tmp_path):
    page = page_of(client, scenery.verified(queued, tmp_path, scenery.mismatch))
    assert "<strong>Repaired" not in page
    assert "· repaired" not in page


def test_a_run_without_a_working_environment_shows_all_attempts(client, queued, tmp_path):
    run = scenery.verified(queued, tmp_path, scenery.unbuilt)
    page = page_of(client, run)
    assert "2 attempts at an environment, none kept" in page
    assert len(items(page, "attempts")) == 2


def walked(claim, *steps):
    """The steps, begun and ended in this order, a second each."""
    for step in steps:
        scenery.event(claim, step, StepState.RUNNING)
        scenery.event(claim, step, StepState.PASSED, seconds=1.0)


def heads(page):
    """What stands at the head of each step, as a reader sees it."""
    found = re.findall(r'<summary id="head-(\w+)">(.*?)</summary>', page, re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", text) for name, text in found}


def test_another_attempt_begins_at_the_image_again(client, queued):
    claim = scenery.claimed(queued)
    walked(claim, Step.PLAN_ENVIRONMENT, Step.BUILD_IMAGE, Step.RUN_TESTS, Step.RUN_INFERENCE)
    scenery.event(claim, Step.BUILD_IMAGE, StepState.RUNNING)
    page = page_of(client, queued)
    assert "<strong>Build the environment, attempt 2 of at most 8</strong>" in page
    said = heads(page)
    assert "running · 2 times · 1.0 s" in said["build_image"]
    assert "passed" in said["plan_environment"]
    assert "pending" in said["run_tests"]
    assert "pending" in said["run_inference"]


def test_the_times_of_all_attempts_are_added_up(client, queued):
    claim = scenery.claimed(queued)
    walked(claim, Step.BUILD_IMAGE, Step.BUILD_IMAGE, Step.RUN_TESTS, Step.BUILD_IMAGE)
    said = heads(page_of(client, queued))
    assert "passed · 3 times · 3.0 s" in said["build_image"]
    assert said["run_tests"].strip().endswith("pending")


def test_a_step_done_once_does_not_count_its_starts(client, queued):
    scenery.started(queued)
    page = page_of(client, queued)
    assert "times" not in heads(page)["build_image"]
    assert "of at most" not in page


def test_polling_speaks_of_another_attempt_even_where_the_step_is_the_same(client, queued):
    claim = scenery.claimed(queued)
    scenery.event(claim, Step.BUILD_IMAGE, StepState.RUNNING)
    page = page_of(client, queued)
    assert 'id="run-news"' not in polled(client, page).content.decode()
    scenery.event(claim, Step.BUILD_IMAGE, StepState.FAILED, seconds=9.0)
    scenery.event(claim, Step.BUILD_IMAGE, StepState.RUNNING)
    run_log_append(claim=claim, step=Step.BUILD_IMAGE, text="Attempt 2: requirements.txt\n")
    second = polled(client, page).content.decode()
    assert "Now: Build the environment, attempt 2 of at most 8." in second
    assert 'hx-swap-oob="beforeend:#log-build_image"' in second
    assert 'id="run-news"' not in polled(client, second).content.decode()


def test_a_finished_run_says_how_often_a_step_was_done(client, queued, tmp_path):
    claim = scenery.claimed(queued)
    walked(claim, Step.BUILD_IMAGE, Step.RUN_TESTS, Step.BUILD_IMAGE, Step.RUN_TESTS)
    run_finish(claim=claim, report=scenery.report(), files={})
    said = heads(page_of(client, queued))
    assert "passed · 2 times · 1 min 3 s" in said["build_image"]
    assert "passed · 2 times · 1.2 s" in said["run_tests"]


def test_a_run_begun_again_by_another_worker_says_so(client, queued):
    run_release(claim=scenery.started(queued), reason="lost", max_attempts=3)
    scenery.started(queued)
    assert "Start 2: the one before was broken off." in page_of(client, queued)


def test_a_mismatch_says_what_differs_where_and_what_to_do(client, queued, tmp_path):
    page = page_of(client, scenery.verified(queued, tmp_path, scenery.mismatch))
    for word in (
        "mismatch",
        "row 12, column magnetisation",
        "17 of 128",
        "What to do:",
        "relative 0.045",
    ):
        assert word in page, word


def test_failed_tests_come_first_and_long_lists_are_cut(client, queued, tmp_path):
    run = scenery.verified(queued, tmp_path, lambda: scenery.failing_tests(2, 300))
    page = page_of(client, run)
    assert page.index("test_energy_is_bounded[1]") < page.index("test_jacobian[0]")
    assert "0.7142 == 0.7139" in page
    assert "252 more are not listed" in page
    everything = client.get(f"/runs/{run.pk}/?tests=all").content.decode()
    assert "test_jacobian[299]" in everything


def test_downloads_are_never_opened_as_pages(client, queued, tmp_path):
    run = scenery.verified(queued, tmp_path)
    address = re.search(r'href="([^"]+report\.html/)"', page_of(client, run))[1]
    reply = client.get(address)
    assert reply.status_code == 200
    assert reply["Content-Disposition"].startswith("attachment")
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply["Content-Security-Policy"]


def test_owners_can_cancel_and_run_again_and_others_cannot(owner, other, client, queued):
    assert b"Cancel" in owner.get(f"/runs/{queued.pk}/").content
    assert b"Cancel<" not in other.get(f"/runs/{queued.pk}/").content
    assert other.post(f"/runs/{queued.pk}/cancel/").status_code == 404
    assert client.post(f"/runs/{queued.pk}/cancel/").status_code == 302
    owner.post(f"/runs/{queued.pk}/cancel/")
    queued.refresh_from_db()
    assert queued.outcome == "cancelled"
    assert "It says nothing of the model." in page_of(client, queued)
    assert other.post(f"/runs/{queued.pk}/retry/").status_code == 404
    again = owner.post(f"/runs/{queued.pk}/retry/")
    newest = VerificationRun.objects.latest("pk")
    assert newest.pk != queued.pk
    assert again["Location"] == f"/runs/{newest.pk}/"


def test_a_running_run_is_asked_to_stop(owner, queued):
    scenery.started(queued)
    owner.post(f"/runs/{queued.pk}/cancel/")
    assert "Asked to stop" in page_of(owner, queued)


def test_a_fault_of_ours_is_not_put_on_the_model(client, queued):
    claim = scenery.started(queued)
    run_release(claim=claim, reason="the engine went away", max_attempts=1)
    page = page_of(client, queued)
    assert "the badge stays as it was" in page
    assert "the engine went away" in page


def test_runs_of_drafts_are_seen_by_their_owner_alone(owner, other, client, ada):
    entry = scenery.ready(ada)
    owner.post(f"/models/{entry.pk}/verify/")
    run = VerificationRun.objects.get()
    assert owner.get(f"/runs/{run.pk}/").status_code == 200
    for stranger in (other, client):
        for part in ("", "live/", "log/"):
            assert stranger.get(f"/runs/{run.pk}/{part}").status_code == 404


def test_a_run_that_is_none_is_not_found(client, db):
    assert client.get("/runs/1/").status_code == 404
    assert client.get("/runs/99999999999999999999999/").status_code == 404


def test_wrong_numbers_in_a_poll_do_no_harm(client, queued):
    for query in ("after=x", "after=-1", "after=" + "9" * 40, "attempt=٣", "step=<b>"):
        assert client.get(f"/runs/{queued.pk}/live/?{query}", headers=HTMX).status_code == 200


def test_every_start_is_in_the_whole_log(client, queued):
    run_release(claim=scenery.started(queued), reason="lost", max_attempts=3)
    scenery.started(queued)
    run_cancel(run=queued)
    text = b"".join(client.get(f"/runs/{queued.pk}/log/").streaming_content).decode()
    assert "run_tests, start 1" in text
    assert "run_tests, start 2" in text


def test_every_line_has_a_number_that_links_to_it_for_good(client, queued):
    scenery.started(queued)
    page = page_of(client, queued)
    assert '<span class="line" id="build_image-L3"><a href="' in page
    address = re.search(r'id="build_image-L25"><a href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert address == f"/runs/{queued.pk}/lines/?step=build_image&at=25#build_image-L25"
    whole = client.get(address).content.decode()
    assert 'id="build_image-L25"' in whole
    assert "Downloading wheel 23 of 24" in whole


def test_logs_keep_the_colours_of_programs(client, queued):
    scenery.started(queued)
    assert '#8 <span class="t-green">Installed 24 packages</span> in 118ms' in page_of(
        client, queued
    )


def test_a_line_that_was_not_at_its_end_is_brought_whole_in_its_place(client, queued):
    claim = scenery.claimed(queued)
    scenery.event(claim, Step.RUN_TESTS, StepState.RUNNING)
    run_log_append(claim=claim, step=Step.RUN_TESTS, text="first\nloading\r10 %")
    page = page_of(client, queued)
    assert 'id="run_tests-L2"' in page
    run_log_append(claim=claim, step=Step.RUN_TESTS, text="\r100 %\nthird\n")
    new = polled(client, page).content.decode()
    assert re.search(r'id="run_tests-L2" hx-swap-oob="outerHTML"><a [^>]+>2</a>100 %\n', new)
    assert re.search(r'id="run_tests-L3"><a [^>]+>3</a>third\n', new)
    assert "10 %" not in new.replace("100 %", "")


def test_numbers_go_on_where_much_came_at_once(client, queued):
    claim = scenery.started(queued)
    page = page_of(client, queued)
    many = "".join(f"line {number}\n" for number in range(5, 9000))
    run_log_append(claim=claim, step=Step.RUN_TESTS, text=many)
    new = polled(client, page).content.decode()
    shown = re.findall(r'id="run_tests-L(\d+)"><a [^>]+>\d+</a>line (\d+)\n', new)
    assert shown[-1] == ("9001", "8999")
    assert all(int(at) == int(text) + 2 for at, text in shown)
    assert (
        "line 8999\n"
        in client.get(f"/runs/{queued.pk}/lines/?step=run_tests&at=9001").content.decode()
    )
    folded = page_of(client, queued)
    assert 'id="run_tests-L9001"' in folded
    assert 'id="run_tests-L5"' not in folded


def test_the_whole_log_is_read_in_parts(client, queued):
    claim = scenery.claimed(queued)
    text = "".join(f"line {number}\n" for number in range(1, 501))
    run_log_append(claim=claim, step=Step.RUN_TESTS, text=text)
    base = f"/runs/{queued.pk}/lines/"
    first = client.get(base).content.decode()
    assert "Lines 1 to 200" in first
    assert "Earlier lines" not in first
    assert "Lines 401 to 500" in client.get(f"{base}?step=run_tests&at=401").content.decode()
    for wrong in ("?step=run_tests&at=601", "?step=decide", "?step=<b>"):
        assert client.get(base + wrong).status_code == 404


def test_a_search_shows_matching_lines_with_those_around_and_their_numbers(client, queued):
    scenery.started(queued)
    page = client.get(f"/runs/{queued.pk}/lines/?q=WHEEL+3+of").content.decode()
    assert "1 line." in page
    assert "<mark>wheel 3 of</mark> 24" in page
    assert re.findall(r'id="build_image-L(\d+)"', page) == ["3", "4", "5", "6", "7"]
    both = client.get(f"/runs/{queued.pk}/lines/?q=[").content.decode()
    assert "Build the environment" in both
    assert "<mark>[</mark> 36%]" in both
    none = client.get(f"/runs/{queued.pk}/lines/?q=%3Cb%3Enowhere").content.decode()
    assert "“&lt;b&gt;nowhere” does not stand in the log." in none


def test_a_search_that_finds_too_much_says_so(client, queued):
    claim = scenery.claimed(queued)
    run_log_append(claim=claim, step=Step.RUN_TESTS, text="again\n" * 5000)
    page = client.get(f"/runs/{queued.pk}/lines/?q=again").content.decode()
    assert "and more that are not shown" in page
    assert len(page) < 100_000


def test_a_run_that_wrote_nothing_has_an_empty_log(client, queued):
    assert b"Nothing has been written yet." in client.get(f"/runs/{queued.pk}/lines/").content


def test_lines_of_hidden_runs_are_hidden(owner, other, client, ada):
    entry = scenery.ready(ada)
    owner.post(f"/models/{entry.pk}/verify/")
    run = VerificationRun.objects.get()
    assert owner.get(f"/runs/{run.pk}/lines/").status_code == 200
    for stranger in (other, client):
        assert stranger.get(f"/runs/{run.pk}/lines/").status_code == 404


def test_a_first_run_says_that_nothing_is_known_of_its_time(client, queued):
    scenery.started(queued)
    page = page_of(client, queued)
    assert "There is no earlier run to tell how long it takes; 0 s so far." in page
    assert "The bar counts steps, not time." in page


def test_a_later_run_is_estimated_by_the_one_before(client, owner, queued, tmp_path):
    scenery.verified(queued, tmp_path)
    owner.post(f"/runs/{queued.pk}/retry/")
    again = VerificationRun.objects.latest("pk")
    scenery.started(again)
    page = page_of(client, again)
    assert "The last run took about 2 minutes; 0 s so far." in page
    assert "The bar counts steps" not in page


def test_the_tab_says_how_the_run_stands(client, queued, tmp_path):
    assert f"<title>Queued: verification {queued.pk} ·" in page_of(client, queued)
    claim = scenery.claimed(queued)
    assert 'data-title="Running"' in page_of(client, queued)
    run_finish(claim=claim, report=scenery.report(), files={})
    assert f"<title>Reproduced: verification {queued.pk} ·" in page_of(client, queued)


def test_a_run_says_what_it_cost(client, queued, tmp_path):
    page = page_of(client, scenery.verified(queued, tmp_path))
    for words in ("What it cost", "12.5 s of tests, 2 runs of the command in 42.0 s",
                  "413 MB at most in one container", "812 MB, its base included"):  # fmt: skip
        assert words in page, words
    said = client.get(f"/api/v1/runs/{queued.pk}/").json()
    assert (said["run_seconds"], said["peak_memory_mb"], said["image_mb"]) == (54.5, 413, 812)


def test_a_cost_that_nobody_saw_is_not_called_nothing(client, queued, tmp_path):
    page = page_of(client, scenery.verified(queued, tmp_path, scenery.unbuilt))
    assert "Nothing of it was run." in page
    assert "Not seen: what ran was over before the engine looked." in page


def published_with(ada, name, strategy):
    """A published model of which an environment made from `strategy` would be tried first."""
    entry = scenery.pending(ada, f"https://github.com/ada/{name}")
    version = entry.versions.get()
    plan = Plan(environments=(PlannedEnvironment(strategy=strategy),))
    described = replace(scenery.DESCRIPTION, title=name)
    read = scenery.inspection(version, plan=plan, description=described)
    assert version_inspected(version_id=version.pk, inspection=read)
    return entry_publish(entry=entry, requested_by=ada)


def test_without_a_run_of_its_own_others_of_its_kind_give_a_guess_and_it_is_called_one(
    client, ada, tmp_path
):
    scenery.verified(published_with(ada, "first", "Pipfile"), tmp_path)
    second = published_with(ada, "second", "Pipfile")
    page = page_of(client, second)
    assert "A guess, by other models with such an environment: 2 minutes; 0 s so far." in page
    other = published_with(ada, "third", "install.R")
    assert "There is no earlier run to tell" in page_of(client, other)
