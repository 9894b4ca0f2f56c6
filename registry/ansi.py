"""Lines of a log as safe HTML: the colours that programs print, and nothing else of a terminal.

What is read here was written by code of strangers. Of all that a terminal would do only colours and
weight are kept, as classes of our own: no link, no cursor, no title, no character that reorders a
line. Each line is read by itself, so that it looks the same wherever a page begins.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from rich.ansi import AnsiDecoder
from rich.color import Color, ColorSystem
from rich.style import Style
from rich.text import Span

from registry.markup import clean_text

LINE_CHARACTERS = 1_000
CUT = "… [the line goes on]"
# Select Graphic Rendition, as far as anything is meant by it.
_COLOURS = re.compile(r"(\x1b\[[0-9;]{0,40}m)")
# Black and white of a terminal are the page's own ink: on paper or on slate, both can be read.
_INKS = ("", "red", "green", "yellow", "blue", "magenta", "cyan", "", "grey", "red", "green",
         "yellow", "blue", "magenta", "cyan", "")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a log as it was written, and its number from 1."""

    number: int
    written: str

    @property
    def text(self) -> str:
        """What a reader sees, without colours."""
        return clean_text(_bounded(self.written))

    @property
    def html(self) -> SafeString:
        """What a reader sees, with colours."""
        return line_html(self.written)


def lines_of(pieces: Iterable[str], *, first: int = 1) -> Iterator[Line]:
    """The lines of a log that comes in pieces, numbered from `first`; the last may be unfinished.

    However long a line is, no more of it is held than is shown.
    """
    rest = ""
    for piece in pieces:
        *whole, end = piece.split("\n")
        for written in whole:
            yield Line(number=first, written=rest + written)
            rest, first = "", first + 1
        rest = _short(rest + end)
    if rest:
        yield Line(number=first, written=rest)


def line_html(written: str) -> SafeString:
    """One line as HTML: text and spans of our own classes."""
    bounded = _bounded(written)
    if "\x1b" not in bounded:
        return escape(clean_text(bounded))
    parts = _COLOURS.split(bounded)
    safe = "".join(part if place % 2 else clean_text(part) for place, part in enumerate(parts))
    text = AnsiDecoder().decode_line(safe)
    html = "".join(_spans(text.plain, text.spans))
    return mark_safe(html)  # noqa: S308 — escaped, piece by piece


def _spans(plain: str, spans: Iterable[Span]) -> Iterator[str]:
    at = 0
    for span in spans:
        yield escape(plain[at : span.start])
        inside, at = escape(plain[span.start : span.end]), span.end
        names = _classes(span.style) if isinstance(span.style, Style) else ""
        yield f'<span class="{names}">{inside}</span>' if names else inside
    yield escape(plain[at:])


@lru_cache(maxsize=256)
def _classes(style: Style) -> str:
    """Our classes for a style. What has a ground of its own is marked, in the page's colours."""
    named = {"bold": style.bold, "faint": style.dim, "slanted": style.italic,
             "underlined": style.underline, "struck": style.strike,
             "marked": style.reverse or _has_ground(style)}  # fmt: skip
    ink = _ink(style.color)
    return " ".join(f"t-{name}" for name in (*(n for n, on in named.items() if on), ink) if name)


def _has_ground(style: Style) -> bool:
    return style.bgcolor is not None and not style.bgcolor.is_default


def _ink(color: Color | None) -> str:
    """The nearest of a few colours that can be read on light and on dark pages."""
    if color is None or color.is_default:
        return ""
    return _INKS[color.downgrade(ColorSystem.STANDARD).number or 0]


def _bounded(written: str) -> str:
    """What a terminal would show last of a line that was written over, cut to what is shown."""
    shown = written.rstrip("\r").rpartition("\r")[2]
    return shown if len(shown) <= LINE_CHARACTERS else shown[:LINE_CHARACTERS] + CUT


def _short(written: str) -> str:
    """As much of an unfinished line as can matter once it is whole."""
    if len(written) <= 2 * LINE_CHARACTERS:
        return written
    return written.rpartition("\r")[2][: 2 * LINE_CHARACTERS]
