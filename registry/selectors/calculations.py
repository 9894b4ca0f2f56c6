"""Queries about calculations: whose they are, how many are left, how long the queue is."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from registry.models import Calculation, CalculationFile, EntryCalculations, ModelEntry, User
from registry.models.calculations import CalculationState
from registry.models.entries import Visibility
from registry.selectors.entries import Viewer, versions_visible_to

DAY = timedelta(days=1)


def calculations_of(*, user: Viewer) -> QuerySet[Calculation]:
    """The calculations that a person may see, newest first, without their logs.

    One's own, all of them for staff; none that is removed, or whose model one may not see any more.
    """
    if not user.is_authenticated:
        return Calculation.objects.none()
    shown = Calculation.objects.filter(
        removed_after__gt=timezone.now(), run__version__in=versions_visible_to(user)
    ).exclude(run__version__entry__visibility=Visibility.WITHDRAWN)
    own = shown if user.is_staff else shown.filter(asked_by=user)
    related = own.select_related("run__version__entry__owner", "asked_by")
    return related.defer("log", "run__report").order_by("-pk")


def calculation_get(*, user: Viewer, calculation_id: int) -> Calculation | None:
    """One calculation with its log; None when it is not for this person to see."""
    return (
        calculations_of(user=user)
        .defer(None)
        .defer("run__report")
        .filter(pk=calculation_id)
        .first()
    )


def calculation_files(*, calculation: Calculation) -> QuerySet[CalculationFile]:
    """What went into it and came out of it, with the sizes."""
    return calculation.files.select_related("blob")


def calculation_file(*, calculation: Calculation, path: str) -> CalculationFile | None:
    """The file that stands at a path; an output is never an input."""
    if "\0" in path:
        return None  # PostgreSQL does not look for it, it fails
    return calculation_files(calculation=calculation).filter(path=path).first()


def entry_calculates(*, entry: ModelEntry) -> bool:
    """Whether the portal lets people calculate, and this entry's owner does too. No check of it."""
    if not settings.CALCULATIONS_A_DAY or entry.visibility == Visibility.WITHDRAWN:
        return False
    return EntryCalculations.objects.filter(entry=entry).exists()


def calculations_left(*, user: User) -> int:
    """How many more a person may ask for now. What was cancelled or removed counts as any other."""
    since = timezone.now() - DAY
    asked = Calculation.objects.filter(asked_by=user, queued_at__gt=since).count()
    return max(0, settings.CALCULATIONS_A_DAY - asked)


def calculations_unfinished(*, user: User) -> int:
    """How many of a person's wait or run."""
    return Calculation.objects.filter(~Q(state=CalculationState.FINISHED), asked_by=user).count()


def calculations_before(*, calculation: Calculation) -> int:
    """How many calculations wait longer than this one."""
    waiting = Calculation.objects.filter(state=CalculationState.QUEUED, cancel_requested_at=None)
    return waiting.filter(pk__lt=calculation.pk).count()
