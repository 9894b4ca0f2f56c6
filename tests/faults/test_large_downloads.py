"""A gigabyte through the real server: in constant memory, and on from where it broke off."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from tests.portal import Portal

pytestmark = pytest.mark.timeout(300)

SIZE = 2**30
# What one download more may hold of a server's memory: some pieces on their way, not the file.
MOST_GROWTH = 40 * 2**20
LAID = f"""
import hashlib, os
from pathlib import Path
from django.conf import settings
from django.utils import timezone
from registry.models import Artifact, Blob
from tests.registry import registry_helpers as helpers
ada = helpers.person("ada")
entry, run = helpers.published(ada)
helpers.run_finish(claim=helpers.claimed(run), report=helpers.report({{}}), files={{}})
digest = hashlib.sha256()
for _ in range({SIZE} >> 20):
    digest.update(bytes(1 << 20))
blob = Blob(sha256=digest.hexdigest(), size={SIZE}, created_at=timezone.now())
path = Path(settings.BLOB_DIR, blob.key)
path.parent.mkdir(parents=True, exist_ok=True)
path.touch()
os.truncate(path, {SIZE})
blob.save()
Artifact.objects.create(run=run, name="source.tar.gz", media_type="application/gzip", blob=blob)
print(f"{{entry.pk}} {{run.pk}} {{blob.pk}}")
"""


class Large:
    """A portal that gives out a file of a gigabyte, all zeros, that takes no room on a disk."""

    def __init__(self, folder: Path) -> None:
        self.portal = Portal(folder, "memory://")
        entry, run, self.sha256 = self.portal.manage("shell", "-v0", "-c", LAID).split()[-3:]
        api = f"{self.portal.url}/api/v1"
        self.doors = {
            "blob": f"{api}/models/{entry}/versions/1/archive/",
            "pieces": f"{api}/runs/{run}/crate/",
        }

    def memory(self) -> int:
        """The most bytes that any of the server's processes has ever held."""
        server = self.portal.pid_of("pages")
        found = []
        for status in Path("/proc").glob("[0-9]*/status"):
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
            if server in (int(fields["Pid"]), int(fields["PPid"])) and "VmHWM" in fields:
                found.append(int(fields["VmHWM"].split()[0]) * 1024)
        assert found
        return max(found)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    large = Large(tmp_path_factory.mktemp("large"))
    try:
        large.portal.start_pages()
        yield large
    finally:
        large.portal.stop()


def curl(*words: str, fails: bool = False) -> str:
    done = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) == fails, (done.returncode, done.stderr)
    return done.stdout


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.parametrize("door", ["blob", "pieces"])
def test_a_gigabyte_streams_in_constant_memory_whoever_reads_how_slowly(large, door):
    curl("-o", os.devnull, "-r", "0-1000000", large.doors[door])
    before = large.memory()
    size = curl("-f", "-o", os.devnull, "-w", "%{size_download}", large.doors[door])
    assert int(size) >= SIZE
    # Who takes a few bytes a second must not make the server lay up the rest for them.
    curl("-o", os.devnull, "--limit-rate", "10k", "-m", "3", large.doors[door], fails=True)
    assert large.memory() - before < MOST_GROWTH


@pytest.mark.parametrize("door", ["blob", "pieces"])
def test_a_pull_that_broke_off_in_the_middle_goes_on_where_it_stopped(large, door, tmp_path):
    file = tmp_path / "file"
    curl("-o", str(file), "-m", "2", "--limit-rate", "100M", large.doors[door], fails=True)
    had = file.stat().st_size
    assert 0 < had < SIZE
    fetched = curl("-f", "-C", "-", "-o", str(file), "-w", "%{size_download}", large.doors[door])
    assert int(fetched) == file.stat().st_size - had
    if door == "blob":
        assert sha256_of(file) == large.sha256
    else:
        subprocess.run(["unzip", "-tqq", str(file)], check=True)
