"""What an image says of itself counts only when it was heard to the end."""

import json

import pytest

from registry.spec.ladder import Cause, Level
from runners.steps.look_inside import ANSWER
from tests.bench import Bench
from tests.containers.fake_engine import FakeEngine, ScriptedRun

FILES = {"README.md": "A model.\n", "requirements.txt": "numpy\n", "model.py": "x = 1\n"}
LISTED = {"python": "3.11.2", "packages": ["numpy==2.0.0"], "conflicts": [], "unresolved": []}


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, FakeEngine())


def test_an_image_that_lists_what_it_holds_builds(bench):
    bench.engine.on_run(ANSWER, ScriptedRun(files={ANSWER: json.dumps(LISTED).encode()}))
    report = bench.verify(FILES)
    assert (report.level, report.environment.packages) == (Level.BUILDS, ("numpy==2.0.0",))


@pytest.mark.parametrize(
    "ending", [{"exit_code": 1}, {"exit_code": None, "timed_out": True}, {"exit_code": 137}]
)
def test_an_image_that_could_not_be_looked_into_does_not_build(bench, ending):
    files = {ANSWER: json.dumps(LISTED).encode()}
    bench.engine.on_run(ANSWER, ScriptedRun(files=files, **ending))
    report = bench.verify(FILES)
    assert (report.level, report.cause) == (Level.ARCHIVED, Cause.RESOLVE)
    assert "could not be listed" in report.explanation


def test_an_image_that_gives_no_answer_does_not_build(bench):
    bench.engine.on_run(ANSWER, ScriptedRun())
    report = bench.verify(FILES)
    assert (report.level, report.cause) == (Level.ARCHIVED, Cause.RESOLVE)
    assert report.explanation.startswith(
        "What is installed in the image could not be listed (its Python left no answer)."
    )


def test_an_answer_that_is_missing_once_is_asked_for_again(bench):
    told = ScriptedRun(files={ANSWER: json.dumps(LISTED).encode()})
    bench.engine.on_run(ANSWER, ScriptedRun(), told)
    assert bench.verify(FILES).level == Level.BUILDS


def test_an_image_without_python_says_so_and_builds(bench):
    assert bench.verify(FILES).level == Level.BUILDS
