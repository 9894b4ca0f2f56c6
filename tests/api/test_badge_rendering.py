"""Badges as pictures and as shields' JSON, without a database."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from registry import badges
from registry.badges import Badge, Colour
from registry.spec.ladder import Level, Repair

SVG = "{http://www.w3.org/2000/svg}"


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2) of a colour in hexadecimal."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*Colour, badges._LABEL_COLOUR])
def test_white_text_reads_well_on_every_colour(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_every_colour_is_another_one():
    assert len(set(Colour)) == len(Colour.__members__)


def test_svg_names_itself_to_a_screen_reader():
    root = ET.fromstring(badges.badge_svg(Badge(message="runs · 2026-11-22", colour=Colour.BLUE)))
    assert root.get("role") == "img"
    assert root.get("aria-label") == "reprise: runs · 2026-11-22"
    assert root.findtext(f"{SVG}title") == "reprise: runs · 2026-11-22"


@pytest.mark.parametrize(
    "hostile", ['"><script>alert(1)</script>', "&lt;", "a'b\"c", "<![CDATA[", "{}"]
)
def test_hostile_words_stay_words(hostile):
    root = ET.fromstring(badges.badge_svg(Badge(message=hostile, colour=Colour.RED)))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert texts == ["reprise", hostile]
    assert not list(root.iter("script"))
    assert (
        json.loads(badges.badge_json(Badge(message=hostile, colour=Colour.RED)))["message"]
        == hostile
    )


def test_svg_refers_to_nothing_elsewhere():
    svg = badges.badge_svg(Badge(message="runs", colour=Colour.BLUE))
    assert "href" not in svg
    assert " id=" not in svg
    assert svg.count("http") == 1  # the name space


def test_longer_words_make_a_wider_badge_and_fit_inside_it():
    short, long = (
        ET.fromstring(badges.badge_svg(Badge(message=message, colour=Colour.GREEN)))
        for message in ("runs", "reproduced, tests fail · 2026-11-22")
    )
    assert int(long.get("width")) > int(short.get("width")) + 100
    for root in (short, long):
        *_, text = root.iter(f"{SVG}text")
        half = int(text.get("textLength")) / 2
        assert float(text.get("x")) + half < int(root.get("width"))


def longest():
    """The longest badge of all: everything that can be said of a verdict at once."""
    return max(
        (
            badges.badge_of(
                state="failing",
                level=Level.BUILDS,
                cause=cause,
                date=datetime(2026, 11, 22, tzinfo=UTC),
                stale=True,
                tests_pass=False,
                repaired=True,
                repairs=tuple(Repair),
            )
            for cause in badges.CAUSE_WORDS
        ),
        key=lambda badge: badges.text_width(badge.message),
    )


def test_the_longest_badge_still_fits_into_a_column_of_text():
    root = ET.fromstring(badges.badge_svg(longest()))
    assert root.findtext(f"{SVG}title").count(", ") >= len(Repair) - 1
    assert int(root.get("width")) <= 400


def test_the_rungs_are_named_to_a_screen_reader_and_do_not_widen_the_badge():
    badge = Badge(message="runs · repaired · 2026-11-22", colour=Colour.BLUE)
    named = replace(badge, detail="repaired: imports added")
    plain, detailed = (ET.fromstring(badges.badge_svg(one)) for one in (badge, named))
    assert detailed.get("width") == plain.get("width")
    whole = "reprise: runs · repaired · 2026-11-22 (repaired: imports added)"
    assert detailed.get("aria-label") == detailed.findtext(f"{SVG}title") == whole


def test_json_is_shields_endpoint_schema():
    body = json.loads(badges.badge_json(badges.UNKNOWN))
    assert body == {
        "schemaVersion": 1,
        "label": "reprise",
        "message": "unknown",
        "color": "6e7781",
        "isError": True,
    }
    assert "isError" not in json.loads(badges.badge_json(Badge(message="runs", colour=Colour.BLUE)))
