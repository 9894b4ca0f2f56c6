"""What pages say of a run: evidence put into words, without asking the database."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from registry.badges import repairs_words
from registry.models import ModelVersion, VerificationRun
from registry.spec.evidence import Attempt, Environment, Failure, Report, Tests
from registry.spec.ladder import Cause, Level, Outcome, Repair, Repeatability, Step, StepState
from registry.spec.manifest import Command, Manifest, Output, as_lines
from registry.spec.policy import CRITERIA
from registry.views.outputs import claims_summary


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """A text to copy, with its label and the id of its element."""

    id: str
    label: str
    text: str


_TONES = {Outcome.ERRORED: "warn", Outcome.CANCELLED: "plain", Outcome.REPRODUCED: "good"}
_ENDED_WITHOUT_VERDICT = {
    Outcome.ERRORED: "The portal could not carry out this verification. It says nothing of the "
    "model, and the badge stays as it was.",
    Outcome.CANCELLED: "Cancelled before the end. It says nothing of the model.",
}
_AGREE = {
    Repeatability.BITWISE: "two runs agree bit by bit",
    Repeatability.NUMERIC: "two runs agree within the tolerance",
    Repeatability.STATISTICAL: "two samples agree by the declared test",
}
STEP_WORDS = {
    Step.FETCH_SOURCE: "Fetch the source",
    Step.READ_MANIFEST: "Read what it declares",
    Step.FETCH_INPUTS: "Fetch its inputs",
    Step.PLAN_ENVIRONMENT: "Plan the environment",
    Step.BUILD_IMAGE: "Build the environment",
    Step.RUN_TESTS: "Run its tests",
    Step.RUN_INFERENCE: "Run the model, twice",
    Step.COMPARE_OUTPUTS: "Compare the outputs",
    Step.DECIDE: "Decide",
}
MARKS = {
    StepState.PENDING: "○",
    StepState.RUNNING: "◐",
    StepState.PASSED: "✓",
    StepState.FAILED: "✕",
    StepState.SKIPPED: "–",
}


@dataclass(frozen=True, kw_only=True)
class ShownVerdict:
    """A run's verdict in words. `tone` is the box's class; `repaired` is empty when it was not."""

    tone: str
    label: str
    meaning: str
    tests: str
    outputs: str
    claims: str
    lines: tuple[str, ...]
    repaired: str
    unchecked: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ShownAttempt:
    """One attempt at an environment in words. `tone` is the class of `result`."""

    number: int
    made_from: str
    kept: bool
    result: str
    tone: str
    seconds: float
    changed: tuple[str, ...]
    repairs: tuple[Repair, ...]
    failure: Failure | None


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What of a version's repository will be run and compared."""

    environment: str
    test: str
    run: str
    outputs: tuple["ShownOutput", ...]
    origins: dict[str, str]
    missing: tuple[str, ...]
    rest: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ShownOutput:
    """A declared output with its tolerance in words."""

    path: str
    expected: str
    tolerance: str


def verdict_shown(run: VerificationRun, report: Report | None) -> ShownVerdict:
    """What a finished run came to, in words."""
    outcome = Outcome(run.outcome)
    return ShownVerdict(
        tone=_TONES.get(outcome, "bad" if run.cause else "plain"),
        label=Level(run.level or 0).label,
        meaning=_meaning(run, outcome),
        tests=_tests_words(report.tests if report else None, passing=run.tests_pass),
        outputs=_outputs_words(run, report),
        claims=claims_summary(report) if report else "",
        lines=report.lines if report else (),
        repaired=_repaired_words(run),
        unchecked=report.read.missing if report and report.read else (),
    )


def _repaired_words(run: VerificationRun) -> str:
    repairs = [Repair(name) for name in run.repairs]
    return repairs_words(repairs).partition(": ")[2] if run.repaired else ""


def attempts_shown(environment: Environment) -> list[ShownAttempt]:
    """Every attempt at an environment, in the order in which they were made."""
    return [_attempt(attempt) for attempt in environment.attempts]


