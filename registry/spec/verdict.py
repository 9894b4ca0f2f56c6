"""From evidence to verdict: the whole ladder, as pure functions. Source: docs/verdicts.md."""

from collections.abc import Callable
from dataclasses import dataclass

from registry.spec.evidence import Attempt, Comparison, Evidence, Failure, Tests, Verdict
from registry.spec.ladder import Cause, Level, Outcome, Repeatability


@dataclass(frozen=True)
class Shortfall:
    """Why a level was not reached. Without a cause, nothing failed: something was not there."""

    sentence: str
    hint: str = ""
    cause: Cause | None = None
    lines: tuple[str, ...] = ()


def decide(evidence: Evidence) -> Verdict:
    """The highest level whose criteria, and those of every level below, the evidence meets.

    1. Climb the ladder until a criterion is missed.
    2. Say what was reached, what stopped the climb, and what to do about it.
    3. Tests and outputs stay two verdicts: failing tests are named at any level.
    """
    reached, shortfall = Level.REGISTERED, None
    for level, missing in LADDER:
        shortfall = missing(evidence)
        if shortfall:
            break
        reached = level
    stopped_by, kept = shortfall or Shortfall(""), _kept(evidence)
    return Verdict(
        level=reached,
        outcome=Outcome.REPRODUCED if reached >= Level.REPRODUCED else Outcome.NOT_REPRODUCED,
        cause=stopped_by.cause,
        explanation=_explain(evidence, stopped_by.sentence),
        hint=stopped_by.hint,
        lines=stopped_by.lines,
        repeatability=repeatability(evidence) if reached >= Level.REPEATABLE else None,
        tests_pass=tests_pass(evidence.tests),
        modifiers=("repaired",) if kept and kept.changed else (),
        repairs=kept.repairs if kept else (),
    )


def tests_pass(tests: Tests | None) -> bool | None:
    """The verdict on the tests alone; None when there are none, or none that counted anything."""
    return tests.green if tests and tests.conclusive else None


def repeatability(evidence: Evidence) -> Repeatability | None:
    """In what sense the two runs agreed; None when they did not, or were not compared."""
    repeats = _against(evidence, "repeat")
    if not repeats or not all(comparison.agrees for comparison in repeats):
        return None
    identical = all(comparison.identical for comparison in repeats)
    return Repeatability.BITWISE if identical else Repeatability.NUMERIC


def _missing_archive(evidence: Evidence) -> Shortfall | None:
    source = evidence.source
    if not source.commit or not source.tree_swhid:
        return _because(evidence.failure, "The repository was not fetched.")
    if not source.readme:
        return Shortfall(
            "The repository has no README, so a reader cannot learn what the model is.",
            "Add a file README.md that says what the model does, how to run it and what to cite.",
        )
    return None


def _missing_build(evidence: Evidence) -> Shortfall | None:
    environment = evidence.environment
    if not environment.image_digest:
        return _because(environment.failure or evidence.failure, "No image was built.")
    if environment.conflicts:
        return Shortfall(
            f"The installed packages contradict each other: {environment.conflicts[0]}.",
            "Loosen or correct the version that the message names in your requirements.",
            Cause.RESOLVE,
            environment.conflicts,
        )
    if environment.unresolved_imports:
        names = ", ".join(environment.unresolved_imports)
        return Shortfall(
            f"The code imports what the environment does not have: {names}.",
            "Add the missing packages to requirements.txt or pyproject.toml.",
            Cause.IMPORT,
        )
    return None


def _missing_run(evidence: Evidence) -> Shortfall | None:
    if (evidence.tests and evidence.tests.green) or _inference_ran(evidence):
        return None
    failures = [evidence.tests.failure] if evidence.tests else []
    failures += [run.failure for run in evidence.inference] + [evidence.failure]
    failure = next((failure for failure in failures if failure), None)
    if failure:
        return _because(failure, "")
    return Shortfall(
        "No test was found and no command is declared, so nothing could be run.",
        "Add a test (a file test_*.py with pytest), or declare a run command in reprise.toml.",
        Cause.TEST,
    )


