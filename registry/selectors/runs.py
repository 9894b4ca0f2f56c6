"""Queries about runs: verdicts, progress, logs, the state of a badge."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from registry.models import LogChunk, ModelEntry, ModelVersion, RunEvent, User, VerificationRun
from registry.models.entries import Visibility
from registry.models.runs import RunState, Trigger
from registry.selectors.entries import versions_visible_to
from registry.spec.evidence import EarlierRun
from registry.spec.history import Decided, Standing, standing_of
from registry.spec.ladder import Cause, Level, Outcome, Repair, Step, StepState

# What a verdict says; a run's other columns take longer to read than to find.
VERDICT = ("version", "state", "level", "outcome", "cause", "explanation", "hint", "tests_pass",
           "repaired", "repairs", "repeatability", "claims", "claims_met",
           "finished_at")  # fmt: skip
IN_TABLE = ("version__number", "state", "outcome", "level", "cause", "tests_pass", "repaired",
            "repairs", "queued_at")  # fmt: skip
DECIDED = (Outcome.REPRODUCED.value, Outcome.NOT_REPRODUCED.value)
ATTENDED = (Trigger.PUBLICATION.value, Trigger.PERSON.value)
# Shares of a run's time while no run of the entry has ended: a guess, and shown as one.
STEP_WEIGHTS = {
    Step.FETCH_SOURCE: 5.0,
    Step.READ_MANIFEST: 0.5,
    Step.FETCH_INPUTS: 0.2,
    Step.PLAN_ENVIRONMENT: 0.5,
    Step.BUILD_IMAGE: 60.0,
    Step.RUN_TESTS: 20.0,
    Step.RUN_INFERENCE: 20.0,
    Step.COMPARE_OUTPUTS: 1.0,
    Step.DECIDE: 0.5,
}
# What is done anew with every attempt at an environment.
ROUND = (Step.BUILD_IMAGE, Step.RUN_TESTS, Step.RUN_INFERENCE, Step.COMPARE_OUTPUTS)
# A step that takes longer than foreseen stands just before its end, never past it.
STEP_FULL = 0.95


@dataclass(frozen=True, kw_only=True)
class RunProgress:
    """How far a run is, 0 to 1; 1 only when it is finished.

    `foreseen` says whether the fraction rests on the times of an earlier run of the same entry;
    otherwise it counts steps by usual weights. `step` is the one going on, `round` the number of
    the attempt at an environment that it belongs to, 0 when it belongs to none.
    """

    fraction: float
    step: Step | None
    round: int
    foreseen: bool
    seconds_left: float | None


@dataclass(frozen=True, kw_only=True)
class StepNow:
    """Where a step stands. A step starts again with every attempt at an environment.

    `seconds` is the time of all its starts that ended, None before the first; `since` is when it
    began, while it goes on.
    """

    state: StepState = StepState.PENDING
    starts: int = 0
    seconds: float | None = None
    message: str = ""
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class BadgeState:
    """All that a badge says; `date` is that of the verdict, `label` the level's name.

    `state` is one word for how it looks: draft, withdrawn, queued, running, verified, failing,
    stale or unknown. A run under way does not hide an earlier verdict. `stale_reason` is "" when
    it is not stale; `lost_at` is set when what once worked does not any more, for `cause`.
    """

    state: str
    label: str
    level: Level
    outcome: Outcome | None
    cause: Cause | None
    date: datetime | None
    stale: bool
    stale_reason: str
    tests_pass: bool | None
    repaired: bool
    repairs: tuple[Repair, ...]
    repeatability: str
    claims: int
    claims_met: int
    lost_at: datetime | None


def verdict_run(version: ModelVersion, *, report: bool = False) -> VerificationRun | None:
    """The run whose verdict is in force for a version as it is: same commit, same manifest.

    It has the columns VERDICT and, if asked for, the report.
    """
    run = standing_and_run(version)[1]
    if run and report:
        run.refresh_from_db(fields=["report"])
    return run


def standing_and_run(version: ModelVersion) -> tuple[Standing, VerificationRun | None]:
    """Where a version as it is stands, and the run whose verdict is in force. One query."""
    decided = version.runs.filter(
        outcome__in=DECIDED, commit=version.commit, manifest_digest=version.manifest_digest
    )
    runs = {run.pk: run for run in decided.only(*VERDICT, "trigger")}
    standing = standing_of(map(_decided, runs.values()))
    return standing, runs[standing.run.run] if standing.run else None


def _decided(run: VerificationRun) -> Decided:
    if run.finished_at is None:
        raise AssertionError("a run that came to a verdict has ended")
    return Decided(
        run=run.pk,
        at=run.finished_at,
        level=Level(run.level or 0),
        cause=Cause(run.cause) if run.cause else None,
        tests_pass=run.tests_pass,
        attended=run.trigger in ATTENDED,
    )


def upstream_moved(entry: ModelEntry, version: ModelVersion) -> bool:
    """Whether a push told of another commit since this version of the entry was made."""
    if entry.upstream_at is None or entry.upstream_commit == version.commit:
        return False
    return entry.upstream_at > version.created_at


def runs_to_sustain(*, run: VerificationRun) -> tuple[EarlierRun, ...]:
    """What this run may sustain, oldest first: the first run on each CPU model that reproduced it.

    So is the first that sustained it.
    """
    same = VerificationRun.objects.filter(
        version__entry=run.version.entry_id,
        commit=run.commit,
        manifest_digest=run.manifest_digest,
        outcome=Outcome.REPRODUCED,
    )
    first: dict[tuple[str, bool], EarlierRun] = {}
    for earlier in same.only("level", "cpu_model", "finished_at").order_by("finished_at"):
        found = EarlierRun(
            run=earlier.pk,
            level=Level(earlier.level or 0),
            cpu_model=earlier.cpu_model,
            finished_at=earlier.finished_at.isoformat() if earlier.finished_at else "",
        )
        first.setdefault((earlier.cpu_model, found.level >= Level.SUSTAINED), found)
    return tuple(first.values())


def run_list(*, user: User | AnonymousUser) -> QuerySet[VerificationRun]:
    """The runs that a person may see, newest first, without their reports."""
    return (
        VerificationRun.objects.filter(version__in=versions_visible_to(user))
        .select_related("version__entry__owner", "requested_by")
        .defer("report")
        .order_by("-pk")
    )


def runs_newest(*, versions: Iterable[ModelVersion], limit: int) -> QuerySet[VerificationRun]:
    """The last runs of versions that a person may see, newest first, as a table shows them."""
    runs = VerificationRun.objects.filter(version__in=versions).select_related("version")
    return runs.only(*IN_TABLE).order_by("-pk")[:limit]


def run_get(*, user: User | AnonymousUser, run_id: int) -> VerificationRun | None:
    """One run with its version, entry and report; None when it is not for this person to see."""
    return run_list(user=user).defer(None).filter(pk=run_id).first()


def run_events(*, run: VerificationRun) -> QuerySet[RunEvent]:
    """What happened in a run, in order, over all its attempts."""
    return run.events.order_by("pk")


def run_steps(*, run: VerificationRun) -> dict[Step, StepNow]:
    """Where each step of the run's present attempt stands, by what it announced.

    What comes after a step that starts again is to be done again.
    """
    steps = {step: StepNow() for step in Step}
    for event in run_events(run=run).filter(attempt=run.attempt):
        step = Step(event.step)
        if event.state == StepState.RUNNING:
            steps |= {later: _to_do(now) for later, now in steps.items() if _after(later, step)}
        steps[step] = _moved(steps[step], event)
    return steps


def run_logs_after(
    *, run: VerificationRun, after_id: int = 0, step: str = "", limit: int = 500
) -> QuerySet[LogChunk]:
    """The next pieces of a run's log, or of one step's, after the piece with id `after_id`."""
    chunks = run.log_chunks.filter(pk__gt=after_id).order_by("pk")
    return (chunks.filter(step=step) if step else chunks)[:limit]


def live_run_ids() -> frozenset[str]:
    """The runs that a worker holds, as container labels write them."""
    held = VerificationRun.objects.filter(state=RunState.RUNNING)
    return frozenset(str(pk) for pk in held.values_list("pk", flat=True))


def run_progress(*, run: VerificationRun, now: datetime) -> RunProgress:
    """How far a run is: by the times of the entry's last decided run, else by usual weights."""
    if run.state == RunState.FINISHED:
        return RunProgress(fraction=1.0, step=None, round=0, foreseen=True, seconds_left=0.0)
    expected, foreseen = _expected_seconds(run)
    steps = run_steps(run=run)
    total = sum(expected.values())
    share = _done_in_seconds if foreseen else _done_in_weights
    done = sum(share(steps[step], expected[step], now) for step in Step)
    current = next((step for step in Step if steps[step].state is StepState.RUNNING), None)
    return RunProgress(
        fraction=min(done / total, 0.99),
        step=current,
        round=steps[Step.BUILD_IMAGE].starts if current in ROUND else 0,
        foreseen=foreseen,
        seconds_left=round(total - done, 1) if foreseen else None,
    )


