"""What differs between the tests of two runs, and between two small files, whatever is in them."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.differences import (
    LINES_MOST,
    LINES_SHOWN,
    VALUES_MOST,
    arrays_differ,
    lines_differ,
    numbers_differ,
)
from registry.spec import run_changes
from registry.spec.evidence import TestOutcome, Tests
from registry.spec.run_changes import TestChanges


def suite(**states):
    outcomes = tuple(TestOutcome(name=name, state=s, seconds=0) for name, s in states.items())
    return Tests(command=("pytest",), exit_code=0, outcomes=outcomes)


def test_each_test_is_of_one_kind():
    before = suite(a="passed", b="failed", c="passed", d="passed", e="skipped", f="error")
    after = suite(a="error", b="passed", c="passed", e="passed", f="failed", g="failed")
    assert run_changes.tests_changed(before, after) == TestChanges(
        failing=("a",), passing=("b",), otherwise=("e",), gone=("d",), new=("g",), same=2
    )


def test_a_run_without_tests_has_none_to_compare():
    assert run_changes.tests_changed(None, None) == TestChanges()
    assert run_changes.tests_changed(None, suite(a="passed")).new == ("a",)


STATES = st.dictionaries(
    st.sampled_from("abcdefgh"), st.sampled_from(["passed", "failed", "error", "skipped"])
)


@given(STATES, STATES)
def test_every_test_is_counted_once(before, after):
    found = run_changes.tests_changed(suite(**before), suite(**after))
    lists = (found.failing, found.passing, found.otherwise, found.gone, found.new)
    assert sum(map(len, lists)) + found.same == len(before.keys() | after.keys())


def test_texts_that_differ_in_more_than_numbers_have_no_distance():
    assert numbers_differ("x = 1", "y = 1") is None
    assert numbers_differ("1 2", "1 2 3") is None
    assert numbers_differ("1 2", "1 2") is None


@pytest.mark.parametrize(
    ("before", "after", "absolute", "relative"),
    [("0", "1", 1.0, None), ("1", "1e999", None, None), ("2", "2.0", 0.0, 0.0),
     ("-4", "-5", 1.0, 0.25)],
    ids=["from-nothing", "infinite", "written-otherwise", "negative"],
)  # fmt: skip
def test_distances_say_what_can_be_said(before, after, absolute, relative):
    found = numbers_differ(before, after)
    assert (found.absolute, found.relative) == (absolute, relative)


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_two_texts_are_too_strange(before, after):
    numbers_differ(before, after)
    assert len(lines_differ(before, after)) <= LINES_SHOWN


def test_long_texts_are_not_compared_line_by_line():
    assert lines_differ("a\n" * (LINES_MOST + 1), "b\n") == ()


@given(st.binary(max_size=300))
def test_what_is_no_array_is_none(content):
    assert arrays_differ(content, content) is None


def test_arrays_of_other_shapes_or_of_too_many_numbers_have_no_distance():
    def npy(array):
        stream = io.BytesIO()
        np.save(stream, array)
        return stream.getvalue()

    assert arrays_differ(npy(np.zeros(3)), npy(np.zeros(4))) is None
    large = np.zeros(VALUES_MOST + 1, dtype=np.int8)
    assert arrays_differ(npy(large), npy(large + 1)) is None
    assert arrays_differ(npy(np.zeros(3)), npy(np.zeros(3) + 0.5)).absolute == 0.5
