"""The ladder: what each level asks for, and what is said of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from registry.spec.evidence import (
    Attempt,
    Comparison,
    EarlierRun,
    Environment,
    Evidence,
    Failure,
    Inference,
    OutputFile,
    Source,
    TestOutcome,
    Tests,
)
from registry.spec.ladder import Cause, Level, Outcome, Repeatability
from registry.spec.manifest import Output
from registry.spec.verdict import decide

SOURCE = Source(
    address="https://example.org/m.git",
    commit="a" * 40,
    tree_swhid="swh:1:dir:" + "b" * 40,
    licence="MIT",
    readme="README.md",
)
BUILT = Environment(
    strategy="requirements.txt",
    python="3.11",
    base_image="python:3.11",
    image_digest="sha256:" + "c" * 64,
    packages=("numpy==2.0",),
    attempts=(
        Attempt(
            number=1, strategy="requirements.txt", python="3.11", base_image="b", built=True,
            kept=True, seconds=1.0,
        ),
    ),
)  # fmt: skip
GREEN = Tests(command=("pytest",), exit_code=0, collected=3, passed=3)
FAILURE = Failure(cause=Cause.TEST, sentence="2 of 3 tests do not pass.")
RED = replace(GREEN, exit_code=1, passed=1, failed=2, failure=FAILURE)
RUNS = tuple(
    Inference(
        repetition=number,
        command=("sh", "-c", "run"),
        exit_code=0,
        seconds=1.0,
        outputs=(OutputFile(path="out.json", sha256="d" * 64, size=2),),
    )
    for number in (1, 2)
)
REPEAT = Comparison(path="out.json", against="repeat", kind="json", identical=True, agrees=True)
EXPECTED = replace(REPEAT, against="expected")
DIFFERS = replace(REPEAT, identical=False, agrees=False, differs="a time of day")
NOTHING_TO_COMPARE = replace(REPEAT, agrees=False, message="There is nothing to compare.")
OTHER = OutputFile(path="b.csv", sha256="e" * 64, size=2)
FULL = Evidence(
    source=SOURCE,
    environment=BUILT,
    outputs=(Output(path="out.json", expected="expected.json"),),
    tests=GREEN,
    inference=RUNS,
    comparisons=(REPEAT, EXPECTED),
)


def test_full_evidence_is_reproduced():
    verdict = decide(FULL)
    assert verdict.level is Level.REPRODUCED
    assert verdict.outcome is Outcome.REPRODUCED
    assert verdict.cause is None
    assert verdict.repeatability is Repeatability.BITWISE
    assert verdict.tests_pass is True
    assert "3 passed" in verdict.explanation


@pytest.mark.parametrize(
    ("evidence", "level", "cause"),
    [
        (Evidence(source=Source(address="x")), Level.REGISTERED, None),
        (
            Evidence(
                source=Source(address="x"), failure=Failure(cause=Cause.FETCH, sentence="gone")
            ),
            Level.REGISTERED,
            Cause.FETCH,
        ),
        (replace(FULL, source=replace(SOURCE, readme=None)), Level.REGISTERED, None),
        (replace(FULL, source=replace(SOURCE, tree_swhid=None)), Level.REGISTERED, None),
        (replace(FULL, environment=Environment()), Level.ARCHIVED, None),
        (
            replace(FULL, environment=replace(BUILT, conflicts=("a needs b",))),
            Level.ARCHIVED,
            Cause.RESOLVE,
        ),
        (
            replace(FULL, environment=replace(BUILT, unresolved_imports=("scipy",))),
            Level.ARCHIVED,
            Cause.IMPORT,
        ),
        (Evidence(source=SOURCE, environment=BUILT), Level.BUILDS, Cause.TEST),
        (Evidence(source=SOURCE, environment=BUILT, tests=RED), Level.BUILDS, Cause.TEST),
        (Evidence(source=SOURCE, environment=BUILT, tests=GREEN), Level.RUNS, None),
        (replace(FULL, comparisons=()), Level.RUNS, None),
        (
            replace(FULL, comparisons=(DIFFERS, EXPECTED)),
            Level.RUNS,
            Cause.NONDETERMINISTIC,
        ),
        (replace(FULL, comparisons=(NOTHING_TO_COMPARE, EXPECTED)), Level.RUNS, None),
        (replace(FULL, inference=RUNS[:1]), Level.RUNS, None),
        (
            replace(FULL, inference=(RUNS[0], replace(RUNS[1], exit_code=3))),
            Level.RUNS,
            None,
        ),
        (replace(FULL, tests=None, inference=RUNS[1:]), Level.BUILDS, Cause.TEST),
        (
            replace(FULL, comparisons=(replace(REPEAT, identical=False), EXPECTED)),
            Level.REPEATABLE,
            None,
        ),
        (replace(FULL, comparisons=(REPEAT,)), Level.REPEATABLE, None),
        (
            replace(FULL, comparisons=(REPEAT, replace(EXPECTED, agrees=False))),
            Level.REPEATABLE,
            Cause.MISMATCH,
        ),
        (
            replace(
                FULL,
                outputs=(*FULL.outputs, Output(path="b.csv")),
                inference=tuple(replace(run, outputs=(*run.outputs, OTHER)) for run in RUNS),
                comparisons=(REPEAT, replace(REPEAT, path="b.csv"), EXPECTED),
            ),
            Level.REPEATABLE,
            None,
        ),
    ],
)
def test_a_missing_criterion_stops_the_climb(evidence, level, cause):
    verdict = decide(evidence)
    assert (verdict.level, verdict.cause) == (level, cause)
    assert verdict.outcome is Outcome.NOT_REPRODUCED
    assert verdict.explanation


def test_failing_tests_are_named_even_when_the_outputs_reproduce():
    verdict = decide(replace(FULL, tests=RED))
    assert verdict.level is Level.REPRODUCED
    assert verdict.tests_pass is False
    assert "2 of 3 tests do not pass" in verdict.explanation


def test_what_differs_between_two_runs_is_named_where_it_is_known():
    verdict = decide(replace(FULL, comparisons=(DIFFERS, EXPECTED)))
    assert "disagree in out.json" in verdict.explanation
    assert "What differs: a time of day." in verdict.explanation


def test_two_samples_that_say_too_little_are_not_said_to_disagree():
    runs = tuple(
        replace(run, seed=2 * run.repetition + number) for run in RUNS for number in (0, 1)
    )
    output = replace(FULL.outputs[0], test="z-interval")
    verdict = decide(
        replace(FULL, outputs=(output,), inference=runs, comparisons=(DIFFERS, EXPECTED))
    )
    assert verdict.explanation.startswith("Two samples over different seeds are not known to agree")


def test_two_runs_that_give_the_same_nothing_do_not_disagree():
    verdict = decide(replace(FULL, comparisons=(NOTHING_TO_COMPARE, EXPECTED)))
    assert "disagree" not in verdict.explanation
    assert "There is nothing to compare" in verdict.explanation


def test_counts_that_were_only_printed_are_said_to_be():
    assert "report 3 passed and no failure, in what they print." in decide(FULL).explanation
    named = TestOutcome(name="test_a", state="passed", seconds=0.1)
    skipped = replace(GREEN, collected=5, skipped=2, outcomes=(named,))
    said = decide(replace(FULL, tests=skipped)).explanation
    assert said.endswith("report 3 passed, 2 skipped and no failure.")


def test_passing_tests_do_not_hide_a_failing_command():
    failed = replace(RUNS[0], exit_code=1, failure=Failure(cause=Cause.DATA, sentence="no data"))
    verdict = decide(replace(FULL, inference=(failed,), comparisons=()))
    assert (verdict.level, verdict.cause) == (Level.RUNS, Cause.DATA)


@pytest.mark.parametrize(
    "tests",
    [
        replace(GREEN, passed=0, skipped=3),
        replace(GREEN, exit_code=1),
        replace(GREEN, exit_code=None),
        replace(GREEN, collected=0, passed=0),
        replace(GREEN, errors=1),
        replace(GREEN, failure=FAILURE),
    ],
)
def test_doubtful_reports_never_run(tests):
    assert decide(Evidence(source=SOURCE, environment=BUILT, tests=tests)).level is Level.BUILDS


def test_a_repaired_environment_is_said_to_be_one():
    attempt = replace(BUILT.attempts[0], changed=("Python 3.9 instead of 3.7",))
    evidence = replace(FULL, environment=replace(BUILT, attempts=(attempt,)))
    assert decide(evidence).modifiers == ("repaired",)
    assert decide(FULL).modifiers == ()


NOW = "2026-11-22T12:00:00+00:00"


def before(days, *, cpu="Xeon", level=Level.REPRODUCED):
    """A run of so many days ago."""
    at = datetime.fromisoformat(NOW) - timedelta(days=days)
    return EarlierRun(run=1, level=level, cpu_model=cpu, finished_at=at.isoformat())


@pytest.mark.parametrize(
    ("earlier", "fresh", "level"),
    [
        ((), True, Level.REPRODUCED),
        ((before(1),), True, Level.REPRODUCED),
        ((before(89.9),), True, Level.REPRODUCED),
        ((before(91),), True, Level.SUSTAINED),
        ((before(91),), False, Level.REPRODUCED),
        ((before(1, cpu="EPYC"),), False, Level.SUSTAINED),
        ((before(1, cpu=""),), False, Level.REPRODUCED),
        ((before(1, cpu="EPYC", level=Level.REPEATABLE),), True, Level.REPRODUCED),
        ((before(1, level=Level.SUSTAINED),), False, Level.SUSTAINED),
    ],
)
def test_what_is_reproduced_elsewhere_or_long_after_is_sustained(earlier, fresh, level):
    environment = replace(BUILT, fresh=fresh)
    evidence = replace(
        FULL, environment=environment, earlier=earlier, cpu_model="Xeon", started_at=NOW
    )
    verdict = decide(evidence)
    assert verdict.level is level
    assert ("was reproduced before" in verdict.explanation) is (level is Level.SUSTAINED)
    outputs_differ = (REPEAT, replace(EXPECTED, agrees=False))
    assert decide(replace(evidence, comparisons=outputs_differ)).level is Level.REPEATABLE
