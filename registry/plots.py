"""Small plots as SVG text: pure functions of numbers, no script, no id, no colour of their own.

Each has its name and what it shows in words; colours are those of the classes in the stylesheet.
The numbers are always beside them in a table: a plot is never the only place of a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString

Point = tuple[float, float]
_WIDTH, _HEIGHT = 520, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 12, 40
_BAR, _GAP, _LABEL = 20, 8, 215
_SPARK_STEP, _SPARK_HEIGHT = 7, 22
_COLUMN, _COLUMN_HEIGHT = 14, 56
_TICKS_MOST = 7
CURVES_MOST = 6
SHADES = 9


def step_curve(
    points: Sequence[Point],
    *,
    band: Sequence[tuple[float, float, float]] = (),
    until: float,
    title: str,
    description: str,
    x_label: str,
    y_label: str,
) -> SafeString:
    """A share (0 to 1) that changes in steps, from 0 to `until`.

    `points` are (x, share), each in force from its x on; `band` is (x, low, high) likewise.
    """
    until = max(until, 1.0)
    drawn = [
        *_axes(until, x_label, y_label),
        _polygon(_stairs([(x, high) for x, _, high in band], until)
                 + _stairs([(x, low) for x, low, _ in band], until)[::-1], until),
        _line(_stairs(points, until), until),
    ]  # fmt: skip
    return _svg(drawn, width=_WIDTH, height=_HEIGHT, title=title, description=description)


def bars(counts: Sequence[tuple[str, int]], *, title: str, description: str) -> SafeString:
    """Counts as horizontal bars, each with its label and its number."""
    most = max((count for _, count in counts), default=0) or 1
    height = len(counts) * (_BAR + _GAP) + _GAP
    room = _WIDTH - _LABEL - 60
    drawn = []
    for number, (label, count) in enumerate(counts):
        top, wide = _GAP + number * (_BAR + _GAP), count / most * room
        middle = top + _BAR * 0.72
        drawn += [
            _text(label, _LABEL - 8, middle, "end"),
            f'<rect class="plot-bar" x="{_LABEL}" y="{top}" width="{wide:.1f}" height="{_BAR}"/>',
            _text(f"{count:,}", _LABEL + wide + 6, middle, "start"),
        ]
    return _svg(drawn, width=_WIDTH, height=height, title=title, description=description)


def sparkline(values: Sequence[int], *, most: int, title: str) -> SafeString:
    """A few whole numbers from 0 to `most` as columns, the newest at the right."""
    width = max(len(values), 1) * _SPARK_STEP
    drawn = []
    for number, value in enumerate(values):
        tall = 2 + (_SPARK_HEIGHT - 2) * value / most
        drawn.append(
            f'<rect class="plot-level level-{value}" x="{number * _SPARK_STEP}" '
            f'y="{_SPARK_HEIGHT - tall:.1f}" width="{_SPARK_STEP - 2}" height="{tall:.1f}"/>'
        )
    return _svg(drawn, width=width, height=_SPARK_HEIGHT, title=title, kind="sparkline")


def columns(counts: Sequence[int], *, title: str, description: str) -> SafeString:
    """Counts as upright columns in the order of time, the newest at the right."""
    most = max(counts, default=0) or 1
    drawn = []
    for number, count in enumerate(counts):
        # One without any stands as a thin line, so that time is seen to pass.
        tall = max(_COLUMN_HEIGHT * count / most, 1)
        drawn.append(
            f'<rect class="plot-bar" x="{number * _COLUMN}" y="{_COLUMN_HEIGHT - tall:.1f}" '
            f'width="{_COLUMN - 2}" height="{tall:.1f}"/>'
        )
    width = max(len(counts), 1) * _COLUMN
    return _svg(drawn, width=width, height=_COLUMN_HEIGHT, title=title, description=description)


def curves(
    series: Sequence[tuple[str, Sequence[Point]]], *, title: str, description: str, x_label: str
) -> SafeString:
    """Up to six rows of finite points as lines, each with its name at the right; linear axes."""
    points = [point for _, row in series for point in row]
    box = _Box.around(points)
    drawn = [*box.axes(x_label)]
    for number, (name, row) in enumerate(series[:CURVES_MOST]):
        places = " ".join(box.at(point) for point in row)
        drawn.append(f'<polyline class="plot-curve curve-{number}" points="{places}"/>')
        top = _TOP + 12 + number * 18
        drawn.append(f'<g class="curve-{number}">{_text(name, _WIDTH - _RIGHT, top, "end")}</g>')
    return _svg(drawn, width=_WIDTH, height=_HEIGHT, title=title, description=description)


def shades(rows: Sequence[Sequence[float]], *, title: str, description: str) -> SafeString:
    """A table of numbers from 0 to 1 as squares, the darker the larger; anything else stays empty.

    One path for each of nine shades, because thousands of squares would be a long text.
    """
    side = _HEIGHT / max(len(rows), 1)
    wide = min(side, _WIDTH / max((len(row) for row in rows), default=1))
    squares: list[list[str]] = [[] for _ in range(SHADES)]
    for top, row in enumerate(rows):
        for left, value in enumerate(row):
            if 0 <= value <= 1:
                place = f"M{left * wide:.1f} {top * wide:.1f}h{wide:.1f}v{wide:.1f}h-{wide:.1f}z"
                squares[min(int(value * SHADES), SHADES - 1)].append(place)
    drawn = [
        f'<path class="plot-shade shade-{number}" d="{"".join(places)}"/>'
        for number, places in enumerate(squares)
    ]
    width = wide * max((len(row) for row in rows), default=1)
    return _svg(drawn, width=width, height=wide * len(rows), title=title, description=description)


def _svg(
    drawn: Sequence[str],
    *,
    width: float,
    height: float,
    title: str,
    description: str = "",
    kind: str = "plot",
) -> SafeString:
    """The whole picture. Everything in `drawn` is of our own making or escaped."""
    said = f"<desc>{escape(description)}</desc>" if description else ""
    label = escape(f"{title}. {description}" if description else title)
    return SafeString(
        f'<svg class="{kind}" role="img" aria-label="{label}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{said}{''.join(drawn)}</svg>"
    )


def _at(point: Point, until: float) -> str:
    x = _LEFT + point[0] / until * (_WIDTH - _LEFT - _RIGHT)
    y = _TOP + (1 - point[1]) * (_HEIGHT - _TOP - _BOTTOM)
    return f"{x:.1f},{y:.1f}"


def _stairs(points: Sequence[Point], until: float) -> list[Point]:
    """The corners of a line that keeps each share up to the next."""
    if not points:
        return []
    corners = [points[0]]
    for before, after in pairwise(points):
        corners += [(after[0], before[1]), after]
    return [*corners, (until, points[-1][1])]


def _line(corners: Sequence[Point], until: float) -> str:
    places = " ".join(_at(corner, until) for corner in corners)
    return f'<polyline class="plot-line" points="{places}"/>' if corners else ""


def _polygon(corners: Sequence[Point], until: float) -> str:
    places = " ".join(_at(corner, until) for corner in corners)
    return f'<polygon class="plot-band" points="{places}"/>' if corners else ""


def _axes(until: float, x_label: str, y_label: str) -> list[str]:
    bottom = _HEIGHT - _BOTTOM
    drawn = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = float(_at((0, share), until).split(",")[1])
        drawn.append(
            f'<line class="plot-grid" x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}"/>'
        )
        drawn.append(_text(f"{share:.0%}", _LEFT - 6, y + 4, "end"))
    for tick in _ticks(until):
        x = float(_at((tick, 0), until).split(",")[0])
        drawn.append(_text(f"{tick:g}", x, bottom + 16, "middle"))
    drawn.append(_text(x_label, (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 6, "middle"))
    drawn.append(f"<g><title>{escape(y_label)}</title></g>")
    return drawn


def _ticks(until: float) -> list[float]:
    """At most seven round numbers from 0 on."""
    steps = (step * 10**power for power in range(6) for step in (1, 2, 3, 6))
    step = next((each for each in steps if until / each < _TICKS_MOST), until)
    return [number * step for number in range(int(until // step) + 1)]


def _text(text: str, x: float, y: float, anchor: str) -> str:
    return (
        f'<text class="plot-text" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


@dataclass(frozen=True, kw_only=True)
class _Box:
    """What of the plane a plot of curves shows."""

    left: float
    right: float
    low: float
    high: float

    @classmethod
    def around(cls, points: Sequence[Point]) -> "_Box":
        """The smallest box that holds all points, and has a width and a height."""
        xs, ys = [x for x, _ in points] or [0.0], [y for _, y in points] or [0.0]
        return cls(
            left=min(xs),
            right=_beyond(min(xs), max(xs)),
            low=min(ys),
            high=_beyond(min(ys), max(ys)),
        )

    def at(self, point: Point) -> str:
        """A point's place in the picture. Halved first, so that no difference overflows."""
        along = _share(point[0], self.left, self.right)
        up = _share(point[1], self.low, self.high)
        x = _LEFT + along * (_WIDTH - _LEFT - _RIGHT)
        return f"{x:.1f},{_TOP + (1 - up) * (_HEIGHT - _TOP - _BOTTOM):.1f}"

    def axes(self, x_label: str) -> list[str]:
        """The lines at the ends of both axes with their numbers, and what the lower one is."""
        bottom = _HEIGHT - _BOTTOM
        grid = '<line class="plot-grid" x1="{0}" y1="{1}" x2="{2}" y2="{1}"/>'
        return [
            *(grid.format(_LEFT, y, _WIDTH - _RIGHT) for y in (_TOP, bottom)),
            _text(f"{self.high:.3g}", _LEFT - 4, _TOP + 4, "end"),
            _text(f"{self.low:.3g}", _LEFT - 4, bottom + 4, "end"),
            _text(f"{self.left:.4g}", _LEFT, bottom + 16, "start"),
            _text(f"{self.right:.4g}", _WIDTH - _RIGHT, bottom + 16, "end"),
            _text(x_label, (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 6, "middle"),
        ]


def _beyond(least: float, most: float) -> float:
    return most if most > least else least + (abs(least) or 1.0)


def _share(value: float, least: float, most: float) -> float:
    return (value / 2 - least / 2) / (most / 2 - least / 2)
