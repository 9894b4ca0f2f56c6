"""What every comparator takes and gives: a file, the rules, a finding."""

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Python objects of parsed JSON and CSV cost about 100 bytes each, whatever the file's size.
MAX_VALUES = 1_000_000
# So many of the places that differ most are kept for the reader.
WORST = 10
_SHOWN = 60


class Unreadable(Exception):
    """A file cannot be compared as its kind. The message is a whole plain sentence."""


@dataclass(frozen=True, kw_only=True)
class File:
    """The content of one side, and what messages call it ("the produced energy.json")."""

    name: str
    data: bytes

    def text(self) -> str:
        """The content as UTF-8 text, a byte order mark dropped. Raises Unreadable."""
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            raise Unreadable(f"{self.name} is not UTF-8 text (byte {fault.start}).") from fault


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What two files may differ in: a number by atol + rtol × |expected|, and what is ignored.

    `ppm` of a million numbers may lie beyond that.
    """

    rtol: float = 0.0
    atol: float = 0.0
    ppm: int = 0
    ignore: tuple[str, ...] = ()

    @property
    def tolerant(self) -> bool:
        """Whether numbers may differ at all."""
        return self.rtol > 0 or self.atol > 0 or self.ppm > 0


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place where the two sides are not the same, both as a reader is shown them.

    `excess` ranks places: by how much the error is above the tolerance, inf for form. `expected`
    is "" where `produced` says all: "missing".
    """

    where: str
    produced: str
    expected: str = ""
    error: float | None = None
    excess: float = math.inf

    @property
    def words(self) -> str:
        """What is wrong there: "1.02 instead of 1"."""
        return f"{self.produced} instead of {self.expected}" if self.expected else self.produced


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a comparator saw.

    Of all `compared` values, `numbers` are compared by tolerance. Of the `mismatched` ones,
    `beyond` are finite numbers on both sides that lie beyond it; all others differ in form.
    `largest_expected` is the largest finite absolute expected number, None where there is none.
    `worst` are the places that differ most, the worst first; they may be within the tolerance.
    """

    compared: int = 0
    mismatched: int = 0
    numbers: int = 0
    beyond: int = 0
    max_absolute_error: float | None = None
    max_relative_error: float | None = None
    largest_expected: float | None = None
    worst: tuple[Difference, ...] = ()

    def within(self, place: str) -> "Finding":
        """The same, seen from outside: every place is one of `place`."""
        placed = (replace(one, where=f"{place}, {one.where}") for one in self.worst)
        return replace(self, worst=tuple(placed))


def same(count: int = 1) -> Finding:
    """`count` values were compared and are equal."""
    return Finding(compared=count)


def differs(where: str, produced: str, expected: str = "") -> Finding:
    """Something other than a number differs: a key, a shape, a word."""
    return differing([Difference(where=where, produced=produced, expected=expected)])


def differing(
    differences: Iterable[Difference], *, compared: int = 1, mismatched: int = 1
) -> Finding:
    """Of `compared` values, `mismatched` differ in form; the first few of them are enough."""
    worst = tuple(itertools.islice(differences, WORST))
    return Finding(compared=compared, mismatched=mismatched, worst=worst)


def shown(value: object) -> str:
    """A value of a file as one short line of printable text."""
    if isinstance(value, int) and value.bit_length() > 200:  # noqa: PLR2004 — 60 digits are enough
        return f"a number of {value.bit_length()} bits"
    text = value if isinstance(value, str) else repr(value)
    kept = printable(text[:_SHOWN])
    kept = f"“{kept}”" if isinstance(value, str) else kept
    return f"{kept}…" if len(text) > _SHOWN else kept


def printable(text: str) -> str:
    """`text` as one line without control characters."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "·" for char in text)


def merged(findings: Iterable[Finding]) -> Finding:
    """All findings as one: counts added, the largest errors, the worst places; first come first."""
    compared = mismatched = numbers = beyond = 0
    absolute = relative = largest = None
    worst: tuple[Difference, ...] = ()
    for one in findings:
        compared += one.compared
        mismatched += one.mismatched
        numbers += one.numbers
        beyond += one.beyond
        absolute = _larger(absolute, one.max_absolute_error)
        relative = _larger(relative, one.max_relative_error)
        largest = _larger(largest, one.largest_expected)
        worst = _worst_of(worst, one.worst)
    return Finding(
        compared=compared,
        mismatched=mismatched,
        numbers=numbers,
        beyond=beyond,
        max_absolute_error=absolute,
        max_relative_error=relative,
        largest_expected=largest,
        worst=worst,
    )


