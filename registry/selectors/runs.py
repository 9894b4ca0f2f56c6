"""Queries about runs: verdicts, progress, logs, the state of a badge."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from registry.caching import process_cache
from registry.models import (
    CheckResult,
    LogChunk,
    ModelEntry,
    ModelVersion,
    RunEvent,
    User,
    VerificationRun,
)
from registry.models.entries import Visibility
from registry.models.runs import RunState, Trigger
from registry.selectors.entries import versions_visible_to
from registry.spec.estimates import Basis, Estimate, estimate_of, seconds_left
from registry.spec.evidence import EarlierRun, Inference, Report
from registry.spec.history import Decided, Standing, standing_of
from registry.spec.ladder import Cause, Level, Outcome, Repair, Step, StepState
from registry.spec.policy import POLICY

# What a verdict says; a run's other columns take longer to read than to find.
VERDICT = ("version", "state", "level", "outcome", "cause", "explanation", "hint", "tests_pass",
           "repaired", "repairs", "repeatability", "claims", "claims_met", "run_seconds",
           "peak_memory_mb", "image_mb", "finished_at")  # fmt: skip
IN_TABLE = ("version__number", "state", "outcome", "level", "cause", "tests_pass", "repaired",
            "repairs", "queued_at", "run_seconds", "peak_memory_mb")  # fmt: skip
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
# An estimate rests on so many runs at most, the newest.
RUNS_OF_MODEL = 10
RUNS_OF_KIND = 30
KIND_KEPT_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class RunProgress:
    """How far a run is, 0 to 1; 1 only when it is finished.

    `foreseen` says whether the fraction rests on the times of earlier runs (those of `estimate`);
    otherwise it counts steps by usual weights. `step` is the one going on, `round` the number of
    the attempt at an environment that it belongs to, 0 when it belongs to none. `elapsed` counts
    the seconds since a worker began it.
    """

    fraction: float
    step: Step | None
    round: int
    foreseen: bool
    seconds_left: float | None
    elapsed: float = 0.0
    estimate: Estimate = field(default_factory=Estimate)


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


def verdict_runs(versions: Sequence[ModelVersion]) -> dict[int, VerificationRun]:
    """The run whose verdict is in force for each version that has one, by its id. One query."""
    runs = VerificationRun.objects.filter(version__in=versions, outcome__in=DECIDED)
    by_version: dict[int, list[VerificationRun]] = {}
    for run in runs.only(*VERDICT, "trigger", "commit", "manifest_digest", "queued_at"):
        by_version.setdefault(run.version_id, []).append(run)
    found = {}
    for version in versions:
        own = {run.pk: run for run in by_version.get(version.pk, []) if _is_of(run, version)}
        standing = standing_of(map(_decided, own.values()))
        if standing.run:
            found[version.pk] = own[standing.run.run]
    return found


def _is_of(run: VerificationRun, version: ModelVersion) -> bool:
    """Whether a run is one of what the version now is, as in _runs_as_it_is."""
    same = (run.commit, run.manifest_digest) == (version.commit, version.manifest_digest)
    return same and run.queued_at >= version.sent_at


def standing_and_run(version: ModelVersion) -> tuple[Standing, VerificationRun | None]:
    """Where a version as it is stands, and the run whose verdict is in force. One query."""
    decided = _decided_runs(version).only(*VERDICT, "trigger")
    runs = {run.pk: run for run in decided}
    standing = standing_of(map(_decided, runs.values()))
    return standing, runs[standing.run.run] if standing.run else None


def run_that_carries_over(*, version: ModelVersion) -> VerificationRun | None:
    """The last run with a verdict on a version as it is, by the rules in force; None of none.

    Publishing takes it over: another run would verify the same commit and manifest again.
    """
    decided = _decided_runs(version).filter(policy_digest=POLICY.digest)
    return decided.defer("report").order_by("-finished_at", "-pk").first()


def run_of_version_as_it_is(*, version: ModelVersion) -> VerificationRun | None:
    """The newest run of what a version now is, whatever it came to; None of none."""
    return _runs_as_it_is(version).order_by("-pk").first()


def _decided_runs(version: ModelVersion) -> QuerySet[VerificationRun]:
    return _runs_as_it_is(version).filter(outcome__in=DECIDED)


def _runs_as_it_is(version: ModelVersion) -> QuerySet[VerificationRun]:
    """The runs of what a version now is: of this commit, run in this way, since it was read.

    A version that was read again is another thing, even of one commit: its folder may be another.
    """
    return version.runs.filter(
        commit=version.commit,
        manifest_digest=version.manifest_digest,
        queued_at__gte=version.sent_at,
    )


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


def report_of(run: VerificationRun) -> Report | None:
    """The run's report as a value, when it has one."""
    return msgspec.convert(run.report, Report) if run.report else None


