"""Repositories that never end, or never stop talking: bounded, explained, nothing left behind."""

import subprocess
from dataclasses import replace

import pytest

from registry.spec.ladder import Cause, Level

pytestmark = pytest.mark.docker

README = {"README.md": "# A model\n\nIt computes.\n"}
TEST = {"test_model.py": "def test_two():\n    assert 1 + 1 == 2\n"}
SETUP = "from setuptools import setup\nsetup(name='tiny', version='1', py_modules=[])\n"


def left_of(bench) -> str:
    """The containers of the bench's last run that are still there."""
    wanted = f"label=org.reprise.run={bench.run}"
    command = ["docker", "ps", "--all", "--quiet", "--filter", wanted]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def within(bench, *, build: float = 300, run: float = 60) -> None:
    limits = bench.bounds
    bench.bounds = replace(
        limits, build=replace(limits.build, seconds=build), run=replace(limits.run, seconds=run)
    )


def test_a_setup_that_hangs_ends_in_time(real):
    within(real, build=25)
    setup = "import time\ntime.sleep(9999)\n" + SETUP
    report = real.verify(README | TEST | {"setup.py": setup})
    assert (report.level, report.cause) == (Level.ARCHIVED, Cause.TIMEOUT), report
    assert "25 seconds" in report.explanation
    assert left_of(real) == ""


def test_a_setup_that_prints_without_end_is_cut_short(real):
    setup = "for _ in range(200):\n    print('x' * 10**6)\n" + SETUP
    report = real.verify(README | TEST | {"setup.py": setup})
    assert report.level in {Level.RUNS, Level.ARCHIVED}, report
    log = next(each for each in report.artifacts if each.name == "build_image.log")
    assert log.size < 10 * real.bounds.build.log_bytes
    assert left_of(real) == ""


def test_requirement_files_that_name_each_other_are_read_once(real):
    files = {"requirements.txt": "-r more.txt\nsix\n", "more.txt": "-r requirements.txt\nattrs\n"}
    report = real.verify(README | TEST | files)
    assert report.level == Level.RUNS, report
    names = {package.partition("==")[0] for package in report.environment.packages}
    assert {"six", "attrs"} <= names


def test_packages_that_depend_on_each_other_are_installed(real):
    def package(name, other):
        return (
            f"from setuptools import setup\nsetup(name='{name}', version='1', py_modules=[],"
            f" install_requires=['{other}'])\n"
        )

    files = {
        "requirements.txt": "./ying\n./yang\n",
        "ying/setup.py": package("reprise-ying", "reprise-yang"),
        "yang/setup.py": package("reprise-yang", "reprise-ying"),
    }
    report = real.verify(README | TEST | files)
    assert report.level == Level.RUNS, report


def test_requirements_that_contradict_each_other_are_explained(real):
    files = {
        "requirements.txt": "jinja2==3.1.2\nmarkupsafe<1\n",
        "model.py": "import jinja2\n",
        "test_model.py": "import model\n\ndef test_it():\n    assert model.jinja2\n",
    }
    report = real.verify(README | files)
    first = report.environment.attempts[0]
    assert (first.built, first.failure.cause) == (False, Cause.RESOLVE)
    assert "markupsafe" in first.failure.sentence + "".join(first.failure.lines)
    assert left_of(real) == ""
