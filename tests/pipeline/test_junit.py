"""Test reports, which come from the code under test."""

import pytest

from runners.junit import read_junit, read_unittest

REPORT = """<?xml version="1.0"?><testsuites><testsuite tests="4">
<testcase classname="test_m" name="test_a" time="0.25"/>
<testcase classname="test_m" name="test_b"><failure message="assert 1 == 2">x</failure></testcase>
<testcase classname="test_m" name="test_c"><skipped message="no GPU"/></testcase>
<testcase classname="" name="test_d" time="nan"><error message="boom"/></testcase>
</testsuite></testsuites>"""
BOMB = """<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""


@pytest.fixture
def report(tmp_path):
    def write(text):
        path = tmp_path / "junit.xml"
        path.write_text(text)
        return path

    return write


def test_every_state_is_counted(report):
    suite = read_junit(report(REPORT))
    assert (suite.collected, suite.passed, suite.failed, suite.errors, suite.skipped) == (
        4,
        1,
        1,
        1,
        1,
    )
    assert suite.outcomes[1].name == "test_m::test_b"
    assert suite.outcomes[1].message == "assert 1 == 2"
    assert suite.outcomes[3].seconds == 0


@pytest.mark.parametrize(
    "text", ["", "not xml", "<a", BOMB, '<?xml version="1.0" encoding="x"?><a/>']
)
def test_what_is_no_report_or_made_to_hurt_is_none(report, text):
    assert read_junit(report(text)) is None


def test_a_report_without_cases_has_no_tests(report):
    assert read_junit(report('<testsuite tests="999"/>')).collected == 0


def test_unittests_summary_is_read():
    suite = read_unittest("...\nRan 5 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)\n")
    assert (suite.collected, suite.passed, suite.failed, suite.errors, suite.skipped) == (
        5,
        2,
        1,
        1,
        1,
    )


def test_zero_unittests_that_are_ok_are_zero():
    assert read_unittest("\nRan 0 tests in 0.000s\n\nOK\n").passed == 0


def test_a_log_without_summary_says_nothing():
    assert read_unittest("All passed!") is None