def inference_to_repeat(report: Report | None) -> Inference | None:
    """The first run of the declared command, if it ended as it should; None of none."""
    first = report.inference[0] if report and report.inference else None
    return first if first and first.failure is None else None


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
    """How far a run is: by the times of earlier runs, else by usual weights."""
    if run.state == RunState.FINISHED:
        return RunProgress(fraction=1.0, step=None, round=0, foreseen=True, seconds_left=0.0)
    estimate, steps = run_estimate(run=run), run_steps(run=run)
    current = next((step for step in Step if steps[step].state is StepState.RUNNING), None)
    left = _seconds_left(steps, estimate, now) if estimate.seconds else None
    return RunProgress(
        fraction=_fraction(steps, left, now),
        step=current,
        round=steps[Step.BUILD_IMAGE].starts if current in ROUND else 0,
        foreseen=left is not None,
        seconds_left=None if left is None else round(left, 1),
        elapsed=(now - run.started_at).total_seconds() if run.started_at else 0.0,
        estimate=estimate,
    )


def run_estimate(*, run: VerificationRun) -> Estimate:
    """What a run will take, by the last ones of its entry; a guess by those of its kind."""
    same = VerificationRun.objects.filter(
        version__entry_id=run.version.entry_id, outcome__in=DECIDED
    )
    found = estimate_of(_timings(same, RUNS_OF_MODEL), basis=Basis.SAME)
    return found if found.runs else _estimate_of_kind(run.version)


def _estimate_of_kind(version: ModelVersion) -> Estimate:
    """By runs of public models of which the same environment would be tried first; kept a while."""
    kind = (version.plan.get("environments") or [{}])[0].get("strategy", "")
    key = f"estimate-{hashlib.sha256(kind.encode()).hexdigest()}"
    found: Estimate | None = process_cache.get(key)
    if found is None:
        like = VerificationRun.objects.filter(
            version__plan__environments__0__strategy=kind,
            version__entry__visibility=Visibility.PUBLIC,
            outcome__in=DECIDED,
        )
        found = estimate_of(_timings(like, RUNS_OF_KIND) if kind else (), basis=Basis.KIND)
        process_cache.set(key, found, KIND_KEPT_SECONDS)
    return found


def _timings(runs: QuerySet[VerificationRun], most: int) -> list[dict[str, float]]:
    """The seconds a step of the newest of these runs."""
    newest = runs.order_by("-pk").values_list("pk", flat=True)[:most]
    found: dict[int, dict[str, float]] = {}
    checks = CheckResult.objects.filter(run__in=list(newest))
    for run, step, seconds in checks.values_list("run", "step", "seconds").order_by():
        found.setdefault(run, {})[step] = seconds or 0.0
    return list(found.values())


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
    stale = stale_words(entry, shown, date=date, now=now, stale_after_days=stale_after_days)
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


def stale_words(
    entry: ModelEntry,
    version: ModelVersion | None,
    *,
    date: datetime | None,
    now: datetime,
    stale_after_days: int,
) -> str:
    """Why a verdict of that date is stale, by its age or by what came since; "" when it is not."""
    if date is None:
        return ""
    if date < now - timedelta(days=stale_after_days):
        return f"seen more than {stale_after_days} days ago"
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


def run_image(run_id: int) -> str:
    """The id of the image in which a run saw what it says; "" where nothing was built."""
    runs = VerificationRun.objects.filter(pk=run_id)
    return runs.values_list("report__environment__image_digest", flat=True).get() or ""


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


def _spent(step: StepNow, now: datetime) -> float:
    """The seconds that a step has taken in all its starts, with the one that goes on."""
    going_on = (now - step.since).total_seconds() if step.since else 0.0
    return (step.seconds or 0.0) + max(going_on, 0.0)


def _is_over(step: StepNow) -> bool:
    return step.state not in {StepState.RUNNING, StepState.PENDING}


def _seconds_left(steps: Mapping[Step, StepNow], estimate: Estimate, now: datetime) -> float:
    """What is left of all steps. One that begins again counts with what it has taken so far."""
    return sum(
        seconds_left(estimate.seconds[step], _spent(each, now), over=_is_over(each))
        for step, each in steps.items()
    )


def _fraction(steps: Mapping[Step, StepNow], left: float | None, now: datetime) -> float:
    """The share of time that is over, so that a step that was quicker makes no jump.

    Without an estimate the share of steps, by their usual weights: half of one while it goes on.
    """
    if left is not None:
        done = sum(_spent(each, now) for each in steps.values())
        return min(done / (done + left), 0.99)
    shares = {StepState.PENDING: 0.0, StepState.RUNNING: 0.5}
    weights = ((STEP_WEIGHTS[step], shares.get(each.state, 1.0)) for step, each in steps.items())
    return min(sum(w * share for w, share in weights) / sum(STEP_WEIGHTS.values()), 0.99)
