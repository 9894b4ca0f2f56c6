"""What the portal's public models come to together: counts, survival, and the runs as open data.

Counts are over the public entries as they stand; each number is of a few grouped queries, and all
of them together are kept for a few minutes.
"""

import statistics as numbers
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, RowRange, Window
from django.db.models.functions import ExtractYear, Lag
from django.utils import timezone

from registry.caching import process_cache
from registry.models import ModelEntry, VerificationRun
from registry.models.entries import Visibility
from registry.spec.ladder import Cause, Level, Repair
from registry.spec.survival import Lifetime, Survival, survival

KEPT_SECONDS = 300
KEY = "statistics-2"
# A month as an average year has them.
MONTH_DAYS = 365.25 / 12
ROWS_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Group:
    """Some models of one kind: how many, how many of them run, and how many are reproduced."""

    name: str
    models: int
    run: int
    reproduced: int


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """All numbers of the page. `verified` of the `models` have a verdict.

    `lifetimes` counts the versions that ever ran; `curve` is the share of them that still runs so
    many months after publication, `watched` the months of the longest one. `seconds` is the median
    time of a verification, `memory_mb` that of the most memory that tests and inference took; None
    without any.
    """

    at: datetime
    models: int
    verified: int
    runs: int
    lifetimes: int
    lost: int
    watched: float
    curve: tuple[Survival, ...]
    ends: tuple[float, ...]
    levels: tuple[tuple[str, int], ...]
    causes: tuple[tuple[str, int], ...]
    repairs: tuple[tuple[str, int], ...]
    frameworks: tuple[Group, ...]
    years: tuple[Group, ...]
    seconds: float | None
    memory_mb: float | None

    def at_risk(self, months: float) -> int:
        """How many versions were watched for at least so many months."""
        return sum(end >= months for end in self.ends)


def statistics() -> Statistics:
    """The numbers, at most KEPT_SECONDS old."""
    kept: Statistics | None = process_cache.get(KEY)
    if kept is None:
        kept = statistics_now()
        process_cache.set(KEY, kept, KEPT_SECONDS)
    return kept


def statistics_now() -> Statistics:
    """The numbers, computed."""
    entries = ModelEntry.objects.filter(visibility=Visibility.PUBLIC)
    verified = entries.exclude(outcome="")
    lifetimes = list(_lifetimes())
    ends = tuple(sorted(one.time for one in lifetimes))
    newest = list(_newest_runs())
    return Statistics(
        at=timezone.now(),
        models=entries.count(),
        verified=verified.count(),
        runs=public_runs().count(),
        lifetimes=len(lifetimes),
        lost=sum(one.lost for one in lifetimes),
        watched=max(ends, default=0.0),
        curve=survival(lifetimes),
        ends=ends,
        levels=_levels(verified),
        causes=_causes(verified),
        repairs=_repairs(verified),
        frameworks=_groups((name, run["level"]) for run in newest for name in run["frameworks"]),
        years=_years(verified),
        seconds=_median_seconds(newest),
        memory_mb=_median(run["peak_memory_mb"] for run in newest),
    )


def public_runs() -> QuerySet[VerificationRun]:
    """The decided runs of published versions of public entries."""
    return VerificationRun.objects.filter(
        level__isnull=False,  # what has a level was decided, and an index holds those
        version__published_at__isnull=False,
        version__entry__visibility=Visibility.PUBLIC,
    )


