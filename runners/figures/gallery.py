"""From two sides of a comparison to drawings of it, the worst first."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from registry.spec.evidence import Comparison, Statistic
from registry.spec.manifest import Output
from runners.compare.arrays import series_of
from runners.compare.as_image import frames_of
from runners.compare.comparison import read
from runners.figures import charts, words
from runners.figures.drawing import MOST_BYTES, MOST_DRAWINGS, Drawing
from runners.figures.images import picture_drawing
from runners.figures.pairs import (
    FEW,
    Arrays,
    Floats,
    Pair,
    pairs_of,
    simpler,
    single_numbers,
    unlike_lines,
)
from runners.figures.samples import Sample, samples_of

_MOST_DOTS = 24
# Along each side of a map; fewer where the drawing gets too large, as noise does.
_PIXELS = (512, 256, 128)


def drawings(
    output: Output,
    comparison: Comparison,
    produced: Sequence[bytes | Path],
    expected: Sequence[bytes | Path],
) -> Iterator[Drawing | None]:
    """Everything worth seeing of a comparison, the worst first. Raises Unreadable.

    None stands for what could not be drawn after all.
    """
    if comparison.kind == "image":
        yield from _of_pictures(output, produced[0], expected[0])
        return
    along = words.ROWS if comparison.kind == "csv" else words.POSITIONS
    if comparison.statistic is None:
        ours, theirs = series_of(output, produced[0]), series_of(output, expected[0])
        yield from _of_values(output, ours, theirs, along)
        return
    sides = ([series_of(output, file) for file in side] for side in (produced, expected))
    for sample in samples_of(*sides):
        yield _of_sample(output, comparison.statistic, sample, along)


def _of_values(
    output: Output, produced: Arrays, expected: Arrays, along: words.Along
) -> Iterator[Drawing | None]:
    """Few numbers together; each line or map by itself; last what has no difference."""
    few: list[Pair] = []
    many: list[Pair] = []
    for pair in pairs_of(output, produced, expected):
        if pair.produced.size <= FEW:
            few.extend(single_numbers(pair))
        else:
            many = heapq.nlargest(MOST_DRAWINGS, [*many, pair], key=lambda each: each.severity)
    if few:
        yield _dots(output, heapq.nlargest(_MOST_DOTS, few, key=lambda each: each.severity))
    for pair in many:
        simple = simpler(pair)
        is_map = simple.produced.ndim > 1
        yield _map(output, simple) if is_map else _line(output, simple, along)
    for key, ours, theirs in unlike_lines(produced, expected):
        yield _two_lines(output, key, ours, theirs, along)


def _of_pictures(
    output: Output, produced: bytes | Path, expected: bytes | Path
) -> Iterator[Drawing]:
    """Frame by frame, as far as they have the same size."""
    ours, theirs = (frames_of(read(output.path, side)) for side in (produced, expected))
    for mine, wanted in zip(ours, theirs, strict=False):
        yield from picture_drawing(mine.pixels, wanted.pixels)


def _dots(output: Output, numbers: list[Pair]) -> Drawing | None:
    pairs = [replace(pair, name=_name(output, pair.name)) for pair in numbers]
    return _drawn(
        partial(charts.dots_chart, pairs),
        caption="The single numbers that differ, relative to the expected ones.",
        alternative=words.dots_words(pairs),
    )


def _line(output: Output, pair: Pair, along: words.Along) -> Drawing | None:
    name = _name(output, pair.name)
    return _drawn(
        partial(charts.line_chart, pair, name, along),
        caption=f"{name}: produced over expected, and their difference.",
        alternative=words.line_words(pair, name, along),
    )


def _map(output: Output, pair: Pair) -> Drawing | None:
    name = _name(output, pair.name)
    for most in _PIXELS:
        drawing = _drawn(
            partial(charts.map_chart, pair, most),
            caption=f"{name}: expected, produced and their difference.",
            alternative=words.map_words(pair, name),
        )
        if drawing is None or len(drawing.content) <= MOST_BYTES:
            return drawing
    return None


def _two_lines(
    output: Output, key: str, produced: Floats, expected: Floats, along: words.Along
) -> Drawing | None:
    name = _name(output, key)
    return _drawn(
        partial(charts.two_lines_chart, produced, expected, name, along),
        caption=f"{name}: produced and expected, which differ in length.",
        alternative=words.two_lines_words(produced, expected, name, along),
    )


def _of_sample(
    output: Output, statistic: Statistic, sample: Sample, along: words.Along
) -> Drawing | None:
    """What the declared test is about: means, a histogram's bins, or how numbers are spread."""
    name, found = _name(output, sample.name), words.statistic_words(statistic)
    if statistic.test == "z-interval" and sample.has_means:
        return _drawn(
            partial(charts.means_chart, sample, name, along),
            caption=f"{name}: means over the runs, with 95% intervals. {found}",
            alternative=words.means_words(sample, name),
        )
    if statistic.test == "chi-squared" and sample.has_means:
        return _drawn(
            partial(charts.bins_chart, sample, name),
            caption=f"{name}: the histograms. {found}",
            alternative=words.bins_words(sample, name),
        )
    return _drawn(
        partial(charts.distribution_chart, sample, name),
        caption=f"{name}: how its numbers are distributed. {found}",
        alternative=words.distribution_words(sample, name),
    )


def _drawn(chart: Callable[[], bytes], *, caption: str, alternative: str) -> Drawing | None:
    try:
        content = chart()
    except Exception:  # noqa: BLE001 — a drawing illustrates: no run may end for want of one
        return None
    return Drawing(content=content, suffix="svg", caption=caption, alternative=alternative)


def _name(output: Output, key: str) -> str:
    """What readers call the numbers: by their name, else by that of their file."""
    file = PurePosixPath(output.path).name
    return words.printable(f"{file}{key}" if key[:1] in {"", ".", "["} else key)
