"""What every comparator takes and gives: a file, the rules, a finding."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Python objects of parsed JSON and CSV cost about 100 bytes each, whatever the file's size.
MAX_VALUES = 1_000_000
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
    """What two files may differ in: a number by atol + rtol × |expected|, and what is ignored."""

    rtol: float = 0.0
    atol: float = 0.0
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a comparator saw. `severity` ranks places: how far past the tolerance, inf for form.

    `detail` says what is wrong at `where`: "1.02 instead of 1", "is missing". `largest_expected`
    is the largest finite absolute expected float, None where there is none.
    """

    compared: int = 0
    mismatched: int = 0
    max_absolute_error: float | None = None
    max_relative_error: float | None = None
    severity: float = -math.inf
    where: str | None = None
    detail: str = ""
    largest_expected: float | None = None


def same(count: int = 1) -> Finding:
    """`count` values were compared and are equal."""
    return Finding(compared=count)


def differs(where: str, detail: str, *, compared: int = 1, mismatched: int = 1) -> Finding:
    """Something other than a number differs: a key, a shape, a word."""
    return Finding(
        compared=compared,
        mismatched=mismatched,
        severity=math.inf,
        where=where,
        detail=detail,
    )


def instead_of(produced: object, expected: object) -> str:
    """The two values as a message shows them, short and without control characters."""
    return f"{shown(produced)} instead of {shown(expected)}"


def shown(value: object) -> str:
    """A value of a file as one short line of printable text."""
    if isinstance(value, int) and value.bit_length() > 200:  # noqa: PLR2004 — 60 digits are enough
        return f"a number of {value.bit_length()} bits"
    text = value if isinstance(value, str) else repr(value)
    kept = "".join(char if char.isprintable() else "·" for char in text[:_SHOWN])
    kept = f"“{kept}”" if isinstance(value, str) else kept
    return f"{kept}…" if len(text) > _SHOWN else kept


def merged(findings: Iterable[Finding]) -> Finding:
    """All findings as one: counts added, the largest errors, the first of the worst places."""
    total = Finding()
    for one in findings:
        worst = one if one.severity > total.severity else total
        total = replace(
            worst,
            compared=total.compared + one.compared,
            mismatched=total.mismatched + one.mismatched,
            max_absolute_error=_larger(total.max_absolute_error, one.max_absolute_error),
            max_relative_error=_larger(total.max_relative_error, one.max_relative_error),
            largest_expected=_larger(total.largest_expected, one.largest_expected),
        )
    return total


def compare_floats(
    produced: NDArray[np.inexact],
    expected: NDArray[np.inexact],
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
        error = np.where(finite, np.abs(ours - theirs), np.inf)
        tolerance = rules.atol + rules.rtol * np.abs(theirs)
        wrong = np.where(finite, ~(error <= tolerance), ~_alike(ours, theirs))
        excess = np.where(finite, error - tolerance, np.inf)
    return _found(ours, theirs, wrong=wrong, error=error, excess=excess, name=name, floats=True)


def compare_exactly(
    produced: NDArray[np.generic], expected: NDArray[np.generic], name: Callable[[int], str]
) -> Finding:
    """Two flat arrays of integers or booleans, equal in length and type, value by value."""
    wrong = produced != expected
    error = np.abs(produced.astype(np.float64) - expected.astype(np.float64))
    return _found(
        produced, expected, wrong=wrong, error=error, excess=error, name=name, floats=False
    )


def _found(
    produced: NDArray[np.generic],
    expected: NDArray[np.generic],
    *,
    wrong: NDArray[np.bool_],
    error: NDArray[np.floating],
    excess: NDArray[np.floating],
    name: Callable[[int], str],
    floats: bool,
) -> Finding:
    size = np.abs(expected.astype(np.result_type(expected.dtype, np.float64), copy=False))
    with np.errstate(all="ignore"):
        relative = error / size
    finding = Finding(
        compared=len(expected),
        mismatched=int(np.count_nonzero(wrong)),
        max_absolute_error=_largest_finite(error),
        max_relative_error=_largest_finite(relative),
        largest_expected=_largest_finite(size) if floats else None,
    )
    if not finding.mismatched:
        return finding
    worst = int(np.argmax(np.where(wrong, excess, -np.inf)))
    return replace(
        finding,
        severity=float(excess[worst]),
        where=name(worst),
        detail=_two_numbers(produced[worst].item(), expected[worst].item()),
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
    known = [value for value in (one, other) if value is not None]
    return max(known, default=None)


def _two_numbers(produced: object, expected: object) -> str:
    """Both numbers with six digits, with all of them where six do not tell them apart."""
    if isinstance(produced, float) and isinstance(expected, float):
        short = f"{produced:.6g}", f"{expected:.6g}"
        if short[0] != short[1]:
            return f"{short[0]} instead of {short[1]}"
    return instead_of(produced, expected)
