"""What a test report says, as a value."""

from dataclasses import dataclass

from registry.spec.evidence import TestOutcome


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Counts and outcomes of a report. Without a report, nothing was collected."""

    collected: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    outcomes: tuple[TestOutcome, ...] = ()

    @property
    def bad(self) -> int:
        """How many did not pass."""
        return self.failed + self.errors


def suite_of(*, passed: int = 0, failed: int = 0, errors: int = 0, skipped: int = 0) -> Suite:
    """A suite of these counts, none of them below zero."""
    counts = [max(0, count) for count in (passed, failed, errors, skipped)]
    return Suite(
        collected=sum(counts),
        passed=counts[0],
        failed=counts[1],
        errors=counts[2],
        skipped=counts[3],
    )
