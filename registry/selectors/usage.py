"""Queries about how often models are pulled."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.utils import timezone

from registry.models import ModelEntry, PullCount
from registry.models.pulling import Puller, PullKind

LATELY = timedelta(days=30)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class Usage:
    """How often an entry was pulled from `since` to `until`, both days included.

    `days` and `kinds` are of people and their programs alone; `pullers` has the others beside them.
    Days and kinds without a pull are left out.
    """

    since: date
    until: date
    days: Mapping[date, Mapping[PullKind, int]]
    kinds: Mapping[PullKind, int]
    pullers: Mapping[Puller, int]

    @property
    def total(self) -> int:
        """Of people and their programs."""
        return sum(self.kinds.values())

    def weeks(self) -> list[tuple[date, int]]:
        """The last day of each week from the first to `until`, and the pulls in it."""
        whole = (self.until - self.since + timedelta(days=1)) // WEEK
        ends = [self.until - WEEK * back for back in reversed(range(whole))]
        return [(end, self._between(end - WEEK, end)) for end in ends]

    def _between(self, after: date, end: date) -> int:
        return sum(sum(kinds.values()) for day, kinds in self.days.items() if after < day <= end)


def entry_usage(*, entry: ModelEntry, days: int) -> Usage:
    """The pulls of all versions of an entry in the last `days` days, today included. One query."""
    until = timezone.now().date()
    since = until - timedelta(days=days - 1)
    rows = PullCount.objects.filter(version__entry=entry, day__gte=since, day__lte=until)
    by_day: dict[date, Counter[PullKind]] = {}
    kinds: Counter[PullKind] = Counter()
    pullers: Counter[Puller] = Counter()
    counted = rows.values_list("day", "kind", "puller").annotate(Sum("count")).order_by("day")
    for day, kind, puller, count in counted:
        pullers[Puller(puller)] += count
        if puller == Puller.PERSON:
            kinds[PullKind(kind)] += count
            by_day.setdefault(day, Counter())[PullKind(kind)] += count
    return Usage(since=since, until=until, days=by_day, kinds=kinds, pullers=pullers)


def pulls_lately(entries: Iterable[ModelEntry]) -> dict[int, int]:
    """Accession → how often people pulled the entry in the last 30 days, if at all. One query."""
    people = PullCount.objects.filter(
        version__entry__in=list(entries),
        puller=Puller.PERSON,
        day__gt=timezone.now().date() - LATELY,
    )
    return dict(people.values_list("version__entry").annotate(Sum("count")))
