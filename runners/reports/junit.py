"""JUnit reports, which the code under test had a hand in: parsed as hostile, never trusted."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from registry.spec.evidence import TestOutcome
from runners.reports.suite import Suite

# A hundred thousand tests; parsing what is made to hurt takes seconds, and memory of 25 times this.
MAX_REPORT_BYTES = 16_000_000
MAX_DEPTH = 20
# All tests are counted; so many are kept by name.
MAX_OUTCOMES = 20_000
State = Literal["passed", "failed", "error", "skipped"]
# From bad to less bad: a test with several marks (a failure, then an error in its clean-up) is as
# bad as the first of them.
_STATES: Mapping[str, State] = {"failure": "failed", "error": "error", "skipped": "skipped"}


def read_junit(path: Path) -> Suite | None:
    """The JUnit report at `path`; None when it is no such report, or is made to hurt."""
    if path.stat().st_size > MAX_REPORT_BYTES:
        return None
    cases = _Cases()
    parser = DefusedXMLParser(target=cases, forbid_dtd=True)
    try:
        # In one piece: fed in parts, the parser reads an endless tag from its start for each part.
        parser.feed(path.read_bytes())
        parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return Suite(
        collected=cases.states.total(),
        passed=cases.states["passed"],
        failed=cases.states["failed"],
        errors=cases.states["error"],
        skipped=cases.states["skipped"],
        outcomes=tuple(cases.outcomes),
    )


class _Cases:
    """Takes the test cases out of a report while it is parsed, so that no tree of it is held."""

    def __init__(self) -> None:
        self.states: Counter[State] = Counter()
        self.outcomes: list[TestOutcome] = []
        self._depth = 0
        self._case: Mapping[str, str] = {}
        self._marks: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Called by the parser at the start of an element. Raises ValueError for one too deep."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError("The report is nested too deeply.")
        if tag == "testcase":
            self._case, self._marks = attributes, {}
        elif tag in _STATES:
            self._marks.setdefault(tag, attributes.get("message", ""))

    def end(self, tag: str) -> None:
        """Called by the parser at the end of an element."""
        self._depth -= 1
        if tag != "testcase":
            return
        worst = next((mark for mark in _STATES if mark in self._marks), None)
        state = _STATES[worst] if worst else "passed"
        self.states[state] += 1
        if len(self.outcomes) < MAX_OUTCOMES:
            message = self._marks[worst] if worst else ""
            self.outcomes.append(_outcome(self._case, state, message))

    def close(self) -> None:
        """Called by the parser at the end of the report."""


def _outcome(case: Mapping[str, str], state: State, message: str) -> TestOutcome:
    name = "::".join(part for part in (case.get("classname"), case.get("name")) if part)
    return TestOutcome(
        name=name[:500], state=state, seconds=_seconds(case.get("time")), message=message[:2000]
    )


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or 0)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < 1e9 else 0.0  # noqa: PLR2004 — also turns NaN away
