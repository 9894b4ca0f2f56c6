"""Repositories whose tests check nothing, or whose settings and commands hide what they found."""

import pytest

from registry.spec.ladder import Level
from tests.forgery.forged import Forged, hold

pytestmark = pytest.mark.docker

FAILS = "def test_energy():\n    assert 1.0 == 2.0\n"
WRONG = {"test_model.py": FAILS}
UNITTEST = (
    "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_energy(self):\n"
    "        self.assertEqual(1.0, 2.0)\n\n\nunittest.main(exit=False)\n"
)
DOCTEST = '"""\n>>> 1.0\n2.0\n"""\nimport doctest\n\ndoctest.testmod()\n'
MARKED = "import pytest\n\npytestmark = pytest.mark.{}\n\n\n{}"
FLOOD = "for _ in range(30_000):\n    print('x' * 99)\n"


def settings(options: str, test: str = FAILS) -> dict[str, str]:
    return {"test_model.py": test, "pytest.ini": f"[pytest]\naddopts = {options}\n"}


def declared(command: str) -> dict[str, str]:
    return {"reprise.toml": f"test = '''{command}'''\n"}


NOTHING_PASSED = "No test passed: none was found, or all were skipped, deselected or expected"
NOTHING = {
    "nothing but a README": ({}, "No test was found"),
    "pytest only collects": (settings("--collect-only"), "Tests collected: 1; tests reported: 0."),
    "pytest only collects and says little": (settings("--co -q"), NOTHING_PASSED),
    "no name matches": (settings("-k nothing_like_it"), NOTHING_PASSED),
    "no file is looked into": (
        WRONG | {"conftest.py": "collect_ignore_glob = ['*']\n"},
        NOTHING_PASSED,
    ),
    "all are skipped": ({"test_model.py": MARKED.format("skip", FAILS)}, NOTHING_PASSED),
    "a module that is not there is asked for": (
        {"test_model.py": f"import pytest\n\npytest.importorskip('no_such_xyzzy')\n\n{FAILS}"},
        NOTHING_PASSED,
    ),
    "all are expected to fail": ({"test_model.py": MARKED.format("xfail", FAILS)}, NOTHING_PASSED),
    "a script that prints a sum": ({"test_model.py": "print('5 passed in 0.1s')\n"}, "count no"),
    "a test that prints a sum": (
        settings("-s --deselect test_model.py", f"print('\\n5 passed in 0.1s')\n\n\n{FAILS}"),
        NOTHING_PASSED,
    ),
    "a command that does nothing": (declared("true"), NOTHING_PASSED),
    "a command that ran no test": (
        declared("printf 'Ran 0 tests in 0.0s\\n\\nOK\\n'"),
        "but printed “Ran 0 tests in 0.0s”",
    ),
}  # fmt: skip
FAILED = {
    "no report is written": (
        settings("-p no:junitxml"),
        "Tests collected: 1; tests reported: 0.",
    ),
    "it ends at the first failure": (
        settings("-x", "def test_a():\n    assert 0\n\n\ndef test_b():\n    assert 1\n"),
        "1 of 1 tests do not pass",
    ),
    "a command that swallows the exit code": (
        WRONG | declared("python -m pytest || true"),
        "1 of 1 tests do not pass",
    ),
    "a unittest that ends with exit code 0": (
        {"test_model.py": UNITTEST} | declared("python test_model.py"),
        "1 of 1 tests do not pass",
    ),
    "a doctest that ends with exit code 0": (
        {"model.py": DOCTEST} | declared("python model.py"),
        "1 of 1 tests do not pass",
    ),
    "a failure after very much else was printed": (
        {"model.py": DOCTEST, "flood.py": FLOOD}
        | declared("echo 5 passed in 0.1s; python flood.py; python model.py"),
        "do not pass",
    ),
}  # fmt: skip
REPORTED = {
    "the test that fails is deselected": (
        settings("--deselect test_model.py::test_energy", f"{FAILS}\n\ndef test_b():\n    pass\n"),
        "The repository's tests report 1 passed and no failure.",
    ),
    "the test that fails is skipped": (
        {"test_model.py": f"import pytest\n\n\n@pytest.mark.skip\n{FAILS}\n\ndef test_b(): pass\n"},
        "The repository's tests report 1 passed, 1 skipped and no failure.",
    ),
    "a sum is only printed": (
        declared("echo 5 passed in 0.1s"),
        "The repository's tests report 5 passed and no failure, in what they print.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTHING)
def test_what_checks_nothing_is_said_to_pass_nothing(real, name):
    files, says = NOTHING[name]
    report = hold(real, Forged(files=files, level=Level.BUILDS, says=says))
    assert not (report.tests and report.tests.passed)


@pytest.mark.parametrize("name", FAILED)
def test_a_failure_that_is_hidden_is_found(real, name):
    files, says = FAILED[name]
    hold(real, Forged(files=files, level=Level.BUILDS, says=says, tests=False))


@pytest.mark.parametrize("name", REPORTED)
def test_what_is_only_reported_is_said_to_be(real, name):
    files, says = REPORTED[name]
    hold(real, Forged(files=files, level=Level.RUNS, says=says, tests=True))
