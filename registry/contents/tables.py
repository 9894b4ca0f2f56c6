"""Tables (CSV, TSV): the first rows, and the numbers in them as curves."""

import csv
import io
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

from django.utils.safestring import SafeString

from registry.markup import clean_text
from registry.plots import CURVES_MOST, Point, curves

ROWS = 200
COLUMNS = 30
CELL = 100  # characters
CHARACTERS = 40_000  # of all cells that are shown
POINTS = 400  # of one curve
_SEPARATORS = (",", ";", "\t", "|")
_NUMBERS_LEAST = 0.9  # share of a column's cells


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """The beginning of a table. `more` says in words what is not shown; `plot` may be empty."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str
    plot: SafeString


def table_shown(text: str, path: str) -> ShownTable:
    """A table as far as it fits; its first row is the header when it holds no number."""
    lines = _rows(clean_text(text), "\t" if path.lower().endswith(".tsv") else "")
    has_header = bool(lines) and not any(_number(cell) is not None for cell in lines[0])
    header, body = (lines[0], lines[1:]) if has_header else ([], lines)
    width = max(map(len, lines), default=0)
    names = [*header, *(f"Column {n + 1}" for n in range(len(header), width))]
    rows = _fitting(body)
    return ShownTable(
        header=tuple(name[:CELL] for name in names[:COLUMNS]),
        rows=rows,
        more=_more(len(body), len(rows), width),
        plot=_plot(names, body),
    )


def _rows(text: str, separator: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    chosen = separator or max(_SEPARATORS, key=first.count)
    read = csv.reader(io.StringIO(text), delimiter=chosen)
    rows: list[list[str]] = []
    with suppress(csv.Error):  # a field beyond the reader's bound: what came before it is shown
        rows.extend(row for row in read if row)
    return rows


def _fitting(body: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    left = CHARACTERS
    for row in body[:ROWS]:
        cells = tuple(cell[:CELL] for cell in row[:COLUMNS])
        left -= sum(len(cell) + 10 for cell in cells)
        if left < 0:
            break
        rows.append(cells)
    return tuple(rows)


def _more(total: int, shown: int, width: int) -> str:
    said = [f"{shown:,} of {total:,} rows"] if total > shown else []
    said += [f"{COLUMNS} of {width:,} columns"] if width > COLUMNS else []
    return f"Shown: {' and '.join(said)}." if said else ""


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _plot(names: Sequence[str], body: list[list[str]]) -> SafeString:
    """Numeric columns over the first one where that grows, else over the row's number."""
    columns = _numeric(names[:COLUMNS], body)
    if not columns:
        return SafeString("")
    (first, along), rest = columns[0], columns[1:]
    grows = bool(rest) and all(a < b for a, b in pairwise([x for x in along if x is not None]))
    shown = rest if grows else columns
    places = along if grows else [float(row + 1) for row in range(len(body))]
    series = [(name[:40], _points(places, values)) for name, values in shown[:CURVES_MOST]]
    label = first[:40] if grows else "row"
    named = ", ".join(name for name, _ in series)
    return curves(
        series, title="Numbers of this table", description=f"{named} over {label}", x_label=label
    )


def _numeric(names: Sequence[str], body: list[list[str]]) -> list[tuple[str, list[float | None]]]:
    found = []
    for place, name in enumerate(names):
        values = [_number(row[place]) if place < len(row) else None for row in body]
        known = sum(value is not None for value in values)
        if known > 1 and known >= _NUMBERS_LEAST * len(values):
            found.append((name, values))
    return found


def _points(places: Sequence[float | None], values: Sequence[float | None]) -> list[Point]:
    pairs = [(x, y) for x, y in zip(places, values, strict=True) if x is not None and y is not None]
    return pairs[:: max(1, -(-len(pairs) // POINTS))]
