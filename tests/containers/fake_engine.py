"""A scripted engine for tests of what stands on one. Held to the same contract as DockerEngine."""

import hashlib
import re
import tarfile
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from runners.containers.base import BuildRequest, Image, RunRequest, RunResult
from runners.containers.follow import BoundedText
from runners.faults import Check, LogSink, PlatformFault
from runners.steps.look_inside import ANSWER


@dataclass(frozen=True, kw_only=True)
class ScriptedRun:
    """How a run ends. `files` are what it leaves in its working folder; `fault` is raised."""

    exit_code: int | None = 0
    log: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    timed_out: bool = False
    out_of_memory: bool = False
    seconds: float = 0.01
    peak_memory_bytes: int | None = None
    fault: Exception | None = None


@dataclass(frozen=True, kw_only=True)
class ScriptedBuild:
    """How a build ends: with an image unless `fault` is raised."""

    log: str = ""
    fault: Exception | None = None


Script = TypeVar("Script", ScriptedRun, ScriptedBuild)


@dataclass
class FakeEngine:
    """An engine that does what it was told: `on_run("pytest", exit_code=1, log="…")`.

    A run is told by a part of its command, joined with spaces; a build by a part of its
    Dockerfile. What was told last wins; several scripts told for one part are played in turn and
    the last one again and again. What nothing was told of succeeds silently.
    `builds`, `dockerfiles`, `runs`, `cache_bounds` (bytes) and `image_bounds` (bytes, seconds) keep
    what was asked for.
    """

    images: set[str] = field(default_factory=lambda: {"python:3.11-slim-bookworm"})
    builds: list[BuildRequest] = field(default_factory=list)
    dockerfiles: list[str] = field(default_factory=list)
    runs: list[RunRequest] = field(default_factory=list)
    live: set[str] = field(default_factory=set)
    kept: dict[str, Image] = field(default_factory=dict)
    data: Path | None = None
    cache_bounds: list[int] = field(default_factory=list)
    image_bounds: list[tuple[int, int]] = field(default_factory=list)
    # Unless it is told otherwise, its images hold no Python, and say so.
    _run_scripts: dict[str, list[ScriptedRun]] = field(
        default_factory=lambda: {ANSWER: [ScriptedRun(files={ANSWER: b"{}"})]}
    )
    _build_scripts: dict[str, list[ScriptedBuild]] = field(default_factory=dict)

    def on_run(self, part: str, *scripts: ScriptedRun) -> None:
        """Tell how runs whose command contains `part` end."""
        self._run_scripts[part] = list(scripts)

    def on_build(self, part: str, *scripts: ScriptedBuild) -> None:
        """Tell how builds whose Dockerfile contains `part` end."""
        self._build_scripts[part] = list(scripts)

    def describe(self) -> str:
        return "Fake Engine 0"

    def isolation(self) -> str:
        return "runc"

    def has_image(self, name: str) -> bool:
        return name in self.images

    def digest(self, name: str) -> str | None:
        return self.kept[name].digest if name in self.kept else None

    def built(self, tag: str) -> Image | None:
        return self.kept.get(tag)

    def build(self, request: BuildRequest, *, log: LogSink, check: Check) -> Image:
        dockerfile = _dockerfile(request)
        self.builds.append(request)
        self.dockerfiles.append(dockerfile)
        check()
        script = _next(self._build_scripts, dockerfile) or ScriptedBuild()
        _say(script.log, log)
        if script.fault is not None:
            raise script.fault
        self.images.add(request.tag)
        digest = "sha256:" + hashlib.sha256(request.context.read_bytes()).hexdigest()
        image = Image(digest=digest, workdir=_workdir(dockerfile), size=1_000_000)
        self.kept[request.tag] = image
        return image

    def run(self, request: RunRequest, *, log: LogSink, check: Check) -> RunResult:
        if request.name in self.live:
            raise PlatformFault(f"A container called {request.name} is already there.")
        self.live.add(request.name)
        self.runs.append(request)
        try:
            check()
            return self._play(request, log)
        finally:
            self.live.discard(request.name)

    def _play(self, request: RunRequest, log: LogSink) -> RunResult:
        script = _next(self._run_scripts, " ".join(request.command)) or ScriptedRun()
        text = BoundedText(request.limits.log_bytes)
        _say(text.feed(script.log.encode()), log)
        if text.truncated:
            _say(text.last_words, log)
        if script.fault is not None:
            raise script.fault
        return RunResult(
            exit_code=None if script.timed_out else script.exit_code,
            timed_out=script.timed_out,
            out_of_memory=script.out_of_memory,
            log_truncated=text.truncated,
            seconds=script.seconds,
            peak_memory_bytes=script.peak_memory_bytes,
            files=_collected(request, script.files),
            refused={p: why for p, why in script.refused.items() if p in request.collect},
        )

    def remove_leftovers(self, *, site: str, live_runs: frozenset[str], now: int) -> int:
        return 0

    def discard(self, image: Image) -> None:
        for tag in [tag for tag, kept in self.kept.items() if kept == image]:
            del self.kept[tag]
            self.images.discard(tag)

    def push(self, image: str, *, name: str, tag: str, token: str, seconds: float) -> str:
        raise PlatformFault("Nothing listens there.")

    def saved(self, image: str, *, seconds: float) -> Generator[bytes]:
        yield image.encode()

    def trim_cache(self, *, keep_bytes: int) -> int:
        self.cache_bounds.append(keep_bytes)
        return 0

    def remove_images(
        self,
        *,
        site: str,
        live_runs: frozenset[str],
        keep_seconds: int,
        budget_bytes: int,
        now: int,
    ) -> int:
        self.image_bounds.append((budget_bytes, keep_seconds))
        return 0

    def data_folder(self) -> Path | None:
        return self.data


def _say(text: str, log: LogSink) -> None:
    if text:
        log(text.replace("\0", ""))


def _next(scripts: dict[str, list[Script]], text: str) -> Script | None:
    for part, told in reversed(scripts.items()):
        if part in text:
            return told.pop(0) if len(told) > 1 else told[0]
    return None


def _dockerfile(request: BuildRequest) -> str:
    with tarfile.open(request.context) as context:
        member = context.extractfile(request.dockerfile)
        if member is None:
            raise PlatformFault(f"{request.dockerfile} is no file of the build's context.")
        return member.read().decode()


def _workdir(dockerfile: str) -> str:
    named = re.findall(r"(?mi)^WORKDIR\s+(\S+)", dockerfile)
    return named[-1] if named else "/work"


def _collected(request: RunRequest, left: Mapping[str, bytes]) -> dict[str, Path]:
    found = {}
    for number, path in enumerate(request.collect):
        if path in left:
            found[path] = request.into / f"out-{number:03}"
            found[path].write_bytes(left[path])
    return found
