"""The manifest: what a model says of itself, whoever said it. See docs/manifest.md."""

import hashlib
import posixpath
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec

from registry.spec.ladder import Origin

# Stated by the policy: a looser tolerance would call anything "reproduced".
RTOL_CAP = 1e-2
ATOL_CAP_RELATIVE = 1e-2

Kind = Literal["json", "csv", "npy", "text", "bytes"]
Command = str | tuple[str, ...]
RelativePath = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, kw_only=True)
class Output:
    """A file that the declared command creates, and what it must equal."""

    path: RelativePath
    expected: RelativePath | None = None
    kind: Kind | None = None
    rtol: Annotated[float, msgspec.Meta(ge=0, le=RTOL_CAP)] = 0.0
    atol: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Input:
    """A file of the repository that the declared command reads."""

    path: RelativePath
    sha256: Sha256 | None = None


@dataclass(frozen=True, kw_only=True)
class Determinism:
    """What is pinned so that two runs can agree."""

    seed: Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)] | None = None
    threads: Annotated[int, msgspec.Meta(ge=1, le=256)] | None = None


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What the model asks for. The portal's own limits stand above it."""

    cpus: Annotated[float, msgspec.Meta(gt=0, le=256)] | None = None
    memory_mb: Annotated[int, msgspec.Meta(ge=16)] | None = None
    timeout_seconds: Annotated[int, msgspec.Meta(ge=1)] | None = None


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """How to rebuild and rerun one model. Every field may be absent."""

    version: str | None = None
    python: str | None = None
    as_of: str | None = None
    system_packages: tuple[
        Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9+.-]{0,99}$")], ...
    ] = ()
    workdir: str = "."
    test: Command | None = None
    run: Command | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    determinism: Determinism = field(default_factory=Determinism)
    resources: Resources = field(default_factory=Resources)

    @property
    def digest(self) -> str:
        """The sha256 of the manifest's canonical JSON, in hexadecimal."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    @property
    def hidden_paths(self) -> frozenset[str]:
        """Paths from the repository's root that inference must not find: answers, old outputs."""
        named = (path for output in self.outputs for path in (output.path, output.expected) if path)
        return frozenset(self.from_root(path) for path in named)

    def from_root(self, path: str) -> str:
        """`path`, given from the working folder, as seen from the repository's root."""
        return posixpath.normpath(posixpath.join(self.workdir, path))


@dataclass(frozen=True, kw_only=True)
class Person:
    """An author as citation files name one."""

    given: str = ""
    family: str = ""
    orcid: str | None = None
    affiliation: str = ""

    @property
    def name(self) -> str:
        """Given and family name, in reading order."""
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a reader is told of a model; each field with its origin in `origins`."""

    title: str = ""
    summary: str = ""
    description: str = ""
    version: str = ""
    licence: str = ""
    authors: tuple[Person, ...] = ()
    doi: str = ""
    article: str = ""
    keywords: tuple[str, ...] = ()
    released: str = ""
    container_image: str = ""
    origins: dict[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ReadManifest:
    """A manifest with the origin of every field that something declared."""

    manifest: Manifest
    origins: dict[str, Origin] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What was understood of a repository without running anything of it."""

    address: str
    ref: str | None
    commit: str
    tree_swhid: str
    committed_at: str
    licence: str | None
    readme: str | None
    description: Description
    read: ReadManifest
