"""What the search for what broke a model tries, as values that the database keeps."""

import hashlib
from dataclasses import dataclass

from registry.spec.evidence import Report
from registry.spec.ladder import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """One thing to try: a commit, in a Python and with packages of given versions.

    `what` says in words what it mixes. `packages` are "name==version" and bind what is installed
    without adding to it; () leaves all free. `python` is like "3.11", None: as declared.
    """

    what: str
    commit: str
    python: str | None
    packages: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from any other probe, whatever it is called."""
        named = "\n".join((self.commit, self.python or "", *self.packages))
        return hashlib.sha256(named.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A probe and what came of it. `good`: it reached what the good run had reached."""

    key: str
    what: str
    good: bool
    level: int
    cause: str = ""
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """What a probe must reach to count as good: the level, and passing tests where there were."""

    level: Level
    tests_pass: bool = False

    @classmethod
    def of(cls, good: Report) -> "Goal":
        """What the good run reached; the sixth level needs other runs than the one at hand."""
        level = min(Level(good.level), Level.REPRODUCED)
        return cls(level=level, tests_pass=good.tests_pass is True)

    def met_by(self, report: Report) -> bool:
        """Whether a report is as good as that."""
        tests_hold = report.tests_pass is True or not self.tests_pass
        return report.level >= self.level and tests_hold


def minor_python(report: Report) -> str | None:
    """The Python of a run as an image is chosen by it ("3.11"); None where there was none."""
    kept = next((each for each in report.environment.attempts if each.kept), None)
    python = (kept.python if kept else None) or report.environment.python
    return ".".join(python.split(".")[:2]) if python else None
