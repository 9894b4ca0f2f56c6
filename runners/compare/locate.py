"""Where an output holds one number: `at` of a claim, for each kind that has places.

json: a JSONPath of RFC 9535 that names one place, `$.results.energy[2]`. csv: `energy[2]`, a column
and a row. Arrays: `[2, 0]` for the only one, `name[2, 0]` or, without axes, `name` for one of
several. Everything is counted from 0.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath
import numpy as np
from numpy.typing import NDArray

from registry.spec.manifest import Kind, Output
from runners.compare.as_csv import table_of
from runners.compare.as_hdf5 import datasets_of
from runners.compare.as_json import parsed
from runners.compare.as_npy import arrays_of
from runners.compare.comparison import kind_of, read
from runners.compare.finding import File, Unreadable, shown
from runners.compare.notation import as_float, is_float, is_integer

# A name, which may hold brackets itself, and indices of at most 15 digits.
_PLACE = re.compile(r"(?P<name>[^\n]*?)(?:\[(?P<index>[\d, ]*)\])?")
_INDEX = re.compile(r"\d{1,15}(?: *, *\d{1,15})*")

Lookup = Callable[[str], float]


def numbers_at(output: Output, at: str, data: bytes | Path) -> float:
    """The number that an output holds at a place; it may be NaN or infinite. Raises Unreadable."""
    return numbers_in(output, data)(at)


def numbers_in(output: Output, data: bytes | Path) -> Lookup:
    """`numbers_at` for many places of one output, which is read once. Raises Unreadable."""
    kind = output.kind or kind_of(output.path)
    if kind not in _LOOKUPS:
        raise Unreadable(f"{output.path} has no places that could be named, being {kind}.")
    return _LOOKUPS[kind](read(output.path, data))


def misplaced(kind: Kind, at: str) -> str:
    """Why `at` names no place in an output of this kind, as a plain sentence; "" where it does."""
    if kind not in _LOOKUPS:
        return f"an output of the kind {kind} has no places that could be named."
    try:
        _single_path(at) if kind == "json" else _indices(kind, at)
    except Unreadable as fault:
        return str(fault)
    return ""


def _in_json(file: File) -> Lookup:
    document: Any = parsed(file)

    def number(at: str) -> float:
        node = _single_path(at).find_one(document)
        if node is None:
            raise Unreadable(f"{file.name} holds nothing at {shown(at)}.")
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise Unreadable(f"{file.name} holds no number at {shown(at)}.")
        return _float(node.value)

    return number


def _single_path(at: str) -> jsonpath.JSONPathQuery:
    """A path to one place. Filters are not even read: they may hold costly expressions."""
    try:
        query = None if "?" in at else jsonpath.compile(at)
    except (jsonpath.JSONPathError, ValueError) as fault:
        raise Unreadable(f"{shown(at)} is no JSONPath such as $.results.energy[2].") from fault
    if query is None or not query.singular_query():
        raise Unreadable(f"{shown(at)} must name one place, such as $.results.energy[2].")
    return query


def _in_csv(file: File) -> Lookup:
    table = table_of(file)

    def number(at: str) -> float:
        name, (row,) = _indices("csv", at)
        if table.names.count(name) != 1:
            count = "no" if name not in table.names else "more than one"
            raise Unreadable(f"{file.name} has {count} column {shown(name)}.")
        if row >= table.rows:
            raise Unreadable(f"{file.name} has {table.rows} rows, so none {row} from 0.")
        cell = table.columns[table.names.index(name)][row]
        if not is_float(cell) and not is_integer(cell):
            raise Unreadable(f"{file.name} holds no number at {shown(at)}.")
        return _float(int(cell)) if is_integer(cell) else as_float(cell)

    return number


def _in_arrays(file: File) -> Lookup:
    return _in_named(file.name, arrays_of(file))


def _in_datasets(file: File) -> Lookup:
    return _in_named(file.name, datasets_of(file))


def _in_named(file: str, arrays: Mapping[str, NDArray[np.generic]]) -> Lookup:
    def number(at: str) -> float:
        name, index = _indices("npy", at)
        array = arrays.get(name.removeprefix("/"))
        if array is None:
            raise Unreadable(f"{file} has no array {shown(name)}.")
        inside = len(index) == array.ndim and all(
            one < length for one, length in zip(index, array.shape, strict=True)
        )
        if not inside:
            raise Unreadable(f"{file} has the shape {array.shape} there, so no {shown(at)}.")
        if array.dtype.kind not in "iuf":
            raise Unreadable(f"{file} holds no real number at {shown(at)}.")
        return _float(array[index].item())

    return number


def _indices(kind: Kind, at: str) -> tuple[str, tuple[int, ...]]:
    """The name and the indices of a place. Raises Unreadable."""
    match = _PLACE.fullmatch(at)
    written = (match["index"] or "").strip() if match else ""
    if match is None or (written and not _INDEX.fullmatch(written)):
        raise Unreadable(f"{shown(at)} names no place such as name[2, 0].")
    index = tuple(map(int, written.split(","))) if written else ()
    if kind == "csv" and (len(index) != 1 or not match["name"]):
        raise Unreadable(f"{shown(at)} names no column and row such as energy[2].")
    return match["name"], index


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError as fault:
        raise Unreadable("A number there is too large for a float.") from fault


_LOOKUPS: Mapping[Kind, Callable[[File], Lookup]] = {
    "json": _in_json,
    "csv": _in_csv,
    "npy": _in_arrays,
    "hdf5": _in_datasets,
}
