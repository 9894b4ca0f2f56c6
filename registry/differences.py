"""How two small files differ: in their numbers, or line by line. Both may be hostile."""

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

import numpy as np

# Beyond this a comparison line by line takes longer than anybody reads.
LINES_MOST = 400
VALUES_MOST = 50_000
LINES_SHOWN = 60
LINE_CHARACTERS = 300
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class NumbersDiffer:
    """Two files that are the same but for their numbers. `number` is where it is worst, from 1.

    The errors are the largest; None where one of the two numbers is not finite, or the first is 0.
    """

    compared: int
    differ: int
    absolute: float | None
    relative: float | None
    number: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedLine:
    """A line of a difference: `kind` is “-”, “+”, “ ” or “@” (where it is)."""

    kind: str
    text: str


def numbers_differ(before: str, after: str) -> NumbersDiffer | None:
    """How far the numbers of two texts are apart; None where other things differ as well."""
    if _NUMBER.sub("#", before) != _NUMBER.sub("#", after):
        return None
    return _differ(_NUMBER.findall(before), _NUMBER.findall(after))


def arrays_differ(before: bytes, after: bytes) -> NumbersDiffer | None:
    """How far two .npy arrays of real numbers are apart; None for what is no such pair."""
    old, new = _array(before), _array(after)
    if old is None or new is None or old.shape != new.shape:
        return None
    return _differ([repr(float(x)) for x in old.flat], [repr(float(x)) for x in new.flat])


def _array(content: bytes) -> np.ndarray | None:
    """The array of a .npy file; nothing of it is ever unpickled."""
    try:
        found = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError, MemoryError, TypeError):
        return None
    return found if found.dtype.kind in "biuf" and found.size <= VALUES_MOST else None


def _differ(before: Sequence[str], after: Sequence[str]) -> NumbersDiffer | None:
    """How far numbers are apart, place by place; None where all of them are the same."""
    pairs = list(zip(before, after, strict=True))
    apart = [(place, old, new) for place, (old, new) in enumerate(pairs, 1) if old != new]
    if not apart:
        return None
    place, old, new = max(apart, key=lambda each: _apart(each[1], each[2])[0])
    errors = [_apart(one, other) for _, one, other in apart]
    return NumbersDiffer(
        compared=len(pairs),
        differ=len(apart),
        absolute=_finite(max(error for error, _ in errors)),
        relative=_finite(max(error for _, error in errors)),
        number=place,
        before=old[:LINE_CHARACTERS],
        after=new[:LINE_CHARACTERS],
    )


def lines_differ(before: str, after: str) -> tuple[ChangedLine, ...]:
    """What was taken out and put in, with a line around it; () where the texts are too long."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > LINES_MOST:
        return ()
    lines = list(unified_diff(_cut(old), _cut(new), lineterm="", n=1))[2:]
    return tuple(ChangedLine(kind=line[0], text=line[1:]) for line in lines[:LINES_SHOWN])


def _cut(lines: Sequence[str]) -> list[str]:
    return [line[:LINE_CHARACTERS] for line in lines]


def _apart(before: str, after: str) -> tuple[float, float]:
    """The absolute and the relative distance; infinite where one of the two is."""
    old, new = float(before), float(after)
    absolute = abs(new - old)
    if not math.isfinite(absolute):
        return math.inf, math.inf
    return absolute, absolute / abs(old) if old else math.inf if absolute else 0.0


def _finite(error: float) -> float | None:
    return error if math.isfinite(error) else None
