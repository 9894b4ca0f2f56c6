"""Changes of runs: `queued → running → finished`, each step by compare-and-swap.

All times of a lease are the database's (Now()), never a worker's: machines disagree about the time,
and a fast clock would take the lease from a worker that is alive. Where both are locked, the entry
is locked before the run, by every service, so that two of them cannot wait for each other.
No transaction here is held across a file, a broker or an engine.
"""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from registry import dispatch
from registry.models import (
    Artifact,
    Blob,
    LogChunk,
    ModelEntry,
    ModelVersion,
    RunEvent,
    User,
    VerificationRun,
)
from registry.models.entries import VersionState, Visibility
from registry.models.runs import RunState, Trigger
from registry.selectors.runs import runs_to_sustain, standing_and_run
from registry.services.bisections import bisection_queue_if_lost
from registry.services.blobs import blob_store
from registry.services.checks import checks_write
from registry.services.deliveries import run_event_tell
from registry.services.errors import LeaseLost, ServiceError
from registry.services.images import image_ask
from registry.services.run_news import run_end_tell, run_verdict_tell
from registry.services.text import as_json, cut, plain
from registry.services.verdicts import copies_now, entry_copies_write
from registry.spec.canonical import canonical_json
from registry.spec.costs import costs_of
from registry.spec.events import Event
from registry.spec.evidence import EarlierRun, Report
from registry.spec.frameworks import frameworks_of
from registry.spec.ladder import Cause, Outcome, Step, StepState
from registry.spec.receipt import ATTESTATIONS, REPORT

