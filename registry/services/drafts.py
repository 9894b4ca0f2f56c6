"""The end of a draft that was never published."""

from django.db import models, transaction

from registry.models import (
    Artifact,
    CheckResult,
    Citation,
    ClaimOutcome,
    LogChunk,
    ModelEntry,
    OutputComparison,
    RunEvent,
    SavedImage,
    SourceArchive,
    TestOutcome,
    UnpackedFile,
    User,
    VerificationRun,
)
from registry.models.entries import Visibility
from registry.models.runs import RunState
from registry.services.audit import audit_record
from registry.services.errors import ServiceError
from registry.services.runs import run_cancel


def entry_draft_delete(*, entry: ModelEntry, actor: User) -> None:
    """Remove a draft with all that belongs to it; its number is not given again.

    1. Ask its run to end, if one goes on.
    2. Refuse while a worker still holds it, and once anything of the entry was published.
    3. Remove what runs left, then runs, versions and files, then the entry. The bytes of files stay
       until what nothing names is collected.

    Raises ServiceError.
    """
    for run in _runs(entry).exclude(state=RunState.FINISHED):
        run_cancel(run=run)
    with transaction.atomic():
        locked = ModelEntry.objects.select_for_update().get(pk=entry.pk)
        _refuse_published(locked)
        _refuse_running(locked)
        audit_record(actor=actor, action="draft.deleted", subject=locked.full_name, entry=locked)
        ModelEntry.objects.filter(pk=locked.pk).update(current_version=None, good_run=None)
        _delete_runs(locked)
        for made in (Citation, SourceArchive, UnpackedFile):
            made.objects.filter(version__entry=locked).delete()
        for rows in (locked.versions, locked.uploads, locked.input_files, locked.problem_reports):
            rows.all().delete()
        locked.delete()


def _runs(entry: ModelEntry) -> models.QuerySet[VerificationRun]:
    return VerificationRun.objects.filter(version__entry=entry)


def _refuse_published(entry: ModelEntry) -> None:
    if entry.visibility == Visibility.DRAFT and not entry.versions.exclude(published_at=None):
        return
    raise ServiceError(
        "published",
        "What was published once is never deleted: others may cite it.",
        "Withdraw it instead. Its page then gives your reason.",
    )


def _refuse_running(entry: ModelEntry) -> None:
    if _runs(entry).exclude(state=RunState.FINISHED).exists():
        raise ServiceError(
            "draft_being_verified",
            "A verification of this draft is being stopped.",
            "Try again in a few seconds.",
        )


def _delete_runs(entry: ModelEntry) -> None:
    """Evidence before the runs that it belongs to; of those, first the ones that name others."""
    runs = _runs(entry)
    for evidence in (TestOutcome, OutputComparison, ClaimOutcome):
        evidence.objects.filter(check_result__run__in=runs).delete()
    for written in (CheckResult, RunEvent, LogChunk, Artifact, SavedImage):
        written.objects.filter(run__in=runs).delete()
    runs.exclude(confirms=None).delete()
    runs.delete()
