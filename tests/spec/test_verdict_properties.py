"""What holds of every verdict, whatever the evidence: drawn whole, with gaps, and contradictory."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from registry.spec.evidence import (
    Attempt,
    ClaimCheck,
    Comparison,
    EarlierRun,
    Environment,
    Evidence,
    Failure,
    Inference,
    OutputFile,
    Source,
    Statistic,
    TestOutcome,
    Tests,
)
from registry.spec.ladder import Cause, Level, Outcome, Repair, Repeatability
from registry.spec.manifest import Claim, Output
from registry.spec.verdict import SUSTAINED_DAYS, claims_words, decide

PATHS = ("a.csv", "b.json", "c.npy")
CPUS = ("", "Xeon 6130", "EPYC 7763")
# Words of a level must come from the verdict, so none of these may hold one.
SENTENCES = ("", "It broke.", "No file was there.", "3 of 4 values differ.")
MOMENTS = (
    "", "yesterday", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00",
    "2026-04-01T00:00:00.000+00:00", "2030-01-01T00:00:00+00:00",
)  # fmt: skip
BROKEN = Failure(cause=Cause.TEST, sentence="It broke.")
PROPERTY = settings(max_examples=100, deadline=None)

failures = st.none() | st.builds(
    Failure, cause=st.sampled_from(Cause), sentence=st.sampled_from(SENTENCES)
)
sources = st.builds(
    Source,
    address=st.just("https://example.org/m.git"),
    commit=st.sampled_from(("a" * 40, "a" * 40, "", None)),
    tree_swhid=st.sampled_from(("swh:1:dir:" + "b" * 40, "swh:1:dir:" + "b" * 40, "", None)),
    readme=st.sampled_from(("README.md", "README.md", None)),
)
attempts = st.builds(
    Attempt,
    number=st.just(1),
    strategy=st.just("python"),
    python=st.just("3.11"),
    base_image=st.just("python:3.11"),
    built=st.booleans(),
    kept=st.booleans(),
    changed=st.sampled_from(((), ("Python 3.9 instead of 3.7",))),
    repairs=st.sampled_from(((), (Repair.PYTHON,))),
    seconds=st.just(1.0),
    failure=failures,
)
environments = st.builds(
    Environment,
    image_digest=st.sampled_from(("sha256:" + "c" * 64, "sha256:" + "c" * 64, None)),
    fresh=st.booleans(),
    conflicts=st.sampled_from(((), (), ("a needs b",))),
    unresolved_imports=st.sampled_from(((), (), ("scipy",))),
    attempts=st.lists(attempts, max_size=3).map(tuple),
    failure=failures,
)
counts = st.integers(min_value=0, max_value=3)
tests_seen = st.none() | st.builds(
    Tests,
    command=st.just(("pytest",)),
    runner=st.sampled_from(("pytest", "scripts", "make")),
    exit_code=st.sampled_from((0, 0, 1, 5, None)),
    collected=counts,
    passed=counts,
    failed=st.sampled_from((0, 0, 1)),
    errors=st.sampled_from((0, 0, 1)),
    skipped=counts,
    outcomes=st.sampled_from(((), (TestOutcome(name="t", state="passed", seconds=0.0),))),
    failure=failures,
)
claims = st.builds(
    Claim,
    label=st.sampled_from(("Table 1", "Figure 2")),
    at=st.sampled_from(("$.x", "y[0]")),
    value=st.sampled_from((1.0, 2.0)),
)
outputs = st.lists(
    st.builds(
        Output,
        path=st.sampled_from(PATHS),
        expected=st.just("expected"),
        claims=st.lists(claims, max_size=2).map(tuple),
    ),
    max_size=3,
    unique_by=lambda output: output.path,
).map(tuple)
files = st.lists(
    st.builds(OutputFile, path=st.sampled_from(PATHS), sha256=st.just("d" * 64), size=st.just(1)),
    max_size=3,
).map(tuple)
runs = st.builds(
    Inference,
    repetition=st.sampled_from((1, 2, 3)),
    seed=st.sampled_from((None, 1, 2)),
    command=st.just(("run",)),
    exit_code=st.sampled_from((0, 0, 1, None)),
    seconds=st.just(1.0),
    outputs=files,
    failure=failures,
)
statistics = st.none() | st.just(
    Statistic(test="kolmogorov-smirnov", value=0.1, p_value=0.9, samples=(9, 9))
)
comparisons = st.builds(
    Comparison,
    path=st.sampled_from(PATHS),
    against=st.sampled_from(("expected", "repeat")),
    repetition=st.sampled_from((1, 2)),
    kind=st.just("json"),
    identical=st.booleans(),
    agrees=st.sampled_from((True, True, False)),
    message=st.sampled_from(SENTENCES),
    differs=st.sampled_from(("", "a time of day")),
    statistic=statistics,
)
checks = st.builds(
    ClaimCheck,
    path=st.sampled_from(PATHS),
    label=st.sampled_from(("Table 1", "Figure 2")),
    at=st.sampled_from(("$.x", "y[0]")),
    value=st.sampled_from((1.0, 2.0)),
    tolerance=st.just(0.0),
    agrees=st.sampled_from((True, True, False)),
    message=st.sampled_from(SENTENCES),
)
earlier = st.lists(
    st.builds(
        EarlierRun,
        run=counts,
        level=st.sampled_from(Level),
        cpu_model=st.sampled_from(CPUS),
        finished_at=st.sampled_from(MOMENTS),
    ),
    max_size=3,
).map(tuple)
anything = st.builds(
    Evidence,
    source=sources,
    environment=environments,
    outputs=outputs,
    tests=tests_seen,
    inference=st.lists(runs, max_size=4).map(tuple),
    comparisons=st.lists(comparisons, max_size=6).map(tuple),
    claims=st.lists(checks, max_size=3).map(tuple),
    earlier=earlier,
    cpu_model=st.sampled_from(CPUS),
    started_at=st.sampled_from(MOMENTS),
    failure=failures,
)


@st.composite
def whole(draw) -> Evidence:
    """Evidence of a model that reached level 5 or 6, by one of all the ways there are."""
    declared = draw(outputs.filter(bool))
    seeds = draw(st.sampled_from(((None,), (1, 2))))
    written = tuple(OutputFile(path=output.path, sha256="d" * 64, size=1) for output in declared)
    return Evidence(
        source=Source(address="x", commit="a" * 40, tree_swhid="swh:1:dir:b", readme="README"),
        environment=Environment(image_digest="sha256:c", fresh=draw(st.booleans())),
        outputs=declared,
        tests=draw(tests_seen),
        inference=tuple(
            Inference(repetition=repetition, seed=seed, command=("run",), exit_code=0, seconds=1.0,
                      outputs=written)
            for repetition, seed in product((1, 2), seeds)
        ),
        comparisons=tuple(one for output in declared for one in draw(agreeing(output.path))),
        claims=tuple(
            ClaimCheck(path=output.path, label=claim.label, at=claim.at, value=claim.value,
                       tolerance=claim.tolerance, agrees=True, message="It is there.")
            for output in declared for claim in dict.fromkeys(output.claims)
        ),
        earlier=draw(earlier),
        cpu_model=draw(st.sampled_from(CPUS)),
        started_at=draw(st.sampled_from(MOMENTS)),
    )  # fmt: skip


@st.composite
def agreeing(draw, path: str) -> tuple[Comparison, ...]:
    """What is needed of one output: the same twice, or two that differ and are both right."""
    identical = draw(st.booleans())
    repeat = Comparison(
        path=path, against="repeat", repetition=2, kind="json", identical=identical, agrees=True,
        statistic=None if identical else draw(statistics),
    )  # fmt: skip
    held = (1,) if identical else (1, 2)
    expected = (replace(repeat, against="expected", repetition=number) for number in held)
    return (repeat, *expected)


def without_one(evidence: Evidence) -> Iterator[tuple[str, Evidence]]:
    """All evidence that has one thing less, each with the name of what is gone."""
    for name in ("tests", "cpu_model", "started_at"):
        gone = None if name == "tests" else ""
        yield name, replace(evidence, **{name: gone})
    for name in ("inference", "comparisons", "claims", "earlier"):
        records = getattr(evidence, name)
        for place in range(len(records)):
            less = (*records[:place], *records[place + 1 :])
            yield f"{name}[{place}]", replace(evidence, **{name: less})
    for name in ("commit", "tree_swhid", "readme"):
        yield name, replace(evidence, source=replace(evidence.source, **{name: None}))
    image = replace(evidence.environment, image_digest=None)
    yield "image", replace(evidence, environment=image)
    for place, run in enumerate(evidence.inference):
        for file in run.outputs:
            kept = tuple(other for other in run.outputs if other != file)
            runs = list(evidence.inference)
            runs[place] = replace(run, outputs=kept)
            yield f"inference[{place}] {file.path}", replace(evidence, inference=tuple(runs))


def with_one_bad(evidence: Evidence) -> Iterator[tuple[str, Evidence]]:
    """All evidence that has one bad thing more."""
    path = evidence.outputs[0].path if evidence.outputs else "a.csv"
    repeat = Comparison(path=path, against="repeat", kind="json", identical=False, agrees=False)
    for bad in (repeat, replace(repeat, against="expected")):
        for more in ((*evidence.comparisons, bad), (bad, *evidence.comparisons)):
            yield f"comparison against {bad.against}", replace(evidence, comparisons=more)
    check = ClaimCheck(path=path, label="l", at="$", value=1.0, tolerance=0.0, agrees=False,
                       message="It is not there.")  # fmt: skip
    yield "claim", replace(evidence, claims=(*evidence.claims, check))
    for repetition in (1, 2, 3):
        run = Inference(repetition=repetition, command=("run",), exit_code=1, seconds=1.0,
                        failure=BROKEN)  # fmt: skip
        yield "run", replace(evidence, inference=(*evidence.inference, run))
        yield "run", replace(evidence, inference=(run, *evidence.inference))
    yield "tests", replace(evidence, tests=Tests(command=("t",), exit_code=1, failure=BROKEN))
    yield "failure", replace(evidence, failure=BROKEN)
    for name in ("conflicts", "unresolved_imports"):
        more = replace(evidence.environment, **{name: ("x",)})
        yield name, replace(evidence, environment=more)


@st.composite
def frayed(draw) -> Evidence:
    """What was whole once, less a few things, and with a few bad ones."""
    evidence = draw(whole())
    for _ in range(draw(st.integers(min_value=1, max_value=3))):
        changes = [*without_one(evidence), *with_one_bad(evidence)]
        evidence = draw(st.sampled_from([changed for _, changed in changes]))
    return evidence


evidences = anything | whole() | frayed()


def said_once(evidence: Evidence) -> bool:
    """Whether the evidence does not say two things of one and the same."""
    named = [
        *((run.repetition, run.seed) for run in evidence.inference),
        *(
            (one.path, one.against, one.against == "expected" and one.repetition)
            for one in evidence.comparisons
        ),
        *((one.path, one.label, one.at, one.value) for one in evidence.claims),
    ]
    declared = {(output.path, *claim_key(claim)) for output in evidence.outputs
                for claim in output.claims}  # fmt: skip
    undeclared = any(
        (one.path, one.label, one.at, one.value) not in declared for one in evidence.claims
    )
    foreign = {one.path for one in evidence.comparisons} - {o.path for o in evidence.outputs}
    alike = {one.path for one in evidence.comparisons if one.against == "repeat" and one.identical}
    idle = any(one.path in alike and one.against == "expected" and one.repetition > 1
               for one in evidence.comparisons)  # fmt: skip
    unplanned = idle or any(
        run.seed is not None or run.repetition > 2 for run in evidence.inference
    )
    return len(set(named)) == len(named) and not undeclared and not foreign and not unplanned


def claim_key(claim: Claim) -> tuple[str, str, float]:
    return claim.label, claim.at, claim.value


@PROPERTY
@given(whole())
def test_whole_evidence_reproduces_and_nothing_of_it_can_be_left_out(evidence):
    verdict = decide(evidence)
    assert verdict.level >= Level.REPRODUCED
    for gone, less in without_one(evidence):
        lower = decide(less).level
        assert lower <= verdict.level, gone
        if gone.startswith(("inference", "comparisons", "claims", "image", "commit", "readme")):
            assert lower < Level.REPRODUCED, gone


@PROPERTY
@given(evidences)
def test_less_evidence_never_gives_a_higher_level(evidence):
    """Of contradictory evidence a part may say more than the whole, so none is looked at here."""
    assume(said_once(evidence))
    level = decide(evidence).level
    for gone, less in without_one(evidence):
        assert decide(less).level <= level, gone


@PROPERTY
@given(evidences)
def test_a_failure_more_never_gives_a_higher_level(evidence):
    level = decide(evidence).level
    for bad, more in with_one_bad(evidence):
        assert decide(more).level <= level, bad


@PROPERTY
@given(evidences)
def test_every_declared_output_and_claim_bears_out_what_is_reproduced(evidence):
    verdict = decide(evidence)
    assert (verdict.outcome is Outcome.REPRODUCED) == (verdict.level >= Level.REPRODUCED)
    if verdict.level < Level.REPRODUCED:
        return
    assert evidence.outputs
    agreed = {(one.path, one.against) for one in evidence.comparisons if one.agrees}
    for output in evidence.outputs:
        assert {(output.path, "repeat"), (output.path, "expected")} <= agreed
        for repetition in (1, 2):
            runs = [run for run in evidence.inference if run.repetition == repetition]
            assert runs
            assert all(output.path in {file.path for file in run.outputs} for run in runs)
        for claim in output.claims:
            met = [one for one in evidence.claims if one.path == output.path
                   and (one.label, one.at, one.value) == claim_key(claim)]  # fmt: skip
            assert met
    assert all(one.agrees for one in (*evidence.comparisons, *evidence.claims))
    assert all(run.exit_code == 0 and not run.failure for run in evidence.inference)


@PROPERTY
@given(evidences)
def test_what_is_sustained_was_reproduced_elsewhere_or_long_ago(evidence):
    if decide(evidence).level < Level.SUSTAINED:
        return
    before = [run for run in evidence.earlier if run.level >= Level.REPRODUCED]
    assert any(
        run.level is Level.SUSTAINED
        or {run.cpu_model, evidence.cpu_model} == set(CPUS[1:])
        or long_before(run, evidence)
        for run in before
    )


def long_before(run: EarlierRun, evidence: Evidence) -> bool:
    days = [text[:10] for text in (run.finished_at, evidence.started_at)]
    if not all(day.startswith("20") for day in days):
        return False
    finished, started = map(date.fromisoformat, days)
    return started - finished >= timedelta(days=SUSTAINED_DAYS) and evidence.environment.fresh


@PROPERTY
@given(evidences)
def test_tests_pass_only_where_some_passed_and_none_failed(evidence):
    verdict, tests = decide(evidence), evidence.tests
    if verdict.tests_pass:
        assert tests
        assert (tests.exit_code, tests.failed, tests.errors, tests.failure) == (0, 0, 0, None)
        assert min(tests.passed, tests.collected) >= 1
    else:
        assert "tests report" not in verdict.explanation


@PROPERTY
@given(evidences)
def test_no_more_is_said_than_the_level_bears(evidence):
    verdict = decide(evidence)
    assert verdict.explanation.strip()
    # The claims are counted at any level: how many were met is no more than was seen.
    claims = claims_words(evidence.claims) if evidence.claims else "no claims"
    said = verdict.explanation.replace(claims, "")
    if verdict.level < Level.REPRODUCED:
        assert "reproduced" not in said
        assert "equal" not in said
    if verdict.level < Level.REPEATABLE:
        assert verdict.repeatability is None
        assert "agree bit by bit" not in said
    if verdict.level < Level.SUSTAINED:
        assert "before, on" not in said
    if verdict.level >= Level.REPRODUCED:
        assert verdict.cause is None


@PROPERTY
@given(evidences)
def test_what_is_repeatable_is_so_in_the_weakest_sense_seen(evidence):
    verdict = decide(evidence)
    if verdict.repeatability is None:
        return
    repeats = [one for one in evidence.comparisons if one.against == "repeat"]
    everything_same = all(one.identical for one in repeats)
    assert (verdict.repeatability is Repeatability.BITWISE) == everything_same
    if not any(one.statistic for one in repeats):
        assert verdict.repeatability is not Repeatability.STATISTICAL


@PROPERTY
@given(evidences, st.randoms(use_true_random=False))
def test_the_order_in_which_records_are_stored_does_not_matter(evidence, random):
    assume(said_once(evidence))
    verdict = decide(evidence)
    assert decide(evidence) == verdict
    shuffled = list(evidence.comparisons)
    random.shuffle(shuffled)
    assert decide(replace(evidence, comparisons=tuple(shuffled))) == verdict
    runs = list(evidence.inference)
    random.shuffle(runs)
    assert decide(replace(evidence, inference=tuple(runs))).level == verdict.level


def test_no_part_of_the_evidence_is_left_out_of_these_properties():
    drawn = {"source", "environment", "outputs", "tests", "inference", "comparisons", "claims",
             "earlier", "cpu_model", "started_at", "failure"}  # fmt: skip
    assert {field.name for field in fields(Evidence)} == drawn