# Column → what it holds, by the names of Data Package's table schema.
RUN_COLUMNS: dict[str, tuple[str, str]] = {
    "run": ("integer", "The number of the run."),
    "accession": ("integer", "The number of the model."),
    "version": ("integer", "The number of the version of the model."),
    "commit": ("string", "The commit that was verified, 40 hexadecimal digits."),
    "level": ("integer", "The level reached, 0 to 6."),
    "outcome": ("string", "reproduced, or not_reproduced."),
    "cause": ("string", "Why it fell short; empty when nothing failed."),
    "repeatability": ("string", "bitwise, numeric or statistical; empty when not seen."),
    "tests_pass": ("boolean", "Whether the repository's tests report a pass; empty without any."),
    "claims": ("integer", "How many values of the article are declared."),
    "claims_met": ("integer", "How many of them were found again."),
    "repairs": ("string", "The rungs of the repair ladder that were needed, by semicolons."),
    "frameworks": ("string", "What of the field's frameworks is installed, by semicolons."),
    "python": ("string", "The Python of the environment; empty where none was built."),
    "base_image": ("string", "The base image of the environment."),
    "environment_digest": ("string", "The sha256 of Python and packages."),
    "cpu_model": ("string", "The CPU's name as the machine gives it."),
    "trigger": ("string", "Why it was run."),
    "run_seconds": ("number", "The seconds of its tests and inference; empty when not seen."),
    "peak_memory_mb": ("integer", "MB of 2^20 bytes that they took at most; empty when not seen."),
    "image_mb": ("integer", "The size of its image in such MB; empty when not seen."),
    "queued_at": ("datetime", "When it was asked for, in UTC."),
    "started_at": ("datetime", "When it began."),
    "finished_at": ("datetime", "When it ended."),
    "policy_version": ("string", "The version of the rules that decided."),
}
_SOURCES = {"run": "pk", "accession": "version__entry_id", "version": "version__number"}
LICENCE = "CC0-1.0"
LICENCE_ADDRESS = "https://creativecommons.org/publicdomain/zero/1.0/"


def runs_exported() -> Iterator[dict[str, Any]]:
    """Every public run as the values of RUN_COLUMNS, the oldest first, a few hundred at a time.

    By position and not by a cursor of the database: a slow reader holds nothing open.
    """
    first = 0
    while last := _end_of_stretch(first):
        stretch = public_runs().filter(pk__gt=first, pk__lte=last)
        yield from _rows(stretch.order_by("pk"))
        first = last


def _end_of_stretch(after: int) -> int | None:
    """The last of the next runs to be read together, public or not; None when there is none.

    By the number alone, else a database would rather sort all of them once for each stretch.
    """
    numbers = VerificationRun.objects.filter(pk__gt=after).order_by("pk")
    return max(numbers.values_list("pk", flat=True)[:ROWS_AT_ONCE], default=None)


def run_row(values: Sequence[Any]) -> dict[str, Any]:
    """One run as it is exported, from the values of its columns."""
    row = dict(zip(RUN_COLUMNS, values, strict=True))
    for several in ("repairs", "frameworks"):
        row[several] = ";".join(row[several])
    return row


def _rows(runs: QuerySet[VerificationRun]) -> Iterator[dict[str, Any]]:
    columns = [_SOURCES.get(name, name) for name in RUN_COLUMNS]
    return map(run_row, runs.values_list(*columns))


def export_mark() -> tuple[str, datetime | None]:
    """A name that changes with the open data, and when it last may have changed.

    An entry that is hidden or withdrawn takes its runs with it, so those count as well.
    """
    seen = public_runs().aggregate(count=Count("pk"), last=Max("pk"), at=Max("finished_at"))
    shown = ModelEntry.objects.exclude(visibility=Visibility.DRAFT)
    changed = shown.aggregate(at=Max("updated_at"))["at"]
    latest = max((moment for moment in (seen["at"], changed) if moment), default=None)
    stamp = f"{latest.timestamp():.6f}" if latest else "0"
    return f"{seen['count']}-{seen['last'] or 0}-{stamp}", latest


def _newest_runs() -> Iterator[dict[str, Any]]:
    """The last decided run of each public model's current version."""
    current = public_runs().filter(version__entry__current_version=F("version"))
    last = current.values("version").annotate(last=Max("pk")).values("last")
    columns = ("level", "frameworks", "started_at", "finished_at", "peak_memory_mb")
    yield from VerificationRun.objects.filter(pk__in=last).values(*columns)


