"""Source text in numbered lines, a page of them at a time."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from registry.contents.looks import language_of
from registry.markup import clean_text, coloured

LINES = 400  # on one page
CHARACTERS = 20_000  # on one page
LONGEST = 1_000  # characters of a line


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a file, coloured."""

    number: int
    html: SafeString


@dataclass(frozen=True, kw_only=True)
class ShownCode:
    """A page of a file's lines. `before` and `after` are lines of the pages beside it, or None."""

    lines: tuple[Line, ...]
    total: int
    before: int | None
    after: int | None
    cut: bool


def code_shown(text: str, path: str, *, line: int = 1) -> ShownCode:
    """The page of a text that holds a line; the first where there is no such line."""
    lines = clean_text(text).removesuffix("\n").split("\n")
    shown = [each[:LONGEST] for each in lines]
    starts = _starts(shown)
    page = max((number for number, start in enumerate(starts) if start < line), default=0)
    first, last = starts[page], [*starts, len(shown)][page + 1]
    # A colourer ends with a line's end of its own.
    marked = coloured("\n".join(shown[first:last]), language_of(path)).split("\n")[: last - first]
    return ShownCode(
        lines=tuple(
            Line(number=first + 1 + place, html=SafeString(each))
            for place, each in enumerate(marked)
        ),
        total=len(shown),
        before=starts[page - 1] + 1 if page else None,
        after=last + 1 if last < len(shown) else None,
        cut=any(len(each) > LONGEST for each in lines[first:last]),
    )


def _starts(lines: list[str]) -> list[int]:
    """Where each page begins, so that it has few enough lines and characters."""
    starts, characters = [0], 0
    for place, line in enumerate(lines):
        characters += len(line) + 1
        if place > starts[-1] and (place - starts[-1] >= LINES or characters > CHARACTERS):
            starts.append(place)
            characters = len(line) + 1
    return starts
