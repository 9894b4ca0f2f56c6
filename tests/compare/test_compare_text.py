import re
import time

import pytest
from compare_helpers import compared
from hypothesis import given, settings
from hypothesis import strategies as st

from runners.compare import BadPattern, LinePattern

EXPECTED = "energy 1.0\nsteps 100\ndone\n"


def test_equal_lines_agree_whatever_the_line_ends():
    assert compared("e.txt", EXPECTED.replace("\n", "\r\n"), EXPECTED).agrees
    assert compared("e.txt", EXPECTED.rstrip(), EXPECTED).agrees


def test_the_first_line_that_differs_is_shown_from_where_it_differs():
    comparison = compared("e.log", EXPECTED.replace("done", "Final result: Failed!"), EXPECTED)
    assert comparison.where == "line 3"
    assert "“Final result: Failed!” instead of “done”" in comparison.message


def test_without_a_tolerance_numbers_are_words():
    assert not compared("e.txt", EXPECTED.replace("1.0", "1.00"), EXPECTED).agrees


def test_with_a_tolerance_floats_may_differ_by_it_and_integers_may_not():
    assert compared("e.txt", EXPECTED.replace("1.0", "  1.0001"), EXPECTED, rtol=1e-3).agrees
    assert not compared("e.txt", EXPECTED.replace("1.0", "1.1"), EXPECTED, rtol=1e-3).agrees
    assert not compared("e.txt", EXPECTED.replace("100", "101"), EXPECTED, rtol=1e-2).agrees
    assert not compared("e.txt", EXPECTED.replace("1.0", "nan"), EXPECTED, rtol=1e-2).agrees


def test_names_with_digits_are_no_numbers():
    assert not compared("e.txt", "v1.2.3", "v1.2.4", rtol=1e-2).agrees
    assert not compared("e.txt", "sha 1e5f00", "sha 1e5f01", rtol=1e-2).agrees


def test_missing_lines_differ():
    comparison = compared("e.txt", "energy 1.0\n", EXPECTED)
    assert (comparison.mismatched, comparison.compared) == (2, 3)
    assert "1 lines instead of 3" in comparison.message


def test_lines_of_an_ignored_pattern_may_differ_or_be_absent():
    produced = "# run at 12:03\n" + EXPECTED
    assert compared("e.txt", produced, EXPECTED, ignore=(r"^# run at \d\d:\d\d$",)).agrees
    assert not compared("e.txt", "made at noon\n" + EXPECTED, EXPECTED, ignore=("^# ",)).agrees


def test_ignoring_every_line_is_no_agreement():
    assert not compared("e.txt", "a", "b", ignore=(".*",)).agrees


def test_a_catastrophic_pattern_costs_no_more_than_any_other():
    started = time.monotonic()
    comparison = compared("e.txt", "a" * 100_000 + "b", "x", ignore=("a*" * 60 + "$", "(a+)+$"))
    assert "Groups, alternatives and counts are not supported" in comparison.message
    assert not compared("e.txt", "a" * 100_000 + "b", "x", ignore=("a*" * 60 + "$",)).agrees
    assert time.monotonic() - started < 5


def test_many_patterns_on_a_long_text_are_refused():
    comparison = compared("e.txt", "x" * 3_000_000, "y", ignore=("z",) * 20)
    assert "too long for 20 patterns" in comparison.message


def test_text_that_is_not_utf8_becomes_a_sentence():
    assert "is not UTF-8 text (byte 0)" in compared("e.txt", b"\xff\xfe", "x").message


def test_an_escape_sequence_never_reaches_the_message():
    assert "\x1b" not in compared("e.txt", "\x1b[31mred", "blue").message


@pytest.mark.parametrize(
    "pattern", ["(a|b)", "a{2}", "a**", "+", "[z-a]", "a\\", "[a", "a^b", "x" * 201]
)
def test_what_is_not_supported_is_said(pattern):
    with pytest.raises(BadPattern, match="pattern"):
        LinePattern(pattern)


ATOMS = st.sampled_from(
    ["a", "b", ".", r"\d", r"\w", r"\s", r"\.", "[ab]", "[^a]", "[0-9x]", " ", "-", r"\$"]
)
PATTERNS = st.lists(st.tuples(ATOMS, st.sampled_from(["", "", "*", "+", "?"])), max_size=6).map(
    lambda atoms: "".join(one + times for one, times in atoms)
)


@settings(deadline=None)
@given(
    st.sampled_from(["", "^"]),
    PATTERNS,
    st.sampled_from(["", "$"]),
    st.text("ab1 .-x$", max_size=12),
)
def test_a_pattern_finds_what_python_finds(start, body, end, line):
    pattern = start + body + end
    assert LinePattern(pattern).search(line) == bool(re.search(pattern, line, re.DOTALL))
