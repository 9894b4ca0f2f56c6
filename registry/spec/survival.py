"""The share that is still there after a time, when some were not watched to the end."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# Of the normal distribution: 95 of 100 lie within so many standard errors.
Z_95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifetime:
    """How long one was watched, in any unit, and whether it was lost at the end of that."""

    time: float
    lost: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Survival:
    """The estimate from `time` on: so many at risk just before, so many lost then, and the share.

    `low` and `high` bound the share by Greenwood's formula, 95 %, cut to 0 and 1.
    """

    time: float
    at_risk: int
    lost: int
    share: float
    low: float
    high: float


def survival(lifetimes: Iterable[Lifetime]) -> tuple[Survival, ...]:
    """The product-limit estimate (Kaplan and Meier 1958), a row at each time of a loss.

    Who is watched up to the very time of a loss counts as at risk at it. Source of the band:
    Greenwood 1926.
    """
    watched = list(lifetimes)
    losses = Counter(one.time for one in watched if one.lost)
    ends = sorted(one.time for one in watched)
    rows, share, variance, gone = list[Survival](), 1.0, 0.0, 0
    for time in sorted(losses):
        while ends[gone] < time:
            gone += 1
        at_risk, lost = len(ends) - gone, losses[time]
        share *= 1 - lost / at_risk
        variance += lost / (at_risk * (at_risk - lost)) if at_risk > lost else 0.0
        error = Z_95 * share * math.sqrt(variance)
        rows.append(
            Survival(
                time=time,
                at_risk=at_risk,
                lost=lost,
                share=share,
                low=max(share - error, 0.0),
                high=min(share + error, 1.0),
            )
        )
    return tuple(rows)


def at_time(rows: Iterable[Survival], time: float) -> Survival | None:
    """The last row at or before `time`; None before the first loss, when all are still there."""
    return max((row for row in rows if row.time <= time), key=lambda row: row.time, default=None)
