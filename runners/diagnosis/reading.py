"""Which signature of a table a log shows, and the lines of the log that show it."""

import collections
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from registry.spec.evidence import Failure
from runners.diagnosis.signature import Signature, Signatures
from runners.environment.bases import DEFAULT_IMAGE, suite_of
from runners.environment.system_packages import packages_for_log

# A signature is looked for in this much of the end of a log: what failed stands last.
TAIL_CHARACTERS = 200_000
SHOWN_LINES = 12
LINES_BEFORE = 3
LINE_CHARACTERS = 300

# What BuildKit puts before each line of a step ("#9 1.234 "), and what colours a terminal.
_MARKS = re.compile(r"^#\d+ (?:\d+\.\d+ )?|\x1b\[[\d;]{0,12}[A-Za-z]", re.MULTILINE)
# Below this, BuildKit repeats the end of the step that failed.
_REPEATED = "\n------\n > ["
_CHAINED = re.compile(
    r"During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:"
)
# A line that reports what a program got over.
_ASIDE = re.compile(r"\b(?:WARN(?:ING)?|INFO|DEBUG)\b|Warning: ")
_TRACEBACK = "Traceback (most recent call last):"


def diagnose(log: str, signatures: Signatures, *, otherwise: Failure) -> Failure:
    """The failure that the end of `log` shows by the signatures, else `otherwise`.

    An exception that led to another, and a warning, count only where nothing else does.
    """
    text = _MARKS.sub("", log[-TAIL_CHARACTERS:]).partition(_REPEATED)[0]
    for part in (_last_of_chains(text), text):
        found = _found(part, signatures)
        if found:
            return _failure(part, *found)
    return otherwise


def _found(text: str, signatures: Signatures) -> tuple[Signature, re.Match[str]] | None:
    matches = reversed(list(_matches(text, signatures.special, last=signatures.last)))
    by_line = {_line_of(text, match): (which, match) for which, match in matches}
    if by_line:
        return by_line[max(by_line) if signatures.last else min(by_line)]
    found = ((which, which.pattern.search(text)) for which in signatures.general)
    return next(((which, match) for which, match in found if match), None)


def _matches(
    text: str, signatures: tuple[Signature, ...], *, last: bool
) -> Iterator[tuple[Signature, re.Match[str]]]:
    """Each signature that is found, with its first match or its last."""
    for which in signatures:
        matches = which.pattern.finditer(text)
        if last:
            one: Iterable[re.Match[str]] = collections.deque(matches, maxlen=1)
        else:
            one = itertools.islice((m for m in matches if not _aside(text, m)), 1)
        yield from ((which, match) for match in one)


def _aside(text: str, match: re.Match[str]) -> bool:
    """Whether the line on which a match starts reports what the program got over."""
    start = text.rfind("\n", 0, match.start()) + 1
    return _ASIDE.search(text, start, match.end()) is not None


def _line_of(text: str, match: re.Match[str]) -> int:
    """Where the line starts on which a match ends."""
    return text.rfind("\n", 0, max(match.start(), match.end() - 1)) + 1


def _last_of_chains(text: str) -> str:
    """The text less each traceback of an exception from which another arose."""
    *handled, rest = _CHAINED.split(text)
    starts = (max(part.rfind(_TRACEBACK), part.rfind("\n____")) for part in handled)
    kept = (
        part[:start] if start >= 0 else part for part, start in zip(handled, starts, strict=True)
    )
    return "".join((*kept, rest))


def _failure(text: str, which: Signature, match: re.Match[str]) -> Failure:
    names = {key: value or "" for key, value in match.groupdict().items()}
    failure = Failure(
        cause=which.cause,
        sentence=which.sentence.format(**names),
        hint=which.hint.format(**names),
        lines=lines_around(text, match.start()),
    )
    wanted = packages_for_log(text, suite=suite_of(DEFAULT_IMAGE)) if which.packages else ()
    if not wanted:
        return failure
    named = ", ".join(f'"{package}"' for package in wanted)
    return replace(failure, hint=f"Name it in reprise.toml: system_packages = [{named}].")


def lines_around(text: str, position: int) -> tuple[str, ...]:
    """The line at `position`, a few before it and those after it: what a person would quote."""
    start = text.rfind("\n", 0, position) + 1
    before = _lines(text[max(0, start - 2000) : start])[-LINES_BEFORE:]
    return tuple((before + _lines(text[start : start + 4000]))[:SHOWN_LINES])


def last_lines(log: str) -> tuple[str, ...]:
    """The end of a log, as a person would quote it."""
    return tuple(_lines(log[-8000:])[-SHOWN_LINES:])


def _lines(text: str) -> list[str]:
    return [line.rstrip()[:LINE_CHARACTERS] for line in text.splitlines() if line.strip()]
