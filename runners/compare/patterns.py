"""Line patterns: the part of regular expressions that is enough for lines, in linear time.

A pattern comes from a hostile repository, and Python's `re` may need longer than the age of the
universe for one line. Here all ways through a pattern are followed at once, as bits of an integer
(Navarro and Raffinot's extended Shift-And), so each character costs one step, whatever the pattern.
"""

import re

MAX_LENGTH = 200
_CACHED_STEPS = 50_000
_ONE = r"\\[dDwWsSt]|\\[^\w\s]|\[\^?\]?(?:\\[^\n]|[^\]\\\n])*\]|[^\\\[\](){}|*+?^$\n]"
_TOKEN = re.compile(rf"(?P<one>{_ONE})(?P<times>[*+?]?)")


class BadPattern(ValueError):
    """A line pattern that cannot be used; the message says why and what to write instead."""


class LinePattern:
    r"""A compiled line pattern. Raises BadPattern.

    Known are characters, `.`, `[...]`, `\d \w \s \D \W \S \t`, escaped signs, each perhaps
    followed by `*`, `+` or `?`, with `^` at the start and `$` at the end. Unanchored ends float.
    """

    def __init__(self, pattern: str) -> None:
        body = pattern.removeprefix("^")
        self._from_start = body != pattern
        self._to_end = body.endswith("$") and not body.endswith(r"\$")
        atoms = _atoms(pattern, body.removesuffix("$") if self._to_end else body)
        self._single = [re.compile(one, re.DOTALL) for one, _ in atoms]
        # Bit i stands for "all atoms before i are matched"; the last bit is the whole pattern.
        self._accept = 1 << len(atoms)
        self._repeats = _bits([times == "*" for _, times in atoms])
        self._skips = _bits([times in ("*", "?") for _, times in atoms])
        self._start = self._skipped(1)
        self._fitting: dict[str, int] = {}
        self._steps: dict[tuple[int, str], int] = {}

    def search(self, line: str) -> bool:
        """Whether the pattern is found in `line`, a text without line ends."""
        state = self._start
        for char in line:
            if state & self._accept and not self._to_end:
                return True
            if not state:
                return False
            state = self._step(state, char)
        return bool(state & self._accept)

    def _step(self, state: int, char: str) -> int:
        known = self._steps.get((state, char))
        if known is not None:
            return known
        fitting = state & self._fits(char)
        after = self._skipped((fitting << 1) | (fitting & self._repeats))
        after |= 0 if self._from_start else self._start
        if len(self._steps) >= _CACHED_STEPS:
            self._steps.clear()
        return self._steps.setdefault((state, char), after)

    def _fits(self, char: str) -> int:
        if char not in self._fitting:
            if len(self._fitting) >= _CACHED_STEPS:
                self._fitting.clear()
            self._fitting[char] = _bits([bool(one.fullmatch(char)) for one in self._single])
        return self._fitting[char]

    def _skipped(self, state: int) -> int:
        """`state` with every place that is reached by leaving optional atoms out."""
        while new := ((state & self._skips) << 1) & ~state:
            state |= new
        return state


def _atoms(pattern: str, body: str) -> list[tuple[str, str]]:
    """The atoms of a pattern, each with "", "?" or "*"; `a+` is `a` and `a*`."""
    if len(pattern) > MAX_LENGTH:
        raise BadPattern(f"A line pattern has at most {MAX_LENGTH} characters.")
    atoms: list[tuple[str, str]] = []
    place = 0
    while place < len(body):
        token = _TOKEN.match(body, place)
        if token is None:
            raise BadPattern(_refusal(pattern, body[place]))
        one, times = token["one"], token["times"]
        _check_class(pattern, one)
        atoms += [(one, ""), (one, "*")] if times == "+" else [(one, times)]
        place = token.end()
    return atoms


def _check_class(pattern: str, one: str) -> None:
    try:
        re.compile(one)
    except (re.error, FutureWarning) as fault:
        raise BadPattern(f"The part {one} of the line pattern {pattern} is not valid.") from fault


def _refusal(pattern: str, sign: str) -> str:
    return (
        f"The line pattern {pattern} cannot be used: the sign {sign} is not known at that place. "
        "Groups, alternatives and counts are not supported; write several patterns instead, "
        f"and \\{sign} for the sign itself."
    )


def _bits(flags: list[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)
