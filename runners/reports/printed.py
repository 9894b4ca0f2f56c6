"""Summaries that test programs print. A table: a reader for each program."""

import re
from collections.abc import Callable, Iterator, Mapping

from runners.reports.suite import Suite, suite_of

MAX_LOG = 400_000
MAX_SUMMARIES = 2_000

_COUNT = re.compile(r"(\d{1,9}) (passed|failed|errors?|skipped|xfailed|xpassed)\b")
_PYTEST = re.compile(
    r"^(?:=+ )?(?P<counts>\d[^\n=]{0,300}) in \d+(?:\.\d+)?s(?: \(\d[\d:]*\))?(?: =+)?$",
    re.MULTILINE,
)
_UNITTEST = re.compile(
    r"^Ran (\d{1,9}) tests? in [\d.]+s\s{1,9}^(OK|FAILED)(?: \(([^)\n]{0,200})\))?", re.MULTILINE
)
_CTEST = re.compile(r"^\d+% tests passed, (\d{1,9}) tests? failed out of (\d{1,9})", re.MULTILINE)
_CTEST_SKIPPED = re.compile(r"^\s{0,9}\d+ - \S{1,200} \(Skipped\)", re.MULTILINE)
_TESTTHAT = re.compile(r"\[ FAIL (\d{1,9}) \| WARN \d{1,9} \| SKIP (\d{1,9}) \| PASS (\d{1,9}) \]")
_DOCTEST = re.compile(r"^(\d{1,9}) passed(?: and (\d{1,9}) failed)?\.$", re.MULTILINE)
_DOCTEST_FAILED = re.compile(r"^\*\*\*Test Failed\*\*\* (\d{1,9}) failures?", re.MULTILINE)
_GTEST = re.compile(
    r"^\[(==========|  PASSED  |  FAILED  |  SKIPPED )\] (\d{1,9}) tests?(?:,| from \d+ test|\.)",
    re.MULTILINE,
)
_CATCH = re.compile(
    r"^(?:All tests passed \(\d+ assertions? in (?P<all>\d{1,9}) test cases?\)"
    r"|test cases: +(?P<total>\d{1,9}) \|(?: +(?P<passed>\d{1,9}) passed)?[^\n]{0,200})",
    re.MULTILINE,
)
_TAP_PLAN = re.compile(r"^1\.\.(\d{1,9})\b", re.MULTILINE)
_TAP_LINE = re.compile(
    r"^(not )?ok\b[^\n#]{0,300}(?:# *(SKIP|TODO))?", re.MULTILINE | re.IGNORECASE
)
_JULIA_HEAD = re.compile(
    r"^Test Summary: *\|(?P<columns>[^\n]{0,200})\n(?P<row>[^\n]{0,400})", re.MULTILINE
)
_COLUMN = re.compile(r"Pass|Fail|Error|Broken|Total")
_PARTS = re.compile(r"\d{1,9}")
_BOOST = re.compile(r"^Running (\d{1,9}) test cases?\.\.\.$", re.MULTILINE)
_BOOST_END = re.compile(r"^\*\*\* (No errors|\d{1,9} failures?)", re.MULTILINE)
_OCTAVE = re.compile(r"^PASSES (\d{1,9}) out of (\d{1,9}) tests?", re.MULTILINE)


def read_printed(log: str) -> Suite | None:
    """The counts that a log's last 400 thousand characters state; None when no program states any.

    The first program of the table that is found counts, over all its summaries. Failures that
    another one states are added, so that none is covered up.
    """
    tail = log[-MAX_LOG:].replace("\r\n", "\n")
    found = [suite for read in READERS if (suite := _sum(read(tail)))]
    if not found:
        return None
    first, others = found[0], found[1:]
    return suite_of(
        passed=first.passed,
        failed=first.failed + sum(suite.bad for suite in others),
        errors=first.errors,
        skipped=first.skipped,
    )


def pytest_sessions(log: str) -> tuple[Suite, ...]:
    """What each run of pytest in a log says at its end."""
    return tuple(_pytest(log[-MAX_LOG:]))


def _sum(suites: Iterator[Suite]) -> Suite | None:
    listed = [suite for suite, _ in zip(suites, range(MAX_SUMMARIES), strict=False)]
    if not listed:
        return None
    return suite_of(
        passed=sum(suite.passed for suite in listed),
        failed=sum(suite.failed for suite in listed),
        errors=sum(suite.errors for suite in listed),
        skipped=sum(suite.skipped for suite in listed),
    )


def _pytest(log: str) -> Iterator[Suite]:
    """Subtests are counted by pytest beside the tests that hold them, and are not added."""
    for summary in _PYTEST.finditer(log):
        counts = {word.rstrip("s"): int(n) for n, word in _COUNT.findall(summary["counts"])}
        if counts:
            yield suite_of(
                passed=counts.get("passed", 0) + counts.get("xpassed", 0),
                failed=counts.get("failed", 0),
                errors=counts.get("error", 0),
                skipped=counts.get("skipped", 0) + counts.get("xfailed", 0),
            )


