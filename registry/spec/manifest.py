"""The manifest: what a model says of itself, whoever said it. See docs/manifest.md.

All values have slots: without them, msgspec converts a field that was left out to one that a later
encoding leaves out, and two equal manifests would have two digests.
"""

import hashlib
import posixpath
import shlex
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec

from registry.spec.ladder import Origin

# Stated by the policy: a looser tolerance would call anything "reproduced".
RTOL_CAP = 1e-2
ATOL_CAP_RELATIVE = 1e-2
MISMATCH_CAP_PPM = 1000
# A claim's ± must leave its sign and its order of magnitude.
CLAIM_TOLERANCE_CAP = 0.5
SEEDS_MOST = 32
# A statistical test: how rarely it calls a right output wrong, and what it needs to say anything.
SIGNIFICANCE = 0.001
INTERVAL_HALF_WIDTH = 0.1
POOLED_NUMBERS_LEAST = 100
HISTOGRAM_COUNTS_LEAST = 100

Kind = Literal["json", "csv", "npy", "hdf5", "image", "notebook", "text", "bytes"]
# How a stochastic output is held against another sample of it; each through SciPy.
StatisticalTest = Literal["z-interval", "kolmogorov-smirnov", "chi-squared"]
# A shell line, a list of arguments, or a list of such lists: several, one after another.
Command = str | tuple[str | tuple[str, ...], ...]


def as_lines(command: Command) -> str:
    """A command as one would type it; several, one a line."""
    if isinstance(command, str):
        return command
    if _is_several(command):
        return "\n".join(map(as_lines, command))
    return shlex.join(word for word in command if isinstance(word, str))


def as_arguments(command: Command) -> tuple[str, ...]:
    """A command as an engine takes it: a list runs as it is, all else in sh.

    Of several lines the first that fails ends the command, so that none fails unseen.
    """
    if not isinstance(command, str) and not _is_several(command):
        return tuple(word for word in command if isinstance(word, str))
    lines = as_lines(command)
    return ("sh", "-ec" if "\n" in lines.strip() else "-c", lines)


def _is_several(command: tuple[str | tuple[str, ...], ...]) -> bool:
    return any(not isinstance(word, str) for word in command)


