"""From evidence to verdict: the whole ladder, as pure functions. Source: docs/verdicts.md."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from registry.spec.evidence import (
    Attempt,
    ClaimCheck,
    Comparison,
    EarlierRun,
    Evidence,
    Failure,
    Inference,
    Tests,
    Verdict,
)
from registry.spec.ladder import Cause, Level, Outcome, Repeatability
from registry.spec.manifest import Claim, Output

# Every output is computed so often, each time by itself: once says nothing of the next time.
FIRST, SECOND = 1, 2
_NOT_ENDED_WELL = "Nothing that was run is known to have ended well."
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
        explanation=_explain(evidence, reached, stopped_by.sentence),
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
    if environment.failure:  # nothing is known of what was built
        return _because(environment.failure, "No image was built.")
    return None


def _missing_run(evidence: Evidence) -> Shortfall | None:
    if (evidence.tests and evidence.tests.green) or _ran(evidence, FIRST):
        return None
    failures = [evidence.tests.failure] if evidence.tests else []
    failures += [run.failure for run in evidence.inference] + [evidence.failure]
    failure = next((failure for failure in failures if failure), None)
    if failure:
        return _because(failure, _NOT_ENDED_WELL)
    if evidence.tests or evidence.inference:
        return Shortfall(_NOT_ENDED_WELL, cause=Cause.TEST)
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
        return _because(failure, _NOT_ENDED_WELL)
    if not evidence.outputs:
        return Shortfall(
            "The declared command ran, but declares no output that could be compared.",
            "Name the files that it writes under `outputs` in reprise.toml.",
        )
    if not _ran(evidence, FIRST) or not _ran(evidence, SECOND) or not _as_often(evidence):
        once = "The declared command did not write every declared output twice."
        return _because(evidence.failure, once)
    repeats = _against(evidence, "repeat")
    worst = next((comparison for comparison in repeats if not comparison.agrees), None)
    if worst:
        return _disagreeing(worst, sampled=_sampled(evidence, worst.path))
    unchecked = _named(output for output in evidence.outputs if not _of(output, repeats))
    if not unchecked:
        return None
    return _because(evidence.failure, f"The two runs were not compared in {unchecked}.")


def _sampled(evidence: Evidence, path: str) -> bool:
    """Whether an output is compared by a test over seeds, not value by value."""
    tested = any(output.path == path and output.test for output in evidence.outputs)
    return tested and _seeds(evidence) > 1


def _disagreeing(repeat: Comparison, *, sampled: bool) -> Shortfall:
    """Two runs that differ; or that give the same, which is nothing that can be compared."""
    if repeat.identical:
        return Shortfall(
            f"Two runs give the same {repeat.path}, but it cannot be compared: {repeat.message}",
            "Compare a file that holds values, by rules that leave some of them to compare.",
        )
    if sampled:
        return Shortfall(
            f"Two samples over different seeds are not known to agree in {repeat.path}: "
            f"{repeat.message}",
            "Declare more `seeds`, or write what varies less from seed to seed.",
            Cause.NONDETERMINISTIC,
        )
    named = f" What differs: {repeat.differs}." if repeat.differs else ""
    return Shortfall(
        f"Two runs of the same image disagree in {repeat.path}: {repeat.message}{named}",
        "Fix the random seed and the number of threads, or declare a tolerance.",
        Cause.NONDETERMINISTIC,
    )


def _missing_reproduction(evidence: Evidence) -> Shortfall | None:
    wrong = next((one for one in _against(evidence, "expected") if not one.agrees), None)
    if wrong:
        return Shortfall(
            f"{wrong.path} is not what it was expected to be: {wrong.message}",
            "Compare your output with the expected file. If the new values are right, commit them.",
            Cause.MISMATCH,
        )
    unchecked = _named(output for output in evidence.outputs if not _expected(evidence, output))
    if unchecked:
        return Shortfall(
            f"No expected values are declared for {unchecked}.",
            "Commit the values you published and name them as `expected` in reprise.toml.",
        )
    return _missing_claim(evidence)


def _expected(evidence: Evidence, output: Output) -> bool:
    """Whether both runs of an output were held against its expected values, or were the same."""
    held = {one.repetition for one in _of(output, _against(evidence, "expected"))}
    same = all(repeat.identical for repeat in _of(output, _against(evidence, "repeat")))
    return FIRST in held and (same or SECOND in held)


def _missing_claim(evidence: Evidence) -> Shortfall | None:
    """Values of the article are expected values too: one that is not met is a mismatch."""
    wrong = next((claim for claim in evidence.claims if not claim.agrees), None)
    if wrong:
        return Shortfall(
            f"{claims_words(evidence.claims)}: {wrong.message}",
            "Compare the output with the article. If the claim is wrong, correct it in "
            "reprise.toml.",
            Cause.MISMATCH,
        )
    checked = {(one.path, one.label, one.at, one.value, one.tolerance) for one in evidence.claims}
    for output in evidence.outputs:
        if any(_identity(output, claim) not in checked for claim in output.claims):
            return Shortfall(f"Not every claim of the article was looked at in {output.path}.")
    return None


def _identity(output: Output, claim: Claim) -> tuple[str, str, str, float, float]:
    return output.path, claim.label, claim.at, claim.value, claim.tolerance


def claims_words(claims: Sequence[ClaimCheck]) -> str:
    """How many values of the article were met, in words: “7 of 9 claims reproduced”."""
    met = sum(claim.agrees for claim in claims)
    return f"{met} of {len(claims)} claim{'s' if len(claims) > 1 else ''} reproduced"


def _missing_sustenance(evidence: Evidence) -> Shortfall | None:
    if any(_sustains(evidence, run) for run in evidence.earlier):
        return None
    return Shortfall("")


def _sustains(evidence: Evidence, run: EarlierRun) -> bool:
    """Whether this run says more than the earlier one: another CPU, or rebuilt long after.

    What was sustained before stays so as long as it is reproduced.
    """
    if run.level < Level.REPRODUCED:
        return False
    if run.level >= Level.SUSTAINED:
        return True
    if evidence.cpu_model and run.cpu_model and evidence.cpu_model != run.cpu_model:
        return True
    started, finished = _moment(evidence.started_at), _moment(run.finished_at)
    if not evidence.environment.fresh or started is None or finished is None:
        return False
    return started - finished >= timedelta(days=SUSTAINED_DAYS)


def _moment(text: str) -> datetime | None:
    """A moment of evidence, in UTC when it does not say; None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


