"""What a version's runs say together: falls are looked at twice, faults of ours never count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.spec.history import BACKOFF_DAYS, Decided, Standing, is_lower, standing_of
from registry.spec.ladder import Cause, Level

START = datetime(2026, 1, 1, tzinfo=UTC)


def seen(day: float, level: int = 5, cause: Cause | None = None, **more: object) -> Decided:
    at = START + timedelta(days=day)
    return Decided(run=int(day * 100) + 1, at=at, level=Level(level), cause=cause, **more)


def good(day: float, **more: object) -> Decided:
    return seen(day, **more)


def bad(day: float, level: int = 2, cause: Cause = Cause.IMPORT, **more: object) -> Decided:
    return seen(day, level, cause, **more)


verdicts = st.tuples(
    st.sampled_from(list(Level)),
    st.sampled_from([None, None, *Cause]),
    st.sampled_from([None, True, False]),
    st.booleans(),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Decided]:
    runs, day = [], 0.0
    for level, cause, tests_pass, attended in draw(st.lists(verdicts, max_size=12)):
        day += draw(st.sampled_from([0.01, 1, 7, 14, 30, 90]))
        runs.append(seen(day, level, cause, tests_pass=tests_pass, attended=attended))
    return runs


def test_without_a_run_nothing_stands():
    assert standing_of([]) == Standing()
    assert Standing().verify_at is None


def test_a_first_verdict_stands_whatever_it_is():
    for run in (good(0), bad(0), bad(0, attended=True)):
        assert standing_of([run]).run == run


def test_a_fall_that_nobody_asked_for_waits_for_a_second_look():
    before = standing_of([good(0)])
    now = standing_of([good(0), bad(7)])
    assert (now.run, now.doubted, now.lost_at) == (before.run, bad(7), None)
    assert now.green_streak == before.green_streak
    assert now.verify_at == bad(8).at


def test_two_falls_in_a_row_are_lost_since_the_first_for_the_cause_of_the_second():
    now = standing_of([good(0), bad(7, cause=Cause.TEST), bad(7.1)])
    assert (now.run, now.good) == (bad(7.1), good(0))
    assert (now.lost_at, now.lost_cause) == (bad(7).at, Cause.IMPORT)
    assert (now.green_streak, now.verify_at) == (0, good(14.1).at)


def test_a_fall_that_the_next_run_does_not_see_is_forgotten_but_named():
    now = standing_of([good(0), bad(7), good(7.1)])
    assert now.unconfirmed == (bad(7).run,)
    assert replace(now, unconfirmed=()) == standing_of([good(0), good(7.1)])


def test_a_fall_that_a_person_asked_for_counts_at_once_and_is_lost_with_the_next():
    asked = bad(3, attended=True)
    now = standing_of([good(0), asked])
    assert (now.run, now.lost_at) == (asked, None)
    later = standing_of([good(0), asked, bad(10)])
    assert (later.run, later.lost_at) == (bad(10), asked.at)


def test_what_never_worked_cannot_be_lost():
    for runs in ([bad(0), bad(7, level=1), bad(8, level=1)], [bad(0, level=2)] * 3):
        assert standing_of(runs).lost_at is None
        assert standing_of(runs).good is None


def test_lost_stays_until_it_is_as_good_as_it_was():
    runs = [good(0), bad(7), bad(7.1)]
    better = bad(14, level=4, cause=Cause.MISMATCH)
    assert standing_of([*runs, better]).lost_at == bad(7).at
    assert standing_of([*runs, better]).lost_cause is Cause.MISMATCH
    found = standing_of([*runs, better, good(21)])
    assert (found.lost_at, found.run, found.green_streak) == (None, good(21), 1)


def test_tests_that_begin_to_fail_are_a_fall_of_their_own():
    red = replace(good(7), tests_pass=False)
    assert is_lower(red, than=good(0))
    now = standing_of([good(0), red, replace(good(7.1), tests_pass=False)])
    assert (now.lost_at, now.lost_cause) == (red.at, Cause.TEST)


def test_reproduced_again_on_one_machine_is_no_fall_from_sustained():
    assert not is_lower(good(1), than=seen(0, 6))
    assert standing_of([seen(0, 6), good(1)]).doubted is None


def test_looks_become_rarer_while_all_is_well():
    runs, days = [good(0)], []
    for _ in range(6):
        standing = standing_of(runs)
        days.append((standing.verify_at - standing.run.at).days)
        runs.append(replace(good(0), run=len(runs) + 1, at=standing.verify_at))
    assert days == [7, 14, 30, 90, 90, 90]


def test_runs_before_their_time_do_not_make_looks_rarer():
    often = standing_of([good(day / 10) for day in range(20)])
    assert (often.green_streak, often.verify_at) == (1, good(1.9 + 7).at)


@pytest.mark.parametrize("run", [bad(7, attended=True), bad(7, level=5), seen(7, 2, attended=True)])
def test_a_fall_or_a_failure_brings_the_next_look_back_to_a_week(run):
    runs = [good(0), good(7), good(21), good(51), replace(run, at=good(141).at, attended=True)]
    now = standing_of(runs)
    assert (now.green_streak, now.verify_at) == (0, good(148).at)


@given(histories())
def test_a_standing_is_that_of_some_run_in_any_order_of_telling(runs):
    now = standing_of(runs)
    assert now == standing_of(reversed(runs))
    assert now.run is None or now.run in runs
    assert now.good is None or (now.good in runs and now.good.works)


@given(histories(), histories())
def test_faults_of_ours_change_nothing(runs, faults):
    ours = [replace(run, cause=Cause.INFRASTRUCTURE, run=run.run + 10**6) for run in faults]
    assert standing_of([*runs, *ours]) == standing_of(runs)


@given(histories(), verdicts)
def test_one_fall_that_nobody_asked_for_never_changes_a_standing(runs, verdict):
    before = standing_of(runs)
    level, cause, tests_pass, _ = verdict
    fall = seen(10_000, level, cause, tests_pass=tests_pass)
    now = standing_of([*runs, fall])
    if before.run and before.doubted is None and is_lower(fall, than=before.run):
        if cause is not Cause.INFRASTRUCTURE:
            assert now.doubted == fall
        assert (now.run, now.good, now.green_streak) == (
            before.run,
            before.good,
            before.green_streak,
        )


@given(histories())
def test_a_verdict_moves_down_by_itself_only_after_two_looks_in_a_row(runs):
    for end in range(1, len(runs)):
        before, now = standing_of(runs[:end]), standing_of(runs[: end + 1])
        if before.run and now.run and is_lower(now.run, than=before.run):
            assert now.run.attended or before.doubted is not None


@given(histories())
def test_only_what_once_worked_is_lost_and_what_is_lost_is_lower_than_it_was(runs):
    now = standing_of(runs)
    if now.lost_at is None:
        assert now.lost_cause is None
        return
    assert now.good is not None
    assert now.run is not None
    assert is_lower(now.run, than=now.good)
    assert now.good.at < now.lost_at <= now.run.at or now.doubted is not None


@given(histories())
def test_the_next_look_is_never_further_than_the_longest_pause(runs):
    now = standing_of(runs)
    if now.run:
        last = max(run.at for run in runs)
        assert now.verify_at <= last + timedelta(days=BACKOFF_DAYS[-1])
