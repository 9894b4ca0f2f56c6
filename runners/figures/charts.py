"""The drawings themselves. Equal numbers give equal bytes; hostile ones give no error.

This module imports matplotlib, which takes a second: only what draws imports this module.
"""

import functools
import io
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from runners.figures.pairs import Floats, Pair
from runners.figures.samples import Sample
from runners.figures.thinning import thinned, thinned_map
from runners.figures.words import Along, produced_for_expected

# Okabe and Ito's blue and vermilion are told apart by every kind of colour vision.
_EXPECTED, _PRODUCED, _BAND, _INK = "#0072b2", "#d55e00", "#cfe2ee", "#1c2126"
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: small files that any zoom keeps sharp
    "svg.hashsalt": "reprise",
    "text.parse_math": False,  # a column called $\frac is a name
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Segoe UI", "Helvetica", "Arial", "sans-serif"],
    "font.size": 9.5,
    "axes.formatter.useoffset": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8b8f94",
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "image.interpolation": "nearest",
}
_WIDTH = 6.6  # inches; a reader's column is about as wide
_PIXELS_AN_INCH = 260  # of maps within a drawing
_MARKS = 300  # each sign is an element of the file
_MARKED = 60  # so few points are drawn as points, not as a line alone
_BINS = 40
_FAR_FROM_SQUARE = 4
_P = ParamSpec("_P")


def _drawn(build: Callable[_P, Figure]) -> Callable[_P, bytes]:
    """The figure that `build` lays out as SVG, under the settings of all drawings."""

    @functools.wraps(build)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> bytes:
        stream = io.BytesIO()
        with mpl.rc_context(_SETTINGS), np.errstate(all="ignore"), warnings.catch_warnings():
            # matplotlib warns of letters that its own font lacks and of axes without extent.
            warnings.simplefilter("ignore")
            figure = build(*args, **kwargs)
            no_date = {"Date": None, "Creator": None}
            figure.savefig(stream, format="svg", dpi=_PIXELS_AN_INCH, metadata=no_date)
        return stream.getvalue()

    return drawn


@_drawn
def line_chart(pair: Pair, name: str, along: Along) -> Figure:
    """Both sides over their rows, and below them the difference with the tolerance as a band."""
    figure = _figure(4.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(5, 3))
    places = _places(pair.produced.size, along)
    _two_lines(above, places, pair)
    above.set_ylabel(_unit(name, pair.exponent))
    tolerance = thinned(places, pair.tolerance)
    below.fill_between(
        tolerance[0], -tolerance[1], tolerance[1], color=_BAND, linewidth=0, label="tolerance"
    )
    below.axhline(0, color=_EXPECTED, linewidth=0.8)
    below.plot(*thinned(places, pair.difference), color=_INK, linewidth=1, **_dots(places))
    wrong = np.where(pair.outside, pair.difference, np.nan)
    below.plot(
        *thinned(places, wrong, _MARKS), "x", color=_PRODUCED, markersize=5, label="outside of it"
    )
    below.set_ylabel(_unit("difference", pair.exponent))
    _count(below, along)
    _legend(below)
    return figure


@_drawn
def two_lines_chart(produced: Floats, expected: Floats, name: str, along: Along) -> Figure:
    """Two lines of different lengths, which have no difference."""
    figure = _figure(2.8)
    axes = figure.subplots()
    for values, style in ((expected, _style_of_expected()), (produced, _style_of_produced())):
        places = _places(values.size, along)
        axes.plot(*thinned(places, values), **style)
    _count(axes, along)
    axes.set_ylabel(name)
    _legend(axes)
    return figure


@_drawn
def map_chart(pair: Pair, most: int) -> Figure:
    """Expected, produced and their difference as maps of at most `most` pixels a side.

    Grey is where there is no finite number.
    """
    figure = _figure(2.7, layout="compressed")
    panels = figure.subplots(1, 3)
    limits = _range(np.concatenate([pair.expected.ravel(), pair.produced.ravel()]))
    top = max(abs(end) for end in _range(pair.difference)) or 1.0
    values = [
        _map(axes, side, limits, most=most, title=title, colours="viridis")
        for axes, side, title in (
            (panels[0], pair.expected, "expected"),
            (panels[1], pair.produced, "produced"),
        )
    ]
    off = _map(
        panels[2], pair.difference, (-top, top), most=most, title="difference", colours="RdBu_r"
    )
    unit = _unit("", pair.exponent)
    figure.colorbar(values[0], ax=list(panels[:2]), location="bottom", label=unit)
    figure.colorbar(off, ax=[panels[2]], location="bottom", label=unit)
    return figure


@_drawn
def dots_chart(pairs: Sequence[Pair]) -> Figure:
    """Few numbers: how far each lies from the expected one, and how far it may."""
    figure = _figure(1.0 + 0.34 * len(pairs))
    axes = figure.subplots()
    for place, pair in enumerate(pairs):
        scale = abs(float(pair.expected)) or 1.0
        tolerance, off = float(pair.tolerance) / scale, float(pair.difference) / scale
        wrong = bool(pair.outside)
        axes.barh(place, 2 * tolerance, left=-tolerance, height=0.6, color=_BAND)
        colour, mark = (_PRODUCED, "X") if wrong else (_EXPECTED, "o")
        axes.plot(off, place, mark, color=colour)
        said = produced_for_expected(pair)
        axes.text(1.01, place, said, transform=axes.get_yaxis_transform(), va="center")
    axes.axvline(0, color=_EXPECTED, linewidth=0.8, zorder=0)
    axes.use_sticky_edges = False
    axes.set_yticks(range(len(pairs)), [pair.name for pair in pairs])
    axes.invert_yaxis()
    axes.set_xlabel("relative difference; the bars are the tolerance")
    return figure


