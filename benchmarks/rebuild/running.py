"""Runs the portal's own pipeline over repositories, with the whole ladder and with less of it."""

import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from django.utils import timezone

from benchmarks.rebuild.records import NONE, WHOLE, Record, RecordFile, rungs_of, seen_in, without
from benchmarks.rebuild.truth import Repository
from registry.spec.evidence import Report
from registry.spec.ladder import Step, StepState
from runners.configuration import bounds_of_site, engine_of_site, tools_for
from runners.faults import PlatformFault
from runners.limits import Bounds
from runners.pipeline import Result, verify
from runners.steps.case import Request

_HUB = re.compile(r"https://[^/]+/([^/]+)/([^/]+?)(?:\.git)?/?")


class LogFile:
    """A recorder that writes a run's log and its steps into one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)

    def step_changed(
        self, step: Step, state: StepState, *, seconds: float | None, message: str
    ) -> None:
        """Note that a step began or ended."""
        took = "" if seconds is None else f" after {seconds:.1f} s"
        self.log(step, f"\n=== {step.value} {state.value}{took} {message}\n")

    def log(self, step: Step, text: str) -> None:  # noqa: ARG002 — the protocol names the step
        """Add a piece of log."""
        with self._path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where results go and where sources come from.

    `mirrors` holds OWNER+NAME/repo, git directories that take the place of the addresses.
    """

    folder: Path
    mirrors: Path | None
    site: str

    def run(self, repository: Repository, ladder: str) -> Record:
        """Verify a repository with a ladder; its report and its log stay in the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stem = f"{repository.name}.{ladder.replace(' ', '-')}"
        begun = time.monotonic()
        try:
            report = self._verify(repository, ladder, LogFile(self.folder / f"{stem}.log")).report
        except PlatformFault as fault:
            return _record(repository, ladder, time.monotonic() - begun, fault=str(fault))
        seconds = time.monotonic() - begun
        encoded = msgspec.json.format(msgspec.json.encode(report), indent=2)
        (self.folder / f"{stem}.json").write_bytes(encoded + b"\n")
        return _record(repository, ladder, seconds, report=report)

    def clean(self) -> None:
        """Leave nothing on the engine but its build cache."""
        engine, later = engine_of_site(), int(time.time()) + 1
        engine.remove_leftovers(site=self.site, live_runs=frozenset(), now=later)
        engine.remove_images(
            site=self.site, live_runs=frozenset(), keep_seconds=0, budget_bytes=0, now=later
        )

    def _verify(self, repository: Repository, ladder: str, recorder: LogFile) -> Result:
        address, bounds = self.source_of(repository)
        manifest = repository.manifest.encode() if repository.manifest else None
        request = Request(address=address, ref=repository.commit, manifest=manifest)
        with tools_for(
            site=self.site, run=uuid.uuid4().hex, attempt=1, bounds=bounds, check=_go_on
        ) as tools:
            lent = replace(tools, rungs=rungs_of(ladder))
            return verify(request, lent, recorder, now=timezone.now)

    def source_of(self, repository: Repository) -> tuple[str, Bounds]:
        """The address to fetch from, and bounds that allow it."""
        bounds = bounds_of_site()
        local = self._mirror_of(repository.address)
        if local is None:
            return repository.address, bounds
        allow = bounds.source.allow | {"file"}
        return str(local), replace(bounds, source=replace(bounds.source, allow=allow))

    def _mirror_of(self, address: str) -> Path | None:
        """The folder that takes the place of an address, or the address when it is a folder."""
        if Path(address).is_dir():
            return Path(address).resolve()
        match = _HUB.fullmatch(address)
        if self.mirrors is None or match is None:
            return None
        folder = self.mirrors / f"{match[1]}+{match[2]}" / "repo"
        return folder.resolve() if folder.is_dir() else None


def wanted(
    repositories: Sequence[Repository], asked: Sequence[str], *, ablate: bool, kept: RecordFile
) -> Iterator[tuple[Repository, str]]:
    """What is still to be run. The records are read anew at each step, so run one before the next.

    `ablate` adds the empty ladder, and the ladder less each rung that the verdict with the whole
    ladder rests on: another rung cannot have helped.
    """
    for repository in repositories:
        for ladder in _ladders(repository, asked, ablate=ablate, kept=kept):
            if not _known(kept.read(), repository, ladder):
                yield repository, ladder


def _ladders(
    repository: Repository, asked: Sequence[str], *, ablate: bool, kept: RecordFile
) -> Iterator[str]:
    yield from asked
    if ablate:
        yield NONE
        whole = kept.read().get((repository.name, WHOLE))
        yield from map(without, whole.repairs if whole else ())


def _known(records: Mapping[tuple[str, str], Record], repository: Repository, ladder: str) -> bool:
    """Whether it was measured already. A fault of the portal itself is measured again."""
    record = records.get((repository.name, ladder))
    return record is not None and record.commit == repository.commit and not record.fault


def _record(
    repository: Repository,
    ladder: str,
    seconds: float,
    *,
    report: Report | None = None,
    fault: str = "",
) -> Record:
    return Record(
        name=repository.name,
        commit=repository.commit,
        ladder=ladder,
        seconds=round(seconds, 1),
        fault=fault,
        seen=seen_in(report) if report else None,
        explanation=report.explanation if report else "",
        attempts=report.environment.attempts if report else (),
    )


def _go_on() -> None:
    """Nobody stops a benchmark but by Ctrl-C."""
