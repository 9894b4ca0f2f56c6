"""What kind of thing differs between two runs of one image, as far as it can be told.

A table of rules over the words of lines that differ, and a few questions about their numbers. The
answer is a hint for the author; no verdict rests on it.
"""

import json
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from registry.spec.manifest import Kind, Output
from runners.compare.arrays import Series, series_of
from runners.compare.comparison import kind_of
from runners.compare.finding import Unreadable

ORDER_OF_LINES = "the order of lines"
ORDER_OF_ROWS = "the order of rows"
ORDER_OF_KEYS = "the order of keys, or the layout"
ORDER_OF_NUMBERS = "the order of the numbers"
ORDER = "the order of what is written, as of sets (try seed = 0 under [determinism])"
LAYOUT = "only how the file is laid out, or when it was written"
AMOUNT = "how many lines are written"
LAST_DIGITS = (
    "the last digits, as when threads add up in another order (try threads = 1 under [determinism])"
)
RANDOM = "the values altogether, as of random numbers without a fixed seed"

_READ_BYTES = 8 * 2**20
_LINES_MOST = 50
_LINE_CHARACTERS = 1000
_NAMED_MOST = 3
# Sums in another order differ by some of the 16 digits that a float has.
_LAST_DIGITS_RELATIVE = 1e-9
_ALTOGETHER_RELATIVE = 1e-3
_ALTOGETHER_SHARE = 0.5

_WORD = re.compile(r"[\w.+-]+")
_NUMBER = r"[+-]?\d{1,30}(?:\.\d{0,30})?(?:[eE][+-]?\d{1,3})?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
# What a piece of a line is, the first that fits: a name of the group, its pattern, what it is.
RULES: tuple[tuple[str, str, str], ...] = (
    ("uuid", r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "a random identifier (UUID)"),
    ("address", r"\b0x[0-9a-f]{6,16}\b", "an address in memory"),
    ("path", r"(?<![\w.:/])/(?:[\w.+~-]{1,100}/){0,20}[\w.+~-]{1,100}", "the path of a file"),
    ("hash", r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b", "a checksum"),
    ("host", r"\b(?=[0-9]{0,11}[a-f])[0-9a-f]{12}\b", "the name of the machine"),
    ("process", r"\b(?:pid|process|PID)\W{0,3}\d{1,7}\b", "the number of a process"),
    (
        "date",
        (
            rf"\b\d{{4}}[-/.]\d{{2}}[-/.]\d{{2}}(?!\d)|\b\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}}\b"
            rf"|\b(?:{_DAY},? )?(?:\d{{1,2}} {_MONTH}|{_MONTH} {{1,2}}\d{{1,2}})(?:,? \d{{4}})?\b"
        ),
        "a date",
    ),
    (
        "time",
        (
            r"(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?!\d)(?: ?[AP]M\b)?"
            r"|(?<![\d.])1[5-9]\d{8}(?:\.\d{1,9})?(?!\d)"
        ),
        "a time of day",
    ),
    (
        "duration",
        (
            r"\b\w{0,20}(?:time(?!stamp)|elapsed|duration|took|seconds|walltime)\w{0,20}[\"']?\W{1,4}"
            rf"{_NUMBER}|{_NUMBER} ?(?:s|sec|secs|seconds|ms|us|µs|ns|min|minutes|h|hours|it/s)\b"
        ),
        "a duration",
    ),
    ("number", rf"(?<![\w.]){_NUMBER}(?!\w)", ""),
)
_PIECES = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern, _ in RULES))
_WORDS = {name: words for name, _, words in RULES}
_IN_WORDS: frozenset[Kind] = frozenset({"json", "csv", "text", "notebook", "bytes"})

Piece = tuple[str, str, str]
"""The name of a rule, and the unlike texts of both files that it fits."""


def what_differs(output: Output, one: bytes | Path, other: bytes | Path) -> str:
    """What kind of thing differs between two files, as a noun for a sentence; "" if unknown.

    Only the first 8 MB of words and the first few lines that differ are looked at.
    """
    kind = output.kind or kind_of(output.path)
    if kind in _IN_WORDS:
        ours, theirs = _text(one), _text(other)
        return _in_words(kind, ours, theirs) if ours and theirs else ""
    try:
        return _in_arrays(series_of(output, one), series_of(output, other))
    except Unreadable:
        return ""