@_drawn
def distribution_chart(sample: Sample, name: str) -> Figure:
    """Two samples as histograms with common bins, and as empirical distribution functions."""
    figure = _figure(3.0)
    counts, steps = figure.subplots(1, 2)
    low, high = _range(np.concatenate([sample.expected, sample.produced]))
    edges = np.linspace(low, high, _BINS + 1)
    for values, style in (
        (sample.expected, _style_of_expected()),
        (sample.produced, _style_of_produced()),
    ):
        seen = np.histogram(values, edges)[0] / max(values.size, 1)
        counts.stairs(seen, edges, color=style["color"], fill=True, alpha=0.25)
        counts.stairs(seen, edges, **style)
        ordered = np.sort(values)
        share = np.arange(1, values.size + 1) / max(values.size, 1)
        steps.step(*thinned(ordered, share), where="post", **style)
    counts.set_ylabel("share of the numbers")
    steps.set_ylabel("share up to the value")
    for axes in (counts, steps):
        axes.set_xlabel(_unit(name, sample.exponent))
    _legend(counts)
    return figure


@_drawn
def bins_chart(sample: Sample, name: str) -> Figure:
    """Two histograms that the model itself counted, as shares of all counts."""
    figure = _figure(3.0)
    axes = figure.subplots()
    for (counts, _), style in (
        (sample.expected_means, _style_of_expected()),
        (sample.produced_means, _style_of_produced()),
    ):
        edges = np.arange(counts.size + 1) - 0.5
        axes.stairs(counts / (counts.sum() or 1.0), edges, **style)
    _count(axes, Along(word=f"bin of {name}", first=0))
    axes.set_ylabel("share of all counts")
    _legend(axes)
    return figure


@_drawn
def means_chart(sample: Sample, name: str, along: Along) -> Figure:
    """The means over the runs of both sides, with their 95% intervals."""
    figure = _figure(3.0)
    axes = figure.subplots()
    for shift, (mean, half), style in (
        (-0.08, sample.expected_means, _style_of_expected()),
        (0.08, sample.produced_means, _style_of_produced()),
    ):
        places = _places(mean.size, along) + shift
        bars = {"linewidth": 0, "elinewidth": 1.6, "capsize": 3, "marker": "o"}
        axes.errorbar(places, mean, yerr=half, **(style | bars))
    axes.set_xlim(along.first - 0.5, along.first + sample.expected_means[0].size - 0.5)
    _count(axes, along)
    axes.set_ylabel(_unit(f"mean of {name}", sample.exponent))
    _legend(axes)
    return figure


def _figure(height: float, layout: Literal["constrained", "compressed"] = "constrained") -> Figure:
    """An empty white figure, so many inches high."""
    return Figure(figsize=(_WIDTH, height), layout=layout, facecolor="white")


def _places(count: int, along: Along) -> Floats:
    return np.arange(count, dtype=np.float64) + along.first


def _style_of_expected() -> dict[str, Any]:
    return {"color": _EXPECTED, "linewidth": 2.6, "alpha": 0.75, "label": "expected"}


def _style_of_produced() -> dict[str, Any]:
    return {"color": _PRODUCED, "linewidth": 1.1, "label": "produced"}


def _two_lines(axes: Axes, places: Floats, pair: Pair) -> None:
    for values, style in (
        (pair.expected, _style_of_expected()),
        (pair.produced, _style_of_produced()),
    ):
        axes.plot(*thinned(places, values), **style, **_dots(places))
    _legend(axes)


def _dots(places: Floats) -> dict[str, Any]:
    return {"marker": "o", "markersize": 3.5} if places.size <= _MARKED else {}


def _count(axes: Axes, along: Along) -> None:
    """Whole numbers along the axis: there is no row 2.5."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(along.word)


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, borderaxespad=0.2)


def _unit(word: str, exponent: int) -> str:
    """An axis's name with the power of ten that its numbers are in."""
    return f"{word} × 1e{exponent}".strip() if exponent else word


def _range(values: Floats) -> tuple[float, float]:
    """The smallest and the largest finite number; around a single one, some room."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    room = 0.5 * (abs(low) or 1.0) if low == high else 0.0
    return low - room, high + room


def _map(
    axes: Axes, whole: Floats, limits: tuple[float, float], *, most: int, title: str, colours: str
) -> AxesImage:
    """One panel, its axes counted in positions of the whole array."""
    rows, columns = whole.shape
    square = max(rows, columns) <= _FAR_FROM_SQUARE * min(rows, columns)
    axes.set_title(title)
    return axes.imshow(
        thinned_map(whole, most=most),
        cmap=mpl.colormaps[colours].with_extremes(bad="#9a9a9a"),
        vmin=limits[0],
        vmax=limits[1],
        aspect="equal" if square else "auto",
        extent=(-0.5, columns - 0.5, rows - 0.5, -0.5),
    )