RECONCILED_AT_ONCE = 500
USED_UP = "The verification could not be carried out: {reason}"
USED_UP_HINT = (
    "This is a fault of the portal, not of the model. Start the verification again later."
)
LOST_WORKER = "the machine that ran it stopped answering"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to carry out one attempt of a run, and all that is needed for it.

    `token` goes with every later write. `manifest` is the JSON of a spec Manifest that a person
    corrected by hand; None means: as the repository declares it.
    """

    run_id: int
    attempt: int
    token: uuid.UUID
    accession: int
    version_id: int
    address: str
    ref: str
    folder: str
    commit: str
    manifest: bytes | None
    earlier: tuple[EarlierRun, ...]


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """How many runs reconciling moved: back to the queue, sent again, given up, cancelled."""

    requeued: int = 0
    resent: int = 0
    errored: int = 0
    cancelled: int = 0


def run_queue(
    *, version: ModelVersion, trigger: Trigger, requested_by: User | None
) -> VerificationRun:
    """A queued run of a version, or the unfinished one that it already has. Raises ServiceError.

    The message to the workers leaves after commit; if the broker loses it, reconciling resends it.
    """
    with transaction.atomic():
        locked = ModelVersion.objects.select_for_update().get(pk=version.pk)
        _refuse_unverifiable(locked)
        unfinished = locked.runs.exclude(state=RunState.FINISHED)
        return unfinished.first() or _queue_new(locked, trigger, requested_by)


def run_claim(*, run_id: int, host: str, cpu_model: str, lease_seconds: float) -> Claim | None:
    """Take a queued run for one attempt; None when it is not to be had (any more)."""
    token = uuid.uuid4()
    queued = VerificationRun.objects.filter(
        pk=run_id, state=RunState.QUEUED, cancel_requested_at=None
    )
    # Zero rows: finished, cancelled, or another worker was faster.
    taken = queued.update(
        state=RunState.RUNNING,
        attempt=F("attempt") + 1,
        lease_token=token,
        lease_expires_at=_lease_end(lease_seconds),
        started_at=Now(),
        host=cut(host, 300),
        cpu_model=cut(cpu_model, 300),
    )
    return _claim(run_id, token) if taken else None


def run_heartbeat(*, claim: Claim, lease_seconds: float) -> bool:
    """Renew the lease; False when it is lost or a cancel is asked for: then stop."""
    wanted = _held(claim).filter(cancel_requested_at=None)
    return wanted.update(lease_expires_at=_lease_end(lease_seconds)) == 1


def run_event_append(
    *,
    claim: Claim,
    step: Step,
    state: StepState,
    at: datetime,
    seconds: float | None,
    message: str,
) -> None:
    """Note that a step began or ended. Raises LeaseLost."""
    with _fenced(claim):
        RunEvent.objects.create(
            run_id=claim.run_id,
            attempt=claim.attempt,
            step=step,
            state=state,
            at=at,
            seconds=seconds,
            message=plain(message),
        )


def run_log_append(*, claim: Claim, step: Step, text: str) -> None:
    """Add a piece to the log of a step. Raises LeaseLost."""
    with _fenced(claim):
        # The fence holds the run's row, so no other writer can take the same number.
        written = LogChunk.objects.filter(run_id=claim.run_id, attempt=claim.attempt)
        last = written.aggregate(last=Max("seq"))["last"] or 0
        LogChunk.objects.create(
            run_id=claim.run_id, attempt=claim.attempt, seq=last + 1, step=step, text=plain(text)
        )


def run_finish(*, claim: Claim, report: Report, files: Mapping[str, Path]) -> None:
    """End a run with its evidence and its verdict. Raises LeaseLost.

    1. Store the files by their hash, outside of any transaction: a second time is harmless.
    2. In one transaction, fenced by the lease: checks, tests, comparisons, artifacts, the verdict,
       and the entry's copies of it when this is its current version.
    3. In the same, queue a second look at a fall that nobody asked for, and the search for what
       broke a model that is lost from now on; tell whoever wants to know; note that the image of
       the verdict is to be pushed.

    Raises ServiceError when a file is not the one that the report describes.
    """
    blobs = {name: blob_store(path=path) for name, path in files.items()}
    _refuse_other_files(report, blobs)
    with transaction.atomic():
        entry = ModelEntry.objects.select_for_update().get(pk=claim.accession)
        # Before the run, as in run_queue: who holds the version may wait for the run to end.
        version = ModelVersion.objects.select_for_update().get(pk=claim.version_id)
        with _fenced(claim):
            checks_write(run_id=claim.run_id, report=report)
            _artifacts_write(claim, report, blobs)
            _end(_held(claim), report.outcome, **_verdict(report))
        if entry.visibility != Visibility.WITHDRAWN:
            _look_again(version, claim.run_id)
        was = now = copies_now(entry)
        if entry.current_version_id == claim.version_id:
            now = entry_copies_write(entry=entry)
            if entry.lost_at is None:
                bisection_queue_if_lost(accession=entry.pk, run_id=claim.run_id)
        run_verdict_tell(run_id=claim.run_id, entry=entry, was=was, now=now)
        image_ask(version=version)


def run_release(*, claim: Claim, reason: str, max_attempts: int) -> None:
    """Give a run back after a fault of ours. Raises LeaseLost.

    It is queued again, and sent when reconciling finds it waiting too long: at once would only meet
    the same fault. When its attempts are used up, it ends as errored, and the entry's badge stays.
    """
    held = _held(claim)
    cancelled = _cancel(held.filter(cancel_requested_at__isnull=False), claim.run_id)
    if cancelled or _give_back(
        held,
        run_id=claim.run_id,
        attempt=claim.attempt,
        reason=reason,
        max_attempts=max_attempts,
    ):
        return
    raise LeaseLost


def run_cancel(*, run: VerificationRun) -> VerificationRun:
    """End a queued run now, a running one as soon as its worker notices; a finished one stays."""
    mine = VerificationRun.objects.filter(pk=run.pk)
    # First the wish: from here on nobody can claim it, so the second step cannot come too late.
    wishable = mine.exclude(state=RunState.FINISHED).filter(cancel_requested_at=None)
    wishable.update(cancel_requested_at=Now())
    _cancel(mine.filter(state=RunState.QUEUED), run.pk)
    return mine.get()


def run_cancelled(*, claim: Claim) -> bool:
    """End a running run whose cancel was asked for; False when the lease was lost instead."""
    asked = _held(claim).filter(cancel_requested_at__isnull=False)
    return _cancel(asked, claim.run_id)


def run_retry(*, run: VerificationRun, requested_by: User | None) -> VerificationRun:
    """A new run of the same version. Raises ServiceError when it cannot be verified (any more)."""
    return run_queue(version=run.version, trigger=Trigger.PERSON, requested_by=requested_by)


def runs_reconcile(
    *, now: datetime | None = None, resend_after_seconds: float, max_attempts: int
) -> Reconciled:
    """Put right what crashed workers and lost messages left behind; safe to run any time, twice.

    1. Requeue runs whose lease expired, or give them up when their attempts are used up.
    2. End queued runs whose cancel came between two states.
    3. Send queued runs again whose message must be lost.

    `now` is the database's time unless given, which tests do to look ahead.
    """
    moment = Now() if now is None else now
    lost = _each(state=RunState.RUNNING, lease_expires_at__lt=moment)
    settled = [_settle_lost(run, max_attempts) for run in lost]
    wished = _each(state=RunState.QUEUED, cancel_requested_at__isnull=False)
    dropped = [_cancel(_same(run), run.pk) for run in wished]
    late = moment - timedelta(seconds=resend_after_seconds)
    waiting = _each(state=RunState.QUEUED, cancel_requested_at=None, sent_at__lt=late)
    resent = [run.pk for run in waiting if _same(run).update(sent_at=Now())]
    requeued = [run.pk for run, end in zip(lost, settled, strict=True) if end is RunState.QUEUED]
    dispatch.send_each_after_commit(dispatch.VERIFY, [*requeued, *resent])
    return Reconciled(
        requeued=len(requeued),
        resent=len(resent),
        errored=settled.count(Outcome.ERRORED),
        cancelled=settled.count(Outcome.CANCELLED) + sum(dropped),
    )


def _each(**condition: object) -> list[VerificationRun]:
    """The longest waiting of the runs that meet a condition, without their reports."""
    found = VerificationRun.objects.filter(**condition).defer("report")
    return list(found.order_by("sent_at")[:RECONCILED_AT_ONCE])


def _same(run: VerificationRun) -> QuerySet[VerificationRun]:
    """The run, if nobody has sent, claimed or renewed it since it was read."""
    # Not later, in place of equal: SQLite's own clock writes milliseconds, Django microseconds.
    same = VerificationRun.objects.filter(
        pk=run.pk, state=run.state, attempt=run.attempt, sent_at__lte=run.sent_at
    )
    if run.lease_token is None:
        return same
    return same.filter(lease_token=run.lease_token, lease_expires_at__lte=run.lease_expires_at)


def _settle_lost(run: VerificationRun, max_attempts: int) -> RunState | Outcome | None:
    """What became of a run whose worker is gone; None when it was not gone after all."""
    same = _same(run)
    if run.cancel_requested_at is not None:
        return Outcome.CANCELLED if _cancel(same, run.pk) else None
    if not _give_back(
        same, run_id=run.pk, attempt=run.attempt, reason=LOST_WORKER, max_attempts=max_attempts
    ):
        return None
    return Outcome.ERRORED if run.attempt >= max_attempts else RunState.QUEUED


def _refuse_unverifiable(version: ModelVersion) -> None:
    if version.entry.visibility == Visibility.WITHDRAWN:
        raise ServiceError("withdrawn", "This entry is withdrawn.", "It is no longer verified.")
    if version.state != VersionState.READY:
        raise ServiceError(
            "version_not_ready",
            "The repository of this version was not read yet, or could not be.",
            "Wait until it is read; if that failed, correct its address.",
        )


def _queue_new(
    version: ModelVersion,
    trigger: Trigger,
    requested_by: User | None,
    *,
    confirms: int | None = None,
) -> VerificationRun:
    run = VerificationRun.objects.create(
        version=version,
        commit=version.commit,
        manifest_digest=version.manifest_digest,
        trigger=trigger,
        requested_by=requested_by,
        confirms_id=confirms,
        queued_at=Now(),
        sent_at=Now(),
    )
    dispatch.send_after_commit(dispatch.VERIFY, run.pk)
    run.refresh_from_db()
    return run


def _look_again(version: ModelVersion, run_id: int) -> None:
    """Queue a second look at this run, if it is one whose fall is doubted."""
    doubted = standing_and_run(version)[0].doubted
    if doubted and doubted.run == run_id:
        _queue_new(version, Trigger.CONFIRMATION, None, confirms=run_id)


def _lease_end(lease_seconds: float) -> CombinedExpression:
    return Now() + timedelta(seconds=lease_seconds)


def _claim(run_id: int, token: uuid.UUID) -> Claim:
    run = VerificationRun.objects.select_related("version").get(pk=run_id)
    version = run.version
    edited = msgspec.json.encode(version.manifest_value) if version.manifest_edited else None
    return Claim(
        run_id=run_id,
        attempt=run.attempt,
        token=token,
        accession=version.entry_id,
        version_id=version.pk,
        address=version.address,
        ref=version.ref,
        folder=version.folder,
        commit=run.commit,
        manifest=edited,
        earlier=runs_to_sustain(run=run),
    )


def _held(claim: Claim) -> QuerySet[VerificationRun]:
    """The run, if the claim still stands: the condition of every write."""
    return VerificationRun.objects.filter(
        pk=claim.run_id, state=RunState.RUNNING, lease_token=claim.token
    )


@contextmanager
def _fenced(claim: Claim) -> Iterator[None]:
    """A transaction in which the claim stands and cannot be taken away. Raises LeaseLost."""
    with transaction.atomic():
        # no_key: the rows written meanwhile point to the run, and need no more than its key.
        if not _held(claim).select_for_update(no_key=True).values_list("pk").first():
            raise LeaseLost
        yield


def _end(runs: QuerySet[VerificationRun], outcome: Outcome, **columns: object) -> bool:
    """Finish one run, if the condition still holds; the lease ends with it."""
    ended = runs.update(
        state=RunState.FINISHED,
        outcome=outcome.value,
        finished_at=Now(),
        lease_token=None,
        lease_expires_at=None,
        **columns,
    )
    return ended == 1


def _cancel(runs: QuerySet[VerificationRun], run_id: int) -> bool:
    """End the run as somebody wished, and tell the programs that listen."""
    with transaction.atomic():
        ended = _end(runs, Outcome.CANCELLED)
        if ended:
            run_event_tell(run_id=run_id, event=Event.RUN_FINISHED)
    return ended


def _give_back(
    runs: QuerySet[VerificationRun], *, run_id: int, attempt: int, reason: str, max_attempts: int
) -> bool:
    """Queue the run again, or give it up when its attempts are used up."""
    if attempt >= max_attempts:
        return _give_up(runs, run_id, reason)
    back = runs.update(
        state=RunState.QUEUED, lease_token=None, lease_expires_at=None, sent_at=Now()
    )
    return back == 1


def _give_up(runs: QuerySet[VerificationRun], run_id: int, reason: str) -> bool:
    """End the run for a fault of ours, and tell whoever asked for it."""
    with transaction.atomic():
        ended = _end(
            runs,
            Outcome.ERRORED,
            cause=Cause.INFRASTRUCTURE.value,
            explanation=USED_UP.format(reason=plain(reason)),
            hint=USED_UP_HINT,
        )
        if ended:
            run_end_tell(run_id=run_id)
        return ended


def _refuse_other_files(report: Report, blobs: Mapping[str, Blob]) -> None:
    """What a run left is what its report describes, and what attests to it; and no other report."""
    described = {artifact.name: artifact.sha256 for artifact in report.artifacts}
    attested = {name: blobs[name].sha256 for name in ATTESTATIONS if name in blobs}
    if REPORT in attested:
        attested[REPORT] = hashlib.sha256(canonical_json(report)).hexdigest()
    described |= attested
    stored = {name: blob.sha256 for name, blob in blobs.items()}
    if described != stored:
        wrong = min(set(described.items()) ^ set(stored.items()))[0]
        raise ServiceError(
            "artifact_changed", f"The file {wrong} is not the one that the report describes."
        )


def _artifacts_write(claim: Claim, report: Report, blobs: Mapping[str, Blob]) -> None:
    types = {described.name: described.media_type for described in report.artifacts}
    Artifact.objects.bulk_create(
        Artifact(
            run_id=claim.run_id,
            name=cut(name, 500),
            media_type=cut(types.get(name, "application/json"), 100),
            blob=blob,
        )
        for name, blob in blobs.items()
    )


def _verdict(report: Report) -> dict[str, Any]:
    """The columns of a run that repeat its report. Without a verdict there is no level."""
    decided = report.outcome in {Outcome.REPRODUCED, Outcome.NOT_REPRODUCED}
    return {
        "level": report.level if decided else None,
        "cause": report.cause.value if report.cause else "",
        "explanation": plain(report.explanation),
        "hint": plain(report.hint),
        "tests_pass": report.tests_pass,
        "repaired": "repaired" in report.modifiers,
        "repairs": [repair.value for repair in report.repairs],
        "repeatability": report.repeatability.value if report.repeatability else "",
        "claims": len(report.claims),
        "claims_met": sum(claim.agrees for claim in report.claims),
        "base_image": cut(report.environment.base_image or "", 300),
        "base_digest": cut(report.environment.base_digest or "", 100),
        "environment_digest": report.environment.digest,
        "python": cut(report.environment.python or "", 20),
        "frameworks": list(frameworks_of(report)),
        **asdict(costs_of(report)),
        "policy_version": cut(report.policy.version, 50),
        "policy_digest": cut(report.policy.digest, 100),
        "report": as_json(report),
    }
