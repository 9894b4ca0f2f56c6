"""The numbers of an output as named arrays, for drawings and statistical tests."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.spec.manifest import Kind, Output
from runners.compare.as_csv import table_of
from runners.compare.as_hdf5 import datasets_of
from runners.compare.as_json import MAX_DEPTH, Place, fits_float, parsed
from runners.compare.as_npy import Arrays, arrays_of
from runners.compare.comparison import kind_of, read
from runners.compare.finding import File, Unreadable
from runners.compare.notation import EXACT_AS_FLOAT, as_float, is_integer, is_number

# More are no series: they are a table or a grid in another form.
_MAX_SERIES = 10_000

Series = dict[str, NDArray[np.generic]]


def series_of(output: Output, data: bytes | Path) -> Series:
    """The real numbers of an output by name; {} where its kind or its content has none.

    The whole file is "" (the one array of an .npy file, a list in JSON). A single number is an
    array without axes; a complex array comes as two, `name.real` and `name.imag`. Booleans and
    words are left out, as is what `ignore` names; an empty cell of a table is NaN. Numbers that
    are written as integers stay integers, which no tolerance is for. Raises Unreadable.
    """
    reader = _READERS.get(output.kind or kind_of(output.path))
    if reader is None:
        return {}
    series = dict(reader(read(output.path, data), output.ignore))
    if len(series) > _MAX_SERIES:
        raise Unreadable(f"{output.path} holds more than {_MAX_SERIES} separate series.")
    return series


def _json(file: File, ignored: tuple[str, ...]) -> Iterator[tuple[str, NDArray[np.generic]]]:
    found: Series = {}
    whole = _gathered(parsed(file), Place(), frozenset(ignored), found)
    yield from found.items() if whole is None else [("", whole)]


def _gathered(
    value: Any,  # noqa: ANN401 — whatever JSON holds
    place: Place,
    ignored: frozenset[str],
    found: Series,
) -> NDArray[np.generic] | None:
    """The array that a value is. Where it is none, those within it go to `found`."""
    if place.depth > MAX_DEPTH:
        raise Unreadable(f"The values are nested more than {MAX_DEPTH} deep.")
    if fits_float(value):
        return np.array(value)
    if not isinstance(value, dict | list):
        return None
    if isinstance(value, list) and value and all(map(fits_float, value)):
        return np.array(value)
    parts = [
        (below, _gathered(one, below, ignored, found))
        for below, one in _within(value, place)
        if below.part not in ignored and below.dotted() not in ignored
    ]
    arrays = [array for _, array in parts if array is not None]
    if isinstance(value, list) and len(arrays) == len(value) and _stackable(arrays):
        return np.stack(arrays)
    found.update({below.path(): array for below, array in parts if array is not None})
    return None


def _within(value: dict[str, Any] | list[Any], place: Place) -> Iterator[tuple[Place, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return ((place.at(part), one) for part, one in items)


def _stackable(arrays: list[NDArray[np.generic]]) -> bool:
    return bool(arrays) and all(array.shape == arrays[0].shape for array in arrays)


def _csv(file: File, ignored: tuple[str, ...]) -> Iterator[tuple[str, NDArray[np.generic]]]:
    table = table_of(file, ignored)
    for name, column in zip(table.names, table.columns, strict=True):
        if any(column) and all(not cell or is_number(cell) or is_integer(cell) for cell in column):
            numbers = np.array([as_float(cell) if cell else np.nan for cell in column])
            whole = all(map(is_integer, column)) and np.abs(numbers).max() <= EXACT_AS_FLOAT
            yield name, numbers.astype(np.int64) if whole else numbers


def _npy(file: File, ignored: tuple[str, ...]) -> Iterator[tuple[str, NDArray[np.generic]]]:
    kept = {name: array for name, array in arrays_of(file).items() if name not in ignored}
    return _real(kept)


def _hdf5(file: File, ignored: tuple[str, ...]) -> Iterator[tuple[str, NDArray[np.generic]]]:
    return _real(datasets_of(file, ignored))


def _real(arrays: Arrays) -> Iterator[tuple[str, NDArray[np.generic]]]:
    for name, array in arrays.items():
        if array.dtype.kind in "iuf":
            yield name, array
        elif array.dtype.kind == "c":
            yield f"{name}.real", array.real
            yield f"{name}.imag", array.imag


_READERS: Mapping[
    Kind, Callable[[File, tuple[str, ...]], Iterator[tuple[str, NDArray[np.generic]]]]
] = {"json": _json, "csv": _csv, "npy": _npy, "hdf5": _hdf5}
