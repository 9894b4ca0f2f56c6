"""From evidence to verdict: the whole ladder, as pure functions. Source: docs/verdicts.md."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.spec.evidence import (
    Attempt,
    ClaimCheck,
    Comparison,
    EarlierRun,
    Evidence,
    Failure,
    Tests,
    Verdict,
)
from registry.spec.ladder import Cause, Level, Outcome, Repeatability

# A fresh rebuild that reproduces so much later says that the model outlasts its surroundings.
SUSTAINED_DAYS = 90


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
    # What is only reproduced lacks nothing that its author could mend.
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
    if all(comparison.identical for comparison in repeats):
        return Repeatability.BITWISE
    if any(comparison.statistic for comparison in repeats):
        return Repeatability.STATISTICAL
    return Repeatability.NUMERIC


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
    if not evidence.outputs:
        return Shortfall(
            "The declared command ran, but declares no output that could be compared.",
            "Name the files that it writes under `outputs` in reprise.toml.",
        )
    repeats = _against(evidence, "repeat")
    worst = next((comparison for comparison in repeats if not comparison.agrees), None)
    if worst:
        named = f" What differs: {worst.differs}." if worst.differs else ""
        return Shortfall(
            f"Two runs of the same image disagree in {worst.path}: {worst.message}{named}",
            "Fix the random seed and the number of threads, or declare a tolerance.",
            Cause.NONDETERMINISTIC,
        )
    return _unaccounted(evidence, repeats, "The two runs were not compared in")


def _missing_reproduction(evidence: Evidence) -> Shortfall | None:
    expected = _against(evidence, "expected")
    wrong = next((comparison for comparison in expected if not comparison.agrees), None)
    if wrong:
        return Shortfall(
            f"{wrong.path} is not what it was expected to be: {wrong.message}",
            "Compare your output with the expected file. If the new values are right, commit them.",
            Cause.MISMATCH,
        )
    unchecked = _unaccounted(evidence, expected, "No expected values are declared for")
    return unchecked or _missing_claim(evidence)


def _unaccounted(
    evidence: Evidence, comparisons: Sequence[Comparison], sentence: str
) -> Shortfall | None:
    """Declared outputs that none of these comparisons is about."""
    about = {comparison.path for comparison in comparisons}
    unchecked = [output.path for output in evidence.outputs if output.path not in about]
    if not unchecked:
        return None
    return Shortfall(
        f"{sentence} {', '.join(unchecked)}.",
        "Commit the values you published and name them as `expected` in reprise.toml.",
    )


def _missing_claim(evidence: Evidence) -> Shortfall | None:
    """Values of the article are expected values too: one that is not met is a mismatch."""
    declared = sum(len(output.claims) for output in evidence.outputs)
    wrong = next((claim for claim in evidence.claims if not claim.agrees), None)
    if wrong is None and len(evidence.claims) < declared:
        return Shortfall("Not every claim of the article was looked at.")
    if wrong is None:
        return None
    return Shortfall(
        f"{claims_words(evidence.claims)}: {wrong.message}",
        "Compare the output with the article. If the claim is wrong, correct it in reprise.toml.",
        Cause.MISMATCH,
    )


def claims_words(claims: Sequence[ClaimCheck]) -> str:
    """How many values of the article were met, in words: “7 of 9 claims reproduced”."""
    met = sum(claim.agrees for claim in claims)
    return f"{met} of {len(claims)} claim{'s' if len(claims) > 1 else ''} reproduced"


def _missing_sustenance(evidence: Evidence) -> Shortfall | None:
    if any(_sustains(evidence, run) for run in evidence.earlier):
        return None
    return Shortfall("")


def _sustains(evidence: Evidence, run: EarlierRun) -> bool:
    """Whether this run says more than the earlier one: another CPU, or rebuilt long after."""
    if run.level < Level.REPRODUCED:
        return False
    if evidence.cpu_model and run.cpu_model and evidence.cpu_model != run.cpu_model:
        return True
    if not evidence.environment.fresh or not evidence.started_at:
        return False
    since = datetime.fromisoformat(evidence.started_at) - datetime.fromisoformat(run.finished_at)
    return since >= timedelta(days=SUSTAINED_DAYS)


LADDER: tuple[tuple[Level, Callable[[Evidence], Shortfall | None]], ...] = (
    (Level.ARCHIVED, _missing_archive),
    (Level.BUILDS, _missing_build),
    (Level.RUNS, _missing_run),
    (Level.REPEATABLE, _missing_repeat),
    (Level.REPRODUCED, _missing_reproduction),
    (Level.SUSTAINED, _missing_sustenance),
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
    """What was seen, in a few sentences: outputs, claims, tests, and what stopped the climb."""
    said = [stopped_by] if stopped_by else [_reproduced_words(evidence)]
    if evidence.claims and claims_words(evidence.claims) not in stopped_by:
        said.append(f"{claims_words(evidence.claims)}.")
    tests = evidence.tests
    if tests and tests.green:
        said.append(f"The repository's tests report {tests.passed} passed and no failure.")
    elif tests and tests.failure and tests.failure.sentence not in stopped_by:
        said.append(f"However: {tests.failure.sentence}")
    return " ".join(said)


def _reproduced_words(evidence: Evidence) -> str:
    """What “reproduced” rests on here."""
    count = len({comparison.path for comparison in evidence.comparisons})
    outputs = (
        "its one declared output equals" if count == 1 else f"all {count} declared outputs equal"
    )
    seeds = len({run.seed for run in evidence.inference if run.seed is not None})
    runs = f"with {seeds} seeds" if seeds > 1 else "twice"
    how = _AGREEMENT[repeatability(evidence) or Repeatability.NUMERIC]
    again = next((run for run in evidence.earlier if _sustains(evidence, run)), None)
    lasting = f" It was reproduced before, on {again.finished_at[:10]}." if again else ""
    return (
        f"The declared command ran {runs} with the network off; {outputs} the expected values, "
        f"and the two {'samples' if seeds > 1 else 'runs'} agree {how}.{lasting}"
    )


_AGREEMENT = {
    Repeatability.BITWISE: "bit by bit",
    Repeatability.NUMERIC: "numerically",
    Repeatability.STATISTICAL: "statistically, by the declared test",
}
