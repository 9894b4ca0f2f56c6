"""What was measured, a line of JSON for each verification, so that a broken-off run goes on."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from benchmarks.rebuild.truth import Seen, TestsVerdict
from registry.spec.evidence import Attempt, Report
from registry.spec.ladder import Repair

NAME = "results.jsonl"
WHOLE, NONE = "whole", "none"


def without(rung: Repair) -> str:
    """The name of the ladder that lacks one rung."""
    return f"without {rung.value}"


def rungs_of(ladder: str) -> frozenset[Repair]:
    """The rungs of a ladder by its name: `whole`, `none`, or `without` one."""
    every = frozenset(Repair)
    if ladder == WHOLE:
        return every
    return frozenset() if ladder == NONE else every - {Repair(ladder.removeprefix("without "))}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One verification of a repository with a ladder. `seen` is None where the portal failed."""

    name: str
    commit: str
    ladder: str
    seconds: float
    fault: str = ""
    seen: Seen | None = None
    explanation: str = ""
    attempts: tuple[Attempt, ...] = ()

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """The rungs that the verdict rests on."""
        return tuple(Repair(name) for name in self.seen.repairs) if self.seen else ()


class RecordFile:
    """The records of a folder, in the order in which they were made."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def append(self, record: Record) -> None:
        """Write a record down at once."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(record) + b"\n")

    def read(self) -> dict[tuple[str, str], Record]:
        """The newest record of each repository with each ladder."""
        if not self._path.exists():
            return {}
        return {(record.name, record.ladder): record for record in _records(self._path)}


def _records(path: Path) -> Iterable[Record]:
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):  # the last may have been broken off
                yield msgspec.json.decode(line, type=Record)


def seen_in(report: Report) -> Seen:
    """What a report says, as far as it can be right or wrong."""
    tests = report.tests
    return Seen(
        level=report.level,
        cause=report.cause.value if report.cause else "",
        tests=_tests_verdict(report),
        passed=tests.passed if tests else 0,
        failed=tests.failed + tests.errors if tests else 0,
        repairs=tuple(repair.value for repair in report.repairs),
        said="\n".join(_sentences(report)),
    )


def _tests_verdict(report: Report) -> TestsVerdict:
    if report.tests_pass is None:
        return "none"
    return "pass" if report.tests_pass else "fail"


def _sentences(report: Report) -> Iterable[str]:
    yield from (report.explanation, report.hint, *report.lines)
    yield from report.read.missing if report.read else ()
    for attempt in report.environment.attempts:
        yield from attempt.changed
        if attempt.failure:
            yield attempt.failure.sentence
