"""Two research packages, as their authors released them, through the whole pipeline.

Slow: each is downloaded, built with its scientific stack, and its own suite is run.
"""

import subprocess
import sys
import tarfile

import pytest

from registry.spec.ladder import Level
from runners.source.committed import repository_from_folder

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize(
    ("package", "tests"), [("corner==2.3.0", 50), ("periodictable==1.7.1", 19)]
)
def test_a_released_research_package_runs(real, tmp_path, package, tests):
    name = package.partition("==")[0]
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", name]
    subprocess.run([*download, "-d", str(tmp_path), package], check=True, timeout=300)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    (folder,) = (tmp_path / "unpacked").iterdir()
    report = real.verify(repository_from_folder(folder, tmp_path / "repository"))
    assert report.level == Level.RUNS, report.explanation
    assert report.tests.passed >= tests
