"""A forged repository, and what may be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.spec.evidence import Report
from registry.spec.ladder import Level, Outcome
from tests.bench import Bench

README = {"README.md": "# A model\n\nIt computes.\n"}


@dataclass(frozen=True, kw_only=True)
class Forged:
    """Files of a repository, and the verdict it deserves.

    `says` must be in the explanation, `tests` is the verdict on the tests alone.
    """

    files: Mapping[str, str | bytes]
    level: Level
    says: str
    tests: bool | None = None


def hold(real: Bench, forged: Forged) -> Report:
    """Run it through the pipeline, and hold verdict and words against what it deserves."""
    report = real.verify(README | dict(forged.files))
    seen = (report.level, report.tests_pass)
    assert seen == (forged.level, forged.tests), (report.explanation, report.tests, real.notes.logs)
    assert forged.says in report.explanation, report.explanation
    assert (report.outcome is Outcome.REPRODUCED) == (report.level >= Level.REPRODUCED)
    # Never more than that the tests report it, and not even that where they do not.
    assert "tests pass" not in report.explanation
    said = "The repository's tests report" in report.explanation
    assert said == (report.tests_pass is True)
    assert ("equal" in report.explanation) == (report.level >= Level.REPRODUCED)
    return report
