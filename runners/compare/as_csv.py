"""Comparing tables: .csv (comma, semicolon or tab, told by its first line) and .tsv."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from runners.compare.finding import (
    MAX_VALUES,
    Difference,
    File,
    Finding,
    Rules,
    Unreadable,
    compare_floats,
    differing,
    differs,
    merged,
    same,
    shown,
)
from runners.compare.notation import as_float, is_float, is_integer, is_number

_DELIMITERS = ",;\t"


@dataclass(frozen=True, kw_only=True)
class Table:
    """The cells of a table by column. The columns of a table without a header count from 1."""

    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    rows: int


def compare_csv(produced: File, expected: File, rules: Rules) -> Finding:
    """Same columns and number of rows; integers and words exactly; floats within the tolerance.

    Rows count from 1 below the header.
    """
    delimiter = _delimiter(expected)
    ours = _without(_table(produced, delimiter), rules.ignore)
    theirs = _without(_table(expected, delimiter), rules.ignore)
    if ours.names != theirs.names:
        return _headers_differ(ours.names, theirs.names)
    if ours.rows != theirs.rows:
        return differs("the table", f"{ours.rows} rows", f"{theirs.rows}")
    columns = zip(theirs.names, ours.columns, theirs.columns, strict=True)
    return merged(_compare_column(*column, rules) for column in columns)


def _headers_differ(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Finding:
    missing = [name for name in theirs if name not in ours]
    extra = [name for name in ours if name not in theirs]
    if not missing and not extra:
        return differs("the header", shown(", ".join(ours)), shown(", ".join(theirs)))
    return merged(
        [
            *(differs(_column(name), "missing") for name in missing),
            *(differs(_column(name), "not among the expected ones") for name in extra),
        ]
    )


def _compare_column(
    name: str, produced: Sequence[str], expected: Sequence[str], rules: Rules
) -> Finding:
    """One column. It holds floats when one expected cell is written as a float."""
    rows: list[int] = []
    if any(map(is_float, expected)):
        pairs = enumerate(zip(produced, expected, strict=True))
        rows = [row for row, (ours, theirs) in pairs if is_number(ours) and is_number(theirs)]
    numbers = compare_floats(
        np.array([as_float(produced[row]) for row in rows]),
        np.array([as_float(expected[row]) for row in rows]),
        rules,
        lambda i: f"{_column(name)}, row {rows[i] + 1}",
    )
    words = sorted(set(range(len(expected))).difference(rows))
    return merged([numbers, _compare_words(name, produced, expected, words)])


def _compare_words(
    name: str, produced: Sequence[str], expected: Sequence[str], rows: Sequence[int]
) -> Finding:
    wrong = [row for row in rows if not _equal(produced[row], expected[row])]
    if not wrong:
        return same(len(rows))
    differences = (
        Difference(
            where=f"{_column(name)}, row {row + 1}",
            produced=shown(produced[row]),
            expected=shown(expected[row]),
        )
        for row in wrong
    )
    return differing(differences, compared=len(rows), mismatched=len(wrong))


def _equal(produced: str, expected: str) -> bool:
    """Whether two cells that are not floats are equal; an integer 3 may be written 3.0."""
    if produced == expected or not is_integer(expected):
        return produced == expected
    if is_integer(produced):
        return int(produced) == int(expected)
    return is_float(produced) and as_float(produced) == int(expected)


def _column(name: str) -> str:
    return f"column {shown(name).strip('“”')}"


def table_of(file: File, ignored: tuple[str, ...] = ()) -> Table:
    """The table in a file, less the ignored columns. Raises Unreadable."""
    return _without(_table(file, _delimiter(file)), ignored)


def _delimiter(file: File) -> str:
    return max(_DELIMITERS, key=file.text().partition("\n")[0].count)


def _table(file: File, delimiter: str) -> Table:
    """The table in a file. Raises Unreadable."""
    rows = list(_rows(file, delimiter))
    if not rows:
        raise Unreadable(f"{file.name} holds no table.")
    first = tuple(cell.strip().removeprefix("#").strip() for cell in rows[0])
    has_header = not any(is_number(cell) or is_integer(cell) for cell in first)
    names = first if has_header else tuple(str(place) for place in range(1, len(first) + 1))
    body = rows[1:] if has_header else rows
    columns = tuple(zip(*body, strict=True)) if body else ((),) * len(names)
    return Table(names=names, columns=columns, rows=len(body))


def _rows(file: File, delimiter: str) -> Iterator[list[str]]:
    """The rows of a file, each as long as the first, blank lines left out. Raises Unreadable."""
    text = file.text()
    if text.count(delimiter) + text.count("\n") + text.count("\r") > MAX_VALUES:
        raise Unreadable(f"{file.name} has more than {MAX_VALUES} cells; save it as .npy instead.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    width = None
    try:
        for row in filter(None, reader):
            width = width or len(row)
            if len(row) != width:
                where = f"line {reader.line_num} of {file.name}"
                raise Unreadable(f"{where} has {len(row)} cells where the first has {width}.")
            yield [cell.strip() for cell in row]
    except csv.Error as fault:
        raise Unreadable(f"{file.name} is not a sound table: {fault}.") from fault


def _without(table: Table, ignored: tuple[str, ...]) -> Table:
    kept = [place for place, name in enumerate(table.names) if name not in ignored]
    return Table(
        names=tuple(table.names[place] for place in kept),
        columns=tuple(table.columns[place] for place in kept),
        rows=table.rows if kept else 0,
    )
