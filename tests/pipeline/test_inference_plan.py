"""Which runs of the declared command are made, with what, and within what time."""

from dataclasses import replace

import pytest

from registry.spec.ladder import Cause, Level, Repeatability, Step, StepState
from registry.spec.manifest import Determinism, Manifest
from registry.spec.variables import environment_for
from runners.configuration import bounds_of_site, longest_run_seconds
from runners.steps.look_inside import SECONDS as LOOKING_SECONDS
from runners.steps.run_inference import LONGEST_RUNS, planned
from tests.bench import BOUNDS, Bench
from tests.containers.fake_engine import FakeEngine, ScriptedRun

README = {"README.md": "# A model\n"}
MANIFEST = 'run = "python3 model.py"\n[[outputs]]\npath = "out.json"\n'
TESTED = MANIFEST + 'test = "z-interval"\n[determinism]\n'
FILES = README | {"model.py": "pass\n"}


@pytest.fixture
def bench(tmp_path) -> Bench:
    return Bench(tmp_path, FakeEngine())


def runs_of(engine: FakeEngine):
    return [run for run in engine.runs if "-inference-" in run.name]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (Determinism(), [(1, None), (2, None)]),
        (Determinism(seed=7), [(1, 7), (2, 7)]),
        (Determinism(seeds=2), [(1, 0), (1, 1), (2, 2), (2, 3)]),
        (
            Determinism(seeds=2, seed=2**32 - 3),
            [(1, 2**32 - 3), (1, 2**32 - 2), (2, 2**32 - 1), (2, 0)],
        ),
    ],
)
def test_each_seed_of_a_stochastic_model_is_used_once(declared, expected):
    runs = planned(declared)
    assert [(run.repetition, run.seed) for run in runs] == expected
    assert len({run.name for run in runs}) == len({run.kept for run in runs}) == len(runs)


def test_a_seed_is_given_under_both_names():
    given = environment_for(Manifest(determinism=Determinism(seed=7)), seed=None)
    assert (given["REPRISE_SEED"], given["PYTHONHASHSEED"]) == ("7", "7")
    own = environment_for(Manifest(determinism=Determinism(seed=7)), seed=0)
    assert (own["REPRISE_SEED"], own["PYTHONHASHSEED"]) == ("0", "0")
    assert not {"REPRISE_SEED", "PYTHONHASHSEED"} & set(environment_for(Manifest()))


def test_every_run_has_a_container_and_a_seed_of_its_own(bench):
    bench.engine.on_run("model.py", ScriptedRun(files={"out.json": b"[1.5]"}))
    files = FILES | {"reprise.toml": TESTED + "seeds = 3\nseed = 40\n"}
    result = bench.result(files)
    runs = runs_of(bench.engine)
    assert [run.environment["REPRISE_SEED"] for run in runs] == [str(n) for n in range(40, 46)]
    assert len({run.name for run in runs}) == 6
    report = result.report
    assert [(run.repetition, run.seed) for run in report.inference] == [
        (1, 40), (1, 41), (1, 42), (2, 43), (2, 44), (2, 45),
    ]  # fmt: skip
    assert "outputs/2/seed-44/0-out.json" in result.files


def test_the_first_run_that_fails_is_the_last(bench):
    good = ScriptedRun(files={"out.json": b"[1.5]"})
    bench.engine.on_run("model.py", good, ScriptedRun(exit_code=3))
    report = bench.verify(FILES | {"reprise.toml": TESTED + "seeds = 8\n"})
    assert [run.exit_code for run in report.inference] == [0, 3]
    assert report.cause is Cause.TEST
    assert bench.notes.states[Step.COMPARE_OUTPUTS] is StepState.SKIPPED


def test_all_runs_together_have_an_end(bench):
    """Each run may take 60 s; 32 of them may not take 32 minutes."""
    slow = ScriptedRun(files={"out.json": b"[1.5]"}, seconds=50)
    bench.engine.on_run("model.py", *[slow] * 4, replace(slow, timed_out=True, seconds=40))
    report = bench.verify(FILES | {"reprise.toml": TESTED + "seeds = 16\n"})
    seconds = [run.limits.seconds for run in runs_of(bench.engine)]
    assert seconds == [60, 60, 60, 60, 40]
    assert sum(run.seconds for run in report.inference) <= LONGEST_RUNS * BOUNDS.run.seconds
    assert report.level < Level.REPEATABLE
    assert report.cause is Cause.TIMEOUT
    assert "32 runs with different seeds" in report.explanation
    assert "240 seconds" in report.explanation


def test_a_run_that_hits_its_own_limit_is_told_that_one(bench):
    bench.engine.on_run("model.py", ScriptedRun(timed_out=True, seconds=60))
    report = bench.verify(FILES | {"reprise.toml": MANIFEST})
    assert "after 60 seconds" in report.explanation


def test_the_runs_share_the_room_of_two(bench):
    large = bytes(40 * 2**20)
    bench.engine.on_run("model.py", ScriptedRun(files={"out.json": large}))
    bench.verify(FILES | {"reprise.toml": TESTED + "seeds = 2\n"})
    room = [run.limits.output_bytes // 2**20 for run in runs_of(bench.engine)]
    assert room[:3] == [50, 50, 20]


def test_a_whole_run_is_given_the_time_of_its_seeds():
    bounds = bounds_of_site()
    parts = 2 * bounds.source.seconds + 2 * bounds.build.seconds + LOOKING_SECONDS
    assert longest_run_seconds(bounds) == parts + (1 + LONGEST_RUNS) * bounds.run.seconds


def test_a_seed_that_is_not_used_is_said_to_change_nothing(bench):
    bench.engine.on_run("model.py", ScriptedRun(files={"out.json": b"[1.5, 2.5]"}))
    report = bench.verify(FILES | {"reprise.toml": TESTED + "seeds = 4\n"})
    assert report.repeatability is Repeatability.BITWISE
    (repeat,) = report.comparisons
    assert (repeat.identical, repeat.statistic) == (True, None)
    assert repeat.message.startswith("The seed changes nothing")


def test_an_output_without_a_test_must_be_the_same_with_every_seed(bench):
    toml = TESTED + 'seeds = 2\n[[outputs]]\npath = "grid.json"\nexpected = "grid.json"\n'
    files = FILES | {"reprise.toml": toml, "grid.json": "[1.0]"}
    same = ScriptedRun(files={"out.json": b"[1.5]", "grid.json": b"[1.0]"})
    other = ScriptedRun(files={"out.json": b"[1.5]", "grid.json": b"[2.0]"})
    bench.engine.on_run("model.py", same, other, same, same)
    report = bench.verify(files)
    assert (report.level, report.cause) == (Level.RUNS, Cause.NONDETERMINISTIC)
    said = {(one.against, one.repetition): one.agrees for one in report.comparisons
            if one.path == "grid.json"}  # fmt: skip
    assert said == {("repeat", 2): False, ("expected", 1): False, ("expected", 2): True}
