"""A repository, a mirror store and a server for the tests of runners.source."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runners.limits import SourceLimits
from runners.source.address import normalise
from runners.source.mirror import MirrorStore
from runners.source.snapshot import Snapshot
from tests.source.repositories import Repository
from tests.source.servers import GitServer, serving

Fetch = Callable[..., Snapshot]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "served" / "model.git")


@pytest.fixture
def store(tmp_path: Path) -> MirrorStore:
    return MirrorStore(tmp_path / "mirrors")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with serving(tmp_path / "served") as server:
        yield server


@pytest.fixture
def fetch(store: MirrorStore) -> Fetch:
    """Fetch from any address, the allowed places widened by `allow`."""

    def fetch(
        address: object,
        ref: str | None = None,
        *,
        folder: str = "",
        allow: tuple[str, ...] = (),
        seconds: float = 60,
        most_bytes: int = 10_000_000,
        most_files: int = 1_000,
        log: Callable[[str], None] = lambda _: None,
        check: Callable[[], None] = lambda: None,
    ) -> Snapshot:
        allowed = frozenset({"file", *allow})
        limits = SourceLimits(seconds=seconds, bytes=most_bytes, files=most_files, allow=allowed)
        return store.fetch(
            normalise(str(address), allow=allowed),
            ref,
            folder=folder,
            limits=limits,
            log=log,
            check=check,
        )

    return fetch
