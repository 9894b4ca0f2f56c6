"""What the pipeline asks of a container engine. No limit has a default: callers say theirs."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from runners.faults import Check, LogSink


@dataclass(frozen=True, kw_only=True)
class BuildLimits:
    """Bounds of one image build."""

    seconds: float
    log_bytes: int


@dataclass(frozen=True, kw_only=True)
class RunLimits:
    """Bounds of one container. `files` and `workdir_bytes` cap its writable working folder."""

    seconds: float
    memory_bytes: int
    cpus: float
    processes: int
    log_bytes: int
    workdir_bytes: int
    files: int
    output_bytes: int


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Whose container or image it is, so that what is left behind can be told and removed.

    `site` parts the portals that share one engine: none may remove what is another's.
    """

    site: str
    run: str
    attempt: int
    deadline: int  # Unix time after which nobody may still need it

    def as_dict(self) -> dict[str, str]:
        """The labels as the engine stores them."""
        return {
            "org.reprise.site": self.site,
            "org.reprise.run": self.run,
            "org.reprise.attempt": str(self.attempt),
            "org.reprise.deadline": str(self.deadline),
        }


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """Build the context tar at `context`, whose root holds a file named `dockerfile`.

    The context is made by us alone: regular files, folders and symlinks of one tree. A build
    `anew` uses nothing that an earlier one left. `annotations` are labels that say to everybody
    what the image holds, beside those that say whose it is here.
    """

    context: Path
    dockerfile: str
    tag: str
    labels: Labels
    limits: BuildLimits
    anew: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that exists: its content digest (`sha256:…`), working folder and size in bytes."""

    digest: str
    workdir: str
    size: int


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """Run `command` in a fresh container on a fresh, writable copy of the image's working folder.

    `inject` adds files (path from the working folder → content, or where it lies on this machine)
    before the start. What stands at a path of `collect` is removed then, whoever put it there;
    after the end, each regular file at such a path is copied into the folder `into` under a name of
    ours: so the command has written it. `folder`, from the working folder, is where it starts.
    """

    image: Image
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    inject: Mapping[str, bytes | Path]
    collect: tuple[str, ...]
    into: Path
    labels: Labels
    limits: RunLimits


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """How a container ended. `files` maps each collected path to where it lies on this machine.

    `refused` names outputs that exist but cannot be taken, with the reason (a link, too large).
    `exit_code` is None when the container was ended by us for its time. `peak_memory_bytes` is the
    most that the engine saw in use, about once a second; None when it ended before that.
    """

    exit_code: int | None
    timed_out: bool
    out_of_memory: bool
    log_truncated: bool
    seconds: float
    peak_memory_bytes: int | None
    files: Mapping[str, Path]
    refused: Mapping[str, str]


class Engine(Protocol):
    """A container engine. Everything raises PlatformFault when the engine itself is at fault."""

    def describe(self) -> str:
        """The engine's name and version, for the report."""
        ...

    def isolation(self) -> str:
        """Which wall stands between containers and the host: `runc`, `runsc`, `userns`."""
        ...

    def has_image(self, name: str) -> bool:
        """Whether the engine holds the image called `name`."""
        ...

    def digest(self, name: str) -> str | None:
        """The digest of the image called `name`, a base too; None when it is not held."""
        ...

    def built(self, tag: str) -> Image | None:
        """The image that an earlier build left under `tag`; None when there is none."""
        ...

    def build(self, request: BuildRequest, *, log: LogSink, check: Check) -> Image:
        """Build an image, network on. Raises RepositoryFault when the build's own steps fail."""
        ...

    def run(self, request: RunRequest, *, log: LogSink, check: Check) -> RunResult:
        """Run a container to its end, network off, and leave nothing behind."""
        ...

    def remove_leftovers(self, *, site: str, live_runs: frozenset[str], now: int) -> int:
        """Remove the site's containers and volumes of no live run or past deadline; how many."""
        ...

    def discard(self, image: Image) -> None:
        """Remove an image that nobody needs any more, unless something uses it."""
        ...

    def push(self, image: str, *, name: str, tag: str, token: str, seconds: float) -> str:
        """Send an image, by its digest, to a registry as `name:tag`; its manifest's digest there.

        `token` is what the registry is shown. It ends after `seconds`, with PlatformFault.
        """
        ...

    def saved(self, image: str, *, seconds: float) -> Generator[bytes]:
        """The pieces of a tar of an image, by its digest, that `docker load` reads.

        No piece may be awaited for longer than `seconds`. Close it at the end.
        """
        ...

    def trim_cache(self, *, keep_bytes: int) -> int:
        """Remove what builds kept, the longest unused first, down to a size; bytes freed."""
        ...

    def remove_images(
        self,
        *,
        site: str,
        live_runs: frozenset[str],
        keep_seconds: int,
        budget_bytes: int,
        now: int,
    ) -> int:
        """Remove the site's images of no live run, oldest first, until within budget; how many."""
        ...

    def data_folder(self) -> Path | None:
        """Where the engine keeps images and caches; None when not on a disk of this machine."""
        ...
