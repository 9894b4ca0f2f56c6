"""Versions whose files are really mirrored: repositories made by git, read as a page reads them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from registry.models import ModelEntry, ModelVersion, User
from registry.services.entries import entry_publish
from registry.services.versions import version_create, version_inspected
from runners.limits import SourceLimits
from runners.source.address import normalise
from runners.source.mirror import MirrorStore
from tests.source.repositories import Repository
from tests.web import scenery

FILE = frozenset({"file"})
LIMITS = SourceLimits(seconds=60, bytes=50_000_000, files=1_000, allow=FILE)


class Mirrored:
    """A public model of a local repository; `release` publishes what is committed next."""

    def __init__(self, folder: Path, owner: User, files: Mapping[str, bytes | str]) -> None:
        self.repository = Repository(folder / "model.git")
        self.owner = owner
        self.entry = scenery.pending(owner, str(self.repository.folder))
        self._read(self.entry.versions.get(), files)
        self._publish()

    @property
    def address(self) -> str:
        """The address of the entry's pages."""
        return f"/models/{self.entry.pk}/"

    def release(self, files: Mapping[str, bytes | str]) -> ModelVersion:
        """A further version, published."""
        version = self.propose(files)
        self._publish()
        return version

    def propose(self, files: Mapping[str, bytes | str]) -> ModelVersion:
        """A further version that only editors see."""
        number = self.entry.versions.count()
        address = str(self.repository.folder)
        version = version_create(entry=self.entry, address=address, ref=f"v{number}")
        self._read(version, files)
        return version

    def archive(self, target: Path) -> None:
        """Write the source archive of the current version, as a worker does."""
        version = self.entry.current_version
        assert version is not None
        store = MirrorStore(Path(settings.MIRROR_DIR))
        store.archive(version.address, version.commit, target, prefix="source-x/")

    def _read(self, version: ModelVersion, files: Mapping[str, bytes | str]) -> None:
        self.repository.commit(files)
        snapshot = MirrorStore(Path(settings.MIRROR_DIR)).fetch(
            normalise(str(self.repository.folder), allow=FILE),
            None,
            limits=LIMITS,
            log=lambda _text: None,
            check=lambda: None,
        )
        read = replace(
            scenery.inspection(version), commit=snapshot.commit, tree_swhid=snapshot.tree_swhid
        )
        assert version_inspected(version_id=version.pk, inspection=read)

    def _publish(self) -> None:
        self.entry = ModelEntry.objects.get(pk=self.entry.pk)
        entry_publish(entry=self.entry, requested_by=self.owner)
        self.entry = ModelEntry.objects.get(pk=self.entry.pk)


@pytest.fixture
def mirrors(settings, tmp_path):
    """Mirrors of this test's own."""
    settings.MIRROR_DIR = tmp_path / "mirrors"
    return tmp_path


def npy(values: object, folder: Path) -> bytes:
    """An array as a file holds it."""
    np.save(folder / "x.npy", np.asarray(values))
    return (folder / "x.npy").read_bytes()
