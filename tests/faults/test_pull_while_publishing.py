"""Clients that pull while versions are published: each gets one or another, never a mixture.

Every file of a version bears the version's stamp, so that two stamps in one pull are a mixture.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event

import pytest
import requests

from tests.gitting.client import Git
from tests.portal import wait_for
from tests.web import scenery
from tests.web.source_scenery import Mirrored, mirrors  # noqa: F401 — a fixture

FILES = [f"{folder}/part-{number}.txt" for folder in ("a", "b") for number in range(6)]
VERSIONS = 6
SNAPSHOT = (
    "import sys, huggingface_hub as hub; hub.snapshot_download(sys.argv[1], local_dir=sys.argv[2])"
)


def stamped(version: int) -> dict[str, str]:
    return dict.fromkeys(FILES, f"version {version}\n") | {"README.md": f"# version {version}\n"}


def stamps(folder: Path) -> frozenset[str]:
    """The stamps in a folder, every file of which must be there."""
    return frozenset((folder / name).read_text() for name in FILES)


class Clients:
    """One pull each, into a fresh folder, as people do it. `api` is that of the model."""

    def __init__(self, folder: Path, site: str, model: Mirrored) -> None:
        self.folder, self.site = folder, site
        self.name = f"ada/{model.entry.name}"
        self.api = f"{site}/api/v1/models/{model.entry.pk}/"
        self.git = Git(folder)
        self.numbers = count()

    def fresh(self) -> Path:
        return self.folder / f"pull-{next(self.numbers)}"

    def by_git(self, protocol: str) -> frozenset[str]:
        """The branch, which must also be one of the tags that came with it."""
        place = self.fresh()
        address = f"{self.site}/{self.name}.git"
        self.git("-c", f"protocol.version={protocol}", "clone", "-q", address, str(place))
        commits = self.git("rev-parse", "HEAD", "--tags", clone=place.name).split()
        newest = self.git("tag", "--sort=-version:refname", "--list", "v*", clone=place.name)
        assert self.git("rev-parse", newest.split()[0], clone=place.name) == commits[0]
        self.git("fsck", "--strict", clone=place.name)
        return stamps(place)

    def by_hub(self) -> frozenset[str]:
        place = self.fresh()
        environment = self.git.environment | {
            "HF_ENDPOINT": self.site,
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_CACHE": f"{place}-cache",
        }
        command = [sys.executable, "-c", SNAPSHOT, self.name, str(place)]
        subprocess.run(command, env=environment, check=True, timeout=60, capture_output=True)
        return stamps(place)

    def by_archive(self) -> frozenset[str]:
        """That of the version that is current, once its first verification has left one."""
        place = self.fresh()
        place.mkdir()
        number = requests.get(self.api, timeout=30).json()["version"]["number"]
        fetch = ["curl", "-fsS", "-o", "it.tar.gz", f"{self.api}versions/{number}/archive/"]
        once = {"cwd": place, "capture_output": True, "timeout": 60}
        wait_for(lambda: subprocess.run(fetch, check=False, **once).returncode == 0 or None)
        subprocess.run(["tar", "-xzf", "it.tar.gz", "--strip-components=1"], cwd=place, check=True)
        return stamps(place)


def verified(model: Mirrored, folder: Path) -> None:
    """What the first run of the current version leaves: its archive."""
    files = {"source.tar.gz": folder / "source.tar.gz"}
    model.archive(files["source.tar.gz"])
    claim = scenery.started(model.entry.current_version.runs.get())
    scenery.run_finish(claim=claim, report=scenery.report(files), files=files)


@pytest.fixture
def model(transactional_db, mirrors, tmp_path):  # noqa: F811 — the fixture
    """Its first version, published and verified."""
    model = Mirrored(mirrors, scenery.person("ada"), stamped(1))
    verified(model, tmp_path)
    return model


@pytest.mark.parametrize("way", ["git v0", "git v2", "hub", "archive"])
def test_a_pull_while_versions_are_published_is_of_one_version(
    model, live_server, settings, tmp_path, way
):
    settings.PUBLIC_URL = live_server.url
    clients = Clients(tmp_path, live_server.url, model)
    pull = {
        "git v0": lambda: clients.by_git("0"),
        "git v2": lambda: clients.by_git("2"),
        "hub": clients.by_hub,
        "archive": clients.by_archive,
    }[way]
    published = Event()

    def pulling() -> list[frozenset[str]]:
        seen = [pull()]
        while not published.is_set():
            seen.append(pull())
        return seen

    with ThreadPoolExecutor(2) as people:
        pulls = [people.submit(pulling) for _ in range(2)]
        try:
            for version in range(2, VERSIONS + 1):
                model.release(stamped(version))
                verified(model, tmp_path)
        finally:
            published.set()
        seen = [stamps for one in pulls for stamps in one.result()]
    assert {len(stamps) for stamps in seen} == {1}, "a mixture of versions"
    assert len(set(seen)) > 1, "nothing was published meanwhile"
    assert pull() == {f"version {VERSIONS}\n"}
