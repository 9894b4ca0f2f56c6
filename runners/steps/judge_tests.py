"""What a run of tests came to: its report, read with due suspicion."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from registry.spec.evidence import NO_TESTS_COLLECTED, Failure, TestOutcome, Tests
from registry.spec.ladder import Cause
from runners.containers.base import RunLimits, RunResult
from runners.diagnosis import RUN_SIGNATURES, contradiction, diagnose, last_lines
from runners.discovery.plans import TestPlan
from runners.discovery.scripts import script_sections
from runners.reports import Suite, read_printed, read_report
from runners.steps.containers import limit_failure

# Runners that write a report: what they print alone is not believed.
_REPORTING = {"pytest", "doctest", "notebooks"}
_COLLECTED = re.compile(
    r"^collected (\d{1,9}) items?(?:[^\n]{0,200}?\b(\d{1,9}) deselected)?", re.MULTILINE
)
_NO_RUNNER = re.compile(r"No module named '?pytest\b")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A plan that was run: how its container ended, where its report lies, what was printed.

    `stand_in` is the file of the repository that ran in the place of the test runner, if any.
    """

    plan: TestPlan
    report: str
    result: RunResult
    log: str
    stand_in: str = ""

    @property
    def path(self) -> Path | None:
        """The report that the run left."""
        return self.result.files.get(self.report)


def judge(ran: Ran, limits: RunLimits) -> Tests:
    """The evidence of one run. Nothing but a report or a printed summary counts a test."""
    tests = _scripts(ran) if not ran.plan.counted else _counted(ran, _suite(ran))
    limited = limit_failure(ran.result, limits)
    return replace(tests, failure=limited) if limited else tests


def settles(tests: Tests, ran: Ran, following: TestPlan | None) -> bool:
    """Whether no other plan need be tried: something was counted, or it failed by itself.

    A plan that found nothing leaves it to the next; so does one whose runner is not installed.
    """
    if tests.collected or _selected(ran.log):
        return True
    if tests.exit_code in (0, NO_TESTS_COLLECTED) or _NO_RUNNER.search(ran.log):
        return False
    return following is None or following.runner != ran.plan.runner


def _suite(ran: Ran) -> Suite:
    """What was counted. A runner that writes a report is not believed without one."""
    if ran.stand_in or (ran.path is None and ran.plan.runner in _REPORTING):
        return Suite()
    return (read_report(ran.path, ran.log) if ran.path else read_printed(ran.log)) or Suite()


def _counted(ran: Ran, suite: Suite) -> Tests:
    tests = replace(
        _plain(ran),
        collected=suite.collected,
        passed=suite.passed,
        failed=suite.failed,
        errors=suite.errors,
        skipped=suite.skipped,
        outcomes=suite.outcomes,
    )
    return replace(tests, failure=_failure(tests, ran))


def _plain(ran: Ran) -> Tests:
    return Tests(
        command=ran.plan.command,
        runner=ran.plan.runner,
        why=ran.plan.why,
        exit_code=ran.result.exit_code,
        seconds=round(ran.result.seconds, 3),
        peak_memory_bytes=ran.result.peak_memory_bytes,
    )


def _failure(tests: Tests, ran: Ran) -> Failure | None:
    """Why the report does not count as passing; None when it does. Zero tests never pass."""
    log = ran.log
    if tests.failed or tests.errors:
        # An error before any test passed has one reason, which the log names; a failed
        # assertion speaks for itself.
        failed = _failed(tests)
        return failed if tests.passed else diagnose(log, RUN_SIGNATURES, otherwise=failed)
    if ran.stand_in:
        return _doubt(
            f"{ran.stand_in} of the repository stands in the place of {ran.plan.runner}, so what "
            "it reports is not believed.",
            log,
        )
    selected = _selected(log)
    # A test that was collected is reported once; a module that skips itself is not collected.
    counted = tests.outcomes and tests.passed > selected > 0
    if selected > tests.collected or counted:
        return _doubt(f"Tests collected: {selected}; tests reported: {tests.collected}.", log)
    if tests.exit_code not in (0, NO_TESTS_COLLECTED):
        otherwise = _doubt(f"The tests ended with exit code {tests.exit_code}.", log)
        return diagnose(log, RUN_SIGNATURES, otherwise=otherwise)
    # A report names each test; of counts that were merely printed, nothing else vouches.
    said = None if tests.outcomes else contradiction(log)
    if said:
        return _doubt(f"The tests ended with exit code 0, but printed “{said}”.", log)
    if tests.exit_code == 0 and tests.passed:
        return None
    return _nothing_passed(ran)


def _nothing_passed(ran: Ran) -> Failure:
    if ran.path is None and ran.plan.runner in _REPORTING:
        return _doubt("The tests ended without a report, so nothing is known of them.", ran.log)
    return _doubt(
        "No test passed: none was found, or all were skipped, deselected or expected to fail.",
        ran.log,
    )


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


def _scripts(ran: Ran) -> Tests:
    """Scripts that say that they failed are believed; those that say they did not are quoted."""
    sections = script_sections(ran.log)
    # A script that fails in its own folder is run again from the top: a traceback may be old.
    said = [(path, contradiction(printed)) for path, printed in sections]
    bad = [(path, line) for path, line in said if line and not line.startswith("Traceback")]
    tests = replace(
        _plain(ran),
        collected=len(bad),
        failed=len(bad),
        outcomes=tuple(
            TestOutcome(name=path, state="failed", seconds=0.0, message=line) for path, line in bad
        ),
    )
    if bad:
        return replace(tests, failure=_failed(tests))
    uncounted = _uncounted(ran, sections)
    if ran.result.exit_code:
        uncounted = diagnose(ran.log, RUN_SIGNATURES, otherwise=uncounted)
    return replace(tests, failure=uncounted)


def _uncounted(ran: Ran, sections: tuple[tuple[str, str], ...]) -> Failure:
    last = [(path, next(iter(last_lines(printed)[-1:]), "")) for path, printed in sections]
    quoted = "; ".join(f"{path} ended with “{line[:120]}”" for path, line in last if line)
    return Failure(
        cause=Cause.TEST,
        sentence="The test scripts count no tests, so nothing is claimed from them (exit code "
        f"{ran.result.exit_code}): {quoted or 'they printed nothing'}.",
        hint="Put what they check into test functions with assert, and let pytest run them.",
        lines=last_lines(ran.log),
    )


def _selected(log: str) -> int:
    """How many tests pytest said it would run: all that were collected, less those deselected."""
    lines = _COLLECTED.finditer(log)
    return sum(max(0, int(line[1]) - int(line[2] or 0)) for line in lines)
