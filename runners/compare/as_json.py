"""Comparing JSON by its keys, list lengths and values, whatever the order of keys or the layout."""

import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from runners.compare.finding import (
    MAX_VALUES,
    File,
    Finding,
    Rules,
    Unreadable,
    compare_floats,
    differs,
    merged,
    same,
    shown,
)
from runners.compare.notation import EXACT_AS_FLOAT

MAX_DEPTH = 100


class Place(NamedTuple):
    """Where a value stands: linked to its parent, so that millions of them stay small."""

    parent: "Place | None" = None
    part: str | int = ""
    depth: int = 0

    def at(self, part: str | int) -> "Place":
        """The place of an element or key below this one."""
        return Place(self, part, self.depth + 1)

    def parts(self) -> list[str | int]:
        """Keys and indices from the root."""
        place, parts = self, []
        while place.parent is not None:
            parts.append(place.part)
            place = place.parent
        return parts[::-1]

    def dotted(self) -> str:
        """The place as `ignore` names it: results.energy.2."""
        return ".".join(map(str, self.parts()))

    def path(self) -> str:
        """The place in full: results.energy[2]."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.parts())
        return "".join(parts).removeprefix(".")

    def words(self) -> str:
        """The place as messages name it, short and printable."""
        return shown(self.path()).strip("“”") or "the value"


def compare_json(produced: File, expected: File, rules: Rules) -> Finding:
    """Same keys, lengths and types; integers, booleans and words exactly; floats by tolerance.

    The expected value fixes the type: where it is an integer, only the same number agrees (1.0
    counts as 1); where it is a float, an integer is compared as a float, since many programs write
    1.0 as 1. A list of numbers that holds a float is a list of floats.
    """
    return merged(_Walk(rules).findings(parsed(produced), parsed(expected)))


class _Walk:
    """Two documents side by side, without recursion. Single floats are gathered for one call."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._ignored = frozenset(rules.ignore)
        self._dotted = any("." in name for name in rules.ignore)
        self._waiting: list[tuple[Place, Any, Any]] = []
        self._floats: list[tuple[Place, float, float]] = []
        self._equal = 0

    def findings(self, produced: object, expected: object) -> Iterator[Finding]:
        self._waiting.append((Place(), produced, expected))
        while self._waiting:
            place, ours, theirs = self._waiting.pop()
            if place.depth > MAX_DEPTH:
                raise Unreadable(f"The values are nested more than {MAX_DEPTH} deep.")
            if isinstance(ours, dict) and isinstance(theirs, dict):
                yield from self._objects(place, ours, theirs)
            elif isinstance(ours, list) and isinstance(theirs, list):
                yield from self._lists(place, ours, theirs)
            else:
                yield from self._single(place, ours, theirs)
        yield same(self._equal)
        yield self._gathered_floats()

    def _objects(
        self, place: Place, ours: dict[str, Any], theirs: dict[str, Any]
    ) -> Iterator[Finding]:
        # Later pushed is sooner compared: reversed, so that the first difference comes first.
        for key in reversed(theirs | ours):
            below = place.at(key)
            if self._is_ignored(key, below):
                continue
            if key not in ours:
                yield differs(below.words(), "missing")
            elif key not in theirs:
                yield differs(below.words(), "not among the expected ones")
            else:
                self._waiting.append((below, ours[key], theirs[key]))

    def _is_ignored(self, key: str, place: Place) -> bool:
        return key in self._ignored or (self._dotted and place.dotted() in self._ignored)

    def _lists(self, place: Place, ours: list[Any], theirs: list[Any]) -> Iterator[Finding]:
        if len(ours) != len(theirs):
            yield differs(place.words(), f"{len(ours)} values", f"{len(theirs)}")
        elif _are_floats(theirs) and all(map(fits_float, ours)):
            yield compare_floats(
                np.array(ours, dtype=np.float64),
                np.array(theirs, dtype=np.float64),
                self._rules,
                lambda i: place.at(i).words(),
            )
        else:
            pairs = list(zip(ours, theirs, strict=True))
            elements = [(place.at(i), *pair) for i, pair in enumerate(pairs)]
            self._waiting += reversed(elements)

    def _single(self, place: Place, ours: object, theirs: object) -> Iterator[Finding]:
        if isinstance(theirs, float) and isinstance(ours, float | int) and fits_float(ours):
            self._floats.append((place, float(ours), theirs))
        elif _equal(ours, theirs):
            self._equal += 1
        else:
            yield differs(place.words(), _brief(ours), _brief(theirs))

    def _gathered_floats(self) -> Finding:
        return compare_floats(
            np.array([ours for _, ours, _ in self._floats]),
            np.array([theirs for _, _, theirs in self._floats]),
            self._rules,
            lambda i: self._floats[i][0].words(),
        )


def fits_float(value: object) -> bool:
    """Whether a value is a number that a float holds without loss."""
    if isinstance(value, bool) or not isinstance(value, int):
        return isinstance(value, float)
    return abs(value) <= EXACT_AS_FLOAT


def _are_floats(values: list[Any]) -> bool:
    return any(isinstance(value, float) for value in values) and all(map(fits_float, values))


def _equal(ours: object, theirs: object) -> bool:
    """Whether two values are the same number, word, boolean or null; true is not 1."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    return not isinstance(ours, dict | list) and ours == theirs


def _brief(value: object) -> str:
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    return json.dumps(value) if value is None or isinstance(value, bool) else shown(value)


def parsed(file: File) -> object:
    """The document in a file. NaN and Infinity are read as numbers. Raises Unreadable."""
    values = sum(file.data.count(sign) for sign in (b",", b"[", b"{"))
    if values > MAX_VALUES:
        raise Unreadable(f"{file.name} has more than {MAX_VALUES} values; save them as .npy.")
    try:
        return json.loads(file.text(), object_pairs_hook=_object, parse_float=_float)
    except _Flaw as flaw:
        raise Unreadable(f"{file.name} {flaw}.") from flaw
    except RecursionError as fault:
        raise Unreadable(f"{file.name} is nested more than {MAX_DEPTH} deep.") from fault
    except ValueError as fault:  # a JSONDecodeError, or an integer of thousands of digits
        raise Unreadable(f"{file.name} is not sound JSON: {shown(str(fault))}.") from fault


class _Flaw(Exception):
    """Something that JSON allows and a comparison cannot."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Flaw("names a key twice in one object")
    return found


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Flaw("holds a number that is too large for a float")
    return value
