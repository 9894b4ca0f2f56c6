"""What is true of a repository, found by hand, and whether a verdict says so."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec

from registry.spec.ladder import Cause, Level, Repair

TestsVerdict = Literal["pass", "fail", "none"]


class Judgement(StrEnum):
    """A verdict held against the truth. To claim too much is worse than to say too little."""

    RIGHT = "right"
    TOO_LITTLE = "too little"
    TOO_MUCH = "too much"


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a verification came to, as far as it can be right or wrong.

    `said` is everything that the report tells its reader in sentences.
    """

    level: int
    cause: str
    tests: TestsVerdict
    passed: int
    failed: int
    repairs: tuple[str, ...]
    said: str


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One verdict that is right. What is not named may be anything.

    `levels` are names of levels, `causes` those of causes, "" for none; `passed` counts tests;
    `says` are words that the report must use.
    """

    levels: tuple[str, ...]
    causes: tuple[str, ...] | None = None
    tests: tuple[TestsVerdict, ...] | None = None
    passed: int | None = None
    says: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse levels and causes that are none. Raises ValueError."""
        for level in self.levels:
            Level.from_label(level)
        for cause in self.causes or ():
            Cause(cause or Cause.TEST)

    def fits(self, seen: Seen) -> bool:
        """Whether a verdict is this one."""
        return (
            Level(seen.level).label in self.levels
            and (self.causes is None or seen.cause in self.causes)
            and (self.tests is None or seen.tests in self.tests)
            and (self.passed is None or seen.passed == self.passed)
            and all(words in seen.said for words in self.says)
        )


class Repository(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository at a commit, and what is true of it.

    `truth` says it to a reader; `right` are the verdicts that are right. `most` is the highest
    level that may be claimed, `tests_may_pass` whether passing tests may. `rebuilds` says whether
    somebody has rebuilt it by hand. `manifest` takes the place of a reprise.toml.
    """

    name: str
    address: str
    commit: str
    truth: str
    rebuilds: bool
    right: tuple[Expected, ...]
    most: str
    tests_may_pass: bool
    manifest: str = ""

    def __post_init__(self) -> None:
        """Refuse a level that is none. Raises ValueError."""
        Level.from_label(self.most)

    def judge(self, seen: Seen) -> Judgement:
        """Whether a verdict on it is right, and if not, in which direction it errs."""
        if seen.level > Level.from_label(self.most):
            return Judgement.TOO_MUCH
        if seen.tests == "pass" and not self.tests_may_pass:
            return Judgement.TOO_MUCH
        fits = any(expected.fits(seen) for expected in self.right)
        return Judgement.RIGHT if fits else Judgement.TOO_LITTLE

    def rebuilt(self, seen: Seen) -> bool:
        """Whether it was rebuilt: rightly said to run, or more."""
        return seen.level >= Level.RUNS and self.judge(seen) is Judgement.RIGHT


class _List(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    repository: tuple[Repository, ...]


def read_list(path: Path) -> tuple[Repository, ...]:
    """The repositories that a file lists. Raises ValueError where it says what it cannot."""
    repositories = msgspec.toml.decode(path.read_bytes(), type=_List).repository
    names = [repository.name for repository in repositories]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"{path}: named twice: {', '.join(sorted(twice))}.")
    return repositories


def rung_named(text: str) -> Repair:
    """The rung that `text` names. Raises ValueError with all names."""
    try:
        return Repair(text)
    except ValueError as error:
        raise ValueError(f"“{text}” is no rung. Choose of: {', '.join(Repair)}.") from error
