"""What a program prints as HTML: its colours, and nothing else that a terminal would obey."""

import re

import pytest

from registry.ansi import CUT, LINE_CHARACTERS, line_html, lines_of

RED, RESET = "\x1b[31m", "\x1b[0m"


def shown(written):
    """The words of a line's HTML, without its spans."""
    return re.sub(r"</?span[^>]*>", "", str(line_html(written)))


def test_colours_and_weight_become_classes_of_ours():
    html = str(line_html(f"a {RED}b{RESET} \x1b[1;32mc{RESET} \x1b[4md"))
    assert html == (
        'a <span class="t-red">b</span> <span class="t-bold t-green">c</span> '
        '<span class="t-underlined">d</span>'
    )


@pytest.mark.parametrize(
    ("code", "classes"),
    [("91", "t-red"), ("38;5;196", "t-red"), ("38;2;0;0;250", "t-blue"), ("90", "t-grey"),
     ("7", "t-marked"), ("41;37", "t-marked"), ("2", "t-faint")],
    ids=["bright", "of-256", "true-colour", "grey", "reverse", "ground", "dim"],
)  # fmt: skip
def test_every_way_to_say_a_colour_ends_in_one_that_can_be_read(code, classes):
    assert str(line_html(f"\x1b[{code}mx")) == f'<span class="{classes}">x</span>'


@pytest.mark.parametrize("code", ["30", "37", "39", "0", "", "97"])
def test_black_white_and_none_are_the_pages_own_ink(code):
    assert str(line_html(f"\x1b[{code}mx")) == "x"


# Case 25 of docs/threats: what code prints that wants more of a terminal than to be read.
HOSTILE = {
    "link": ("\x1b]8;;https://evil.example/\x07click\x1b]8;;\x07", "click"),
    "link-st": ("\x1b]8;;javascript:alert(1)\x1b\\click\x1b]8;;\x1b\\", "click"),
    "title": ("\x1b]0;owned\x07text", "text"),
    "clipboard": ("\x1b]52;c;ZXZpbA==\x07text", "text"),
    "cursor": ("\x1b[2J\x1b[Htext\x1b[10A\x1b[K", "text"),
    "mode": ("\x1b[?25l\x1b[?1049htext", "text"),
    "nul-bell": ("te\x00xt\x07\x08", "text"),
    "c1": ("te\x9bxt\x85", "text"),
    "bidi": ("te\u202ext\u2066\u200f", "text"),
    "tag": ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    "tag-in-colour": (f"{RED}<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
    "quote-in-colour": (f'{RED}"><b>', "&quot;&gt;&lt;b&gt;"),
    "unicode-digits": ("\x1b[²mx", "[²mx"),
    "half-a-code": ("text\x1b[3", "text[3"),
    "endless-code": ("\x1b[" + "1;" * 300 + "mtext", "text"),
}


@pytest.mark.parametrize(("written", "text"), HOSTILE.values(), ids=HOSTILE)
def test_nothing_else_that_a_terminal_obeys_is_left(written, text):
    assert shown(written) == text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown(written))


def test_markup_is_escaped_once_and_every_tag_is_one_of_ours():
    for written, _ in HOSTILE.values():
        tags = re.findall(r"<[^>]*>", str(line_html(written)))
        assert all(re.fullmatch(r'</span>|<span class="t-[a-z -]+">', tag) for tag in tags)


def test_a_line_that_is_written_over_shows_its_last_state():
    assert str(line_html("10 %\r50 %\r100 %\r")) == "100 %"
    assert str(line_html("plain\r")) == "plain"


def test_a_line_without_an_end_is_cut():
    assert shown("y" * 3_000_000) == "y" * LINE_CHARACTERS + CUT
    coloured = "".join(f"\x1b[3{n % 8}mx" for n in range(500_000))
    assert len(line_html(coloured)) < 20_000


def numbered(pieces, first=1):
    return [(line.number, line.text) for line in lines_of(pieces, first=first)]


def test_lines_are_numbered_however_they_come_in_pieces():
    whole = [(1, "one"), (2, ""), (3, "three"), (4, "fo")]
    assert numbered(["one\n\nthree\nfo"]) == whole
    assert numbered(["o", "ne", "\n", "\nthr", "ee\nf", "o"]) == whole
    assert numbered(["a\n"], first=7) == [(7, "a")]
    assert numbered([]) == []


def test_of_a_line_that_never_ends_no_more_is_held_than_is_shown():
    (line,) = lines_of("x" * 1000 for _ in range(1000))
    assert len(line.written) <= 3 * LINE_CHARACTERS


def test_a_progress_bar_in_many_pieces_shows_its_last_state():
    pieces = [*(f"\r{n} %" + " " * 50 for n in range(200)), "\rdone\n"]
    assert numbered(pieces) == [(1, "done")]
