"""How long a run will take, as far as earlier runs tell, and in words that promise no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median, quantiles

from registry.spec.ladder import Step

# From so many runs on, the quickest and the slowest tenth count as accidents.
ENOUGH = 10
# A step that ended in no time may take some the next time.
LEAST_SECONDS = 0.1
# What is left of a step that takes longer than it used to: it stands just before its end.
LEAST_LEFT = 0.05


class Basis(StrEnum):
    """What an estimate rests on: runs of the model itself, of others like it, or of nothing."""

    SAME = "same"
    KIND = "kind"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What earlier runs took: a median second count a step, and the usual range of their sums.

    `runs` counts them. Without any, `seconds` is empty and the range is 0 to 0.
    """

    basis: Basis = Basis.NONE
    runs: int = 0
    low: float = 0.0
    high: float = 0.0
    seconds: Mapping[Step, float] = field(default_factory=dict)


def estimate_of(timings: Sequence[Mapping[str, float]], *, basis: Basis) -> Estimate:
    """The estimate from the seconds a step of earlier runs; one of nothing from none."""
    if not timings:
        return Estimate()
    totals = sorted(sum(each.values()) for each in timings)
    tenths = quantiles(totals, n=10) if len(totals) >= ENOUGH else totals
    return Estimate(
        basis=basis,
        runs=len(timings),
        low=tenths[0],
        high=tenths[-1],
        seconds={
            step: max(median(each.get(step, 0.0) for each in timings), LEAST_SECONDS)
            for step in Step
        },
    )


def seconds_left(expected: float, spent: float, *, over: bool) -> float:
    """What is left of a step: never nothing before it is `over`, however long it takes."""
    return 0.0 if over else max(expected - spent, expected * LEAST_LEFT)


def estimate_words(estimate: Estimate, *, elapsed: float) -> str:
    """How long it usually takes, and how long it has been; says so where that is a guess."""
    so_far = f"{_about(elapsed)} so far."
    if estimate.basis is Basis.NONE:
        return f"There is no earlier run to tell how long it takes; {so_far}"
    usual = range_words(estimate.low, estimate.high)
    if estimate.basis is Basis.KIND:
        return f"A guess, by other models with such an environment: {usual}; {so_far}"
    said = f"the last run took about {usual}" if estimate.runs == 1 else f"usually {usual}"
    if elapsed > estimate.high:
        return f"Longer than before: {said}; {so_far}"
    return f"{said[0].upper()}{said[1:]}; {so_far}"


def range_words(low: float, high: float) -> str:
    """A range of seconds as people say it: “1–3 minutes”, “40 seconds”, “up to 2 hours”."""
    size, unit = _unit(high)
    first, last = (_rounded(seconds / size) for seconds in (low, high))
    named = f"{last} {unit}{'' if last == '1' else 's'}"
    if low < size / 2:
        return f"up to {named}"
    return named if first == last else f"{first}–{named}"


def _unit(seconds: float) -> tuple[int, str]:
    if seconds < 90:  # noqa: PLR2004 — up to a minute and a half
        return 1, "second"
    return (60, "minute") if seconds < 90 * 60 else (3600, "hour")


def _rounded(count: float) -> str:
    """Never nothing, and no digit that means nothing: 1, 2, …, 10, then by fives."""
    few = 10
    return str(max(1, round(count)) if count < few else 5 * round(count / 5))


def _about(seconds: float) -> str:
    """Seconds that have passed: “40 s”, “3 min”, “1 h 20 min”."""
    whole, minutes = int(seconds), int(seconds) // 60
    if minutes < 1:
        return f"{whole} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004 — an hour
