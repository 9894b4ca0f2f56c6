"""Run the repository's tests in a fresh container, and read its report with due suspicion."""

import re
from dataclasses import replace

from registry.spec.evidence import Failure, Tests
from registry.spec.ladder import Cause, StepState
from registry.spec.manifest import Manifest
from runners.containers.base import Image, RunRequest, RunResult
from runners.diagnosis import RUN_SIGNATURES, diagnose, last_lines
from runners.journal import StepLog
from runners.junit import Suite, read_junit, read_unittest
from runners.steps.case import Case, Tools
from runners.steps.containers import as_arguments, environment_for, limit_failure
from runners.tree import Tree

REPORT = ".reprise-junit.xml"
PYTEST = ("python", "-m", "pytest")
NO_TESTS_COLLECTED = 5  # pytest's exit code
_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$")
_SETTINGS = {"pytest.ini": "[pytest]", "tox.ini": "[pytest]", "setup.cfg": "[tool:pytest]",
             "pyproject.toml": "[tool.pytest"}  # fmt: skip
_COLLECTED = re.compile(r"^collected (\d+) items?(?:.*?(\d+) deselected)?", re.MULTILINE)


def run_tests(case: Case, tools: Tools, log: StepLog) -> Case:
    """Image → counts, outcomes, exit code. Network off, root read-only, all limits explicit."""
    command = test_command(case.source.tree, case.manifest)
    if case.image is None or command is None:
        log.end(StepState.SKIPPED, "No test was found." if case.image else "There is no image.")
        return case
    result = tools.engine.run(
        _request(case, case.image, tools, command), log=log, check=tools.check
    )
    tests = _judge(command, result, tools, log, case.manifest)
    if tests.failure:
        log.end(StepState.FAILED, tests.failure.sentence)
    else:
        log.end(StepState.PASSED, f"{tests.passed} passed, {tests.skipped} skipped")
    return replace(case, evidence=replace(case.evidence, tests=tests))


def test_command(tree: Tree, manifest: Manifest) -> tuple[str, ...] | None:
    """The declared test command, else pytest when the tree holds tests for it, else None."""
    if manifest.test is not None:
        return as_arguments(manifest.test)
    paths = [entry.path for entry in tree.entries]
    configured = any(path in tree and mark in tree.text(path) for path, mark in _SETTINGS.items())
    return PYTEST if configured or any(map(_TEST_FILE.search, paths)) else None


def _request(case: Case, image: Image, tools: Tools, command: tuple[str, ...]) -> RunRequest:
    """Tests may see the expected values, which the image does not hold: they are put back."""
    tree = case.source.tree
    into = tools.scratch / "tests"
    into.mkdir()
    addopts = f"--junitxml={image.workdir}/{REPORT} -p no:cacheprovider"
    return RunRequest(
        image=image,
        name=f"{tools.name}-tests",
        command=command,
        environment={**environment_for(case.manifest), "PYTEST_ADDOPTS": addopts},
        folder=case.manifest.workdir,
        inject={path: tree.read(path) for path in case.manifest.hidden_paths if path in tree},
        collect=(REPORT,),
        into=into,
        labels=tools.labels,
        limits=tools.bounds.for_model(case.manifest.resources),
    )


def _judge(
    command: tuple[str, ...], result: RunResult, tools: Tools, log: StepLog, manifest: Manifest
) -> Tests:
    path = result.files.get(REPORT)
    suite = read_junit(path) if path else None
    if path and suite:
        (tools.artifacts / "junit.xml").write_bytes(path.read_bytes())
    suite = suite or read_unittest(log.tail) or Suite()
    tests = Tests(
        command=command,
        exit_code=result.exit_code,
        collected=suite.collected,
        passed=suite.passed,
        failed=suite.failed,
        errors=suite.errors,
        skipped=suite.skipped,
        seconds=round(result.seconds, 3),
        outcomes=suite.outcomes,
    )
    limits = tools.bounds.for_model(manifest.resources)
    return replace(tests, failure=limit_failure(result, limits) or _failure(tests, log.tail))


def _failure(tests: Tests, log: str) -> Failure | None:
    """Why the report does not count as passing; None when it does. Zero tests never pass."""
    if tests.failed or tests.errors:
        # An error before any test passed has one reason, which the log names; a failed
        # assertion speaks for itself.
        failed = _failed(tests)
        return failed if tests.passed else diagnose(log, RUN_SIGNATURES, otherwise=failed)
    selected = _selected(log)
    if selected is not None and selected > tests.collected:
        return _doubt(f"{selected} tests were collected but only {tests.collected} reported.", log)
    if tests.exit_code not in (0, NO_TESTS_COLLECTED):
        otherwise = _doubt(f"The tests ended with exit code {tests.exit_code}.", log)
        return diagnose(log, RUN_SIGNATURES, otherwise=otherwise)
    if tests.exit_code == 0 and tests.passed:
        return None
    return _doubt("No test passed: none was found, or all were skipped or deselected.", log)


def _failed(tests: Tests) -> Failure:
    bad = [outcome for outcome in tests.outcomes if outcome.state in {"failed", "error"}]
    count = tests.failed + tests.errors
    first = f" The first is {bad[0].name}: {bad[0].message[:200]}" if bad else ""
    return Failure(
        cause=Cause.TEST,
        sentence=f"{count} of {tests.collected} tests do not pass.{first}",
        hint="Mend what the tests show, or the tests, and publish a new version.",
        lines=tuple(f"{outcome.name}: {outcome.message[:200]}" for outcome in bad[:12]),
    )


def _doubt(sentence: str, log: str) -> Failure:
    return Failure(
        cause=Cause.TEST,
        sentence=sentence,
        hint="Run the command named here on a fresh clone; it must report at least one pass.",
        lines=last_lines(log),
    )


def _selected(log: str) -> int | None:
    """How many tests pytest said it would run: collected less deselected; None if it did not."""
    match = _COLLECTED.search(log)
    return int(match.group(1)) - int(match.group(2) or 0) if match else None
