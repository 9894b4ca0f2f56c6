"""The environment of a run is built again elsewhere, from the files that the run kept."""

import subprocess
import tarfile
import uuid

import pytest

from runners.containers.base import BuildRequest, Labels
from runners.environment.rebuild import DOCKERFILE, LOCK, pins
from tests.bench import SITE
from tests.exports.conftest import MODEL, crate_of

# A project that stays in its folder, and a package that has had many versions since.
PROJECT = {
    "pyproject.toml": """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "tiny-model"
version = "0.3"
dependencies = ["idna"]
[tool.setuptools]
py-modules = ["model"]
""",
    "test_model.py": "import idna\n\ndef test_two():\n    assert idna.encode('a')\n",
}
OLDER = "idna==3.4"


def of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    return member


def built_from(bench, folder) -> str:
    """An image made of nothing but the files in `folder`, on this site's package index."""
    context = bench.folder / f"{uuid.uuid4().hex}.tar"
    with tarfile.open(context, "w", format=tarfile.GNU_FORMAT) as archive:
        for path in folder.iterdir():
            archive.add(path, arcname=path.name, filter=of_nobody)
    request = BuildRequest(
        context=context,
        dockerfile=DOCKERFILE,
        tag=f"reprise-tests/rebuilt:{bench.run}",
        labels=Labels(site=SITE, run=bench.run, attempt=1, deadline=0),
        limits=bench.bounds.build,
    )
    return bench.engine.build(request, log=print, check=lambda: None).digest


def packages_in(image: str) -> set[str]:
    command = ["docker", "run", "--rm", "--network=none", image]
    ask = ["python", "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]
    done = subprocess.run([*command, *ask], capture_output=True, text=True, check=True)
    return set(done.stdout.lower().split())


@pytest.mark.docker
@pytest.mark.slow  # two whole builds; CI reads the files that are kept for them
def test_the_kept_files_build_the_same_environment_whatever_is_new_by_then(real, tmp_path):
    """In the kept lock the package is then exchanged for an older one: newer ones are there."""
    result = real.result(MODEL | PROJECT)
    assert result.report.tests_pass, result.report.explanation
    folder = crate_of(result, tmp_path / "elsewhere")
    lock = (folder / LOCK).read_text()
    assert packages_in(built_from(real, folder)) == set(lock.lower().split())
    assert "tiny-model==0.3" in lock

    newest = next(line for line in lock.splitlines() if line.startswith("idna=="))
    (folder / LOCK).write_text(lock.replace(newest, OLDER))
    again = packages_in(built_from(real, folder))
    assert again == set(lock.replace(newest, OLDER).lower().split())
    assert newest not in again


@pytest.mark.parametrize(
    "lie",
    [
        "-r /etc/passwd==1",
        "--index-url=https://example.org",
        "name==1\n--pre",
        "name @ https://example.org/name.whl",
        "name>=1",
        "==1",
        "name==1.*; python_version>'3'",
        "",
    ],
)
def test_a_line_that_is_no_pin_enters_no_lock_file(lie):
    assert pins(("numpy==2.1.0", lie, "torch==2.4.0+cpu")) == ("numpy==2.1.0", "torch==2.4.0+cpu")
