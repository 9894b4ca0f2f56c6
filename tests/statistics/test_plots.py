"""Plots: well-formed, named, bounded by their frame, and safe with any text."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.plots import bars, sparkline, step_curve

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("x")</script>&\'"'


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)


def drawn() -> list[str]:
    return [
        step_curve([(0, 1), (3, 0.5)], band=[(0, 1, 1), (3, 0.2, 0.8)], until=12, title=HOSTILE,
                   description=HOSTILE, x_label=HOSTILE, y_label=HOSTILE),
        bars([(HOSTILE, 3), ("b", 0)], title=HOSTILE, description=HOSTILE),
        sparkline([0, 6, 3], most=6, title=HOSTILE),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(3))
def test_a_plot_says_what_it_shows_to_who_does_not_see_it(number):
    root = parsed(drawn()[number])
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label", "").startswith(HOSTILE)
    assert root.find(f"{SVG}title").text == HOSTILE


@pytest.mark.parametrize("number", range(3))
def test_a_plot_has_no_script_no_id_and_no_style_of_its_own(number):
    for element in parsed(drawn()[number]).iter():
        assert element.tag != f"{SVG}script"
        assert not {"id", "style", "onload", "href"} & set(element.attrib)


@given(
    st.lists(st.tuples(st.floats(0, 500), st.floats(0, 1)), min_size=1, max_size=30),
    st.floats(0, 500),
)
def test_a_curve_stays_within_its_frame(points, until):
    points = sorted((x, share) for x, share in points if x <= until) or [(0.0, 1.0)]
    root = parsed(
        step_curve(points, until=until, title="t", description="", x_label="x", y_label="y")
    )
    line = root.find(f"{SVG}polyline")
    for place in line.get("points").split():
        x, y = map(float, place.split(","))
        assert 0 <= x <= 520
        assert 0 <= y <= 240


@given(st.lists(st.tuples(st.text(max_size=20).filter(str.isprintable), st.integers(0, 10**9)),
                max_size=20))  # fmt: skip
def test_bars_are_as_long_as_their_counts(counts):
    root = parsed(bars(counts, title="t", description="d"))
    widths = [float(bar.get("width")) for bar in root.iter(f"{SVG}rect")]
    most = max((count for _, count in counts), default=0) or 1
    assert widths == [pytest.approx(count / most * 245, abs=0.06) for _, count in counts]


def test_nothing_at_all_can_be_drawn():
    parsed(bars([], title="t", description="d"))
    parsed(sparkline([], most=6, title="t"))
    parsed(step_curve([], until=0, title="t", description="", x_label="x", y_label="y"))
