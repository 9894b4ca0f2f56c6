"""Verification without being asked: on a push, on a new base image, when it was never, by date.

A transaction an entry, which it locks and looks at again: two beats at once queue one run.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from registry.models import ModelEntry, ModelVersion
from registry.models.runs import Trigger
from registry.selectors.schedule import (
    Bases,
    pushed_tag,
    pushes_to_follow,
    unasked_room,
    version_is_due,
    versions_due,
)
from registry.services.errors import ServiceError
from registry.services.runs import run_queue
from registry.services.versions import version_create, version_retarget

PUSHES_AT_ONCE = 10


@dataclass(frozen=True, kw_only=True)
class ScheduleLimits:
    """How many runs may be begun unasked in a day (0: none), and none while `queue` wait."""

    runs_a_day: int
    queue: int


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """How many pushes became a version to be read, and how many runs were queued."""

    pushes: int = 0
    runs: int = 0


def runs_schedule(*, now: datetime, bases: Bases, limits: ScheduleLimits) -> Scheduled:
    """Begin what is due, as far as there is room for it; safe to run any time, twice at once.

    1. Have the commits read that pushes told of.
    2. Queue runs: of pushes that were read, on new base images (`bases`: image → digest), of what
       never came to a verdict, of what is due by date.
    """
    if limits.runs_a_day == 0:
        return Scheduled()
    told = pushes_to_follow(now=now).values_list("pk", flat=True)[:PUSHES_AT_ONCE]
    pushes = sum(_follow(accession, now) for accession in list(told))
    room = unasked_room(now=now, runs_a_day=limits.runs_a_day, queue=limits.queue)
    due = list(versions_due(now=now, bases=bases, limit=room))
    runs = sum(_queue(version, trigger, now, bases) for version, trigger in due)
    return Scheduled(pushes=pushes, runs=runs)


def _queue(version: ModelVersion, trigger: Trigger, now: datetime, bases: Bases) -> bool:
    """Queue a run of a version, unless that is no longer due."""
    with transaction.atomic():
        ModelEntry.objects.select_for_update().get(pk=version.entry_id)
        if not version_is_due(version=version, trigger=trigger, now=now, bases=bases):
            return False
        try:
            run_queue(version=version, trigger=trigger, requested_by=None)
        except ServiceError:  # sent elsewhere in this moment: it is not ready to be verified
            return False
    return True


def _follow(accession: int, now: datetime) -> bool:
    """Have the commit that a push told of read, as an unpublished version of the entry."""
    with transaction.atomic():
        entry = ModelEntry.objects.select_for_update().get(pk=accession)
        current = entry.current_version
        if current is None or not pushes_to_follow(now=now).filter(pk=accession).exists():
            return False
        waiting = entry.versions.filter(published_at=None).first()
        address, ref, folder = current.address, entry.upstream_commit, current.folder
        tag = pushed_tag(entry=entry)
        if waiting:
            version_retarget(version=waiting, address=address, ref=ref, folder=folder, tag=tag)
        else:
            version_create(entry=entry, address=address, ref=ref, folder=folder, tag=tag)
    return True
