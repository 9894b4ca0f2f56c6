"""What tests of the exports use: runs of every ending, and their files in a folder."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.spec.ladder import Cause
from runners.configuration import engine_of_site
from runners.faults import RepositoryFault
from runners.pipeline import Result
from tests.bench import Bench
from tests.containers.fake_engine import FakeEngine, ScriptedBuild, ScriptedRun
from tests.exports.validation import context_cache

MODEL = {
    "README.md": "# A model\n",
    "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge, to any person\n",
    "data/start.csv": "x\n0\n",
    "model.py": "open('a b.json', 'w').write('[1.5]')\n",
    "expected.json": "[1.5]",
}
MANIFEST = """
run = "python3 model.py"
[[inputs]]
path = "data/start.csv"
[[outputs]]
path = "a b.json"
expected = "expected.json"
"""
TEST = {"test_model.py": "def test_two():\n    assert 1 + 1 == 2\n"}
WRITES = ScriptedRun(files={"a b.json": b"[1.5]"})


def of_nothing(bench: Bench) -> Result:
    return bench.result(bench.folder / "gone")


def of_a_failed_build(bench: Bench) -> Result:
    fault = RepositoryFault(Cause.BUILD, "A step of the Dockerfile failed.")
    bench.engine.on_build("FROM", ScriptedBuild(fault=fault))
    return bench.result(MODEL | TEST)


def of_tests(bench: Bench) -> Result:
    bench.engine.on_run("pytest", ScriptedRun(exit_code=1, log="1 failed, 2 passed in 0.1s\n"))
    return bench.result(MODEL | TEST)


def of_a_command(bench: Bench) -> Result:
    bench.engine.on_run("model.py", WRITES)
    return bench.result(MODEL | {"reprise.toml": MANIFEST})


def of_an_output_that_differs(bench: Bench) -> Result:
    bench.engine.on_run("model.py", ScriptedRun(files={"a b.json": b"[1.6]"}))
    result = bench.result(MODEL | {"reprise.toml": MANIFEST})
    assert any(name.startswith("figures/") for name in result.files)
    return result


def of_a_command_that_fails(bench: Bench) -> Result:
    bench.engine.on_run("model.py", WRITES, ScriptedRun(exit_code=3, log="no\n"))
    return bench.result(MODEL | {"reprise.toml": MANIFEST})


def of_seeds(bench: Bench) -> Result:
    bench.engine.on_run("model.py", WRITES)
    seeds = 'test = "z-interval"\n[determinism]\nseeds = 2\nseed = 40\n'
    return bench.result(MODEL | {"reprise.toml": MANIFEST + seeds})


# How a run may end, and what was done in it.
ENDINGS: dict[str, tuple[Callable[[Bench], Result], str]] = {
    "nothing fetched": (of_nothing, ""),
    "a failed build": (of_a_failed_build, "build"),
    "tests alone": (of_tests, "build tests"),
    "a command": (of_a_command, "build run-1 run-2 comparison"),
    "an output that differs": (of_an_output_that_differs, "build run-1 run-2 comparison"),
    "a command that fails": (of_a_command_that_fails, "build run-1 run-2"),
    "a command over seeds": (of_seeds, "build run-1 run-2 run-3 run-4 comparison"),
}


@pytest.fixture
def scripted(tmp_path) -> Bench:
    """A bench on an engine that does what it is told."""
    return Bench(tmp_path, FakeEngine())


@pytest.fixture
def real(tmp_path) -> Bench:
    """A bench on the real engine."""
    return Bench(tmp_path, engine_of_site())


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    """The validator's cache of contexts."""
    return context_cache(tmp_path_factory.mktemp("contexts"))


def crate_of(result: Result, folder: Path) -> Path:
    """The files of a run in a folder of their own, as one who takes them all has them."""
    for name, path in result.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)
    return folder