def _missing_repeat(evidence: Evidence) -> Shortfall | None:
    if not evidence.inference:
        return Shortfall(
            "No command that computes the model's outputs is declared, so they were not checked.",
            "Declare `run` and `outputs` in reprise.toml.",
        )
    failure = next((run.failure for run in evidence.inference if run.failure), None)
    if failure:
        return _because(failure, "")
    repeats = _against(evidence, "repeat")
    if not repeats:
        return Shortfall(
            "The declared command ran, but declares no output that could be compared.",
            "Name the files that it writes under `outputs` in reprise.toml.",
        )
    worst = next((comparison for comparison in repeats if not comparison.agrees), None)
    if worst:
        return Shortfall(
            f"Two runs of the same image disagree in {worst.path}: {worst.message}",
            "Fix the random seed and the number of threads, or declare a tolerance.",
            Cause.NONDETERMINISTIC,
        )
    return None


def _missing_reproduction(evidence: Evidence) -> Shortfall | None:
    expected = _against(evidence, "expected")
    wrong = next((comparison for comparison in expected if not comparison.agrees), None)
    if wrong:
        return Shortfall(
            f"{wrong.path} is not what it was expected to be: {wrong.message}",
            "Compare your output with the expected file. If the new values are right, commit them.",
            Cause.MISMATCH,
        )
    checked = {comparison.path for comparison in expected}
    unchecked = sorted({comparison.path for comparison in evidence.comparisons} - checked)
    if not expected or unchecked:
        return Shortfall(
            f"No expected values are declared for {', '.join(unchecked) or 'the outputs'}.",
            "Commit the values you published and name them as `expected` in reprise.toml.",
        )
    return None


LADDER: tuple[tuple[Level, Callable[[Evidence], Shortfall | None]], ...] = (
    (Level.ARCHIVED, _missing_archive),
    (Level.BUILDS, _missing_build),
    (Level.RUNS, _missing_run),
    (Level.REPEATABLE, _missing_repeat),
    (Level.REPRODUCED, _missing_reproduction),
)


def _inference_ran(evidence: Evidence) -> bool:
    runs = evidence.inference
    return bool(runs) and runs[0].exit_code == 0 and runs[0].failure is None


def _against(evidence: Evidence, what: str) -> list[Comparison]:
    return [comparison for comparison in evidence.comparisons if comparison.against == what]


def _because(failure: Failure | None, otherwise: str) -> Shortfall:
    if failure is None:
        return Shortfall(otherwise)
    return Shortfall(failure.sentence, failure.hint, failure.cause, failure.lines)


def _kept(evidence: Evidence) -> Attempt | None:
    """The attempt that everything was seen in."""
    return next((attempt for attempt in evidence.environment.attempts if attempt.kept), None)


def _explain(evidence: Evidence, stopped_by: str) -> str:
    """What was seen, in at most three sentences: outputs, tests, and what stopped the climb."""
    said = [stopped_by] if stopped_by else []
    if not stopped_by:
        how = "bit by bit" if repeatability(evidence) is Repeatability.BITWISE else "numerically"
        count = len({comparison.path for comparison in evidence.comparisons})
        outputs = (
            "its one declared output equals"
            if count == 1
            else f"all {count} declared outputs equal"
        )
        said.append(
            f"The declared command ran twice with the network off; {outputs} the expected values, "
            f"and the two runs agree {how}."
        )
    tests = evidence.tests
    if tests and tests.green:
        said.append(f"The repository's tests report {tests.passed} passed and no failure.")
    elif tests and tests.failure and tests.failure.sentence not in stopped_by:
        said.append(f"However: {tests.failure.sentence}")
    return " ".join(said)
