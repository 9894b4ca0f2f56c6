"""Models run for people on inputs of theirs: `queued → running → finished`, under a lease as runs.

The command that a version declares, in the very image in which its verdict in force was reached.
Nothing of it touches evidence, verdict, badge or statistics of runs.
"""

import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Concat, Now

from registry import dispatch
from registry.models import (
    Blob,
    Calculation,
    CalculationFile,
    InputFile,
    ModelEntry,
    User,
)
from registry.models.calculations import CalculationOutcome, CalculationState
from registry.selectors.calculations import (
    DAY,
    calculations_left,
    calculations_unfinished,
    entry_calculates,
)
from registry.services.bisections import verifications_wait
from registry.services.blobs import blob_store
from registry.services.calculation_offers import Offer, calculation_offer
from registry.services.errors import LeaseLost, ServiceError
from registry.services.resending import rows_resend
from registry.services.text import plain
from registry.spec.calculations import Calculated
from registry.spec.evidence import Report
from registry.spec.manifest import Manifest

USED_UP = "The calculation could not be carried out: {reason}"
USED_UP_HINT = "This is a fault of the portal, neither of the model nor of your input. Ask again."
LOST_WORKER = "the machine that ran it stopped answering."
CLOSED = "This model is no longer run here."


@dataclass(frozen=True, kw_only=True)
class CalculationClaim:
    """The right to carry out one attempt of a calculation, and all that is needed for it.

    `inputs` maps paths, as the manifest names them, to the sha256 of the blobs that are laid there.
    """

    calculation_id: int
    attempt: int
    token: uuid.UUID
    image: str
    manifest: Manifest
    inputs: Mapping[str, str]

    @property
    def label(self) -> str:
        """What its containers and folders are marked with."""
        return _label(self.calculation_id)


def calculation_ask(
    *, entry: ModelEntry, user: User, files: Mapping[str, Path | bytes]
) -> Calculation:
    """A queued calculation on `files`: declared path → content. Raises ServiceError.

    1. Refuse what is not offered, not declared or too large, and who has none left.
    2. Keep the files.
    3. One at a time for each person, so that the allowance holds: look again, and queue.
    """
    if not entry_calculates(entry=entry):
        raise ServiceError(
            "calculations_closed",
            CLOSED,
            "Use one of the other ways; in its verified image it runs on your own machine too.",
        )
    offer = calculation_offer(entry=entry)
    _refuse_files(offer, files)
    _refuse_too_many(user)
    blobs = {path: _kept(content) for path, content in files.items()}
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _refuse_too_many(person)
        return _queue(offer, person, blobs)


def calculation_claim(*, calculation_id: int, lease_seconds: float) -> CalculationClaim | None:
    """Take a queued calculation; None when it is not to be had, or verifications wait."""
    if verifications_wait():
        return None
    token = uuid.uuid4()
    queued = _one(calculation_id).filter(state=CalculationState.QUEUED, cancel_requested_at=None)
    taken = queued.update(
        state=CalculationState.RUNNING,
        attempt=F("attempt") + 1,
        lease_token=token,
        lease_expires_at=Now() + timedelta(seconds=lease_seconds),
        started_at=Now(),
        log="",
    )
    return _claim(calculation_id, token) if taken else None


def calculation_heartbeat(*, claim: CalculationClaim, lease_seconds: float) -> bool:
    """Renew the lease; False when it is lost or a cancel is asked for: then stop."""
    wanted = _held(claim).filter(cancel_requested_at=None)
    return wanted.update(lease_expires_at=Now() + timedelta(seconds=lease_seconds)) == 1


def calculation_log_append(*, claim: CalculationClaim, text: str) -> None:
    """Add a piece to the log. Raises LeaseLost."""
    longer = Concat(F("log"), Value(plain(text)), output_field=TextField())
    if not _held(claim).update(log=longer):
        raise LeaseLost


def calculation_finish(*, claim: CalculationClaim, calculated: Calculated) -> None:
    """End a calculation with what it wrote, to be kept for the site's days from now.

    The files are stored before, by their hash: a second time is harmless. Of one whose cancel was
    asked for nothing is kept. Raises LeaseLost.
    """
    blobs = {path: blob_store(path=file) for path, file in calculated.files.items()}
    with _fenced(claim) as held:
        if held.filter(cancel_requested_at__isnull=False).exists():
            _end(held, CalculationOutcome.CANCELLED)
            return
        _files_write(claim.calculation_id, blobs, is_output=True)
        _end(
            held,
            CalculationOutcome(calculated.outcome),
            explanation=plain(calculated.explanation),
            hint=plain(calculated.hint),
            command=[plain(word) for word in calculated.command],
            seconds=calculated.seconds,
            removed_after=Now() + _keep(),
        )


