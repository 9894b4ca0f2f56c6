"""What the runs of a version say together: the verdict in force, what was lost, when to look again.

Pure functions of runs that came to a verdict. Why it is so: docs/decisions/0008-over-time.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from registry.spec.ladder import Cause, Level

# Days until the next look after one, two, three, and four or more good ones in a row.
BACKOFF_DAYS = (7, 14, 30, 90)
# When a second look could not be had, or a run came to no verdict.
RETRY = timedelta(days=1)
# One fall is an accident, until a second look sees it too.
FALLS_TO_LOSE = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """A run that came to a verdict at `at`. An `attended` one was asked for by a person."""

    run: int
    at: datetime
    level: Level
    cause: Cause | None = None
    tests_pass: bool | None = None
    attended: bool = False

    @property
    def failing(self) -> bool:
        """Whether something failed. Declaring little is no failure."""
        return self.cause is not None or self.tests_pass is False

    @property
    def works(self) -> bool:
        """Whether there is anything that could be lost."""
        return self.level >= Level.RUNS


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a version stands.

    `run` has the verdict in force, `good` is the last one that was as good as any before it.
    `doubted` fell lower and awaits its second look; `unconfirmed` are falls that the next run did
    not see. `falls` counts the runs in a row, from `fallen_at` on, that are lower than `good`.
    `due` is when to look again, `green_streak` how often in a row that was done and all was well.
    """

    run: Decided | None = None
    good: Decided | None = None
    doubted: Decided | None = None
    unconfirmed: tuple[int, ...] = ()
    falls: int = 0
    fallen_at: datetime | None = None
    green_streak: int = 0
    due: datetime | None = None

    @property
    def lost_at(self) -> datetime | None:
        """Since when what once worked does not any more; None when nothing is lost."""
        return self.fallen_at if self.falls >= FALLS_TO_LOSE else None

    @property
    def lost_cause(self) -> Cause | None:
        """Why; None when nothing is lost, or nothing named failed."""
        if self.lost_at is None or self.run is None:
            return None
        return self.run.cause or (Cause.TEST if self.run.tests_pass is False else None)

    @property
    def verify_at(self) -> datetime | None:
        """When to look again; None before the first verdict."""
        return self.doubted.at + RETRY if self.doubted else self.due


def standing_of(runs: Iterable[Decided]) -> Standing:
    """Where a version stands after these runs, in whatever order they are given.

    1. What was ours to answer for (`infrastructure`) says nothing.
    2. A run that is as good as the one in force takes its place.
    3. A lower one that nobody asked for is doubted: it takes its place only when the next is
       lower too. One that a person asked for counts at once.
    4. Lost is what worked, once two runs in a row are lower than when it did.
    """
    standing = Standing()
    for run in sorted(runs, key=lambda each: (each.at, each.run)):
        if run.cause is not Cause.INFRASTRUCTURE:
            standing = _after(standing, run)
    return standing


def is_lower(run: Decided, *, than: Decided) -> bool:
    """Whether a run saw less than another: a lower level, or on the same one a new failure.

    Levels 5 and 6 are equal here: what is reproduced on the same machine again has lost nothing.
    """
    level, before = (min(each.level, Level.REPRODUCED) for each in (run, than))
    return level < before or (level == before and run.failing and not than.failing)


def _after(standing: Standing, run: Decided) -> Standing:
    fell = standing.run is not None and is_lower(run, than=standing.run)
    counted = _counted(standing, run)
    if fell and not run.attended and standing.doubted is None:
        return replace(counted, doubted=run)
    refuted = standing.doubted is not None and not fell
    streak = _streak(standing, run, fell=fell)
    return replace(
        counted,
        run=run,
        doubted=None,
        unconfirmed=_with(standing.unconfirmed, standing.doubted if refuted else None),
        green_streak=streak,
        due=run.at + timedelta(days=_days(streak)),
    )


def _counted(standing: Standing, run: Decided) -> Standing:
    """The standing with the run counted as good or as a fall, if anything ever worked."""
    good = standing.good
    if good is not None and is_lower(run, than=good):
        first = standing.fallen_at or run.at
        return replace(standing, falls=standing.falls + 1, fallen_at=first)
    return replace(standing, good=run if run.works else None, falls=0, fallen_at=None)


def _streak(standing: Standing, run: Decided, *, fell: bool) -> int:
    """How often in a row all was well when it was time to look.

    A run before its time, such as one that a person starts to see it run, says less of time.
    """
    if fell or run.failing or not run.works:
        return 0
    on_time = standing.due is None or run.at >= standing.due
    return standing.green_streak + on_time


def _days(streak: int) -> int:
    return BACKOFF_DAYS[min(max(streak, 1), len(BACKOFF_DAYS)) - 1]


def _with(runs: tuple[int, ...], run: Decided | None) -> tuple[int, ...]:
    return (*runs, run.run) if run else runs
