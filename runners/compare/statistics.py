"""Comparing a stochastic output: samples over several seeds, by the test that was declared.

Every test is SciPy's. Several numbers or series are tested at once, so each p-value is multiplied
by how many there are (Bonferroni); a sample that says too little does not agree.
"""

import hashlib
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from registry.spec.evidence import Comparison, Statistic, WorstRow
from registry.spec.manifest import (
    HISTOGRAM_COUNTS_LEAST,
    INTERVAL_HALF_WIDTH,
    POOLED_NUMBERS_LEAST,
    SIGNIFICANCE,
    Output,
    StatisticalTest,
)
from runners.compare.arrays import series_of
from runners.compare.comparison import compare
from runners.compare.finding import WORST, Unreadable

Floats = NDArray[np.float64]
# All numbers of all runs of one side; a sample of them takes so many times eight bytes.
MOST_NUMBERS = 10_000_000
MOST_MEANS = 50_000
# What differs by less, relative to its size, differs in the last digits only: not by the seed.
_LAST_DIGITS = 1e-12
# Below that many expected counts in a bin, the distribution of χ² is not the assumed one.
_BIN_COUNTS = 5
_NEAR_ZERO = 0.1
# Beyond so many numbers the exact distribution of Kolmogorov and Smirnov takes long.
_EXACT_MOST = 1000


@dataclass(frozen=True, kw_only=True)
class Series:
    """The numbers of one name of every run of a side, flat; `shapes` are what they were."""

    name: str
    runs: tuple[Floats, ...]
    shapes: tuple[tuple[int, ...], ...]
    integers: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the first run; the declared test may want all to have it."""
        return self.shapes[0]

    @cached_property
    def constant(self) -> bool:
        """Whether the seed changes nothing of it."""
        return all(_alike(run, self.runs[0]) for run in self.runs[1:])

    @cached_property
    def pooled(self) -> Floats:
        """The numbers of all runs together."""
        return np.concatenate(self.runs)

    def place(self, index: int) -> str:
        """What a message calls the number at `index` of a run."""
        if self.shape in ((), (1,)):
            return self.called
        at = ", ".join(map(str, np.unravel_index(index, self.shape)))
        return f"{self.name}[{at}]"

    @property
    def called(self) -> str:
        """Its name; that of the one series of a file is empty."""
        return self.name or "the output"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The series of one name on both sides, and by how much each number may differ (absolute)."""

    ours: Series
    theirs: Series
    tolerance: Floats

    @cached_property
    def constant(self) -> bool:
        """Whether the seed changes it on neither side."""
        return self.ours.constant and self.theirs.constant


@dataclass(frozen=True, kw_only=True)
class Tested:
    """What one test saw at one place. `p_value` is corrected; `flaw` says why it says nothing."""

    where: str
    value: float = 0.0
    p_value: float = 1.0
    samples: tuple[int, int] = (0, 0)
    words: str = ""
    row: WorstRow | None = None
    flaw: str = ""

    @property
    def agrees(self) -> bool:
        """Whether it does not contradict the expectation, and says enough to be worth it."""
        return not self.flaw and self.p_value >= SIGNIFICANCE


def compare_samples(
    output: Output,
    *,
    produced: Sequence[bytes | Path],
    expected: Sequence[bytes | Path],
    against: Literal["expected", "repeat"],
) -> Comparison:
    """Hold the files of one sample against those of another, or against the one expected file.

    Whatever the files hold, the answer is a Comparison; what cannot be tested does not agree.
    `output` declares a test. OSError passes.

    1. What the seed does not change is compared as in any other output.
    2. Names and shapes must be the same, and every number finite.
    3. The rest is tested; each place must agree.
    """
    test = _test_of(output)
    plain = compare(output, produced=produced[0], expected=expected[0], against=against)
    itself = compare(output, produced=expected[0], expected=expected[0], against=against)
    if not itself.agrees:  # nothing is left to compare, or the tolerance is too loose
        return _untested(plain, itself.message)
    if _are_same([*produced, *expected]):
        return replace(plain, message=f"The seed changes nothing. {plain.message}")
    try:
        with np.errstate(all="ignore"):
            return _compared(plain, test, _pairs(output, produced, expected))
    except Unreadable as fault:
        return _untested(plain, str(fault))