LADDER: tuple[tuple[Level, Callable[[Evidence], Shortfall | None]], ...] = (
    (Level.ARCHIVED, _missing_archive),
    (Level.BUILDS, _missing_build),
    (Level.RUNS, _missing_run),
    (Level.REPEATABLE, _missing_repeat),
    (Level.REPRODUCED, _missing_reproduction),
    (Level.SUSTAINED, _missing_sustenance),
)


def _ran(evidence: Evidence, repetition: int) -> bool:
    """Whether all runs of a repetition ended well and freshly wrote every declared output."""
    runs = _runs(evidence, repetition)
    return bool(runs) and all(_complete(run, evidence.outputs) for run in runs)


def _as_often(evidence: Evidence) -> bool:
    """Whether two samples are of one size."""
    return len(_runs(evidence, FIRST)) == len(_runs(evidence, SECOND))


def _runs(evidence: Evidence, repetition: int) -> list[Inference]:
    return [run for run in evidence.inference if run.repetition == repetition]


def _complete(run: Inference, outputs: Sequence[Output]) -> bool:
    written = {file.path for file in run.outputs}
    clean = run.exit_code == 0 and run.failure is None
    return clean and all(output.path in written for output in outputs)


def _against(evidence: Evidence, what: str) -> list[Comparison]:
    """The comparisons of one sort as the outputs are declared, however they are stored."""
    declared = {output.path: place for place, output in enumerate(evidence.outputs)}
    return sorted(
        (comparison for comparison in evidence.comparisons if comparison.against == what),
        key=lambda one: (declared.get(one.path, len(declared)), one.path, one.repetition),
    )


def _of(output: Output, comparisons: Sequence[Comparison]) -> list[Comparison]:
    return [comparison for comparison in comparisons if comparison.path == output.path]


def _seeds(evidence: Evidence) -> int:
    """How many seeds the runs had, all of them together."""
    return len({run.seed for run in evidence.inference if run.seed is not None})


def _named(outputs: Iterable[Output]) -> str:
    return ", ".join(output.path for output in outputs)


def _because(failure: Failure | None, otherwise: str) -> Shortfall:
    if failure is None:
        return Shortfall(otherwise)
    return Shortfall(failure.sentence or otherwise, failure.hint, failure.cause, failure.lines)


def _kept(evidence: Evidence) -> Attempt | None:
    """The attempt that everything was seen in."""
    return next((attempt for attempt in evidence.environment.attempts if attempt.kept), None)


def _explain(evidence: Evidence, reached: Level, stopped_by: str) -> str:
    """What was seen, in a few sentences: outputs, claims, tests, and what stopped the climb."""
    said = [_reproduced_words(evidence) if reached >= Level.REPRODUCED else stopped_by]
    if evidence.claims and claims_words(evidence.claims) not in stopped_by:
        said.append(f"{claims_words(evidence.claims)}.")
    tests = evidence.tests
    if tests and tests.green:
        said.append(f"The repository's tests report {_tests_words(tests)}.")
    elif tests and tests.failure and tests.failure.sentence not in stopped_by:
        said.append(f"However: {tests.failure.sentence}")
    return " ".join(said)


def _tests_words(tests: Tests) -> str:
    """What tests report; and how, when no test was named and all there is are printed sums."""
    skipped = f", {tests.skipped} skipped" if tests.skipped else ""
    printed = "" if tests.outcomes else ", in what they print"
    return f"{tests.passed} passed{skipped} and no failure{printed}"


def _reproduced_words(evidence: Evidence) -> str:
    """What “reproduced” rests on here."""
    seeds = _seeds(evidence)
    runs = f"with {seeds} seeds" if seeds > 1 else "twice"
    how = _AGREEMENT[repeatability(evidence) or Repeatability.NUMERIC]
    again = next((run for run in evidence.earlier if _sustains(evidence, run)), None)
    lasting = f" It was reproduced before, on {again.finished_at[:10]}." if again else ""
    return (
        f"The declared command ran {runs} with the network off; {_equality_words(evidence)}, "
        f"and the two {'samples' if seeds > 1 else 'runs'} agree {how}.{lasting}"
    )


def _equality_words(evidence: Evidence) -> str:
    """How the outputs meet what was expected: value by value, or by a statistical test."""
    count = len(evidence.outputs)
    tested = len({one.path for one in _against(evidence, "expected") if one.statistic})
    if count == 1:
        verb = "agrees by the declared test with" if tested else "equals"
        return f"its one declared output {verb} the expected values"
    if tested in {0, count}:
        verb = "agree by the declared tests with" if tested else "equal"
        return f"all {count} declared outputs {verb} the expected values"
    return (
        f"{tested} of {count} declared outputs agree by the declared test with the expected values "
        "and the others equal them"
    )


_AGREEMENT = {
    Repeatability.BITWISE: "bit by bit",
    Repeatability.NUMERIC: "numerically",
    Repeatability.STATISTICAL: "statistically",
}