def _worst_of(
    first: tuple[Difference, ...], then: tuple[Difference, ...]
) -> tuple[Difference, ...]:
    if not then or (len(first) == WORST and then[0].excess <= first[-1].excess):
        return first
    return tuple(sorted(first + then, key=lambda one: -one.excess)[:WORST])


def compare_floats(
    produced: NDArray[np.generic],
    expected: NDArray[np.generic],
    rules: Rules,
    name: Callable[[int], str],
) -> Finding:
    """Two flat arrays of equal length within the tolerance; `name` says where element i stands.

    NaN and ±inf must stand in the same places; there no tolerance helps.
    """
    wide = np.result_type(produced.dtype, np.float64)
    ours, theirs = produced.astype(wide, copy=False), expected.astype(wide, copy=False)
    with np.errstate(all="ignore"):
        finite = np.isfinite(ours) & np.isfinite(theirs)
        error = np.where(finite, np.abs(ours - theirs), np.nan)
        tolerance = rules.atol + rules.rtol * np.abs(theirs)
        wrong = np.where(finite, ~(error <= tolerance), ~_alike(ours, theirs))
        excess = np.where(finite, error - tolerance, np.inf)
        largest = _largest_finite(np.abs(theirs))
    found = _found(ours, theirs, wrong=wrong, error=error, excess=excess, name=name)
    return replace(
        found,
        numbers=len(theirs),
        beyond=int(np.count_nonzero(wrong & finite)),
        largest_expected=largest,
    )


def compare_exactly(
    produced: NDArray[np.generic], expected: NDArray[np.generic], name: Callable[[int], str]
) -> Finding:
    """Two flat arrays of integers or booleans, equal in length and type, value by value."""
    wrong = produced != expected
    error = np.abs(produced.astype(np.float64) - expected.astype(np.float64))
    return _found(produced, expected, wrong=wrong, error=error, excess=error, name=name)


def _found(
    produced: NDArray[np.generic],
    expected: NDArray[np.generic],
    *,
    wrong: NDArray[np.bool_],
    error: NDArray[np.floating],
    excess: NDArray[np.floating],
    name: Callable[[int], str],
) -> Finding:
    wide = expected.astype(np.result_type(expected.dtype, np.float64), copy=False)
    with np.errstate(all="ignore"):
        relative = error / np.abs(wide)
    places = np.flatnonzero(wrong | (error > 0))
    ranked = places[np.argsort(-excess[places], kind="stable")[:WORST]]
    return Finding(
        compared=len(expected),
        mismatched=int(np.count_nonzero(wrong)),
        max_absolute_error=_largest_finite(error),
        max_relative_error=_largest_finite(relative),
        worst=tuple(
            _difference(name(place), produced[place], expected[place], error[place], excess[place])
            for place in map(int, ranked)
        ),
    )


def _difference(
    where: str, produced: np.generic, expected: np.generic, error: float, excess: float
) -> Difference:
    ours, theirs = _two_numbers(produced.item(), expected.item())
    return Difference(
        where=where,
        produced=ours,
        expected=theirs,
        error=float(error) if math.isfinite(error) else None,
        excess=float(excess),
    )


def _alike(produced: NDArray[np.inexact], expected: NDArray[np.inexact]) -> NDArray[np.bool_]:
    """Where both hold the same non-finite value; real and imaginary parts each by itself."""
    real = _same_or_nan(produced.real, expected.real)
    return real & _same_or_nan(produced.imag, expected.imag)


def _same_or_nan(produced: NDArray[np.inexact], expected: NDArray[np.inexact]) -> NDArray[np.bool_]:
    alike: NDArray[np.bool_] = (produced == expected) | (np.isnan(produced) & np.isnan(expected))
    return alike


def _largest_finite(values: NDArray[np.floating]) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else None


def _larger(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def _two_numbers(produced: object, expected: object) -> tuple[str, str]:
    """Both numbers with six digits, with all of them where six do not tell them apart."""
    if isinstance(produced, float) and isinstance(expected, float):
        short = f"{produced:.6g}", f"{expected:.6g}"
        if short[0] != short[1]:
            return short
    return shown(produced), shown(expected)
