"""What a drawing shows, in words for those who do not see it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from registry.spec.evidence import Statistic
from registry.spec.manifest import StatisticalTest
from runners.figures.pairs import Floats, Pair
from runners.figures.samples import Sample

_LONGEST_NAME = 40
_READ_OUT = 8


@dataclass(frozen=True, kw_only=True)
class Along:
    """What the numbers of a line are counted by, and from which number."""

    word: str
    first: int


TESTS: Mapping[StatisticalTest, str] = {
    "z-interval": "Test of the means (z-interval)",
    "kolmogorov-smirnov": "Kolmogorov–Smirnov test",
    "chi-squared": "χ² test",
}
ROWS = Along(word="row", first=1)
POSITIONS = Along(word="position", first=0)


def printable(text: str) -> str:
    """A name from a repository as one short line of printable text."""
    kept = "".join(char if char.isprintable() else "·" for char in text[: _LONGEST_NAME + 1])
    return kept if len(kept) <= _LONGEST_NAME else f"{kept[:_LONGEST_NAME]}…"


def number(value: float | Floats, exponent: int = 0, digits: int = 4) -> str:
    """The number value × 10**exponent."""
    if np.isnan(value):
        return "NaN"
    return f"{float(value):.{digits}g}{f'e{exponent:+d}' if exponent and value else ''}"


def produced_for_expected(pair: Pair) -> str:
    """A single number and the one in whose place it stands: "1.02 for 1"."""
    ours, theirs = (number(side, pair.exponent, 6) for side in (pair.produced, pair.expected))
    return f"{ours} for {theirs}"


def line_words(pair: Pair, name: str, along: Along) -> str:
    """A line chart: both ranges, the largest difference, where it is, how many are outside."""
    return (
        f"Line chart of {name} against {along.word}, {_counted(pair.produced.size, 'point')}. "
        f"{_ranges(pair)} {_largest(pair, along)} {_outside(pair)}"
    )


def two_lines_words(produced: Floats, expected: Floats, name: str, along: Along) -> str:
    """Two lines of different lengths."""
    return (
        f"Line chart of {name} against {along.word}: {_counted(produced.size, 'point')} produced, "
        f"{_counted(expected.size, 'point')} expected. Expected runs {_range_words(expected)}, "
        f"produced {_range_words(produced)}."
    )


def map_words(pair: Pair, name: str) -> str:
    """Three maps."""
    rows, columns = pair.expected.shape
    return (
        f"Maps of {name}, {rows} by {columns} numbers: expected, produced, and their difference. "
        f"{_ranges(pair)} {_largest(pair, POSITIONS)} {_outside(pair)}"
    )


def dots_words(pairs: list[Pair]) -> str:
    """A few numbers, the worst read out."""
    read = [
        f"{pair.name}: {produced_for_expected(pair)} expected, "
        f"{'outside' if pair.outside.any() else 'within'} the tolerance"
        for pair in pairs[:_READ_OUT]
    ]
    more = f"; and {len(pairs) - _READ_OUT} more" if len(pairs) > _READ_OUT else ""
    return f"Relative differences of {_counted(len(pairs), 'number')}. {'; '.join(read)}{more}."


def distribution_words(sample: Sample, name: str) -> str:
    """Two samples by their sizes, means and spreads."""
    return (
        f"Distribution of {name}. Produced: {_spread(sample.produced, sample.exponent)}. "
        f"Expected: {_spread(sample.expected, sample.exponent)}."
    )


def bins_words(sample: Sample, name: str) -> str:
    """Two histograms by the bin in which their shares differ most."""
    ours, theirs = (
        means / (means.sum() or 1.0)
        for means in (sample.produced_means[0], sample.expected_means[0])
    )
    worst = int(np.argmax(np.abs(ours - theirs)))
    return (
        f"Histogram of {name} in {_counted(ours.size, 'bin')}, as shares of all counts. It differs "
        f"most in bin {worst}: {number(ours[worst])} produced, {number(theirs[worst])} expected."
    )


def means_words(sample: Sample, name: str) -> str:
    """Means of several runs, by how many intervals reach the expected mean."""
    (ours, half), (theirs, other) = sample.produced_means, sample.expected_means
    apart = int(np.count_nonzero(np.abs(ours - theirs) > half + other))
    expected = (
        "the expected values" if sample.runs[1] == 1 else f"those of {sample.runs[1]} expected runs"
    )
    reach = "every interval reaches" if not apart else f"{apart} of {ours.size:,} do not reach"
    return (
        f"Means of {name} over {sample.runs[0]} produced runs with 95% intervals, and {expected}: "
        f"{reach} what was expected."
    )


def statistic_words(statistic: Statistic) -> str:
    """What a declared test gave, to follow a caption."""
    return f"{TESTS[statistic.test]} of the whole output: p = {statistic.p_value:.3g}."


def _ranges(pair: Pair) -> str:
    expected = _range_words(pair.expected, pair.exponent)
    return f"Expected runs {expected}, produced {_range_words(pair.produced, pair.exponent)}."


def _range_words(values: Floats, exponent: int = 0) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "over no finite number"
    return f"from {number(finite.min(), exponent)} to {number(finite.max(), exponent)}"


def _largest(pair: Pair, along: Along) -> str:
    if not math.isfinite(pair.largest):
        return "Nowhere do both hold a finite number."
    place = np.unravel_index(np.nanargmax(np.abs(pair.difference)), pair.difference.shape)
    where = ", ".join(str(int(part) + along.first) for part in place)
    shown = where if len(place) == 1 else f"[{where}]"
    return (
        f"The largest difference, {number(pair.largest, pair.exponent)}, is at "
        f"{along.word} {shown}."
    )


def _outside(pair: Pair) -> str:
    count = int(np.count_nonzero(pair.outside))
    if not count:
        return "None lies outside the tolerance."
    lie = "point lies" if count == 1 else "points lie"
    return f"{count:,} {lie} outside the tolerance."


def _spread(values: Floats, exponent: int) -> str:
    if not values.size:
        return "no finite number"
    with np.errstate(all="ignore"):
        mean, spread = number(values.mean(), exponent), number(values.std(), exponent)
    return f"{_counted(values.size, 'number')}, mean {mean}, standard deviation {spread}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
