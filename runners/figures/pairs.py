"""Two sides of a comparison as pairs of arrays that can be drawn: real, finite in scale, flat."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from registry.spec.manifest import Output

Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[np.generic]]

# So few numbers are read one by one; more are a line or a map.
FEW = 8
# An array with so few columns is a table of series, not a map.
_COLUMNS = 4
# Beyond this no axis can be laid out: the numbers are drawn in units of a power of ten.
_HUGE_EXPONENT = 100
_MAP_AXES = 2
# What is drawn is held in memory several times over; a reader sees no more in larger arrays.
MOST_NUMBERS = 4_000_000
MOST_NAMES = 1000


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Numbers of one name on both sides, of one shape. Those of the file are × 10**exponent.

    `difference` is produced − expected, NaN where a side holds no finite number; `tolerance` is
    atol + rtol × |expected|; `outside` says which numbers disagree by the comparators' rule.
    """

    name: str
    produced: Floats
    expected: Floats
    difference: Floats
    tolerance: Floats
    outside: NDArray[np.bool_]
    exponent: int = 0

    @property
    def severity(self) -> tuple[bool, float]:
        """How bad it is, to be sorted by: whether anything disagrees, and by how much."""
        sizes = np.abs(self.expected[np.isfinite(self.expected)])
        scale = float(sizes.max(initial=0.0)) or 1.0
        return bool(self.outside.any()), self.largest / scale

    @property
    def largest(self) -> float:
        """The largest absolute difference; infinite where no two finite numbers meet."""
        sizes = np.abs(self.difference[np.isfinite(self.difference)])
        return float(sizes.max()) if sizes.size else math.inf

    @property
    def differs(self) -> bool:
        """Whether there is anything to see."""
        return bool(self.outside.any() or np.any(np.nan_to_num(self.difference)))

    def part(self, name: str, where: tuple[int | slice, ...]) -> "Pair":
        """A row, column or slice of it under a name of its own."""
        return replace(
            self,
            name=name,
            produced=np.asarray(self.produced[where]),
            expected=np.asarray(self.expected[where]),
            difference=np.asarray(self.difference[where]),
            tolerance=np.asarray(self.tolerance[where]),
            outside=np.asarray(self.outside[where]),
        )


def pairs_of(output: Output, produced: Arrays, expected: Arrays) -> Iterator[Pair]:
    """What both sides name and hold in one shape, and is not alike."""
    for name in islice(expected, MOST_NAMES):
        ours, theirs = produced.get(name), expected[name]
        if ours is None or ours.shape != theirs.shape or not 0 < theirs.size <= MOST_NUMBERS:
            continue
        pair = _pair(output, name, ours, theirs)
        if pair.differs:
            yield pair


def unlike_lines(produced: Arrays, expected: Arrays) -> Iterator[tuple[str, Floats, Floats]]:
    """Lines of one name that differ in length, so that no number has its other."""
    for name in islice(expected, MOST_NAMES):
        ours, theirs = produced.get(name), expected[name]
        if ours is None or ours.shape == theirs.shape:
            continue
        if _is_line(ours) and _is_line(theirs):
            yield name, as_floats(ours), as_floats(theirs)


def single_numbers(pair: Pair) -> Iterator[Pair]:
    """Each number of a small array as a pair of its own, if the two sides of it differ."""
    for place in np.ndindex(pair.produced.shape):
        index = f"[{', '.join(map(str, place))}]" if place else ""
        single = pair.part(f"{pair.name}{index}", place)
        if single.differs:
            yield single


def simpler(pair: Pair) -> Pair:
    """The pair as one number, a line or a map: of more axes, the part that differs most."""
    shape = pair.produced.shape
    long = [axis for axis, length in enumerate(shape) if length > 1]
    if len(long) > _MAP_AXES:
        return _worst_part(pair, long[-_MAP_AXES:])
    if len(long) == _MAP_AXES and min(shape[axis] for axis in long) <= _COLUMNS:
        return _worst_part(pair, [max(long, key=lambda axis: shape[axis])])
    return pair.part(pair.name, tuple(slice(None) if length > 1 else 0 for length in shape))


def _worst_part(pair: Pair, kept: list[int]) -> Pair:
    """Of all parts along the kept axes the one in which the numbers differ most."""
    sizes = np.abs(np.nan_to_num(pair.difference)) + np.where(pair.outside, pair.largest, 0.0)
    worst = np.unravel_index(np.argmax(sizes), sizes.shape)
    where = tuple(slice(None) if axis in kept else int(at) for axis, at in enumerate(worst))
    shown = ", ".join(":" if isinstance(at, slice) else str(at) for at in where)
    return simpler(pair.part(f"{pair.name}[{shown}]", where))


def _pair(
    output: Output, name: str, produced: NDArray[np.generic], expected: NDArray[np.generic]
) -> Pair:
    exactly = expected.dtype.kind in "iu"
    atol, rtol = (0.0, 0.0) if exactly else (output.atol, output.rtol)
    ours, theirs = as_floats(produced), as_floats(expected)
    exponent = exponent_of(ours, theirs)
    with np.errstate(all="ignore"):
        finite = np.isfinite(ours) & np.isfinite(theirs)
        within = finite & (np.abs(ours - theirs) <= atol + rtol * np.abs(theirs))
        outside = ~within & ~_alike(ours, theirs)
        ours, theirs = scaled(ours, exponent), scaled(theirs, exponent)
        difference = ours - theirs
        tolerance = scaled(np.float64(atol), exponent) + rtol * np.abs(theirs)
    return Pair(
        name=name,
        produced=ours,
        expected=theirs,
        difference=np.where(np.isfinite(difference), difference, np.nan),
        tolerance=np.where(np.isfinite(tolerance), tolerance, np.nan),
        outside=outside | (produced != expected) if exactly else outside,
        exponent=exponent,
    )


def _is_line(values: NDArray[np.generic]) -> bool:
    return values.ndim == 1 and 0 < values.size <= MOST_NUMBERS


def as_floats(values: NDArray[np.generic]) -> Floats:
    """Real numbers as float64."""
    with np.errstate(all="ignore"):
        return values.astype(np.float64)


def _alike(produced: Floats, expected: Floats) -> NDArray[np.bool_]:
    alike: NDArray[np.bool_] = (produced == expected) | (np.isnan(produced) & np.isnan(expected))
    return alike


def exponent_of(*sides: Floats) -> int:
    """The power of ten in whose units numbers are drawn: 0 unless they are extreme."""
    largest = max(float(np.abs(side[np.isfinite(side)]).max(initial=0.0)) for side in sides)
    exponent = math.floor(math.log10(largest)) if largest else 0
    return exponent if abs(exponent) > _HUGE_EXPONENT else 0


def scaled(values: Floats | np.float64, exponent: int) -> Floats:
    """The values ÷ 10**exponent, in two steps, since 10**320 is no float."""
    if not exponent:
        return np.asarray(values)
    half = exponent // 2
    return np.asarray(values / 10.0**half / 10.0 ** (exponent - half))