def _lifetimes() -> Iterator[Lifetime]:
    """How long each published version that ever ran was watched, in months since publication.

    Lost is one at the first of two runs in a row below `runs`; the first loss counts.
    """
    runs = public_runs().order_by()
    works = Q(level__gte=Level.RUNS)
    watched = runs.values("version_id", published=F("version__published_at")).annotate(
        first=Min("finished_at", filter=works), last=Max("finished_at")
    )
    losses = _losses(runs)
    for seen in watched.filter(first__isnull=False):
        lost = losses.get(seen["version_id"])
        lived: timedelta = (lost or seen["last"]) - seen["published"]
        months = lived.total_seconds() / 86_400 / MONTH_DAYS
        yield Lifetime(time=max(months, 0.0), lost=lost is not None)


def _losses(runs: QuerySet[VerificationRun]) -> dict[int, datetime]:
    """Version → when it first fell below `runs` for two runs in a row, having run before."""
    order: dict[str, Any] = {
        "partition_by": F("version_id"),
        "order_by": [F("finished_at").asc(), F("pk").asc()],
    }
    # Windows alone: a condition on a column would thin the rows before they are looked over.
    fallen = (
        runs.values("version_id")
        .annotate(
            two=Window(Max("level"), **order, frame=RowRange(start=-1, end=0)),
            best=Window(Max("level"), **order),
            since=Window(Lag("finished_at"), **order),
        )
        .filter(two__lt=Level.RUNS, best__gte=Level.RUNS)
        .values_list("version_id", "since")
    )
    losses: dict[int, datetime] = {}
    for version, since in fallen:
        losses[version] = min(since, losses.get(version, since))
    return losses


def _levels(entries: QuerySet[ModelEntry]) -> tuple[tuple[str, int], ...]:
    counted = dict(entries.values_list("level").annotate(Count("pk")).order_by())
    return tuple((level.label, counted.get(level.value, 0)) for level in Level)


def _causes(entries: QuerySet[ModelEntry]) -> tuple[tuple[str, int], ...]:
    counted = dict(entries.exclude(cause="").values_list("cause").annotate(Count("pk")).order_by())
    named = [(cause.value, counted.get(cause.value, 0)) for cause in Cause]
    return _most_first(named)


def _repairs(entries: QuerySet[ModelEntry]) -> tuple[tuple[str, int], ...]:
    lists = entries.filter(repaired=True).values_list("repairs", flat=True)
    counted = Counter(name for repairs in lists.iterator() for name in set(repairs))
    return _most_first([(repair.label, counted[repair.value]) for repair in Repair])


def _years(entries: QuerySet[ModelEntry]) -> tuple[Group, ...]:
    """By the year of the commit, the newest first."""
    rows = (
        entries.filter(current_version__committed_at__isnull=False)
        .values(year=ExtractYear("current_version__committed_at"))
        .annotate(
            models=Count("pk"),
            run=Count("pk", filter=Q(level__gte=Level.RUNS)),
            reproduced=Count("pk", filter=Q(level__gte=Level.REPRODUCED)),
        )
        .order_by("-year")
    )
    return tuple(
        Group(
            name=str(row["year"]),
            models=row["models"],
            run=row["run"],
            reproduced=row["reproduced"],
        )
        for row in rows
    )


def _groups(pairs: Iterable[tuple[str, int]]) -> tuple[Group, ...]:
    """Models by name, from (name, level) of each; the largest group first."""
    levels: dict[str, list[int]] = {}
    for name, level in pairs:
        levels.setdefault(name, []).append(level)
    groups = [
        Group(
            name=name,
            models=len(found),
            run=sum(level >= Level.RUNS for level in found),
            reproduced=sum(level >= Level.REPRODUCED for level in found),
        )
        for name, found in levels.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.models, group.name)))


def _most_first(counts: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Those that occur, the most frequent first."""
    return tuple(sorted(((name, n) for name, n in counts if n), key=lambda each: -each[1]))


def _median_seconds(runs: Iterable[dict[str, Any]]) -> float | None:
    return _median(
        (run["finished_at"] - run["started_at"]).total_seconds() if run["started_at"] else None
        for run in runs
    )


def _median(values: Iterable[float | None]) -> float | None:
    """The median of those that are known; None where none is."""
    known = [value for value in values if value is not None]
    return numbers.median(known) if known else None
