"""The bounds and site facts of a verification, as one value handed down from the caller."""

from dataclasses import dataclass
from pathlib import Path

from registry.spec.manifest import Resources
from runners.containers.base import BuildLimits, RunLimits


@dataclass(frozen=True, kw_only=True)
class SourceLimits:
    """Bounds of fetching one repository; `allow` is explained at settings.SOURCE_ALLOW.

    `uploads` is where the repositories made of uploaded archives are; None where there are none.
    """

    seconds: float
    bytes: int
    files: int
    allow: frozenset[str]
    uploads: Path | None = None


@dataclass(frozen=True, kw_only=True)
class SitePackages:
    """How builds of a closed site reach its package index. Empty strings mean: directly.

    `wheels` is a folder of wheels of the site's own, such as CPU builds of large packages.
    """

    ca_bundle: Path | None
    index_url: str
    proxy: str
    wheels: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """All limits of one verification."""

    source: SourceLimits
    build: BuildLimits
    run: RunLimits

    def for_model(self, wanted: Resources) -> RunLimits:
        """The run limits a model gets: what it asks for, never more than the site allows."""
        memory = wanted.memory_mb * 2**20 if wanted.memory_mb else self.run.memory_bytes
        return RunLimits(
            seconds=min(self.run.seconds, wanted.timeout_seconds or self.run.seconds),
            memory_bytes=min(self.run.memory_bytes, memory),
            cpus=min(self.run.cpus, wanted.cpus or self.run.cpus),
            processes=self.run.processes,
            log_bytes=self.run.log_bytes,
            workdir_bytes=self.run.workdir_bytes,
            files=self.run.files,
            output_bytes=self.run.output_bytes,
        )
