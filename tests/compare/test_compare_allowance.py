"""What may lie beyond the tolerance, and the places that differ most."""

import json

import numpy as np
import pytest
from compare_helpers import compared, npy

EXPECTED = np.linspace(1.0, 2.0, 10_000)


def changed(places: int, value: float = 9.0) -> bytes:
    array = EXPECTED.copy()
    array[:places] = value
    return npy(array)


def test_a_few_numbers_may_lie_beyond_the_tolerance_where_that_is_declared():
    comparison = compared("e.npy", changed(3), npy(EXPECTED), rtol=1e-6, max_mismatch_ppm=300)
    assert comparison.agrees
    assert comparison.mismatched == 3
    assert comparison.message == (
        "3 of 10000 numbers lie beyond the tolerance, which max_mismatch_ppm allows; "
        "the worst is position [0]: 9 instead of 1."
    )


def test_one_more_than_allowed_differs():
    assert not compared("e.npy", changed(4), npy(EXPECTED), max_mismatch_ppm=300).agrees


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_no_allowance_covers_a_number_that_is_not_finite(special):
    both = changed(1, special), npy(EXPECTED)
    assert not compared("e.npy", *both, max_mismatch_ppm=1000).agrees
    assert not compared("e.npy", *both[::-1], max_mismatch_ppm=1000).agrees


@pytest.mark.parametrize(
    ("produced", "expected"),
    [
        ({"n": 1}, {"n": 2}),
        ({"n": True}, {"n": False}),
        ({"n": "a"}, {"n": "b"}),
        ({}, {"n": 1}),
        ({"n": [1.0]}, {"n": [1.0, 2.0]}),
    ],
)
def test_no_allowance_covers_a_difference_of_form(produced, expected):
    values = {"values": [0.5] * 10_000}
    both = json.dumps(values | produced), json.dumps(values | expected)
    assert not compared("e.json", *both, rtol=1e-2, max_mismatch_ppm=1000).agrees


def test_the_places_that_differ_most_come_worst_first():
    expected = np.ones(1_000_000)
    produced = expected + np.where(np.arange(len(expected)) % 50_000 == 0, 1e-3, 0)
    produced[[7, 999_999]] = 3.0, np.nan
    worst = compared("e.npy", npy(produced), npy(expected), rtol=1e-2).worst
    assert [row.where for row in worst[:3]] == [
        "position [999999]",
        "position [7]",
        "position [0]",
    ]
    assert (worst[1].produced, worst[1].expected, worst[1].absolute_error) == ("3", "1", 2.0)
    assert worst[0].absolute_error is None
    assert len(worst) == 10


def test_places_within_the_tolerance_are_shown_too_unless_the_files_are_equal():
    both = "x,y\n1.0,a\n2.001,b\n", "x,y\n1.0,a\n2.0,b\n"
    comparison = compared("e.csv", *both, rtol=1e-2)
    assert comparison.agrees
    assert comparison.where is None
    assert [row.where for row in comparison.worst] == ["column x, row 2"]
    assert compared("e.csv", both[0], both[0]).worst == ()


@pytest.mark.parametrize(
    ("path", "produced", "expected", "row"),
    [
        ("e.csv", "x\na\n", "x\nb\n", ("column x, row 1", "“a”", "“b”")),
        ("e.json", "{}", '{"x": 1}', ("x", "missing", "")),
        ("e.txt", "a\n", "b\n", ("line 1", "“a”", "“b”")),
        ("e.bin", b"a", b"b", ("byte 0", "0x61", "0x62")),
        ("e.npy", npy(["a"]), npy(["b"]), ("position [0]", "“a”", "“b”")),
    ],
)
def test_a_difference_of_form_is_a_row_without_an_error(path, produced, expected, row):
    (worst,) = compared(path, produced, expected).worst
    assert (worst.where, worst.produced, worst.expected) == row
    assert worst.absolute_error is None