def _unittest(log: str) -> Iterator[Suite]:
    """Also nose, which prints the same."""
    for summary in _UNITTEST.finditer(log):
        total, notes = int(summary[1]), (summary[3] or "").lower()
        named = {name.strip(): int(n) for name, n in re.findall(r"([a-z ]+)=(\d{1,9})", notes)}
        failed = named.get("failures", 0) + named.get("unexpected successes", 0)
        errors = named.get("errors", 0)
        skipped = named.get("skipped", 0) + named.get("skip", 0)
        if summary[2] == "FAILED" and not failed + errors:
            failed = 1
        passed = total - failed - errors - skipped
        yield suite_of(passed=passed, failed=failed, errors=errors, skipped=skipped)


def _ctest(log: str) -> Iterator[Suite]:
    skipped = len(_CTEST_SKIPPED.findall(log))
    for summary in _CTEST.finditer(log):
        failed, total = int(summary[1]), int(summary[2])
        yield suite_of(passed=total - failed - skipped, failed=failed, skipped=min(skipped, total))


def _testthat(log: str) -> Iterator[Suite]:
    """The line is printed again and again while tests run; its counts only grow."""
    lines = [tuple(map(int, line.groups())) for line in _TESTTHAT.finditer(log)]
    if lines:
        failed = max(line[0] for line in lines)
        yield suite_of(passed=lines[-1][2], failed=failed, skipped=lines[-1][1])


def _doctest(log: str) -> Iterator[Suite]:
    for summary in _DOCTEST.finditer(log):
        yield suite_of(passed=int(summary[1]), failed=int(summary[2] or 0))
    if not _DOCTEST.search(log):
        yield from (suite_of(failed=int(line[1])) for line in _DOCTEST_FAILED.finditer(log))


def _googletest(log: str) -> Iterator[Suite]:
    counts: dict[str, int] = {}
    for mark, count in _GTEST.findall(log):
        counts[mark.strip()] = counts.get(mark.strip(), 0) + int(count)
    if "PASSED" in counts or "FAILED" in counts:
        yield suite_of(
            passed=counts.get("PASSED", 0),
            failed=counts.get("FAILED", 0),
            skipped=counts.get("SKIPPED", 0),
        )


def _catch(log: str) -> Iterator[Suite]:
    for summary in _CATCH.finditer(log):
        total = int(summary["all"] or summary["total"])
        passed = total if summary["all"] else int(summary["passed"] or 0)
        yield suite_of(passed=passed, failed=total - passed)


def _tap(log: str) -> Iterator[Suite]:
    """Tests that were announced and never came count as errors."""
    announced = sum(int(plan[1]) for plan in _TAP_PLAN.finditer(log))
    lines = [(line[1], (line[2] or "").upper()) for line in _TAP_LINE.finditer(log)]
    if not announced:
        return
    skipped = sum(bool(mark) for _, mark in lines)
    failed = sum(bool(bad) and not mark for bad, mark in lines)
    yield suite_of(
        passed=len(lines) - skipped - failed,
        failed=failed,
        errors=announced - len(lines) + log.count("\nBail out!"),
        skipped=skipped,
    )


def _julia(log: str) -> Iterator[Suite]:
    """A table whose numbers stand under the ends of their headings; empty means none."""
    for table in _JULIA_HEAD.finditer(log):
        values = table["row"].rpartition("|")[2]
        numbers = {number.end(): int(number[0]) for number in _PARTS.finditer(values)}
        ends: Mapping[str, int] = {
            heading[0]: numbers.get(heading.end(), 0)
            for heading in _COLUMN.finditer(table["columns"])
        }
        yield suite_of(
            passed=ends.get("Pass", 0),
            failed=ends.get("Fail", 0),
            errors=ends.get("Error", 0),
            skipped=ends.get("Broken", 0),
        )


def _boost(log: str) -> Iterator[Suite]:
    """A program that begins and says nothing at its end has failed."""
    totals = [int(line[1]) for line in _BOOST.finditer(log)]
    ends = [line[1] for line in _BOOST_END.finditer(log)]
    failed = sum(0 if end == "No errors" else int(end.split()[0]) for end in ends)
    failed += max(0, len(totals) - len(ends))
    if totals:
        yield suite_of(passed=sum(totals) - failed, failed=failed)


def _octave(log: str) -> Iterator[Suite]:
    for summary in _OCTAVE.finditer(log):
        passed, total = int(summary[1]), int(summary[2])
        yield suite_of(passed=passed, failed=total - passed)


READERS: tuple[Callable[[str], Iterator[Suite]], ...] = (
    _pytest, _unittest, _ctest, _googletest, _catch, _boost, _testthat, _julia, _octave, _doctest,
    _tap,
)  # fmt: skip