def badge_state(
    entry: ModelEntry,
    version: ModelVersion | None = None,
    *,
    now: datetime,
    stale_after_days: int,
) -> BadgeState:
    """What the badge of an entry, or of one of its versions, may say."""
    shown = version or entry.current_version
    standing, run = standing_and_run(shown) if shown else (Standing(), None)
    date = run.finished_at if run else None
    old = date is not None and date < now - timedelta(days=stale_after_days)
    stale = _stale_words(entry, shown, days=stale_after_days if old else 0) if date else ""
    level = Level(run.level or 0) if run else Level.REGISTERED
    return BadgeState(
        state=_badge_word(entry, shown, run, stale=bool(stale)),
        label=level.label,
        level=level,
        outcome=Outcome(run.outcome) if run else None,
        cause=Cause(run.cause) if run and run.cause else None,
        date=date,
        stale=bool(stale),
        stale_reason=stale,
        tests_pass=run.tests_pass if run else None,
        repaired=run.repaired if run else False,
        repairs=tuple(Repair(name) for name in run.repairs) if run else (),
        repeatability=run.repeatability if run else "",
        claims=run.claims if run else 0,
        claims_met=run.claims_met if run else 0,
        lost_at=standing.lost_at,
    )


def _stale_words(entry: ModelEntry, version: ModelVersion | None, *, days: int) -> str:
    """Why a verdict is stale, by its age in `days` (0: young enough) or by what came since."""
    if days:
        return f"seen more than {days} days ago"
    is_current = version is not None and version.pk == entry.current_version_id
    if version and is_current and upstream_moved(entry, version):
        return f"upstream has moved to {entry.upstream_commit[:7]}"
    return ""


