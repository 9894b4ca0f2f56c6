"""JUnit reports, which the code under test had a hand in: parsed as hostile, never trusted."""

from collections import Counter
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import parse

from registry.spec.evidence import TestOutcome
from runners.reports.suite import Suite

MAX_REPORT_BYTES = 50_000_000
MAX_OUTCOMES = 20_000
_STATES: dict[str, Literal["failed", "error", "skipped"]] = {
    "failure": "failed",
    "error": "error",
    "skipped": "skipped",
}


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