RelativePath = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Package = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9+.-]{0,99}$")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A value that the article states, and where the output holds it."""

    label: Annotated[
        str,
        msgspec.Meta(
            description='Where the article states it: "Table 2, row 3".',
            min_length=1,
            max_length=200,
        ),
    ]
    at: Annotated[
        str,
        msgspec.Meta(
            description=(
                "Where the output holds it: $.energy[2] in json, energy[2] for row 2 of a column "
                "of a csv, [2, 0] in an array, name[2, 0] in one of several arrays. Counted from 0."
            ),
            min_length=1,
            max_length=300,
        ),
    ]
    value: Annotated[float, msgspec.Meta(description="The value as the article states it.")]
    tolerance: Annotated[
        float,
        msgspec.Meta(description="The ± of the article, at most half of the value.", ge=0),
    ] = 0.0
    unit: Annotated[
        str, msgspec.Meta(description='The unit of both, for readers: "eV".', max_length=50)
    ] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """A file that the declared command creates, and what it must equal."""

    path: Annotated[
        RelativePath,
        msgspec.Meta(description="The file that `run` writes, from the working folder."),
    ]
    expected: Annotated[
        RelativePath | None,
        msgspec.Meta(description="The committed file that holds the values you published."),
    ] = None
    kind: Annotated[
        Kind | None,
        msgspec.Meta(description="How to read the file; told from its suffix when absent."),
    ] = None
    rtol: Annotated[
        float,
        msgspec.Meta(
            description="Relative tolerance: a number may differ by rtol × |expected|.",
            ge=0,
            le=RTOL_CAP,
        ),
    ] = 0.0
    atol: Annotated[
        float,
        msgspec.Meta(
            description="Absolute tolerance, at most 1% of the largest expected number.",
            ge=0,
        ),
    ] = 0.0
    ignore: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description=(
                "What may differ: JSON keys, CSV columns, names of arrays or datasets, or patterns "
                "of lines."
            )
        ),
    ] = ()
    max_mismatch_ppm: Annotated[
        int,
        msgspec.Meta(
            description="How many numbers of a million may lie beyond the tolerance.",
            ge=0,
            le=MISMATCH_CAP_PPM,
        ),
    ] = 0
    test: Annotated[
        StatisticalTest | None,
        msgspec.Meta(
            description=(
                "The test by which the samples of a stochastic model are compared over the seeds "
                "of `determinism`; without one, values are compared."
            )
        ),
    ] = None
    claims: Annotated[
        tuple[Claim, ...], msgspec.Meta(description="Values of the article in this output.")
    ] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """A file that the declared command reads: of the repository, by address, or uploaded.

    One that is not in the repository is known by its sha256. Where `url` says where it is had, the
    portal fetches it; else it is a file that was uploaded for the entry.
    """

    path: Annotated[RelativePath, msgspec.Meta(description="The file, from the working folder.")]
    sha256: Annotated[
        Sha256 | None,
        msgspec.Meta(description="Its sha256, so that no other file can take its place."),
    ] = None
    url: Annotated[
        Annotated[str, msgspec.Meta(max_length=2000)] | None,
        msgspec.Meta(
            description="Where it is had when it is not in the repository: https, with a sha256."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Determinism:
    """What is pinned so that two runs can agree."""

    seed: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)] | None,
        msgspec.Meta(
            description="Seed of random numbers, given as PYTHONHASHSEED and REPRISE_SEED."
        ),
    ] = None
    seeds: Annotated[
        Annotated[int, msgspec.Meta(ge=2, le=SEEDS_MOST)] | None,
        msgspec.Meta(
            description=(
                "With how many seeds a stochastic model is run for each of its two samples; the "
                "n-th run is given seed + n as REPRISE_SEED."
            )
        ),
    ] = None
    threads: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=256)] | None,
        msgspec.Meta(
            description="Threads of numerical libraries, given as OMP_NUM_THREADS and its kin."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Resources:
    """What the model asks for. The portal's own limits stand above it."""

    cpus: Annotated[
        Annotated[float, msgspec.Meta(gt=0, le=256)] | None,
        msgspec.Meta(description="Processor cores."),
    ] = None
    memory_mb: Annotated[
        Annotated[int, msgspec.Meta(ge=16)] | None, msgspec.Meta(description="Memory in MiB.")
    ] = None
    timeout_seconds: Annotated[
        Annotated[int, msgspec.Meta(ge=1)] | None,
        msgspec.Meta(description="Seconds after which one run of a command is ended."),
    ] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """How to rebuild and rerun one model. Every field may be absent."""

    version: Annotated[str | None, msgspec.Meta(description='Version of this format: "1".')] = None
    python: Annotated[
        str | None, msgspec.Meta(description='The Python to use, in quotes: "3.11".')
    ] = None
    as_of: Annotated[
        str | None,
        msgspec.Meta(description="The day of which the packages were when the model worked."),
    ] = None
    system_packages: Annotated[
        tuple[Package, ...], msgspec.Meta(description="Debian packages that the model needs.")
    ] = ()
    workdir: Annotated[
        str, msgspec.Meta(description="The folder in which commands start and paths begin.")
    ] = "."
    test: Annotated[
        Command | None,
        msgspec.Meta(
            description="The command that tests the model: a shell line or a list of arguments."
        ),
    ] = None
    run: Annotated[
        Command | None,
        msgspec.Meta(description="The command that writes the outputs: a shell line or a list."),
    ] = None
    inputs: Annotated[
        tuple[Input, ...],
        msgspec.Meta(
            description="Files that the command reads, of the repository or from elsewhere."
        ),
    ] = ()
    outputs: Annotated[
        tuple[Output, ...],
        msgspec.Meta(description="Files that the command writes, to be compared."),
    ] = ()
    determinism: Annotated[
        Determinism, msgspec.Meta(description="What is pinned so that two runs can agree.")
    ] = field(default_factory=Determinism)
    resources: Annotated[
        Resources, msgspec.Meta(description="What the model asks for, within the portal's limits.")
    ] = field(default_factory=Resources)

    @property
    def digest(self) -> str:
        """The sha256 of the manifest's canonical JSON, in hexadecimal."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    @property
    def hidden_paths(self) -> frozenset[str]:
        """Paths from the repository's root that inference must not find: answers, old outputs."""
        named = (path for output in self.outputs for path in (output.path, output.expected) if path)
        return frozenset(self.from_root(path) for path in named)

    @property
    def claims(self) -> int:
        """How many values of the article are tied to outputs."""
        return sum(len(output.claims) for output in self.outputs)

    def from_root(self, path: str) -> str:
        """`path`, given from the working folder, as seen from the repository's root."""
        return posixpath.normpath(posixpath.join(self.workdir, path))


@dataclass(frozen=True, kw_only=True, slots=True)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """The article that published a model; each field is empty where it is not known.

    `pages` is a range, as in 558–560, or an article number. `doi` is bare, as in 10.1038/118558a0;
    `url` is for an article that has none.
    """

    title: str = ""
    authors: tuple[Person, ...] = ()
    year: int | None = None
    journal: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """What a reader is told of a model; each field with its origin in `origins`."""

    title: str = ""
    summary: str = ""
    description: str = ""
    version: str = ""
    licence: str = ""
    authors: tuple[Person, ...] = ()
    article: Article | None = None
    keywords: tuple[str, ...] = ()
    released: str = ""
    container_image: str = ""
    languages: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    needs_gpu: bool = False
    origins: dict[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadManifest:
    """A manifest with the origin of every field that something declared."""

    manifest: Manifest
    origins: dict[str, Origin] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedEnvironment:
    """An environment that a verification would try. `why` says why this Python."""

    strategy: str
    python: str | None = None
    why: str = ""
    system_packages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedTest:
    """Tests that a verification would run, and why these.

    `counted` is false where all that can be seen is an exit code, which passes nothing.
    """

    runner: str
    command: tuple[str, ...]
    why: str
    counted: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A command that may compute the model's results. Nobody declared it, so it is never run."""

    command: str
    outputs: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a verification would do, each in the order in which it is tried.

    `unsupported` is the sentence that says why nothing of the repository can run here, if so.
    """

    environments: tuple[PlannedEnvironment, ...] = ()
    tests: tuple[PlannedTest, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    unsupported: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """What was understood of a repository without running anything of it."""

    address: str
    ref: str | None
    folder: str = ""
    commit: str
    tree_swhid: str
    committed_at: str
    licence: str | None
    readme: str | None
    description: Description
    read: ReadManifest
    plan: Plan = field(default_factory=Plan)
