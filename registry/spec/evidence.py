"""Evidence: what was seen of a model, as frozen values. Source: docs/verdicts.md.

All sizes are bytes, all times seconds, all moments ISO 8601 in UTC.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from registry.spec.ladder import Cause, Level, Outcome, Repair, Repeatability
from registry.spec.manifest import Output, ReadManifest, StatisticalTest


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why something fell short: the cause, a plain sentence, what to do, the lines that show it."""

    cause: Cause
    sentence: str
    hint: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The commit that was verified. Everything after `folder` is unknown until it was fetched.

    `folder` is the model's, from the repository's root; "" is the root itself. `tree_swhid`,
    `files` and `bytes` are those of the folder.
    """

    address: str
    ref: str | None = None
    folder: str = ""
    commit: str | None = None
    tree_swhid: str | None = None
    committed_at: str | None = None
    licence: str | None = None
    readme: str | None = None
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One try at an environment: built, looked into, and everything run in it.

    `changed` says in sentences what differs from what was declared, `repairs` by which rungs of
    the ladder. `failure` is the first thing that was wrong with it, at whatever step; one attempt
    at most is `kept`, and it is what everything else was seen in.
    """

    number: int
    strategy: str
    python: str | None
    base_image: str
    changed: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    built: bool
    kept: bool = False
    seconds: float
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """The environment that was built, or the attempts that led to none.

    `image_bytes` is the size of the whole image, what it shares with others too; None where no
    image was built, and in reports older than the question.
    """

    strategy: str | None = None
    python: str | None = None
    base_image: str | None = None
    base_digest: str | None = None
    image_digest: str | None = None
    image_bytes: int | None = None
    # Whether the image was made for this run, not found from an earlier one.
    fresh: bool = True
    packages: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    unresolved_imports: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    failure: Failure | None = None

    @property
    def digest(self) -> str:
        """The sha256 of Python and packages: two environments of one digest are the same."""
        named = "\n".join((self.python or "", *self.packages))
        return hashlib.sha256(named.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class TestOutcome:
    """One test as the repository's own report names it."""

    __test__ = False

    name: str
    state: Literal["passed", "failed", "error", "skipped"]
    seconds: float
    message: str = ""


NO_TESTS_COLLECTED = 5  # the exit code of pytest, and of unittest since Python 3.12


@dataclass(frozen=True, kw_only=True, slots=True)
class Tests:
    """What the repository's tests reported. Counts are self-reported by the code under test.

    `why` says, for people, how these tests were found. `peak_memory_bytes` is the most that the
    engine saw their container use, about once a second; None where it could not be seen.
    """

    __test__ = False

    command: tuple[str, ...]
    runner: str = ""
    why: str = ""
    exit_code: int | None
    collected: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    seconds: float = 0.0
    peak_memory_bytes: int | None = None
    outcomes: tuple[TestOutcome, ...] = ()
    failure: Failure | None = None

    @property
    def conclusive(self) -> bool:
        """Whether anything may be said of the tests: some of them ran, or their runner failed.

        What ends well and ran nothing says nothing, as when all are skipped; neither does a script
        that stops.
        """
        quiet = self.exit_code in (0, NO_TESTS_COLLECTED) or self.runner == "scripts"
        ran = self.passed + self.failed + self.errors > 0
        return ran or (self.failure is not None and not quiet)

    @property
    def green(self) -> bool:
        """Whether the report counts as passing: something ran, nothing failed, nothing lied."""
        clean = self.failed == 0 and self.errors == 0 and self.failure is None
        return clean and self.exit_code == 0 and self.passed >= 1 and self.collected >= 1


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputFile:
    """A declared output that a run freshly created."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Inference:
    """One run of the declared command in a fresh container.

    `repetition` is that of its sample: runs of a stochastic model share it and differ in `seed`.
    `peak_memory_bytes` is as that of Tests.
    """

    repetition: int
    seed: int | None = None
    command: tuple[str, ...]
    exit_code: int | None
    seconds: float
    peak_memory_bytes: int | None = None
    outputs: tuple[OutputFile, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorstRow:
    """One of the places that differ most; both sides as a reader is shown them."""

    where: str
    produced: str
    expected: str
    absolute_error: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A drawing of a comparison: the artifact's name, what it is, and what it shows in words."""

    name: str
    caption: str
    alternative: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistic:
    """The outcome of a declared statistical test. `samples` counts numbers: ours, theirs.

    `value` is None, as JSON has it, where it is infinite: two means without any spread.
    """

    test: StatisticalTest
    value: float | None
    p_value: float
    samples: tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One output held against its expected values, or against the other run's.

    Errors are the largest ones over all compared numbers; None where nothing numeric differs
    finitely. `where` names the worst place in words ("row 3, column energy"), `worst` the worst few
    places. `differs` says what kind of thing differs between two runs ("a time of day"), where that
    can be told.
    """

    path: str
    against: Literal["expected", "repeat"]
    repetition: int = 1
    kind: str
    identical: bool
    agrees: bool
    rtol: float = 0.0
    atol: float = 0.0
    compared: int = 0
    mismatched: int = 0
    max_absolute_error: float | None = None
    max_relative_error: float | None = None
    where: str | None = None
    message: str = ""
    differs: str = ""
    statistic: Statistic | None = None
    worst: tuple[WorstRow, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimCheck:
    """A value of the article, and what a run's output holds in its place.

    `seen` is None when nothing numeric was found there; `message` is one sentence in either case.
    """

    path: str
    label: str
    at: str
    value: float
    tolerance: float
    unit: str = ""
    seen: float | None = None
    agrees: bool
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierRun:
    """An earlier run of this commit under this manifest that reached level 5 or more."""

    run: int
    level: Level
    cpu_model: str
    finished_at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """All that a verdict may rest on.

    `outputs` are the declared ones: each must be accounted for, so that evidence that is not there
    never helps. `earlier` are runs of the same commit under the same manifest; `cpu_model` and
    `started_at` are this run's, to be held against theirs.
    """

    source: Source
    environment: Environment = field(default_factory=Environment)
    outputs: tuple[Output, ...] = ()
    tests: Tests | None = None
    inference: tuple[Inference, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    claims: tuple[ClaimCheck, ...] = ()
    earlier: tuple[EarlierRun, ...] = ()
    cpu_model: str = ""
    started_at: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What may be said on the strength of some evidence."""

    level: Level
    outcome: Outcome
    cause: Cause | None
    explanation: str
    hint: str = ""
    lines: tuple[str, ...] = ()
    repeatability: Repeatability | None = None
    tests_pass: bool | None = None
    modifiers: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """The machine and the engine that a run used."""

    name: str
    cpu_model: str
    cpus: int
    memory_bytes: int
    engine: str
    isolation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactFile:
    """A file kept as evidence: its name in the run, type, size and sha256."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The rules in force when a verdict was reached."""

    version: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything a run saw and concluded. Published as docs/report.schema.json."""

    schema_version: Literal["1"] = "1"
    reprise: str
    policy: Policy
    started_at: str
    finished_at: str
    host: Host | None
    source: Source
    read: ReadManifest | None
    environment: Environment
    tests: Tests | None
    inference: tuple[Inference, ...]
    comparisons: tuple[Comparison, ...]
    claims: tuple[ClaimCheck, ...] = ()
    earlier: tuple[EarlierRun, ...] = ()
    repeatable: bool | None
    repeatability: Repeatability | None
    tests_pass: bool | None
    level: int
    level_name: str
    outcome: Outcome
    cause: Cause | None
    explanation: str
    hint: str
    lines: tuple[str, ...]
    modifiers: tuple[str, ...]
    repairs: tuple[Repair, ...] = ()
    timings: dict[str, float]
    artifacts: tuple[ArtifactFile, ...]
