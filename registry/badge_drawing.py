"""Badges drawn: SVG in three styles, on dark pages and light, and shields' JSON."""

import json
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from xml.sax.saxutils import escape, quoteattr

from registry.badges import LABEL, Badge

_LABEL_COLOUR = "3d444d"
# Widths of Verdana at 11 px, which shields and most badges assume; `textLength` makes any
# other font fit the same box.
_WIDTHS = {"ijl|.,:;'!": 3.4, "frt()[]-/· ": 4.4, "mwMW%@": 10.2, "—…": 11.0}
_WIDTH_OF = {character: width for group, width in _WIDTHS.items() for character in group}
_LOWER, _UPPER, _OTHER = 6.7, 7.9, 11.0


class Style(StrEnum):
    """How a badge is drawn, by the names that shields gave its styles."""

    FLAT = "flat"
    SQUARE = "flat-square"
    LARGE = "for-the-badge"


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """Measures of a style in CSS pixels. `scale` is the font's size against the one measured."""

    height: int
    radius: int
    padding: int
    font: int
    baseline: int
    capitals: bool = False

    def text(self, text: str) -> str:
        return text.upper() if self.capitals else text

    def width(self, text: str) -> int:
        spaced = len(text) * 1.2 if self.capitals else 0
        return round(text_width(self.text(text)) * self.font / 11 + spaced)


_SHAPES = {
    Style.FLAT: _Shape(height=20, radius=3, padding=6, font=11, baseline=14),
    Style.SQUARE: _Shape(height=20, radius=0, padding=6, font=11, baseline=14),
    Style.LARGE: _Shape(height=28, radius=3, padding=10, font=10, baseline=18, capitals=True),
}


def text_width(text: str) -> float:
    """The width of `text` in CSS pixels at 11 px, estimated without a font."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> float:
    if character in _WIDTH_OF:
        return _WIDTH_OF[character]
    if not character.isascii():
        return _OTHER
    return _UPPER if character.isupper() else _LOWER


def badge_json(badge: Badge, style: Style | None = None) -> str:
    """The badge in shields' endpoint schema, version 1."""
    body: dict[str, object] = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": badge.message,
        "color": badge.colour.value,
    }
    body |= {"isError": True} if badge.is_error else {}
    body |= {"style": style.value} if style else {}
    return json.dumps(body, ensure_ascii=False)


def badge_svg(badge: Badge, style: Style = Style.FLAT) -> str:
    """The badge as an SVG that names itself to a screen reader and needs no font of its own."""
    shape = _SHAPES[style]
    boxes = [(LABEL, _LABEL_COLOUR), *((part.text, part.colour.value) for part in badge.parts)]
    widths = [shape.width(text) + 2 * shape.padding for text, _ in boxes]
    starts = list(accumulate(widths, initial=0))
    places = list(zip(boxes, starts, widths, strict=False))  # the last start is the whole width
    said = f"{LABEL}: {', '.join(part.text for part in badge.parts)}"
    said += f" ({badge.detail})" if badge.detail else ""
    last = len(places) - 1
    return _SVG.format(
        said_attribute=quoteattr(said),
        said=escape(said),
        width=starts[-1],
        height=shape.height,
        boxes="".join(
            _box(shape, colour, x=x, width=width, ends=(place == 0, place == last))
            for place, ((_, colour), x, width) in enumerate(places)
        ),
        # Neighbours of one colour are two statements.
        seams="".join(f"M{x}.5 0v{shape.height}" for x in starts[2:-1]),
        # A thin light border keeps the dark label apart from a dark page.
        border=f'width="{starts[-1] - 1}" height="{shape.height - 1}" rx="{shape.radius}"',
        texts="".join(_text(shape, text, x=x, width=width) for (text, _), x, width in places),
        font=shape.font,
        weight=' font-weight="bold"' if shape.capitals else "",
    )


def _box(shape: _Shape, colour: str, *, x: int, width: int, ends: tuple[bool, bool]) -> str:
    """A coloured box, round at the ends of the badge."""
    left, right = (shape.radius if end else 0 for end in ends)
    path = (
        f"M{x + left} 0h{width - left - right}a{right} {right} 0 0 1 {right} {right}"
        f"v{shape.height - 2 * right}a{right} {right} 0 0 1-{right} {right}"
        f"H{x + left}a{left} {left} 0 0 1-{left}-{left}"
        f"V{left}a{left} {left} 0 0 1 {left}-{left}z"
    )
    return f'<path d="{path}" fill="#{colour}"/>'


def _text(shape: _Shape, text: str, *, x: int, width: int) -> str:
    place = f'x="{x + width / 2:g}" y="{shape.baseline}" textLength="{shape.width(text)}"'
    return f"<text {place}>{escape(shape.text(text))}</text>"


# No element has an id: several badges inside one page would share it.
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" \
aria-label={said_attribute}>\
<title>{said}</title>{boxes}\
<path d="{seams}" stroke="#fff" stroke-opacity=".45"/>\
<rect x=".5" y=".5" {border} fill="none" stroke="#fff" stroke-opacity=".25"/>\
<g fill="#fff" text-anchor="middle" font-size="{font}"{weight} \
font-family="Verdana,Geneva,DejaVu Sans,sans-serif" text-rendering="geometricPrecision">\
{texts}</g></svg>
"""
