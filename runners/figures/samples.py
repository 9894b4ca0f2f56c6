"""The samples of a stochastic output: the same numbers of several runs, on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from runners.figures.pairs import Arrays, Floats, as_floats, exponent_of, scaled

_NINETY_FIVE = 0.975  # of both sides
_LAST_DIGITS = 1e-12
_MOST_MEANS = 200
_MOST_NAMES = 100


@dataclass(frozen=True, kw_only=True)
class Sample:
    """All finite numbers of one name on both sides, pooled; those of the file are × 10**exponent.

    `runs` counts the files: ours, theirs. `…_means` are mean and half of its 95% interval (Student)
    at each position over the runs; both are empty where the runs differ in length.
    """

    name: str
    produced: Floats
    expected: Floats
    produced_means: tuple[Floats, Floats]
    expected_means: tuple[Floats, Floats]
    runs: tuple[int, int]
    exponent: int = 0

    @property
    def has_means(self) -> bool:
        """Whether both sides have means at the same, few enough positions."""
        ours, theirs = self.produced_means[0], self.expected_means[0]
        return 0 < ours.size == theirs.size <= _MOST_MEANS

    @property
    def distance(self) -> float:
        """How far apart the two lie, to be sorted by: the largest distance of their shares."""
        both = np.concatenate([self.produced, self.expected])
        ours, theirs = (
            np.searchsorted(np.sort(side), both, side="right") / max(side.size, 1)
            for side in (self.produced, self.expected)
        )
        return float(np.abs(ours - theirs).max(initial=0.0))


def samples_of(produced: Sequence[Arrays], expected: Sequence[Arrays]) -> list[Sample]:
    """What every file of both sides names and the seed changes, the furthest apart first."""
    files = [*produced, *expected]
    names = (name for name in files[0] if all(name in file for file in files))
    samples = [
        _sample(name, [file[name] for file in produced], [file[name] for file in expected])
        for name in islice(names, _MOST_NAMES)
        if _varies([file[name] for file in produced]) or _varies([file[name] for file in expected])
    ]
    drawable = [sample for sample in samples if sample.produced.size and sample.expected.size]
    return sorted(drawable, key=lambda sample: sample.distance, reverse=True)


def _varies(runs: Sequence[NDArray[np.generic]]) -> bool:
    """Whether the runs differ by more than the last digits."""
    first = as_floats(runs[0])
    return not all(
        run.shape == first.shape
        and np.allclose(as_floats(run), first, rtol=_LAST_DIGITS, atol=0, equal_nan=True)
        for run in runs[1:]
    )


def _sample(
    name: str, produced: list[NDArray[np.generic]], expected: list[NDArray[np.generic]]
) -> Sample:
    sides = [[as_floats(values).ravel() for values in side] for side in (produced, expected)]
    exponent = exponent_of(*sides[0], *sides[1])
    ours, theirs = ([scaled(values, exponent) for values in side] for side in sides)
    return Sample(
        name=name,
        produced=_finite(ours),
        expected=_finite(theirs),
        produced_means=_means(ours),
        expected_means=_means(theirs),
        runs=(len(ours), len(theirs)),
        exponent=exponent,
    )


def _finite(runs: list[Floats]) -> Floats:
    pooled = np.concatenate(runs)
    return pooled[np.isfinite(pooled)]


def _means(runs: list[Floats]) -> tuple[Floats, Floats]:
    if len({values.size for values in runs}) != 1:
        return np.empty(0), np.empty(0)
    stacked = np.stack(runs)
    with np.errstate(all="ignore"):
        mean = stacked.mean(axis=0)
        if len(runs) == 1:
            return mean, np.zeros_like(mean)
        error = stacked.std(axis=0, ddof=1) / np.sqrt(len(runs))
        return mean, stats.t.ppf(_NINETY_FIVE, len(runs) - 1) * error