def attempts_words(environment: Environment) -> str:
    """How many attempts there were, and what came of them."""
    count = len(environment.attempts)
    kept = next((one.number for one in environment.attempts if one.kept), None)
    made = "1 attempt at an environment" if count == 1 else f"{count} attempts at an environment"
    if kept is None:
        return f"{made}, none kept"
    return f"{made}, kept" if count == 1 else f"{made}, number {kept} kept"


def _attempt(attempt: Attempt) -> ShownAttempt:
    result, tone = "not built", "failed"
    if attempt.kept:
        result, tone = "kept", "passed"
    elif attempt.built:
        result, tone = "built, not kept", "skipped"
    python = f", Python {attempt.python}" if attempt.python else ""
    return ShownAttempt(
        number=attempt.number,
        made_from=f"{attempt.strategy}{python}",
        kept=attempt.kept,
        result=result,
        tone=tone,
        seconds=attempt.seconds,
        changed=attempt.changed,
        repairs=attempt.repairs,
        failure=attempt.failure,
    )


def _meaning(run: VerificationRun, outcome: Outcome) -> str:
    return _ENDED_WITHOUT_VERDICT.get(outcome) or CRITERIA[Level(run.level or 0)]


def _tests_words(tests: Tests | None, *, passing: bool | None) -> str:
    if tests is None:
        return "None were run."
    if passing is None:
        return "What was run counted no tests, so nothing is claimed of them."
    counts = test_counts(tests)
    said = f"The repository's tests report {counts}." if counts else "They did not run to the end."
    return f"{'Pass' if passing else 'Do not pass'}. {said}"


def test_counts(tests: Tests) -> str:
    """The counts of a test report that are not zero: “39 passed, 1 failed”."""
    counts = {
        "passed": tests.passed,
        "failed": tests.failed,
        "with errors": tests.errors,
        "skipped": tests.skipped,
    }
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _outputs_words(run: VerificationRun, report: Report | None) -> str:
    """The verdict on the outputs alone: a claim or a test that fails does not touch it."""
    compared = report.comparisons if report else ()
    expected = [one for one in compared if one.against == "expected"]
    if not all(one.agrees for one in expected):
        return "Differ from the repository's expected values."
    if run.cause == Cause.NONDETERMINISTIC:
        return "Two runs of the same image disagree."
    if run.cause == Cause.MISMATCH and not compared:
        return "Not all of them were written."
    if report is None or (run.level or 0) < Level.REPEATABLE:
        return "Not checked."
    agree = _AGREE[report.repeatability or Repeatability.NUMERIC]
    if run.level == Level.REPEATABLE and not expected:
        return f"{agree.capitalize()}; there are no expected values to compare with."
    if {one.path for one in expected} != {one.path for one in compared}:
        return f"{agree.capitalize()}; not all have expected values to compare with."
    return f"Equal the repository's expected values; {agree}."


def understood(version: ModelVersion) -> Understood:
    """What will be verified of a version, and where each part was read."""
    manifest, origins = version.manifest_value, dict(version.manifest_origins)
    shown = {"test", "run", "outputs"}
    return Understood(
        environment=_environment_words(manifest),
        test=command_words(manifest.test),
        run=command_words(manifest.run),
        outputs=tuple(_output(output) for output in manifest.outputs),
        origins=origins,
        missing=tuple(version.manifest_missing),
        rest=tuple((name, origin) for name, origin in origins.items() if name not in shown),
    )


def command_words(command: Command | None) -> str:
    """A command as one would type it; empty when there is none."""
    return as_lines(command) if command else ""


def _environment_words(manifest: Manifest) -> str:
    python = f"Python {manifest.python}" if manifest.python else "Python as the repository asks"
    system = ", with " + ", ".join(manifest.system_packages) if manifest.system_packages else ""
    date = f", packages as of {manifest.as_of}" if manifest.as_of else ""
    return python + system + date


def _output(output: Output) -> ShownOutput:
    parts = [f"rel. {output.rtol:g}"] if output.rtol else []
    parts += [f"abs. {output.atol:g}"] if output.atol else []
    return ShownOutput(
        path=output.path,
        expected=output.expected or "",
        tolerance="tolerance " + ", ".join(parts) if parts else "exactly",
    )


def web_address(address: str) -> str:
    """The address as a link for readers; empty unless it is plain https."""
    parts = urlsplit(address)
    plain = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    return address.removesuffix(".git") if plain else ""