def calculation_release(*, claim: CalculationClaim, reason: str, max_attempts: int) -> None:
    """Give a calculation back after a fault of ours; after the last attempt it ends as errored.

    Reconciling sends it again: at once would only meet the same fault.
    """
    held = _held(claim)
    _end(held.filter(cancel_requested_at__isnull=False), CalculationOutcome.CANCELLED)
    _give_back(held, reason=reason, max_attempts=max_attempts)


def calculation_cancel(*, calculation: Calculation) -> Calculation:
    """End a queued one now, a running one as soon as its worker notices; a finished one stays."""
    mine = _one(calculation.pk)
    # First the wish: from here on nobody can claim it, so the second step cannot come too late.
    unfinished = mine.exclude(state=CalculationState.FINISHED)
    unfinished.filter(cancel_requested_at=None).update(cancel_requested_at=Now())
    _end(mine.filter(state=CalculationState.QUEUED), CalculationOutcome.CANCELLED)
    return mine.get()


def calculation_cancelled(*, claim: CalculationClaim) -> None:
    """End a running one whose cancel was asked for; nothing, when the lease was lost instead."""
    _end(_held(claim).filter(cancel_requested_at__isnull=False), CalculationOutcome.CANCELLED)


def calculation_remove(*, calculation: Calculation) -> None:
    """Remove a calculation before its time: its files and its log go, and nobody sees it again.

    It ends before if it goes on. Its row counts for the allowance of the day, and goes after that.
    """
    calculation_cancel(calculation=calculation)
    _one(calculation.pk).update(removed_after=Now())
    _clear(_one(calculation.pk))


def calculations_reconcile(
    *, now: datetime | None = None, resend_after_seconds: float, max_attempts: int
) -> None:
    """Put right what crashed workers and lost messages left, and remove what was kept long enough.

    `now` is the database's time unless given, which tests do to look ahead. While verifications
    wait, none is sent again.
    """
    moment = Now() if now is None else now
    lost = Calculation.objects.filter(state=CalculationState.RUNNING, lease_expires_at__lt=moment)
    asked = Calculation.objects.filter(cancel_requested_at__isnull=False)
    queued = Calculation.objects.filter(state=CalculationState.QUEUED)
    _end(asked.filter(state=CalculationState.QUEUED), CalculationOutcome.CANCELLED)
    _end(lost.filter(cancel_requested_at__isnull=False), CalculationOutcome.CANCELLED)
    _give_back(lost, reason=LOST_WORKER, max_attempts=max_attempts)
    if not verifications_wait():
        rows_resend(queued, task=dispatch.CALCULATE, after_seconds=resend_after_seconds)
    over = Calculation.objects.filter(removed_after__lt=moment)
    _clear(over)
    over.filter(state=CalculationState.FINISHED, queued_at__lt=moment - DAY).delete()


def live_calculation_labels() -> frozenset[str]:
    """The calculations that a worker holds, as container labels write them."""
    held = Calculation.objects.filter(state=CalculationState.RUNNING)
    return frozenset(map(_label, held.values_list("pk", flat=True)))


def _label(calculation_id: int) -> str:
    # Runs are labelled with their bare numbers, searches with a b before theirs.
    return f"c{calculation_id}"


def _keep() -> timedelta:
    return timedelta(days=settings.CALCULATION_KEEP_DAYS)


def _refuse_files(offer: Offer, files: Mapping[str, Path | bytes]) -> None:
    known = ", ".join(offer.inputs)
    unknown = sorted(set(files) - set(offer.inputs))
    if unknown:
        raise ServiceError(
            "input_unknown",
            f"“{plain(unknown[0])[:200]}” is no input that this model declares.",
            f"Choose from: {known}.",
        )
    if not files:
        raise ServiceError("input_missing", "There is no input.", f"Give at least one of: {known}.")
    size = sum(_size(content) for content in files.values())
    # Of more than UPLOAD_BYTES in a request the rest is thrown away as it comes.
    if size > min(settings.CALCULATION_INPUT_MB * 2**20, settings.UPLOAD_BYTES):
        raise ServiceError(
            "input_too_large",
            f"These files have {size / 2**20:,.1f} MB together.",
            f"At most {settings.CALCULATION_INPUT_MB} MB are taken; larger ones can be run on your "
            "own machine, in the same image.",
        )


