"""The search for what broke a model: `queued → running → finished`, under a lease as runs are.

Every probe is written down as soon as it was made, so that a search that makes way for
verifications, or whose worker was lost, goes on where it stopped.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from registry import dispatch
from registry.models import Bisection, ModelEntry, VerificationRun
from registry.models.entries import Visibility
from registry.models.runs import RunState
from registry.services.errors import LeaseLost, ServiceError
from registry.services.text import as_json, plain
from registry.spec.bisection import Goal, Tried
from registry.spec.evidence import Report
from registry.spec.ladder import Cause

ATTEMPTS_MOST = 3
USED_UP = (
    "The search was begun {attempts} times and could not be carried out. That is a fault of the "
    "portal and says nothing of the model."
)


@dataclass(frozen=True, kw_only=True)
class BisectionClaim:
    """The right to carry out one attempt of a search, and all that is needed for it.

    `token` goes with every later write. `tried` is what earlier attempts wrote down. `manifest` is
    as that of a run's Claim.
    """

    bisection_id: int
    attempt: int
    token: uuid.UUID
    accession: int
    address: str
    ref: str
    folder: str
    manifest: bytes | None
    good: Report
    bad: Report
    same_source: bool
    tried: tuple[Tried, ...]

    @property
    def label(self) -> str:
        """What the containers and folders of the search are marked with."""
        return _label(self.bisection_id)


def bisection_queue(*, entry: ModelEntry, good: VerificationRun, bad: VerificationRun) -> Bisection:
    """The search between two runs of an entry: a new one, or the one that there is already.

    Raises ServiceError where nothing can be looked for between them.
    """
    _refuse_pointless(entry, good, bad)
    with transaction.atomic():
        found, made = Bisection.objects.get_or_create(
            good=good, bad=bad, defaults={"entry": entry, "queued_at": Now(), "sent_at": Now()}
        )
        if made:
            dispatch.send_after_commit(dispatch.BISECT, found.pk)
            found.refresh_from_db()
    return found


def bisection_queue_if_lost(*, accession: int, run_id: int) -> None:
    """The search for what broke an entry that this run has shown to be lost, where there is one."""
    lost = ModelEntry.objects.filter(lost_at__isnull=False, good_run__isnull=False)
    entry = lost.select_related("good_run__version").filter(pk=accession).first()
    if entry and entry.good_run:
        bad = VerificationRun.objects.select_related("version").get(pk=run_id)
        with suppress(ServiceError):  # nothing can be looked for between them, and nobody asked
            bisection_queue(entry=entry, good=entry.good_run, bad=bad)


def bisection_claim(*, bisection_id: int, lease_seconds: float) -> BisectionClaim | None:
    """Take a queued search; None when it is not to be had, or verifications wait."""
    if verifications_wait():
        return None
    token = uuid.uuid4()
    taken = Bisection.objects.filter(pk=bisection_id, state=RunState.QUEUED).update(
        state=RunState.RUNNING,
        attempt=F("attempt") + 1,
        lease_token=token,
        lease_expires_at=Now() + timedelta(seconds=lease_seconds),
    )
    return _claim(bisection_id, token) if taken else None


def bisection_heartbeat(*, claim: BisectionClaim, lease_seconds: float) -> bool:
    """Renew the lease; False when it is lost: then stop."""
    end = Now() + timedelta(seconds=lease_seconds)
    return _held(claim).update(lease_expires_at=end) == 1


def bisection_note(*, claim: BisectionClaim, tried: Sequence[Tried]) -> None:
    """Write down all that was tried so far. Raises LeaseLost."""
    with _fenced(claim) as held:
        held.update(steps=as_json(tried))


def bisection_finish(*, claim: BisectionClaim, finding: str) -> None:
    """End a search with one sentence. Raises LeaseLost."""
    with _fenced(claim) as held:
        _end(held, finding)


def bisection_make_way(*, claim: BisectionClaim) -> None:
    """Go back to the queue for verifications that wait: that uses up no attempt."""
    _back(_held(claim), attempt=F("attempt") - 1)


def bisection_release(*, claim: BisectionClaim) -> None:
    """Give a search back after a fault of ours; after the last attempt it ends without a finding.

    Reconciling sends it again: at once would only meet the same fault.
    """
    _give_back(_held(claim), claim.attempt)


def bisections_reconcile(*, now: datetime | None = None, resend_after_seconds: float) -> int:
    """Requeue searches whose worker is gone, and send again those whose message must be lost.

    How many were sent. None is while verifications wait.
    """
    moment = Now() if now is None else now
    lost = Bisection.objects.filter(state=RunState.RUNNING, lease_expires_at__lt=moment)
    for pk, token, attempt in lost.values_list("pk", "lease_token", "attempt"):
        _give_back(lost.filter(pk=pk, lease_token=token), attempt)
    if verifications_wait():
        return 0
    late = moment - timedelta(seconds=resend_after_seconds)
    waiting = Bisection.objects.filter(state=RunState.QUEUED, sent_at__lt=late)
    oldest = waiting.order_by("queued_at").values_list("pk", flat=True)[:1]
    sent = [pk for pk in oldest if waiting.filter(pk=pk).update(sent_at=Now())]
    dispatch.send_each_after_commit(dispatch.BISECT, sent)
    return len(sent)


def live_bisection_labels() -> frozenset[str]:
    """The searches that a worker holds, as container labels write them."""
    held = Bisection.objects.filter(state=RunState.RUNNING).values_list("pk", flat=True)
    return frozenset(map(_label, held))


def verifications_wait() -> bool:
    """Whether a run is queued: a search makes way for it."""
    return VerificationRun.objects.filter(state=RunState.QUEUED).exists()


def _label(bisection_id: int) -> str:
    # Runs are labelled with their bare numbers.
    return f"b{bisection_id}"


def _refuse_pointless(entry: ModelEntry, good: VerificationRun, bad: VerificationRun) -> None:
    if entry.visibility == Visibility.WITHDRAWN:
        raise ServiceError("withdrawn", "This entry is withdrawn.", "It is no longer verified.")
    if {good.version.entry_id, bad.version.entry_id} != {entry.pk}:
        raise ServiceError("other_entry", "The two runs are not of this entry.")
    if good.report is None or bad.report is None:
        raise ServiceError("undecided", "One of the two runs has no verdict.")
    if bad.cause == Cause.FETCH:
        raise ServiceError(
            "not_fetched", f"Run {bad.pk} could not fetch the source: nothing of the model broke."
        )
    older, newer = (msgspec.convert(run.report, Report) for run in (good, bad))
    if Goal.of(older).met_by(newer):
        raise ServiceError(
            "nothing_broke",
            f"Run {bad.pk} is as good as run {good.pk}: nothing broke between them.",
            "Choose a run that reached more, and then one that reached less.",
        )


def _claim(bisection_id: int, token: uuid.UUID) -> BisectionClaim:
    related = ("good__version", "bad__version")
    row = Bisection.objects.select_related(*related).get(pk=bisection_id)
    good, version = row.good.version, row.bad.version
    edited = msgspec.json.encode(version.manifest_value) if version.manifest_edited else None
    return BisectionClaim(
        bisection_id=row.pk,
        attempt=row.attempt,
        token=token,
        accession=version.entry_id,
        address=version.address,
        ref=version.ref,
        folder=version.folder,
        manifest=edited,
        good=msgspec.convert(row.good.report, Report),
        bad=msgspec.convert(row.bad.report, Report),
        same_source=(good.address, good.folder) == (version.address, version.folder),
        tried=msgspec.convert(row.steps, tuple[Tried, ...]),
    )


def _held(claim: BisectionClaim) -> QuerySet[Bisection]:
    """The search, if the claim still stands: the condition of every write."""
    return Bisection.objects.filter(
        pk=claim.bisection_id, state=RunState.RUNNING, lease_token=claim.token
    )


@contextmanager
def _fenced(claim: BisectionClaim) -> Iterator[QuerySet[Bisection]]:
    """A transaction in which the claim stands. Raises LeaseLost."""
    with transaction.atomic():
        held = _held(claim)
        if not held.select_for_update().values_list("pk").first():
            raise LeaseLost
        yield held


def _give_back(rows: QuerySet[Bisection], attempt: int) -> None:
    if attempt >= ATTEMPTS_MOST:
        _end(rows, USED_UP.format(attempts=attempt))
    else:
        _back(rows)


def _back(rows: QuerySet[Bisection], **columns: object) -> None:
    """Into the queue once more, to be sent when reconciling finds it waiting."""
    rows.update(
        state=RunState.QUEUED, lease_token=None, lease_expires_at=None, sent_at=Now(), **columns
    )


def _end(rows: QuerySet[Bisection], finding: str) -> None:
    rows.update(
        state=RunState.FINISHED,
        finding=plain(finding),
        finished_at=Now(),
        lease_token=None,
        lease_expires_at=None,
    )
