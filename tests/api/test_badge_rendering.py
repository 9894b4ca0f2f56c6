"""Badges as pictures and as shields' JSON, without a database."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from registry import badge_drawing, badges
from registry.badge_drawing import Style
from registry.badges import Badge, Colour, Facts
from registry.spec.ladder import Cause, Level, Repair

SVG = "{http://www.w3.org/2000/svg}"


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2) of a colour in hexadecimal."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*Colour, badge_drawing._LABEL_COLOUR])
def test_white_text_reads_well_on_every_colour(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_every_colour_is_another_one():
    assert len(set(Colour)) == len(Colour.__members__)


def test_svg_names_itself_to_a_screen_reader():
    root = ET.fromstring(
        badge_drawing.badge_svg(Badge(message="runs · 2026-11-22", colour=Colour.BLUE))
    )
    assert root.get("role") == "img"
    assert root.get("aria-label") == "reprise: runs · 2026-11-22"
    assert root.findtext(f"{SVG}title") == "reprise: runs · 2026-11-22"


@pytest.mark.parametrize(
    "hostile", ['"><script>alert(1)</script>', "&lt;", "a'b\"c", "<![CDATA[", "{}"]
)
def test_hostile_words_stay_words(hostile):
    root = ET.fromstring(badge_drawing.badge_svg(Badge(message=hostile, colour=Colour.RED)))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert texts == ["reprise", hostile]
    assert not list(root.iter("script"))
    assert (
        json.loads(badge_drawing.badge_json(Badge(message=hostile, colour=Colour.RED)))["message"]
        == hostile
    )


def test_svg_refers_to_nothing_elsewhere():
    svg = badge_drawing.badge_svg(Badge(message="runs", colour=Colour.BLUE))
    assert "href" not in svg
    assert " id=" not in svg
    assert svg.count("http") == 1  # the name space


def test_longer_words_make_a_wider_badge_and_fit_inside_it():
    short, long = (
        ET.fromstring(badge_drawing.badge_svg(Badge(message=message, colour=Colour.GREEN)))
        for message in ("runs", "reproduced, tests fail · 2026-11-22")
    )
    assert int(long.get("width")) > int(short.get("width")) + 100
    for root in (short, long):
        *_, text = root.iter(f"{SVG}text")
        half = int(text.get("textLength")) / 2
        assert float(text.get("x")) + half < int(root.get("width"))


VERDICT = Facts(
    state="verified",
    level=Level.REPRODUCED,
    cause=None,
    date=datetime(2026, 11, 22, tzinfo=UTC),
    stale=False,
    tests_pass=True,
    repaired=False,
    repairs=(),
)
WORST = replace(
    VERDICT,
    state="failing",
    level=Level.BUILDS,
    stale=True,
    tests_pass=False,
    repaired=True,
    repairs=tuple(Repair),
    claims=12,
    claims_met=10,
)


def longest():
    """The longest badge of all: everything that can be said of a verdict at once."""
    every = (badges.badge_of(replace(WORST, cause=cause)) for cause in badges.CAUSE_WORDS)
    return max(every, key=lambda badge: badge_drawing.text_width(badge.message))


def test_the_longest_badge_still_fits_into_a_column_of_text():
    root = ET.fromstring(badge_drawing.badge_svg(longest()))
    assert root.findtext(f"{SVG}title").count(", ") >= len(Repair) - 1
    assert int(root.get("width")) <= 500


def test_the_rungs_are_named_to_a_screen_reader_and_do_not_widen_the_badge():
    badge = Badge(message="runs · repaired · 2026-11-22", colour=Colour.BLUE)
    named = replace(badge, detail="repaired: imports added")
    plain, detailed = (ET.fromstring(badge_drawing.badge_svg(one)) for one in (badge, named))
    assert detailed.get("width") == plain.get("width")
    whole = "reprise: runs · repaired · 2026-11-22 (repaired: imports added)"
    assert detailed.get("aria-label") == detailed.findtext(f"{SVG}title") == whole


def test_json_is_shields_endpoint_schema():
    body = json.loads(badge_drawing.badge_json(badges.UNKNOWN))
    assert body == {
        "schemaVersion": 1,
        "label": "reprise",
        "message": "unknown",
        "color": "6e7781",
        "isError": True,
    }
    assert "isError" not in json.loads(
        badge_drawing.badge_json(Badge(message="runs", colour=Colour.BLUE))
    )


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("show", [badges.badge_of, badges.segmented])
def test_every_style_holds_its_words_and_names_them(style, show):
    badge = show(replace(WORST, cause=Cause.MISMATCH))
    root = ET.fromstring(badge_drawing.badge_svg(badge, style))
    texts = list(root.iter(f"{SVG}text"))
    assert [one.text.lower() for one in texts[1:]] == [part.text.lower() for part in badge.parts]
    assert all(part.text in root.get("aria-label") for part in badge.parts)
    ends = [float(one.get("x")) + int(one.get("textLength")) / 2 for one in texts]
    starts = [float(one.get("x")) - int(one.get("textLength")) / 2 for one in texts]
    assert all(end < start for end, start in zip(ends, starts[1:], strict=False))
    assert ends[-1] < int(root.get("width"))


@pytest.mark.parametrize(
    ("facts", "texts"),
    [
        (VERDICT, ["builds", "tests report pass", "outputs reproduced", "2026-11-22"]),
        (
            replace(VERDICT, claims=9, claims_met=9, level=Level.SUSTAINED, tests_pass=None),
            ["builds", "no tests seen", "outputs sustained, 9 of 9 claims", "2026-11-22"],
        ),
        (
            replace(VERDICT, level=Level.ARCHIVED, cause=Cause.IMPORT, tests_pass=None),
            ["import fails", "no tests seen", "outputs not checked", "2026-11-22"],
        ),
        (
            replace(VERDICT, level=Level.ARCHIVED, cause=Cause.TIMEOUT, tests_pass=None),
            ["build not rated", "no tests seen", "outputs not checked", "2026-11-22"],
        ),
        (
            replace(VERDICT, level=Level.RUNS, stale=True, repaired=True, tests_pass=False),
            ["builds, repaired", "tests fail", "outputs not checked", "stale, 2026-11-22"],
        ),
        (
            replace(VERDICT, level=Level.REPEATABLE, cause=Cause.MISMATCH, claims=9, claims_met=7),
            ["builds", "tests report pass", "outputs differ, 7 of 9 claims", "2026-11-22"],
        ),
        (
            replace(VERDICT, level=Level.REPEATABLE),
            ["builds", "tests report pass", "outputs repeatable", "2026-11-22"],
        ),
        (
            replace(
                VERDICT, level=Level.BUILDS, cause=Cause.TEST, lost_at=VERDICT.date, tests_pass=None
            ),
            ["builds", "no tests seen", "outputs not checked", "lost since 2026-11-22"],
        ),
    ],
)
def test_segments_say_only_what_was_seen(facts, texts):
    assert [part.text for part in badges.segmented(facts).segments] == texts


def test_what_is_lost_says_since_when_and_why():
    lost = replace(VERDICT, level=Level.BUILDS, cause=Cause.IMPORT, lost_at=VERDICT.date)
    assert badges.badge_of(lost).message == "lost since 2026-11-22 · import fails"


def test_claims_are_counted_in_the_line():
    badge = badges.badge_of(replace(VERDICT, claims=9, claims_met=9))
    assert badge.message == "reproduced · 9 of 9 claims · 2026-11-22"