def _refuse_too_many(user: User) -> None:
    waiting = calculations_unfinished(user=user)
    if waiting >= settings.CALCULATIONS_WAITING:
        raise ServiceError(
            "calculations_waiting",
            f"{waiting} of your calculations are not finished, which is the most at a time.",
            "Wait for one to end, or cancel one.",
        )
    if not calculations_left(user=user):
        raise ServiceError(
            "calculations_used_up",
            f"You have asked for {settings.CALCULATIONS_A_DAY} calculations within a day, which is "
            "the most.",
            "Come back tomorrow, or run it on your own machine, in the same image.",
        )


def _size(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _kept(content: Path | bytes) -> Blob:
    if isinstance(content, Path):
        return blob_store(path=content)
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return blob_store(path=Path(file.name))


def _queue(offer: Offer, user: User, blobs: Mapping[str, Blob]) -> Calculation:
    calculation = Calculation.objects.create(
        run=offer.run,
        asked_by=user,
        queued_at=Now(),
        sent_at=Now(),
        removed_after=Now() + _keep(),
    )
    _files_write(calculation.pk, blobs, is_output=False)
    dispatch.send_after_commit(dispatch.CALCULATE, calculation.pk)
    calculation.refresh_from_db()
    return calculation


def _files_write(calculation_id: int, blobs: Mapping[str, Blob], *, is_output: bool) -> None:
    CalculationFile.objects.bulk_create(
        CalculationFile(
            calculation_id=calculation_id, is_output=is_output, path=plain(path), blob=blob
        )
        for path, blob in blobs.items()
    )


def _claim(calculation_id: int, token: uuid.UUID) -> CalculationClaim | None:
    """What is to be done; None, and the calculation ended, where the model is closed by now."""
    row = Calculation.objects.select_related("run__version__entry").get(pk=calculation_id)
    entry, report = row.run.version.entry, msgspec.convert(row.run.report, Report)
    manifest = report.read.manifest if report.read else Manifest()
    claim = CalculationClaim(
        calculation_id=row.pk,
        attempt=row.attempt,
        token=token,
        image=report.environment.image_digest or "",
        manifest=manifest,
        inputs=_uploaded(entry, manifest) | _given(row),
    )
    if entry_calculates(entry=entry):
        return claim
    _end(_held(claim), CalculationOutcome.CANCELLED, explanation=CLOSED)
    return None


def _uploaded(entry: ModelEntry, manifest: Manifest) -> dict[str, str]:
    """The declared inputs that the authors uploaded, each with its sha256."""
    wanted = {each.path: each.sha256 for each in manifest.inputs if each.sha256}
    held = InputFile.objects.filter(entry=entry, blob_id__in=wanted.values())
    kept = set(held.values_list("blob_id", flat=True))
    return {path: sha256 for path, sha256 in wanted.items() if sha256 in kept}


def _given(row: Calculation) -> dict[str, str]:
    """The inputs that were given, each with its sha256."""
    return dict(row.files.filter(is_output=False).values_list("path", "blob_id"))


def _one(calculation_id: int) -> QuerySet[Calculation]:
    return Calculation.objects.filter(pk=calculation_id)


def _held(claim: CalculationClaim) -> QuerySet[Calculation]:
    """The calculation, if the claim still stands: the condition of every write."""
    return _one(claim.calculation_id).filter(
        state=CalculationState.RUNNING, lease_token=claim.token
    )


@contextmanager
def _fenced(claim: CalculationClaim) -> Iterator[QuerySet[Calculation]]:
    """A transaction in which the claim stands. Raises LeaseLost."""
    with transaction.atomic():
        held = _held(claim)
        if not held.select_for_update(no_key=True).values_list("pk").first():
            raise LeaseLost
        yield held


def _end(rows: QuerySet[Calculation], outcome: CalculationOutcome, **columns: object) -> None:
    rows.update(
        state=CalculationState.FINISHED,
        outcome=outcome,
        finished_at=Now(),
        lease_token=None,
        lease_expires_at=None,
        **columns,
    )


def _give_back(rows: QuerySet[Calculation], *, reason: str, max_attempts: int) -> None:
    """Into the queue once more; at an end, where the attempts are used up."""
    said = {"explanation": USED_UP.format(reason=plain(reason)), "hint": USED_UP_HINT}
    _end(rows.filter(attempt__gte=max_attempts), CalculationOutcome.ERRORED, **said)
    rows.update(
        state=CalculationState.QUEUED, lease_token=None, lease_expires_at=None, sent_at=Now()
    )


def _clear(rows: QuerySet[Calculation]) -> None:
    """Forget the files and the log of those that have ended; blobs_collect removes the bytes."""
    ended = rows.filter(state=CalculationState.FINISHED)
    CalculationFile.objects.filter(calculation__in=ended).delete()
    ended.exclude(log="").update(log="")
