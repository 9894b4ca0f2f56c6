"""What travels from step to step (Case), and what stays the same all along (Tools)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO

from registry.spec.evidence import EarlierRun, Evidence
from registry.spec.ladder import Repair
from registry.spec.manifest import Manifest, ReadManifest
from registry.spec.receipt import Signer
from runners.containers.base import Engine, Image, Labels
from runners.environment.candidate import Candidate, Plan
from runners.environment.imports import Imports
from runners.faults import Check
from runners.limits import Bounds
from runners.source.mirror import MirrorStore
from runners.source.snapshot import Snapshot

InputFile = Callable[[str], IO[bytes] | None]
"""Opens the uploaded file that has a sha256; None where there is none."""


def no_input_file(_sha256: str) -> None:
    """What is known of uploaded files where there are none."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be verified. `manifest` replaces the repository's own reprise.toml.

    `folder` is the model's, from the repository's root; "" is the root itself. `earlier` are runs
    of the same commit under the same manifest that this one may sustain. `constraints`
    ("numpy==1.26.4") and `python` ("3.11") hold every environment to those of another run.
    `input_file` opens the uploaded file that has a sha256, where there is one.
    """

    address: str
    ref: str | None
    folder: str = ""
    manifest: bytes | None = None
    earlier: tuple[EarlierRun, ...] = ()
    constraints: tuple[str, ...] = ()
    python: str | None = None
    input_file: InputFile = no_input_file


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Everything a step uses that is not a value of the run. `artifacts` is what will be kept.

    `rungs` are those of the repair ladder that may be used; `wheels` the names of the wheel files
    that the site gives to builds.
    Without a `signer` the run has no receipt.
    """

    mirrors: MirrorStore
    engine: Engine
    bounds: Bounds
    labels: Labels
    check: Check
    artifacts: Path
    scratch: Path
    check_dockerfile: Callable[[str], str]
    image_prefix: str
    rungs: frozenset[Repair] = frozenset(Repair)
    wheels: tuple[str, ...] = ()
    signer: Signer | None = None

    @property
    def name(self) -> str:
        """The start of the names of this run's containers: a duplicate start is refused.

        Portals that share an engine number their runs each for itself.
        """
        site = hashlib.sha256(self.labels.site.encode()).hexdigest()[:8]
        return f"reprise-{site}-{self.labels.run}-{self.labels.attempt}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A verification as far as it has come.

    `today` is the day of the run, `round` the environment that is being tried, `unresolved` the
    modules that are imported but not found in it. `inputs` maps paths from the model's root to
    files that were had from elsewhere. `outputs` maps a repetition to its runs, several only for a
    stochastic model, each of them path → file.
    """

    request: Request
    evidence: Evidence
    today: date
    snapshot: Snapshot | None = None
    read: ReadManifest | None = None
    imports: Imports = field(default_factory=lambda: Imports(model=(), tests=()))
    plan: Plan | None = None
    round: Candidate | None = None
    image: Image | None = None
    unresolved: tuple[str, ...] = ()
    inputs: Mapping[str, Path] = field(default_factory=dict)
    outputs: Mapping[int, tuple[Mapping[str, Path], ...]] = field(default_factory=dict)

    @property
    def source(self) -> Snapshot:
        """The fetched commit. Only steps after fetch_source may ask."""
        if self.snapshot is None:
            raise AssertionError("a step that needs the source ran before fetch_source")
        return self.snapshot

    @property
    def candidate(self) -> Candidate:
        """The environment that is being tried. Only steps of a round may ask."""
        if self.round is None:
            raise AssertionError("a step of a round ran outside of one")
        return self.round

    @property
    def manifest(self) -> Manifest:
        """The manifest that was read; an empty one before that."""
        return self.read.manifest if self.read else Manifest()


def key_of(source: Snapshot) -> str:
    """A short name for a model's source, the same each time, for image tags and caches."""
    named = f"{source.address}\n{source.folder}" if source.folder else source.address
    return hashlib.sha256(named.encode()).hexdigest()[:16]
