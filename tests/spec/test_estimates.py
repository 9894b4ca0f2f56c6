"""How long a run is said to take: from what, in which words, and never more than is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.spec.estimates import (
    Basis,
    Estimate,
    estimate_of,
    estimate_words,
    range_words,
    seconds_left,
)
from registry.spec.ladder import Step


def took(*seconds):
    return [{"build_image": each / 2, "run_tests": each / 2} for each in seconds]


def test_without_runs_there_is_no_estimate():
    assert estimate_of([], basis=Basis.SAME) == Estimate()
    words = estimate_words(Estimate(), elapsed=40)
    assert words == "There is no earlier run to tell how long it takes; 40 s so far."


def test_one_run_is_told_as_one():
    found = estimate_of(took(120), basis=Basis.SAME)
    assert estimate_words(found, elapsed=40) == "The last run took about 2 minutes; 40 s so far."


def test_several_runs_make_a_range():
    found = estimate_of(took(60, 100, 180), basis=Basis.SAME)
    assert estimate_words(found, elapsed=40) == "Usually 1–3 minutes; 40 s so far."
    assert found.seconds[Step.BUILD_IMAGE] == 50


def test_a_guess_by_other_models_is_called_one():
    found = estimate_of(took(60, 180), basis=Basis.KIND)
    assert estimate_words(found, elapsed=200).startswith("A guess, by other models with such an")


def test_a_run_that_takes_longer_than_any_before_says_so():
    found = estimate_of(took(60, 180), basis=Basis.SAME)
    words = "Longer than before: usually 1–3 minutes; 1 h 6 min so far."
    assert estimate_words(found, elapsed=4000) == words


def test_of_many_runs_the_extremes_count_as_accidents():
    found = estimate_of(took(1, *[100] * 20, 90_000), basis=Basis.SAME)
    assert (found.low, found.high) == (100, 100)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(1, 1, "1 second"), (0, 0, "up to 1 second"), (38, 41, "40 seconds"), (60, 61, "60 seconds"),
     (5, 120, "up to 2 minutes"), (70, 180, "1–3 minutes"), (3600, 3600, "60 minutes"),
     (7000, 9000, "2 hours")],
)  # fmt: skip
def test_ranges_are_said_as_people_say_them(low, high, words):
    assert range_words(low, high) == words


@given(st.floats(0.1, 1e6), st.floats(0, 1e7))
def test_something_is_left_of_a_step_until_it_is_over(expected, spent):
    assert seconds_left(expected, spent, over=False) > 0
    assert seconds_left(expected, spent, over=True) == 0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_a_range_lies_within_what_was_seen(totals):
    found = estimate_of([{"run_tests": each} for each in totals], basis=Basis.SAME)
    assert min(totals) - 1e-6 <= found.low <= found.high <= max(totals) + 1e-6 or len(totals) >= 10
    assert found.runs == len(totals)
