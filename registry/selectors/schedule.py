"""Which versions are to be verified next although nobody asks for it, and which pushes to follow.

Every moment is given: a test looks ahead, and two queries of one tick see the same clock.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from registry.models import Hook, HookDelivery, ModelEntry, ModelVersion, VerificationRun
from registry.models.entries import VersionState, Visibility
from registry.models.runs import RunState, Trigger
from registry.pushes import TAG
from registry.selectors.runs import DECIDED

OPEN = (Visibility.PUBLIC, Visibility.PRIVATE)
# Asked for by what they are not: else a database takes an index of all that is public.
CLOSED = (Visibility.DRAFT, Visibility.WITHDRAWN)
UNASKED = (Trigger.SCHEDULE, Trigger.WEBHOOK, Trigger.BASE_IMAGE)
DAY = timedelta(days=1)
# A version is not verified again unasked so soon after any run of it, whatever came of that.
REST = DAY
# Of an entry that is pushed to all day, the newest commit is verified so often.
PUSH_REST = timedelta(hours=1)

Bases = Mapping[str, str]
"""Base images that are held, each with its digest."""


def versions_due(
    *, now: datetime, bases: Bases, limit: int
) -> Iterator[tuple[ModelVersion, Trigger]]:
    """The first `limit` versions to verify, the most urgent first: changed, never run, by date."""
    for trigger, condition in _ORDER:
        found = list(condition(now, bases)[:limit])
        limit -= len(found)
        yield from ((version, trigger) for version in found)


def version_is_due(*, version: ModelVersion, trigger: Trigger, now: datetime, bases: Bases) -> bool:
    """Whether a version is due (still) for this reason."""
    return any(
        condition(now, bases).filter(pk=version.pk).exists()
        for reason, condition in _ORDER
        if reason == trigger
    )


def pushes_to_follow(*, now: datetime) -> QuerySet[ModelEntry]:
    """Entries whose upstream has moved to a commit that no version is made of, oldest push first.

    Not those with an unpublished version that a person made, or that is being verified.
    """
    versions = ModelVersion.objects.filter(entry=OuterRef("pk"))
    told = HookDelivery.objects.filter(hook=OuterRef("entry"), commit=OuterRef("ref"))
    runs = VerificationRun.objects.filter(version__entry=OuterRef("pk"))
    followed = versions.filter(
        Q(commit=OuterRef("upstream_commit")) | Q(ref=OuterRef("upstream_commit"))
    )
    moved = ModelEntry.objects.filter(
        upstream_at__isnull=False, upstream_at__gt=F("current_version__created_at")
    ).exclude(visibility__in=CLOSED)
    return moved.exclude(
        Exists(followed)
        | Exists(versions.filter(~Exists(told), published_at=None))
        | Exists(runs.filter(version__published_at=None).exclude(state=RunState.FINISHED))
        | Exists(runs.filter(trigger=Trigger.WEBHOOK, queued_at__gt=now - PUSH_REST))
    ).order_by("upstream_at")


def pushed_tag(*, entry: ModelEntry) -> str:
    """The tag that was pushed with the commit at which upstream is; "" when none was."""
    told = HookDelivery.objects.filter(hook=entry.pk, commit=entry.upstream_commit)
    tags = told.filter(ref__startswith=TAG).order_by("-pk").values_list("ref", flat=True)
    return (tags.first() or "").removeprefix(TAG)


def hook_of(*, entry: ModelEntry) -> Hook | None:
    """The entry's hook, once it was opened."""
    return Hook.objects.filter(entry=entry).first()


def unasked_room(*, now: datetime, runs_a_day: int, queue: int) -> int:
    """How many more runs may be begun unasked: by what waits already, and by those of a day."""
    waiting = VerificationRun.objects.filter(state=RunState.QUEUED).count()
    today = VerificationRun.objects.filter(queued_at__gt=now - DAY, trigger__in=UNASKED).count()
    return max(min(queue - waiting, runs_a_day - today), 0)


def _pushed(now: datetime, _bases: Bases) -> QuerySet[ModelVersion]:
    """Unpublished versions that were made of a push, and read, but not verified."""
    same = VerificationRun.objects.filter(version=OuterRef("pk"), commit=OuterRef("commit"))
    tried = Q(outcome__in=DECIDED) | ~Q(state=RunState.FINISHED) | Q(queued_at__gt=now - REST)
    return ModelVersion.objects.filter(
        ~Exists(same.filter(tried)),
        published_at=None,
        state=VersionState.READY,
        entry__visibility__in=OPEN,
        ref=F("entry__upstream_commit"),
    ).order_by("entry__upstream_at")


def _rebased(now: datetime, bases: Bases) -> QuerySet[ModelVersion]:
    """Current versions whose last run stood on an image of which another is held now.

    A digest that any run of the version stood on already is no news: workers may hold different
    images of one name.
    """
    runs = VerificationRun.objects.filter(version=OuterRef("pk"), outcome__in=DECIDED)
    last = runs.order_by("-finished_at", "-pk")
    changed = Q(pk=None)
    for image, digest in bases.items():
        known = Exists(runs.filter(base_image=image, base_digest=digest))
        changed |= Q(stood_on=image) & ~Q(stood_digest="") & ~Q(known)
    return (
        _current(now)
        .annotate(
            stood_on=Subquery(last.values("base_image")[:1]),
            stood_digest=Subquery(last.values("base_digest")[:1]),
        )
        .filter(changed)
        .order_by("entry__verify_at")
    )


def _never_run(now: datetime, _bases: Bases) -> QuerySet[ModelVersion]:
    return _current(now).filter(entry__verify_at=None).order_by("published_at")


def _by_date(now: datetime, _bases: Bases) -> QuerySet[ModelVersion]:
    return _current(now).filter(entry__verify_at__lte=now).order_by("entry__verify_at")


_ORDER: tuple[tuple[Trigger, Callable[[datetime, Bases], QuerySet[ModelVersion]]], ...] = (
    (Trigger.WEBHOOK, _pushed),
    (Trigger.BASE_IMAGE, _rebased),
    (Trigger.SCHEDULE, _never_run),
    (Trigger.SCHEDULE, _by_date),
)


def _current(now: datetime) -> QuerySet[ModelVersion]:
    """Published current versions that are neither being verified nor were so within a day."""
    recent = ~Q(state=RunState.FINISHED) | Q(queued_at__gt=now - REST)
    runs = VerificationRun.objects.filter(recent, version=OuterRef("pk"))
    return ModelVersion.objects.filter(
        ~Exists(runs),
        published_at__isnull=False,
        entry__current_version=F("pk"),
    ).exclude(entry__visibility__in=CLOSED)
