"""Test reports as values. They come from the code under test: parsed as hostile, never trusted."""

from pathlib import Path

from runners.reports.junit import read_junit
from runners.reports.printed import pytest_sessions, read_printed
from runners.reports.suite import Suite

__all__ = ["Suite", "pytest_sessions", "read_junit", "read_printed", "read_report"]


def read_report(path: Path, log: str) -> Suite | None:
    """What the report at `path` says, and what was printed; of the two, what is worse.

    None when the report cannot be read. A second pytest overwrites the report of the first: then
    the sums that they printed count, unless they hide a failure that is written.
    """
    written = read_junit(path)
    if written is None:
        return None
    sessions = pytest_sessions(log)
    several = len(sessions) > 1
    total = read_printed(log) if several or any(one.bad for one in sessions) else None
    if total is None or total.bad < written.bad:
        return written
    return total if several or total.bad > written.bad else written