def _text(source: bytes | Path) -> str:
    """The start of a file as text; "" where it is none."""
    if isinstance(source, bytes):
        data = source[:_READ_BYTES]
    else:
        with source.open("rb") as file:
            data = file.read(_READ_BYTES)
    return "" if b"\0" in data else data.decode("utf-8", "replace")


def _in_words(kind: Kind, one: str, other: str) -> str:
    """An order, else how much there is, else what stands in the lines that differ."""
    if kind == "json" and _is_same_document(one, other):
        return ORDER_OF_KEYS
    ours, theirs = one.splitlines(), other.splitlines()
    if Counter(ours) == Counter(theirs):
        return ORDER_OF_ROWS if kind == "csv" else ORDER_OF_LINES
    if _are_in_another_order(_WORD.findall(one), _WORD.findall(other)):
        return ORDER
    if len(ours) != len(theirs):
        return AMOUNT
    unlike = ((mine, yours) for mine, yours in zip(ours, theirs, strict=True) if mine != yours)
    return _named([_pieces(*pair) for pair in islice(unlike, _LINES_MOST)])


def _are_in_another_order(ours: list[str], theirs: list[str]) -> bool:
    return ours != theirs and Counter(ours) == Counter(theirs)


def _is_same_document(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except (ValueError, RecursionError):
        return False


def _pieces(one: str, other: str) -> list[Piece] | None:
    """The unlike pieces of two lines; None where they differ in what no rule knows."""
    one, other = one[:_LINE_CHARACTERS], other[:_LINE_CHARACTERS]
    if _PIECES.sub(_masked, one) != _PIECES.sub(_masked, other):
        return None
    pairs = zip(_PIECES.finditer(one), _PIECES.finditer(other), strict=True)
    return [
        (mine.lastgroup or "", mine[0], yours[0]) for mine, yours in pairs if mine[0] != yours[0]
    ]


def _masked(piece: re.Match[str]) -> str:
    return f"\0{piece.lastgroup}\0"


def _named(lines: list[list[Piece] | None]) -> str:
    """The most frequent kinds of things in lines that differ."""
    pieces = [piece for line in lines if line for piece in line]
    counts = Counter(_WORDS[rule] for rule, _, _ in pieces if _WORDS[rule])
    names = [words for words, _ in counts.most_common(_NAMED_MOST)]
    numbers = [(float(ours), float(theirs)) for rule, ours, theirs in pieces if not _WORDS[rule]]
    about = _of_numbers(*map(np.array, zip(*numbers, strict=True))) if numbers else ""
    names += [about] if about else []
    unknown = None in lines or (numbers and not about)
    return " and ".join([*names, *(["more"] if names and unknown else [])])


def _in_arrays(ours: Series, theirs: Series) -> str:
    """What can be told of the arrays of two files."""
    if not ours or {n: a.shape for n, a in ours.items()} != {n: a.shape for n, a in theirs.items()}:
        return ""
    one, other = (
        np.concatenate([side[name].astype(np.float64).ravel() for name in ours])
        for side in (ours, theirs)
    )
    if np.array_equal(one, other, equal_nan=True):
        return LAYOUT
    if np.array_equal(np.sort(one), np.sort(other), equal_nan=True):
        return ORDER_OF_NUMBERS
    unlike = (one != other) & ~(np.isnan(one) & np.isnan(other))
    about = _of_numbers(one[unlike], other[unlike])
    return "" if about == RANDOM and unlike.mean() < _ALTOGETHER_SHARE else about


def _of_numbers(one: NDArray[np.float64], other: NDArray[np.float64]) -> str:
    """What can be told of numbers that are unlike."""
    with np.errstate(all="ignore"):
        relative = np.abs(one - other) / np.maximum(np.abs(one), np.abs(other))
    if (relative <= _LAST_DIGITS_RELATIVE).all():
        return LAST_DIGITS
    return RANDOM if np.median(relative) > _ALTOGETHER_RELATIVE else ""
