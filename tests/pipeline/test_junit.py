"""Test reports and printed summaries, which come from the code under test."""

import time

import pytest

from runners.reports import read_junit, read_printed, read_report

REPORT = """<?xml version="1.0"?><testsuites><testsuite tests="4">
<testcase classname="test_m" name="test_a" time="0.25"/>
<testcase classname="test_m" name="test_b"><failure message="assert 1 == 2">x</failure></testcase>
<testcase classname="test_m" name="test_c"><skipped message="no GPU"/></testcase>
<testcase classname="" name="test_d" time="nan"><error message="boom"/></testcase>
</testsuite></testsuites>"""
CTEST_SKIPPED = """100% tests passed, 0 tests failed out of 2

The following tests did not run:
\t  2 - gpu (Skipped)
"""
GOOGLETEST = """[==========] 3 tests from 1 test suite ran. (0 ms total)
[  PASSED  ] 2 tests.
[  FAILED  ] 1 test, listed below:
[  FAILED  ] A.b
"""
TESTTHAT = "[ FAIL 0 | WARN 0 | SKIP 0 | PASS 3 ]\r[ FAIL 0 | WARN 1 | SKIP 2 | PASS 9 ]\n"
ONE = '<testsuite><testcase name="a"/></testsuite>'
BOMB = """<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""


@pytest.fixture
def report(tmp_path):
    def write(text):
        path = tmp_path / "junit.xml"
        path.write_text(text)
        return path

    return write


def counts(suite):
    return (suite.passed, suite.failed, suite.errors, suite.skipped)


def test_every_state_is_counted(report):
    suite = read_junit(report(REPORT))
    assert suite.collected == 4
    assert counts(suite) == (1, 1, 1, 1)
    assert suite.outcomes[1].name == "test_m::test_b"
    assert suite.outcomes[1].message == "assert 1 == 2"
    assert suite.outcomes[3].seconds == 0


@pytest.mark.parametrize(
    "text", ["", "not xml", "<a", BOMB, '<?xml version="1.0" encoding="x"?><a/>']
)
def test_what_is_no_report_or_made_to_hurt_is_none(report, text):
    assert read_junit(report(text)) is None


def test_a_failure_after_very_many_passes_is_counted(report):
    cases = "<testcase/>" * 20_000 + '<testcase name="last"><failure/></testcase>'
    suite = read_junit(report(f"<testsuite>{cases}</testsuite>"))
    assert counts(suite) == (20_000, 1, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "<a " + " ".join(f'b{number}=""' for number in range(200_000)) + "/>",
        "<a>" * 400_000,
        f"<a>{'&lt;' * 400_000}</a>",
        f"<testsuite>{'<testcase/>' * 1_500_000}</testsuite>",
    ],
    ids=["many attributes", "deep", "text", "long"],
)
def test_a_report_that_is_made_to_hurt_is_soon_read_or_turned_away(report, text):
    began = time.monotonic()
    suite = read_junit(report(text))
    assert suite is None or suite.collected == 0
    assert time.monotonic() - began < 20


def test_a_report_without_cases_has_no_tests(report):
    assert read_junit(report('<testsuite tests="999"/>')).collected == 0


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        # pytest
        ("======= 39 passed, 1 warning in 2.31s =======", (39, 0, 0, 0)),
        ("==== 2 failed, 3 passed, 1 skipped, 2 errors in 61.2s (0:01:01) ====", (3, 2, 2, 1)),
        ("7 passed in 0.52s", (7, 0, 0, 0)),
        ("== 52 passed, 194 subtests passed in 8.4s ==", (52, 0, 0, 0)),
        ("= 4 passed, 2 xfailed, 1 xpassed, 3 deselected in 1s =", (5, 0, 0, 2)),
        ("=== 1 passed in 0.1s ===\n\n=== 1 failed in 0.2s ===", (1, 1, 0, 0)),
        # unittest and nose
        ("...\nRan 12 tests in 0.052s\n\nOK\n", (12, 0, 0, 0)),
        ("Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)\n", (2, 1, 1, 1)),
        ("Ran 3 tests in 0.1s\n\nOK (SKIP=1)\n", (2, 0, 0, 1)),
        ("Ran 2 tests in 0.1s\n\nFAILED (unexpected successes=1)\n", (1, 1, 0, 0)),
        ("Ran 0 tests in 0.000s\n\nOK\n", (0, 0, 0, 0)),
        ("Ran 2 tests in 0s\n\nFAILED (errors=1)\nRan 4 tests in 0s\n\nOK\n", (5, 0, 1, 0)),
        # CTest
        ("100% tests passed, 0 tests failed out of 12\n\nTotal Test time =", (12, 0, 0, 0)),
        ("67% tests passed, 1 tests failed out of 3", (2, 1, 0, 0)),
        (CTEST_SKIPPED, (1, 0, 0, 1)),
        # GoogleTest, Catch2, Boost
        (GOOGLETEST, (2, 1, 0, 0)),
        ("All tests passed (31 assertions in 4 test cases)", (4, 0, 0, 0)),
        ("test cases: 3 | 2 passed | 1 failed\nassertions: 9 | 8 passed | 1 failed", (2, 1, 0, 0)),
        ("Running 6 test cases...\n\n*** No errors detected\n", (6, 0, 0, 0)),
        ("Running 6 test cases...\na.cpp(3): error\n\n*** 2 failures are detected", (4, 2, 0, 0)),
        # testthat, Julia, Octave, doctest, TAP
        (TESTTHAT, (9, 0, 0, 2)),
        ("[ FAIL 1 | WARN 0 | SKIP 0 | PASS 12 ]\n", (12, 1, 0, 0)),
        (
            "Test Summary: | Pass  Fail  Total  Time\nmodel         |   10     2     12  0.5s\n",
            (10, 2, 0, 0),
        ),
        (
            "Test Summary: | Pass  Error  Total\nmodel         |           1      1\n",
            (0, 0, 1, 0),
        ),
        ("PASSES 5 out of 6 tests", (5, 1, 0, 0)),
        ("9 tests in 4 items.\n9 passed and 0 failed.\nTest passed.\n", (9, 0, 0, 0)),
        ("***Test Failed*** 2 failures.\n", (0, 2, 0, 0)),
        ("1..4\nok 1 - a\nnot ok 2 - b\nok 3 # SKIP no GPU\nok 4\n", (2, 1, 0, 1)),
        ("1..5\nok 1\nok 2\n", (2, 0, 3, 0)),
    ],
)  # fmt: skip
def test_a_printed_summary_is_read(printed, expected):
    assert counts(read_printed(printed)) == expected


@pytest.mark.parametrize(
    "printed",
    [
        "All passed!",
        "Final result: All passed!",
        "ok\nok\n",
        "999 tests passed",
        "no tests ran in 0.01s",
        "converged: 12 passed in the loop",
        "Ran 12 tests in 3.0s",  # and then it crashed
    ],
)
def test_a_log_without_summary_says_nothing(printed):
    assert read_printed(printed) is None


def test_failures_that_another_program_states_are_added():
    suite = read_printed("=== 3 passed in 0.1s ===\nRan 2 tests in 0.1s\n\nFAILED (failures=2)\n")
    assert counts(suite) == (3, 2, 0, 0)


def test_a_report_that_a_second_session_overwrote_does_not_hide_the_first(report):
    log = "=== 1 failed, 2 passed in 0.1s ===\n=== 1 passed in 0.1s ===\n"
    assert counts(read_report(report(ONE), log)) == (3, 1, 0, 0)


def test_sums_that_are_printed_twice_do_not_hide_a_failure_that_is_written(report):
    written = report('<testsuite><testcase name="a"><failure/></testcase></testsuite>')
    log = "5 passed in 0.1s\n9 passed in 0.1s\n"
    assert counts(read_report(written, log)) == (0, 1, 0, 0)


def test_a_report_of_one_session_keeps_its_outcomes(report):
    suite = read_report(report(ONE), "=== 1 passed in 0.1s ===")
    assert suite.outcomes[0].name == "a"


@pytest.mark.parametrize(
    "piece",
    ["1", "=", "= 1 passed, ", "Ran 1 tests in ", "ok\n", "1..", "[ FAIL 1 | ",
     "Running 1 test cases...\n", "Test Summary: |", " \n", "Ran 1 tests in 1.0s\n\n",
     "test cases: 1 | ", "1 passed and "],
)  # fmt: skip
def test_reading_takes_no_longer_for_what_is_made_to_hurt(piece):
    began = time.monotonic()
    read_printed(piece * (400_000 // len(piece)))
    assert time.monotonic() - began < 5
