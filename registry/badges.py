"""Badges: what an entry's evidence says, in a few words, as SVG and as shields' JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from xml.sax.saxutils import escape, quoteattr

from registry.spec.ladder import Cause, Level, Repair

LABEL = "reprise"
_LABEL_COLOUR = "3d444d"
_PADDING = 6
# Widths of Verdana at 11 px, which shields and most badges assume; `textLength` makes any
# other font fit the same box.
_WIDTHS = {"ijl|.,:;'!": 3.4, "frt()[]-/· ": 4.4, "mwMW%@": 10.2, "—…": 11.0}
_WIDTH_OF = {character: width for group, width in _WIDTHS.items() for character in group}
_LOWER, _UPPER, _OTHER = 6.7, 7.9, 11.0


class Colour(StrEnum):
    """A badge's right half. White text on each has a contrast of at least 4.5 to 1."""

    GREEN = "1a7f37"
    TEAL = "0e7c7b"
    BLUE = "0969da"
    INDIGO = "5b5bd6"
    PURPLE = "8250df"
    SLATE = "57606a"
    AMBER = "9a6700"
    RED = "cf222e"
    GREY = "6e7781"


@dataclass(frozen=True, kw_only=True)
class Badge:
    """What a badge says. `is_error` tells shields not to let a style hide the colour.

    `detail` is for who rests on the picture or has it read aloud; shields has no field for it.
    """

    message: str
    colour: Colour
    is_error: bool = False
    detail: str = ""


UNKNOWN = Badge(message="unknown", colour=Colour.GREY, is_error=True)

_OF_LEVEL = {
    Level.REGISTERED: Colour.SLATE,
    Level.ARCHIVED: Colour.SLATE,
    Level.BUILDS: Colour.INDIGO,
    Level.RUNS: Colour.BLUE,
    Level.REPEATABLE: Colour.TEAL,
    Level.REPRODUCED: Colour.GREEN,
    Level.SUSTAINED: Colour.GREEN,
}
CAUSE_WORDS = {
    Cause.FETCH: "not fetched",
    Cause.RESOLVE: "packages conflict",
    Cause.BUILD: "build fails",
    Cause.IMPORT: "import fails",
    Cause.DATA: "data missing",
    Cause.TEST: "tests fail",
    Cause.MISMATCH: "mismatch",
    Cause.NONDETERMINISTIC: "not repeatable",
    Cause.TIMEOUT: "timeout",
    Cause.RESOURCES: "out of resources",
    Cause.UNSUPPORTED: "unsupported",
}
_WITHOUT_VERDICT = {
    "draft": Badge(message="draft", colour=Colour.GREY),
    "queued": Badge(message="queued", colour=Colour.PURPLE),
    "running": Badge(message="running", colour=Colour.PURPLE),
    "withdrawn": Badge(message="withdrawn", colour=Colour.SLATE),
    "unknown": Badge(message="not verified", colour=Colour.GREY),
}


def badge_of(
    *,
    state: str,
    level: Level,
    cause: Cause | None,
    date: datetime | None,
    stale: bool,
    tests_pass: bool | None,
    repaired: bool,
    repairs: Sequence[Repair],
) -> Badge:
    """The badge of what selectors.badge_state found; its `state` is the word there explained.

    Outputs and tests are two verdicts: where the outputs agree and the tests fail, it says both.
    An environment that had to be changed is said in one word, the rungs in the detail.
    """
    if state in _WITHOUT_VERDICT or date is None:
        return _WITHOUT_VERDICT.get(state, UNKNOWN)
    said = CAUSE_WORDS.get(cause, level.label) if cause else level.label
    tests = ", tests fail" if tests_pass is False and cause is not Cause.TEST else ""
    modifiers = f"{' (stale)' if stale else ''}{' · repaired' if repaired else ''}"
    message = f"{said}{tests}{modifiers} · {date:%Y-%m-%d}"
    detail = repairs_words(repairs) if repaired else ""
    if cause:
        return Badge(message=message, colour=Colour.RED, is_error=True, detail=detail)
    colour = Colour.AMBER if tests or stale else _OF_LEVEL[level]
    return Badge(message=message, colour=colour, detail=detail)


def repairs_words(repairs: Sequence[Repair]) -> str:
    """What was changed, rung by rung: “repaired: imports added, pins relaxed”."""
    labels = ", ".join(repair.label for repair in repairs)
    return f"repaired: {labels}" if labels else "repaired: the environment was changed"


def text_width(text: str) -> float:
    """The width of `text` in CSS pixels at 11 px, estimated without a font."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> float:
    if character in _WIDTH_OF:
        return _WIDTH_OF[character]
    if not character.isascii():
        return _OTHER
    return _UPPER if character.isupper() else _LOWER


def badge_json(badge: Badge) -> str:
    """The badge in shields' endpoint schema, version 1."""
    body = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": badge.message,
        "color": badge.colour.value,
    }
    return json.dumps(body | ({"isError": True} if badge.is_error else {}), ensure_ascii=False)


def badge_svg(badge: Badge) -> str:
    """The badge as an SVG that names itself to a screen reader and needs no font of its own."""
    left = round(text_width(LABEL)) + 2 * _PADDING
    right = round(text_width(badge.message)) + 2 * _PADDING
    said = f"{LABEL}: {badge.message}" + (f" ({badge.detail})" if badge.detail else "")
    return _SVG.format(
        said_attribute=quoteattr(said),
        said=escape(said),
        width=left + right,
        inner=left + right - 1,
        left=left,
        flat=right - 3,
        label_colour=_LABEL_COLOUR,
        colour=badge.colour.value,
        label_text=_text(LABEL, centre=left / 2, width=left - 2 * _PADDING),
        message_text=_text(badge.message, centre=left + right / 2, width=right - 2 * _PADDING),
    )


def _text(text: str, *, centre: float, width: int) -> str:
    return f'<text x="{centre:g}" y="14" textLength="{width}">{escape(text)}</text>'


# The thin light border keeps the dark label apart from a dark page. No element has an id: several
# badges inside one page would share it.
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" \
aria-label={said_attribute}>\
<title>{said}</title>\
<path d="M{left} 0V20H3A3 3 0 0 1 0 17V3A3 3 0 0 1 3 0Z" fill="#{label_colour}"/>\
<path d="M{left} 0h{flat}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left}Z" fill="#{colour}"/>\
<rect x=".5" y=".5" width="{inner}" height="19" rx="2.5" fill="none" \
stroke="#fff" stroke-opacity=".25"/>\
<g fill="#fff" text-anchor="middle" font-size="11" \
font-family="Verdana,Geneva,DejaVu Sans,sans-serif" text-rendering="geometricPrecision">\
{label_text}{message_text}</g></svg>
"""
