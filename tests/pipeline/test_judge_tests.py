"""What a run of tests may be said to have shown."""

import pytest

from runners.containers.base import RunResult
from runners.discovery.plans import TestPlan
from runners.steps.judge_tests import Ran, judge, settles
from tests.bench import BOUNDS

REPORT = "report.xml"
ONE = '<testsuite><testcase name="a"/></testsuite>'
TRACEBACK = "Traceback (most recent call last):\n"
EXAMPLES = TestPlan(runner="doctest", command=("python",), why="")


def ran(tmp_path, *, runner="pytest", log="", code=0, xml=None, counted=True, stand_in=""):
    files = {}
    if xml is not None:
        files[REPORT] = tmp_path / "out-000"
        files[REPORT].write_text(xml)
    plan = TestPlan(runner=runner, command=("x",), why="It is there.", counted=counted)
    result = RunResult(
        exit_code=code,
        timed_out=code is None,
        out_of_memory=False,
        log_truncated=False,
        seconds=1.0,
        peak_memory_bytes=None,
        files=files,
        refused={},
    )
    return Ran(plan=plan, report=REPORT, result=result, log=log, stand_in=stand_in)


def test_a_clean_report_passes(tmp_path):
    tests = judge(ran(tmp_path, xml=ONE, log="collected 1 item\n"), BOUNDS.run)
    assert (tests.green, tests.why, tests.runner) == (True, "It is there.", "pytest")


@pytest.mark.parametrize(
    "run",
    [
        {"log": "999 passed in 0.1s\n"},  # printed, but no report written
        {"xml": ONE, "log": "collected 5 items\n"},
        {"xml": ONE, "log": "collected 5 items / 3 deselected\ncollected 1 item\n"},
        {"xml": ONE, "log": "=== 1 failed in 0.1s ===\n=== 1 passed in 0.1s ===\n"},
        {"xml": f"<testsuite>{999 * '<testcase/>'}</testsuite>", "log": "collected 1 item\n"},
        {"xml": ONE, "log": "collected 3 items\ncollected 0 items / 99 deselected\n"},
        {"xml": ONE, "log": f"collected 5 items\ncollected {'9' * 5000} items\n"},
        {"xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "log": "999 passed in 0.1s\n"},
        {"xml": ONE, "stand_in": "pytest.py"},
        {"runner": "make", "xml": "no report", "log": "999 passed in 0.1s\n"},
        {"xml": ONE, "code": 1},
        {"xml": ONE, "code": None},
        {"xml": "<testsuite/>"},
        {"xml": '<testsuite><testcase name="a"><skipped/></testcase></testsuite>'},
        {"runner": "unittest", "log": "Ran 0 tests in 0.0s\n\nOK\n"},
        {"runner": "unittest", "log": f"Ran 3 tests in 0.0s\n\nOK\n{TRACEBACK}"},
        {"runner": "make", "log": "All tests passed!\n"},
        {"runner": "declared", "log": "ok\n"},
        {"runner": "scripts", "log": "== script t.py ==\n3 passed in 1.0s\n", "counted": False},
    ],
)  # fmt: skip
def test_nothing_else_passes(tmp_path, run):
    tests = judge(ran(tmp_path, **run), BOUNDS.run)
    assert not tests.green
    assert tests.failure.sentence


@pytest.mark.parametrize(
    "run",
    [
        {"xml": '<testsuite><testcase name="a"><skipped/></testcase></testsuite>'},
        {"xml": "<testsuite/>", "code": 5},
        {"code": 0},
    ],
)
def test_of_tests_that_did_not_run_nothing_is_said(tmp_path, run):
    assert not judge(ran(tmp_path, **run), BOUNDS.run).conclusive


def test_a_plan_that_found_nothing_leaves_it_to_the_next(tmp_path):
    def settled(**run):
        one = ran(tmp_path, **run)
        return settles(judge(one, BOUNDS.run), one, EXAMPLES)

    assert not settled(code=5, log="collected 0 items\n")
    assert not settled(code=1, log="/usr/bin/python: No module named pytest\n")
    assert settled(xml=ONE)
    assert settled(code=4, log="ERROR: unrecognized arguments: --cov\n")
    assert settled(code=None)
    assert settled(code=0, log="collected 3 items\n")  # and then it ended before its report


def test_a_script_is_quoted_and_neither_passes_nor_fails(tmp_path):
    log = "== script test/a.py ==\nFinal result: All passed!\n== script test/b.py ==\n"
    tests = judge(ran(tmp_path, runner="scripts", counted=False, log=log), BOUNDS.run)
    assert not tests.conclusive
    assert "test/a.py ended with “Final result: All passed!”" in tests.failure.sentence


def test_a_script_that_says_it_failed_has_failed(tmp_path):
    log = "== script test/a.py ==\n# Final result: Failed!\n"
    tests = judge(ran(tmp_path, runner="scripts", counted=False, log=log), BOUNDS.run)
    assert (tests.conclusive, tests.failed, tests.passed) == (True, 1, 0)
