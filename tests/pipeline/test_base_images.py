"""The base images that this machine holds: each builds an environment in which a test passes."""

import pytest

from registry.spec.ladder import Level
from runners.environment.bases import bases_held, suite_of

pytestmark = pytest.mark.docker

# What `ops/setup test` lays; a site may hold more.
LAID = ("3.9", "3.11", "3.13")
TEST = """\
import sys

import markupsafe._speedups


def test_it():
    assert sys.version_info[:2] == {version}
    assert open("/etc/os-release").read().count("{suite}")
"""


def check(real, python):
    image = bases_held(real.engine.has_image)[python]
    version = tuple(int(part) for part in python.split("."))
    files = {
        "README.md": "# A model\n",
        "runtime.txt": f"python-{python}\n",
        # A compiled package: the wheel fits the C library of the image.
        "requirements.txt": "markupsafe\n",
        "test_it.py": TEST.format(version=version, suite=suite_of(image)),
    }
    report = real.verify(files)
    assert (report.level, report.modifiers) == (Level.RUNS, ()), report
    assert report.environment.base_image == image


@pytest.mark.parametrize("python", LAID)
def test_a_base_image_builds_and_runs(real, python):
    check(real, python)


@pytest.mark.slow  # up to six builds; CI has those of Debian, of which the others are made alike
def test_so_does_every_other_one_that_is_held(real):
    for python in bases_held(real.engine.has_image).keys() - set(LAID):
        check(real, python)
