"""Tests of every kind, found and run in real containers, and believed only as far as they count."""

import json
import subprocess
from dataclasses import replace

import pytest

from registry.spec.ladder import Cause, Level

pytestmark = pytest.mark.docker

README = {"README.md": "# A model\n\nIt computes.\n"}
KERNEL = {"requirements.txt": "nbclient\nipykernel\n"}
FAILED = "print('Final result: {}'.format('Failed!'))\n"
PASSED = "import model\nprint('Final result: {}'.format('All passed!'))\n"


def notebook(*cells):
    """A notebook of code cells, each with what it is said to have printed and its tags."""
    code = [
        {"cell_type": "code", "source": source, "metadata": {"tags": tags}, "execution_count": 1,
         "outputs": [{"output_type": "stream", "name": "stdout", "text": text}] if text else []}
        for source, text, *tags in cells
    ]  # fmt: skip
    language = {"language_info": {"name": "python", "version": "3.11"}}
    return json.dumps({"cells": code, "metadata": language, "nbformat": 4, "nbformat_minor": 4})


def test_files_that_pytest_does_not_look_into_are_given_by_name(real):
    files = {"test.py": "def test_a():\n    assert 1\n\ndef test_b():\n    assert 2\n"}
    report = real.verify(README | files)
    assert (report.tests_pass, report.tests.passed) == (True, 2), report
    assert report.tests.command == ("python", "-m", "pytest", "test.py")
    assert "test.py holds 2 test functions" in report.tests.why


def test_numbered_files_that_cannot_be_imported_never_pass(real):
    case = "from no_such_module_xyzzy import a\nimport unittest\n\nclass T(unittest.TestCase):\n"
    method = "    def test_a(self):\n        self.assertTrue(a)\n"
    report = real.verify(README | {"test/unittest/01_FR.py": case + method})
    assert report.tests_pass is False
    assert "no_such_module_xyzzy" in report.explanation


def test_tests_are_run_as_the_ci_file_runs_them_and_a_printed_summary_is_read(real):
    files = {
        "tests/test_a.py": "import unittest\n\nclass T(unittest.TestCase):\n"
        "    def test_a(self):\n        self.assertTrue(1)\n",
        "tests/__init__.py": "",
        ".github/workflows/ci.yml": "jobs: {t: {steps: [{run: python -m unittest tests.test_a}]}}",
    }
    report = real.verify(README | files)
    assert (report.tests_pass, report.tests.runner, report.tests.passed) == (True, "unittest", 1)


def test_examples_in_docstrings_are_tests_where_there_are_no_others(real):
    source = '"""\n>>> 1 + 1\n2\n"""\n\ndef twice(x):\n    """\n    >>> twice(2)\n    4\n    """\n'
    report = real.verify(README | {"model.py": f"{source}    return 2 * x\n"})
    assert (report.tests_pass, report.tests.runner, report.tests.passed) == (True, "doctest", 2)


def test_scripts_that_end_well_claim_nothing_and_are_quoted(real):
    report = real.verify(README | {"model.py": "", "test/test_model.py": PASSED})
    assert (report.tests_pass, report.level, report.cause) == (None, Level.BUILDS, Cause.TEST)
    assert "Final result: All passed!" in report.explanation


def test_a_script_that_says_it_failed_is_believed_whatever_its_exit_code(real):
    report = real.verify(README | {"test/test_model.py": FAILED})
    assert (report.tests_pass, report.tests.exit_code, report.tests.failed) == (False, 0, 1)
    assert "Final result: Failed!" in report.explanation


def test_tests_that_read_files_beside_them_are_run_from_there(real):
    test = "def test_a():\n    assert open('data/x.txt').read() == '1'\n"
    report = real.verify(README | {"tests/test_a.py": test, "tests/data/x.txt": "1"})
    assert (report.tests_pass, report.tests.passed) == (True, 1), report
    assert "cd tests" in report.tests.command[2]
    assert "Tried as well: python -m pytest" in report.tests.why


def test_notebooks_that_give_what_is_stored_pass(real):
    files = {
        "a.ipynb": notebook(
            ("x = 1/3", ""),
            ("print(f'{x:.9f}', object())", "0.333333334 <object object at 0x7fba5d0c5d90>\n"),
            ("raise ValueError('meant')", "", "raises-exception"),
            ("no_such_name", "", "skip"),
            ("x = open('data.txt').read()", ""),
        ),
        "sub/b.ipynb": notebook(("open('here.txt').read()", "")),
        "sub/here.txt": "",
        "data.txt": "",
    }
    report = real.verify(README | KERNEL | files)
    assert (report.tests.runner, report.tests_pass) == ("notebooks", True), report
    assert (report.tests.passed, report.tests.skipped) == (5, 1)
    assert "only run: nothing is compared" in report.tests.outcomes[-1].name


def test_notebooks_that_give_something_else_or_raise_do_not_pass(real):
    files = {
        "a.ipynb": notebook(("print('E =', 2.5)", "E = 2.4\n"), ("print('later')", "later\n")),
        "b.ipynb": notebook(("1/0", ""), ("2", "")),
    }
    report = real.verify(README | KERNEL | files)
    tests = report.tests
    assert (report.tests_pass, tests.failed, tests.errors, tests.skipped) == (False, 1, 1, 1)
    messages = {outcome.name: outcome.message for outcome in tests.outcomes}
    assert "stored 2.4, now 2.5" in messages["a.ipynb::cell 1: print('E =', 2.5)"]
    assert any("ZeroDivisionError" in message for message in messages.values())


def test_a_cell_that_never_ends_is_named_and_the_next_notebook_still_runs(real):
    real.bounds = replace(real.bounds, run=replace(real.bounds.run, seconds=30))
    endless = "import time; time.sleep(999)"
    files = {"a.ipynb": notebook((endless, "")), "b.ipynb": notebook(("1", ""))}
    report = real.verify(README | KERNEL | files)
    assert (report.tests_pass, report.tests.errors, report.tests.passed) == (False, 1, 1), report
    assert f"cell 1: {endless}" in report.explanation
    assert "still running after" in report.explanation
    assert report.level == Level.BUILDS
    left = ["docker", "ps", "--all", "--quiet", "--filter", f"label=org.reprise.run={real.run}"]
    assert subprocess.run(left, capture_output=True, text=True, check=True).stdout == ""
