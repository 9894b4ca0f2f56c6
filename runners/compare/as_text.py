"""Comparing text line by line, leaving out the lines that a pattern of `ignore` is found in."""

from typing import NamedTuple

import numpy as np

from runners.compare.finding import (
    MAX_VALUES,
    Difference,
    File,
    Finding,
    Rules,
    Unreadable,
    compare_floats,
    differing,
    merged,
    same,
    shown,
)
from runners.compare.notation import NUMBER_IN_LINE, as_float, is_float, is_number
from runners.compare.patterns import BadPattern, LinePattern

# A character against a pattern costs about 0.1 µs: this is some seconds.
MAX_PATTERN_STEPS = 50_000_000


class Line(NamedTuple):
    """A line and its number in the file, from 1."""

    number: int
    text: str


def compare_text(produced: File, expected: File, rules: Rules) -> Finding:
    """Same lines, whatever the line ends. A tolerance, if there is one, is for floats in them.

    With a tolerance the width of white space does not count either: numbers are often aligned.
    """
    patterns = _patterns(rules.ignore)
    ours, theirs = _lines(produced, patterns), _lines(expected, patterns)
    comparison = _Lines(rules)
    for mine, wanted in zip(ours, theirs, strict=False):
        comparison.add(mine, wanted)
    finding = comparison.finding()
    missing = abs(len(ours) - len(theirs))
    if not missing:
        return finding
    lengths = Difference(where="the text", produced=f"{len(ours)} lines", expected=f"{len(theirs)}")
    return merged([finding, differing([lengths], compared=missing, mismatched=missing)])


class _Lines:
    """Pairs of lines, compared as they come; floats are gathered for one call."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._equal = 0
        self._wrong: list[tuple[Line, Line]] = []
        self._floats: list[tuple[int, float, float]] = []

    def add(self, ours: Line, theirs: Line) -> None:
        agree = self._words_agree if self._rules.tolerant else _same_text
        if agree(ours, theirs):
            self._equal += 1
        else:
            self._wrong.append((ours, theirs))

    def _words_agree(self, ours: Line, theirs: Line) -> bool:
        """Whether all but the floats agrees; the floats of such a line are gathered."""
        mine, wanted = _pieces(ours.text), _pieces(theirs.text)
        if len(mine) != len(wanted):
            return False
        floats = []
        for have, want in zip(mine, wanted, strict=True):
            if is_float(want) and is_number(have):
                floats.append((ours.number, as_float(have), as_float(want)))
            elif have != want:
                return False
        self._floats += floats
        return True

    def finding(self) -> Finding:
        numbers = compare_floats(
            np.array([ours for _, ours, _ in self._floats]),
            np.array([theirs for _, _, theirs in self._floats]),
            self._rules,
            lambda i: f"line {self._floats[i][0]}",
        )
        return merged([self._wrong_lines(), same(self._equal), numbers])

    def _wrong_lines(self) -> Finding:
        differences = (_difference(ours, theirs) for ours, theirs in self._wrong)
        count = len(self._wrong)
        return differing(differences, compared=count, mismatched=count)


def _same_text(ours: Line, theirs: Line) -> bool:
    return ours.text == theirs.text


def _pieces(line: str) -> list[str]:
    """Words and numbers of a line in turn, white space narrowed."""
    return NUMBER_IN_LINE.split(" ".join(line.split()))


def _difference(ours: Line, theirs: Line) -> Difference:
    """Both lines from shortly before the first character that differs."""
    pairs = zip(ours.text, theirs.text, strict=False)
    shorter = min(len(ours.text), len(theirs.text))
    start = max(0, next((i for i, (a, b) in enumerate(pairs) if a != b), shorter) - 20)
    return Difference(
        where=f"line {ours.number}",
        produced=shown(ours.text[start:]),
        expected=shown(theirs.text[start:]),
    )


def _patterns(ignored: tuple[str, ...]) -> list[LinePattern]:
    try:
        return [LinePattern(pattern) for pattern in ignored]
    except BadPattern as fault:
        raise Unreadable(str(fault)) from fault


def _lines(file: File, patterns: list[LinePattern]) -> list[Line]:
    """The lines that are not ignored. Raises Unreadable."""
    text = file.text().replace("\r\n", "\n").removesuffix("\n")
    if len(text) * len(patterns) > MAX_PATTERN_STEPS:
        raise Unreadable(f"{file.name} is too long for {len(patterns)} patterns in `ignore`.")
    if text.count("\n") > MAX_VALUES:
        raise Unreadable(f"{file.name} has more than {MAX_VALUES} lines.")
    lines = enumerate(text.split("\n"), start=1) if text else ()
    return [
        Line(number, line)
        for number, line in lines
        if not any(pattern.search(line) for pattern in patterns)
    ]
