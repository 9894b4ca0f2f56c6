"""Room on disk: what images and build cache may take, and when no run is to be begun."""

import logging
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runners.containers.base import Engine
from runners.faults import PlatformFault

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class DiskLimits:
    """What may be kept, and what must stay free, in bytes.

    `cache_bytes` 0 leaves the engine's build cache to its owner. `image_seconds` is the age that
    images reach whatever the budget, as long as there is room. `folders` are written to beside
    the engine's own.
    """

    free_bytes: int
    cache_bytes: int
    image_bytes: int
    image_seconds: int
    folders: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class Disk:
    """What one site may take of the disks that its runs write to."""

    engine: Engine
    site: str
    limits: DiskLimits

    def shortage(self) -> str:
        """One sentence on the first disk with too little room; "" where all have enough."""
        data = self.engine.data_folder()
        for folder in (data, *self.limits.folders) if data else self.limits.folders:
            free = shutil.disk_usage(_standing(folder)).free
            if free < self.limits.free_bytes:
                return (
                    f"The disk of {folder} has {_mb(free)} MB free and needs "
                    f"{_mb(self.limits.free_bytes)} (REPRISE_DISK_FREE_MB): no run is begun until "
                    "there is room."
                )
        return ""

    def keep_budgets(self, *, live_runs: frozenset[str]) -> int:
        """Remove images, then build cache, beyond what may be kept; how many images."""
        return self._remove(live_runs, self.limits.image_seconds, self.limits.cache_bytes)

    def make_room(self, *, live_runs: frozenset[str], image_seconds: int) -> str:
        """The shortage that is left after clearing up once, where there is one; else "".

        Then the budget of images wins over their age, save that images of live runs and those
        younger than `image_seconds` stay, and half of the build cache has to do.
        """
        if not self.shortage():
            return ""
        with suppress(PlatformFault):  # on a full disk an engine may fail even at this
            self._remove(live_runs, image_seconds, self.limits.cache_bytes // 2)
        return self.shortage()

    def _remove(self, live_runs: frozenset[str], image_seconds: int, cache_bytes: int) -> int:
        # Images first: what their layers share with the cache goes with the second of both.
        images = self.engine.remove_images(
            site=self.site,
            live_runs=live_runs,
            keep_seconds=image_seconds,
            budget_bytes=self.limits.image_bytes,
            now=int(time.time()),
        )
        if self.limits.cache_bytes:
            self.engine.trim_cache(keep_bytes=cache_bytes)
        return images


@dataclass
class Notice:
    """Tells the log of a shortage once, and of its end."""

    told: bool = False

    def tell(self, shortage: str) -> None:
        """Say `shortage` unless it is said already; "" says that it is over."""
        if shortage and not self.told:
            logger.warning("%s", shortage)
        elif self.told and not shortage:
            logger.info("There is room on disk again: runs are begun.")
        self.told = bool(shortage)


def _standing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there already."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _mb(size: int) -> str:
    return f"{size // 2**20:,}"