def _compared(plain: Comparison, test: StatisticalTest, pairs: Sequence[Pair]) -> Comparison:
    """What the test says; `plain` compares the first file of either side as any other output."""
    if all(pair.constant for pair in pairs):
        return _unchanging(plain)
    fixed = [one for pair in pairs if (one := _compare_fixed(pair))]
    tested = list(_TESTS[test](pairs, plain.against))
    return _comparison(plain, test, [*fixed, *tested], tested)


def _test_of(output: Output) -> StatisticalTest:
    if output.test is None:
        raise AssertionError("samples are compared by the test that an output declares")
    return output.test


def _are_same(files: Sequence[bytes | Path]) -> bool:
    return len({_digest(file) for file in files}) == 1


def _digest(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return hashlib.sha256(source).digest()
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _unchanging(plain: Comparison) -> Comparison:
    """Nothing that the test is about depends on the seed: the files must agree as any others."""
    return replace(plain, identical=False, message=f"The seed changes no number. {plain.message}")


def _untested(plain: Comparison, sentence: str) -> Comparison:
    return replace(
        plain,
        identical=False,
        agrees=False,
        compared=0,
        mismatched=0,
        max_absolute_error=None,
        max_relative_error=None,
        where=None,
        message=sentence[:1].upper() + sentence[1:],
        worst=(),
    )


def _pairs(
    output: Output, produced: Sequence[bytes | Path], expected: Sequence[bytes | Path]
) -> list[Pair]:
    """Every series with its counterpart. Raises Unreadable."""
    ours, theirs = _sample(output, produced), _sample(output, expected)
    if set(ours) != set(theirs):
        name = min(set(ours) ^ set(theirs))
        side = "not among the expected numbers" if name in ours else "missing from the runs"
        raise Unreadable(f"{name or 'The one list of numbers'} is {side}.")
    return [
        Pair(ours=ours[name], theirs=theirs[name], tolerance=_tolerance(output, theirs[name]))
        for name in ours
    ]


def _tolerance(output: Output, theirs: Series) -> Floats:
    """What the declared tolerance allows; nothing where the expected numbers are integers."""
    size = np.abs(theirs.runs[0])
    return size * 0.0 if theirs.integers else output.atol + output.rtol * size


def _sample(output: Output, files: Sequence[bytes | Path]) -> dict[str, Series]:
    """The series of one side by name, over its runs. Raises Unreadable."""
    runs, room = list[Mapping[str, NDArray[np.generic]]](), MOST_NUMBERS
    for file in files:
        runs.append(series_of(output, file))
        room -= sum(series.size for series in runs[-1].values())
        if room < 0:
            raise Unreadable(f"All runs together hold more than {MOST_NUMBERS:,} numbers.")
    if not runs[0]:
        raise Unreadable(f"{output.path} holds no numbers that could be tested.")
    for run in runs[1:]:
        if set(run) != set(runs[0]):
            name = min(set(run) ^ set(runs[0]))
            raise Unreadable(f"Not every run writes {name or 'one list of numbers'}.")
    return {name: _series(name, [run[name] for run in runs]) for name in runs[0]}


def _series(name: str, runs: Sequence[NDArray[np.generic]]) -> Series:
    flat = tuple(run.astype(np.float64).ravel() for run in runs)
    series = Series(
        name=name,
        runs=flat,
        shapes=tuple(run.shape for run in runs),
        integers=all(run.dtype.kind in "iu" for run in runs),
    )
    if not all(np.isfinite(run).all() for run in flat):
        raise Unreadable(
            f"{series.called} holds NaN or infinity, of which no test can say anything."
        )
    return series


def _alike(one: Floats, other: Floats) -> bool:
    """Whether two runs hold the same numbers but for their last digits."""
    return one.shape == other.shape and not _varies([one, other]).any()


def _varies(runs: Sequence[Floats]) -> NDArray[np.bool_]:
    """Which numbers the seed changes; all runs have the same length."""
    stacked = np.stack(runs)
    spread: NDArray[np.bool_] = np.ptp(stacked, axis=0) > _LAST_DIGITS * np.abs(stacked).max(axis=0)
    return spread


def _compare_fixed(pair: Pair) -> Tested | None:
    """A series that the seed changes on neither side must be equal, within the tolerance.

    What differs, if anything does; Raises Unreadable when the shapes do.
    """
    if not pair.constant:
        return None
    if pair.ours.shape != pair.theirs.shape:
        raise _of_another_shape(pair)
    return _differing(pair, np.arange(pair.ours.runs[0].size))


def _differing(pair: Pair, places: NDArray[np.intp]) -> Tested | None:
    """The worst of those places where the numbers, the same for every seed, are not equal."""
    ours, theirs = pair.ours.runs[0], pair.theirs.runs[0]
    error = np.abs(ours - theirs)
    wrong = places[~(error[places] <= pair.tolerance[places])]
    if not wrong.size:
        return None
    worst = int(wrong[np.argmax(error[wrong])])
    return Tested(
        where=pair.ours.place(worst),
        p_value=0.0,
        words=f"it is {ours[worst]:.6g} for every seed instead of {theirs[worst]:.6g}",
        row=_row(pair.ours.place(worst), ours[worst], theirs[worst]),
    )


def _of_another_shape(pair: Pair) -> Unreadable:
    return Unreadable(f"{pair.ours.called} does not have the same shape in all runs and files.")


def _check_shapes(pairs: Sequence[Pair]) -> None:
    """Raise Unreadable unless every run and file has a series in the same shape."""
    for pair in pairs:
        if len({pair.ours.shape, pair.theirs.shape, *pair.ours.shapes, *pair.theirs.shapes}) > 1:
            raise _of_another_shape(pair)


def _row(where: str, ours: float, theirs: float, *, produced: str = "") -> WorstRow:
    return WorstRow(
        where=where,
        produced=produced or f"{ours:.6g}",
        expected=f"{theirs:.6g}",
        absolute_error=abs(float(ours) - float(theirs)),
    )


# --- z-interval: the mean of each number over the seeds -----------------------------------------


def _test_means(pairs: Sequence[Pair], against: str) -> Iterator[Tested]:
    """Each number's mean over the seeds against its expected value, or the other sample's mean.

    The spread is estimated from the runs, so Student's t stands for the normal distribution, which
    few seeds would make too sure. An expected value counts as exact within the tolerance; numbers
    that the seed does not change must equal theirs.
    """
    _check_shapes(pairs)
    varying = [pair for pair in pairs if not pair.constant]
    masks = [_varies(pair.ours.runs) | _varies(pair.theirs.runs) for pair in varying]
    count = sum(int(mask.sum()) for mask in masks)
    if count > MOST_MEANS:
        raise Unreadable(f"These are {count:,} means; up to {MOST_MEANS:,} are tested one by one.")
    for pair, mask in zip(varying, masks, strict=True):
        fixed = _differing(pair, np.flatnonzero(~mask))
        yield from [fixed] if fixed else []
        yield from _means_of(pair, np.flatnonzero(mask), count, against)


def _means_of(pair: Pair, places: NDArray[np.intp], count: int, against: str) -> Iterator[Tested]:
    ours, theirs = (np.stack(side.runs)[:, places] for side in (pair.ours, pair.theirs))
    expected, mean = theirs.mean(axis=0), ours.mean(axis=0)
    p_value, half, value = (
        _two_means(ours, theirs, count)
        if against == "repeat"
        else _one_mean(ours, expected, pair.tolerance[places], count)
    )
    scale = _scale(expected, float(np.abs(np.stack(pair.theirs.runs).mean(axis=0)).max()))
    samples = (len(pair.ours.runs), len(pair.theirs.runs))
    for at, place in enumerate(places):
        where = pair.ours.place(int(place))
        yield Tested(
            where=where,
            value=float(value[at]),
            p_value=float(p_value[at]),
            samples=samples,
            words=f"its mean is {mean[at]:.6g} ± {half[at]:.2g} instead of {expected[at]:.6g}",
            row=_row(where, mean[at], expected[at], produced=f"{mean[at]:.6g} ± {half[at]:.2g}"),
            flaw=_too_wide(where, half[at], scale[at]),
        )


def _one_mean(
    ours: Floats, expected: Floats, tolerance: Floats, count: int
) -> tuple[Floats, Floats, Floats]:
    """p-values corrected for `count` numbers, half-widths of the intervals, and t."""
    mean = ours.mean(axis=0)
    nearest = np.clip(mean, expected - tolerance, expected + tolerance)
    return _answers(lambda: stats.ttest_1samp(ours, nearest[np.newaxis]), count)


def _two_means(ours: Floats, theirs: Floats, count: int) -> tuple[Floats, Floats, Floats]:
    """The same for two samples whose spreads need not be equal (Welch)."""
    return _answers(lambda: stats.ttest_ind(ours, theirs, equal_var=False), count)


def _answers(test: Callable[[], Any], count: int) -> tuple[Floats, Floats, Floats]:
    with warnings.catch_warnings():
        # Spreads near the last digits: said by the width of the interval, not by a warning.
        warnings.simplefilter("ignore", RuntimeWarning)
        result = test()
        interval = result.confidence_interval(1 - SIGNIFICANCE / count)
        half = (interval.high - interval.low) / 2
    p_value = np.nan_to_num(np.minimum(result.pvalue * count, 1.0), nan=0.0)
    return p_value, half, np.nan_to_num(result.statistic)


def _scale(expected: Floats, largest: float) -> Floats:
    """What a width is held against: the expected number, or the largest where it is near zero."""
    size = np.abs(expected)
    return np.where(size < _NEAR_ZERO * largest, largest, size)


def _too_wide(where: str, half: float, scale: float) -> str:
    if half <= INTERVAL_HALF_WIDTH * scale:
        return ""
    known = f"to ± {100 * half / scale:.0f} %" if scale > 0 else "not at all, for it is about 0"
    return (
        "There are too few seeds, or the output is too noisy, to say anything: the mean of "
        f"{where} is known {known}, where ± {100 * INTERVAL_HALF_WIDTH:.0f} % is needed."
    )


# --- Kolmogorov–Smirnov: the distribution of the numbers of a series ------------------------------


def _test_distributions(pairs: Sequence[Pair], _against: str) -> Iterator[Tested]:
    """The numbers of all runs pooled, against those of the expected file or the other sample."""
    varying = [pair for pair in pairs if not pair.constant]
    for pair in varying:
        ours, theirs = pair.ours.pooled, pair.theirs.pooled
        least = min(ours.size, theirs.size)
        if least < POOLED_NUMBERS_LEAST:
            raise Unreadable(
                f"{pair.ours.called} has {least} numbers on one side, of which too little can be "
                f"said: {POOLED_NUMBERS_LEAST} are needed."
            )
        exact = max(ours.size, theirs.size) <= _EXACT_MOST
        result = stats.ks_2samp(ours, theirs, method="exact" if exact else "asymp")
        yield Tested(
            where=pair.ours.called,
            value=float(result.statistic),
            p_value=min(1.0, float(result.pvalue) * len(varying)),
            samples=(ours.size, theirs.size),
            words=f"its distribution differs most at {float(result.statistic_location):.6g}",
            row=_row(
                f"{pair.ours.called}, median", float(np.median(ours)), float(np.median(theirs))
            ),
        )


# --- χ²: the counts of a histogram ---------------------------------------------------------------


def _test_histograms(pairs: Sequence[Pair], _against: str) -> Iterator[Tested]:
    """Counts summed over the runs, against those of the expected file or the other sample.

    Expected counts are another sample where all are integers, else the distribution itself.
    """
    _check_shapes(pairs)
    varying = [pair for pair in pairs if not pair.constant]
    for pair in varying:
        ours, theirs = (np.sum(side.runs, axis=0) for side in (pair.ours, pair.theirs))
        exact = not _are_counts(pair.theirs)
        if not _are_counts(pair.ours) or (theirs < 0).any():
            raise Unreadable(f"{pair.ours.called} is no histogram: counts are integers from 0 on.")
        yield _histogram(pair.ours.called, ours, theirs, exact=exact, count=len(varying))


def _are_counts(series: Series) -> bool:
    return all(((run >= 0) & (run == np.floor(run))).all() for run in series.runs)


def _histogram(name: str, ours: Floats, theirs: Floats, *, exact: bool, count: int) -> Tested:
    total = int(ours.sum() if exact else min(ours.sum(), theirs.sum()))
    if total < HISTOGRAM_COUNTS_LEAST:
        raise Unreadable(
            f"{name} has {total} counts, of which too little can be said: "
            f"{HISTOGRAM_COUNTS_LEAST} are needed."
        )
    if theirs.sum() <= 0:
        raise Unreadable(f"The expected {name} is empty.")
    share = theirs / theirs.sum() if exact else (ours + theirs) / (ours.sum() + theirs.sum())
    groups = _merged_bins(share * total)
    if groups.max() < 1:
        raise Unreadable(f"{name} has less than two bins of {_BIN_COUNTS} expected counts.")
    mine, wanted = (np.bincount(groups, side).astype(np.float64) for side in (ours, theirs))
    statistic, p_value = _chi_squared(mine, wanted, exact=exact)
    fraction, due = mine / mine.sum(), wanted / wanted.sum()
    worst = int(np.argmax(np.abs(fraction - due)))
    at = int(np.flatnonzero(groups == worst)[0])
    return Tested(
        where=name,
        value=statistic,
        p_value=min(1.0, p_value * count),
        samples=(int(ours.sum()), int(theirs.sum())),
        words=f"bin {at} holds {fraction[worst]:.3g} of all counts instead of {due[worst]:.3g}",
        row=_row(f"{name}, share of bin {at}", fraction[worst], due[worst]),
    )


def _merged_bins(expected: Floats) -> NDArray[np.intp]:
    """The group of each bin: neighbours are merged until each group has enough expected counts."""
    groups = np.zeros(expected.size, dtype=np.intp)
    group, held = 0, 0.0
    for at, counts in enumerate(expected):
        groups[at] = group
        held += counts
        if held >= _BIN_COUNTS:
            group, held = group + 1, 0.0
    # What is left over at the end belongs to the last whole group.
    return np.minimum(groups, max(group - 1, 0))


def _chi_squared(ours: Floats, theirs: Floats, *, exact: bool) -> tuple[float, float]:
    if exact:
        fit = stats.chisquare(ours, theirs * (ours.sum() / theirs.sum()))
        return float(fit.statistic), float(fit.pvalue)
    table = stats.chi2_contingency(np.stack([ours, theirs]), correction=False)
    return float(table.statistic), float(table.pvalue)


_TESTS: Mapping[StatisticalTest, Callable[[Sequence[Pair], str], Iterator[Tested]]] = {
    "z-interval": _test_means,
    "kolmogorov-smirnov": _test_distributions,
    "chi-squared": _test_histograms,
}
_THINGS: Mapping[StatisticalTest, str] = {
    "z-interval": "means",
    "kolmogorov-smirnov": "distributions",
    "chi-squared": "histograms",
}


# --- What is said of it --------------------------------------------------------------------------


def _comparison(
    plain: Comparison, test: StatisticalTest, seen: Sequence[Tested], tested: Sequence[Tested]
) -> Comparison:
    """The comparison that stands for all places that were seen, told by the worst of them."""
    ranked = sorted(seen, key=_rank)
    worst, wrong = ranked[0], [one for one in ranked if not one.agrees]
    rows = [one.row for one in ranked if one.row]
    likeliest = min(tested, key=lambda one: one.p_value)
    return replace(
        plain,
        identical=False,
        agrees=not wrong,
        compared=len(ranked),
        mismatched=len(wrong),
        max_absolute_error=max(row.absolute_error or 0.0 for row in rows),
        max_relative_error=None,
        where=worst.where if wrong else None,
        message=_message(test, worst, wrong=len(wrong), of=len(ranked)),
        statistic=Statistic(
            test=test,
            value=likeliest.value,
            p_value=likeliest.p_value,
            samples=likeliest.samples,
        ),
        worst=tuple(rows[:WORST]),
    )


def _rank(one: Tested) -> tuple[bool, float]:
    """What contradicts comes first, then what says nothing, then the rest by its p-value."""
    return one.agrees, math.inf if one.flaw and one.p_value >= SIGNIFICANCE else one.p_value


def _message(test: StatisticalTest, worst: Tested, *, wrong: int, of: int) -> str:
    things = _THINGS[test] if of > 1 else _THINGS[test].removesuffix("s")
    corrected = f", corrected for {of}" if of > 1 else ""
    chance = f" (p = {worst.p_value:.2g}{corrected})" if worst.p_value > 0 else ""
    if not wrong:
        subject = f"None of {of} {things} differs" if of > 1 else f"The {things} does not differ"
        return f"{subject} by more than chance{chance}; it would with p below {SIGNIFICANCE:g}."
    if worst.p_value >= SIGNIFICANCE:
        return worst.flaw
    return (
        f"{wrong} of {of} {things} differ{'s' if of == 1 else ''} by more than chance{chance}; "
        f"the worst is {worst.where}: {worst.words}."
    )
