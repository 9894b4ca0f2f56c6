"""Test reports as values. They come from the code under test: parsed as hostile, never trusted."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import parse

from registry.spec.evidence import TestOutcome

MAX_REPORT_BYTES = 50_000_000
MAX_OUTCOMES = 20_000
_STATES: dict[str, Literal["failed", "error", "skipped"]] = {
    "failure": "failed",
    "error": "error",
    "skipped": "skipped",
}
_RAN = re.compile(r"^Ran (\d+) tests? in [\d.]+s\s+^(OK|FAILED)(?: \(([^)\n]*)\))?", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Counts and outcomes of a report. Without a report, nothing was collected."""

    collected: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    outcomes: tuple[TestOutcome, ...] = ()


def read_junit(path: Path) -> Suite | None:
    """The JUnit report at `path`; None when it is no such report, or is made to hurt."""
    if path.stat().st_size > MAX_REPORT_BYTES:
        return None
    try:
        root = parse(path, forbid_dtd=True).getroot()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    cases = list(root.iter("testcase"))[:MAX_OUTCOMES] if root is not None else []
    outcomes = tuple(_outcome(case) for case in cases)
    states = Counter(outcome.state for outcome in outcomes)
    return Suite(
        collected=len(outcomes),
        passed=states["passed"],
        failed=states["failed"],
        errors=states["error"],
        skipped=states["skipped"],
        outcomes=outcomes,
    )


def read_unittest(log: str) -> Suite | None:
    """The last summary that unittest printed ("Ran 12 tests in 0.1s … OK"); None without one."""
    summaries = list(_RAN.finditer(log))
    if not summaries:
        return None
    total, notes = int(summaries[-1].group(1)), summaries[-1].group(3) or ""
    named = {name.strip(): int(count) for name, count in re.findall(r"([a-z ]+)=(\d+)", notes)}
    failed = named.get("failures", 0) + named.get("unexpected successes", 0)
    errors, skipped = named.get("errors", 0), named.get("skipped", 0)
    if summaries[-1].group(2) == "FAILED" and not failed + errors:
        failed = 1
    passed = max(0, total - failed - errors - skipped)
    return Suite(collected=total, passed=passed, failed=failed, errors=errors, skipped=skipped)


def _outcome(case: Element) -> TestOutcome:
    """One test; a test with several marks (a failure and an error in its clean-up) is as bad."""
    marks = [child for child in case if child.tag in _STATES]
    worst = min(marks, key=lambda mark: list(_STATES).index(mark.tag), default=None)
    name = "::".join(part for part in (case.get("classname"), case.get("name")) if part)
    return TestOutcome(
        name=name.replace("\0", "")[:500],
        state=_STATES[worst.tag] if worst is not None else "passed",
        seconds=_seconds(case.get("time")),
        message=(worst.get("message") or "").replace("\0", "")[:2000] if worst is not None else "",
    )


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or 0)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < 1e9 else 0.0  # noqa: PLR2004 — also turns NaN away