def _badge_word(
    entry: ModelEntry, version: ModelVersion | None, run: VerificationRun | None, *, stale: bool
) -> str:
    if entry.visibility == Visibility.WITHDRAWN:
        return "withdrawn"
    if version is None or version.published_at is None:
        return "draft"
    if run is None:
        unfinished = version.runs.exclude(state=RunState.FINISHED).only("state").first()
        return unfinished.state if unfinished else "unknown"
    # Without a cause nothing failed: the model declares no more than what was reached.
    if run.cause or run.tests_pass is False:
        return "failing"
    return "stale" if stale else "verified"


def _expected_seconds(run: VerificationRun) -> tuple[dict[Step, float], bool]:
    """Seconds a step (or weights), and whether they come from an earlier run of the entry."""
    earlier = (
        VerificationRun.objects.filter(version__entry_id=run.version.entry_id, outcome__in=DECIDED)
        .order_by("-finished_at")
        .values_list("report__timings", flat=True)
        .first()
    )
    if not earlier:
        return dict(STEP_WEIGHTS), False
    return {step: max(float(earlier.get(step, 0.0)), 0.1) for step in Step}, True


def _after(later: Step, step: Step) -> bool:
    order = list(Step)
    return order.index(later) > order.index(step)


def _to_do(step: StepNow) -> StepNow:
    return replace(step, state=StepState.PENDING, message="", since=None)


def _moved(step: StepNow, event: RunEvent) -> StepNow:
    """The step after an event of its own."""
    if event.state == StepState.RUNNING:
        begun = replace(step, state=StepState.RUNNING, message="", since=event.at)
        return replace(begun, starts=step.starts + 1)
    spent = (step.seconds or 0.0) + (event.seconds or 0.0)
    ended = replace(step, state=StepState(event.state), message=event.message, since=None)
    return replace(ended, seconds=spent)


def _done_in_seconds(step: StepNow, expected: float, now: datetime) -> float:
    """The seconds of a step that count as done: all of them once it has ended.

    A step that begins again, or will, counts with what it has taken so far.
    """
    if step.state not in {StepState.RUNNING, StepState.PENDING}:
        return expected
    going_on = (now - step.since).total_seconds() if step.since else 0.0
    return min((step.seconds or 0.0) + max(going_on, 0.0), expected * STEP_FULL)


def _done_in_weights(step: StepNow, weight: float, now: datetime) -> float:  # noqa: ARG001 — as _done_in_seconds
    """The weight of a step that counts as done: half of it until it is over, for it is no time."""
    if step.state is StepState.RUNNING:
        return weight / 2
    return 0.0 if step.state is StepState.PENDING else weight
