"""Social cards: the picture that others show beside a link to a model. Pure functions.

A card says what the badge says, and no more; it is drawn again when that changes.
"""

import hashlib
import importlib.util
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
# Goes up when the drawing changes, so that pictures kept elsewhere are fetched again.
_DRAWING = 1
_MARGIN = 72
_INK, _SOFT, _PAPER, _EMPTY = "#1c2733", "#57606a", "#fbfaf7", "#d9dde1"
_WIDTH = SIZE[0] - 2 * _MARGIN
_TITLE_SIZES = (60, 52, 44, 38)
_TITLE_LINES = 4
_NAMES_MOST = 4
_IN_NO_FONT = "\U000f0000"


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a card says. `rungs` of `rungs_most` are filled in `colour`, six hexadecimal digits.

    Without `rungs_most` there is no ladder, as on the card of the site. `name` stands for a title
    in a script that the font does not have.
    """

    title: str
    name: str = ""
    authors: tuple[str, ...] = ()
    words: str = ""
    rungs: int = 0
    rungs_most: int = 0
    colour: str = "57606a"
    above: str = ""
    site: str = "Reprise"

    @property
    def digest(self) -> str:
        """The same for the same picture."""
        told = repr((_DRAWING, astuple(self)))
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


@lru_cache(maxsize=256)
def card_png(card: Card) -> bytes:
    """The card as a PNG of 1200 × 630. Kept: 256 of them are about 8 MB."""
    image = Image.new("RGB", SIZE, _PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE[0], 12), fill=f"#{card.colour}")
    draw.text((_MARGIN, 56), _shortened(card.above, _font(26), _WIDTH), _SOFT, _font(26))
    title = drawable(card.title)
    bottom = _title(draw, title if 2 * len(title) > len(card.title) else card.name)
    names = _shortened(authors_words(filter(None, map(drawable, card.authors))), _font(30), _WIDTH)
    draw.text((_MARGIN, bottom + 22), names, _SOFT, _font(30))
    _ladder(draw, card)
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def authors_words(names: Iterable[str]) -> str:
    """The first authors, and how many more there are."""
    every = list(names)
    more = len(every) - _NAMES_MOST
    return ", ".join(every[:_NAMES_MOST]) + (f" and {more} more" if more > 0 else "")


def drawable(text: str) -> str:
    """The text without the characters that the font would draw as empty boxes."""
    kept = "".join(char for char in text if char.isspace() or _has(char))
    return " ".join(kept.split())


@lru_cache(maxsize=4096)
def _has(char: str) -> bool:
    font = _font(30)
    return char.isprintable() and bytes(font.getmask(char)) != bytes(font.getmask(_IN_NO_FONT))


def _title(draw: ImageDraw.ImageDraw, title: str) -> int:
    """The title in the largest size in which it fits; how far down it reaches."""
    for size in _TITLE_SIZES:
        font, lines = _font(size, bold=True), wrapped(title, _font(size, bold=True), _WIDTH)
        if len(lines) <= _TITLE_LINES:
            break
    if len(lines) > _TITLE_LINES:
        last = _shortened(f"{lines[_TITLE_LINES - 1]} …", font, _WIDTH)
        lines = [*lines[: _TITLE_LINES - 1], last if last.endswith("…") else f"{last}…"]
    for number, line in enumerate(lines):
        draw.text((_MARGIN, 108 + number * round(size * 1.25)), line, _INK, font)
    return 108 + len(lines) * round(size * 1.25)


def _ladder(draw: ImageDraw.ImageDraw, card: Card) -> None:
    """What was seen in words, the rungs that were reached, and whose card it is."""
    top, left = SIZE[1] - 96, _MARGIN
    words = _shortened(card.words, _font(34), _WIDTH)
    draw.text((_MARGIN, top - 66), words, f"#{card.colour}", _font(34))
    for rung in range(card.rungs_most):
        fill = f"#{card.colour}" if rung < card.rungs else _EMPTY
        draw.rounded_rectangle((left, top - 4, left + 34, top + 40), 6, fill=fill)
        left += 44
    site = _font(32, bold=True)
    right = SIZE[0] - _MARGIN - site.getlength(card.site)
    if card.rungs_most:
        reached = f"level {card.rungs} of {card.rungs_most}"
        draw.text((left + 12, top + 2), reached, _SOFT, _font(28))
    draw.text((right, top), card.site, _INK, site)


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The text in lines that fit; a word that is wider than a line is broken where it must be."""
    lines: list[str] = []
    for word in _pieces(text, font, width):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    """The words; of one that is too wide, as in scripts without blanks, what fits a line."""
    for word in text.split():
        rest = word
        while rest:
            length = len(rest)
            while length > 1 and font.getlength(rest[:length]) > width:
                length -= 1
            yield rest[:length]
            rest = rest[length:]


def _shortened(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """The text, or as much of its beginning as fits before an ellipsis."""
    if font.getlength(text) <= width:
        return text
    kept = text
    while kept and font.getlength(f"{kept}…") > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


@lru_cache(maxsize=16)
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans: Latin, Greek, Cyrillic, Arabic, Hebrew, and the signs of mathematics."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(_fonts() / name), size)


@lru_cache(maxsize=1)
def _fonts() -> Path:
    """The folder of the fonts that matplotlib ships; matplotlib itself is not imported."""
    found = importlib.util.find_spec("matplotlib")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("matplotlib, whose fonts the cards are set in, is not installed.")
    return Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
