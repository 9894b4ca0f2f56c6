"""Arrays (.npy, .npz): shape, type, first values, a plot. Hostile: bounds first, no pickle ever."""

import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from registry.markup import clean_text
from registry.plots import curves, shades

MEMBERS = 30  # arrays of one file that are shown
UNPACKED = 16 * 2**20  # bytes of one file, unpacked
VALUES = 100
PLOTS = 3  # of one file
POINTS = 400
SQUARES = 32
_HEADER = 10_000
_AXES = 64
_LENGTH = 2**48
_NUMBERS = "biuf"
_MATRIX = 2  # axes
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True, kw_only=True)
class ShownArray:
    """An array in words and numbers; `name` is that of a member of an .npz file."""

    name: str
    shape: str
    type: str
    values: str
    range: str
    plot: SafeString


class BadArrayError(Exception):
    """It is no array that can be shown; the message says why."""


def arrays_shown(content: bytes) -> tuple[ShownArray, ...]:
    """The arrays of a file, of which `content` is all or the beginning. Raises BadArrayError."""
    found = [(name, _header(data)) for name, data in _members(content)]
    return tuple(_shown(number, name, header) for number, (name, header) in enumerate(found))


def json_arrays(text: str) -> tuple[ShownArray, ...]:
    """The lists of numbers in a JSON document; none where it is no such document."""
    try:
        found = list(islice(_lists(json.loads(text), "$"), MEMBERS))
    except (ValueError, RecursionError, OverflowError):
        return ()
    return tuple(
        _of_numbers(number, name[:100], values) for number, (name, values) in enumerate(found)
    )


def _lists(value: object, name: str) -> Iterator[tuple[str, NDArray[np.float64]]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _lists(each, f"{name}.{clean_text(key)}")
    elif isinstance(value, list) and len(value) > 1:
        numbers = _numbers(value)
        if numbers is not None:
            yield name, numbers
        else:
            for place, each in enumerate(value):
                yield from _lists(each, f"{name}[{place}]")


def _numbers(value: list[object]) -> NDArray[np.float64] | None:
    """A list of numbers, or of equally long such lists, as an array."""
    if all(type(each) in (int, float) for each in value):
        return np.array(value, dtype=np.float64)
    if not all(isinstance(each, list) and each for each in value):
        return None
    rows = [_numbers(each) for each in value if isinstance(each, list)]
    known = [row for row in rows if row is not None]
    same = len(known) == len(rows) and len({row.shape for row in known}) == 1
    return np.stack(known) if same else None


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    if not content.startswith(b"PK"):
        yield "", content
        return
    left = UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist()[:MEMBERS]:
                with archive.open(member) as packed:
                    data = packed.read(max(left, _HEADER))
                left -= len(data)
                yield clean_text(member.filename.removesuffix(".npy"))[:100], data
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as fault:
        raise BadArrayError("This is not a whole .npz file.") from fault


@dataclass(frozen=True, kw_only=True)
class _Header:
    """What an .npy file says of itself, and the bytes after that."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]
    data: bytes

    def values(self) -> NDArray[np.generic] | None:
        """The whole array as a view of its bytes; None where they are not all here."""
        if math.prod(self.shape) * self.dtype.itemsize != len(self.data) or not self.data:
            return None
        flat = np.frombuffer(self.data, dtype=self.dtype)
        return flat.reshape(self.shape, order="F" if self.fortran else "C")

    def first(self) -> NDArray[np.generic]:
        """The first values in the order of the file."""
        count = min(VALUES, len(self.data) // self.dtype.itemsize)
        return np.frombuffer(self.data, dtype=self.dtype, count=count)


def _shown(number: int, name: str, header: _Header) -> ShownArray:
    values = header.values()
    numbers = values if values is not None and header.dtype.kind in _NUMBERS else None
    return ShownArray(
        name=name,
        shape=_shape(header.shape),
        type=clean_text(str(header.dtype))[:100],
        values=_words(header.first()),
        range=_range(numbers),
        plot=_plot(numbers) if number < PLOTS else SafeString(""),
    )


def _of_numbers(number: int, name: str, values: NDArray[np.float64]) -> ShownArray:
    return ShownArray(
        name=name,
        shape=_shape(values.shape),
        type="numbers",
        values=_words(values.reshape(-1)[:VALUES]),
        range=_range(values),
        plot=_plot(values) if number < PLOTS else SafeString(""),
    )


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{length:,}" for length in shape) or "one value"


def _header(data: bytes) -> _Header:
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        shape, fortran, dtype = _READERS[version](stream, max_header_size=_HEADER)
    except Exception as fault:
        raise BadArrayError("This is not a whole .npy file of plain numbers.") from fault
    sound = all(type(length) is int and 0 <= length < _LENGTH for length in shape)
    if not sound or len(shape) > _AXES:
        raise BadArrayError("This array says that it has an impossible shape.")
    if dtype.hasobject or dtype.itemsize == 0 or dtype.subdtype is not None:
        raise BadArrayError("This array holds Python objects, which are never loaded here.")
    return _Header(shape=shape, fortran=bool(fortran), dtype=dtype, data=data[stream.tell() :])


def _words(first: NDArray[np.generic]) -> str:
    text = np.array2string(first, threshold=VALUES, max_line_width=100, precision=6)
    return clean_text(text)[:5_000]


def _range(values: NDArray[np.generic] | None) -> str:
    if values is None:
        return ""
    numbers = values.astype(np.float64, copy=False).reshape(-1)
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return "no finite number"
    other = numbers.size - finite.size
    rest = f"; {other:,} not finite" if other else ""
    return f"{finite.min():.6g} to {finite.max():.6g}{rest}"


def _plot(values: NDArray[np.generic] | None) -> SafeString:
    """One axis as a curve, two as squares; more are not drawn."""
    if values is None or values.size <= 1:
        return SafeString("")
    flat = np.squeeze(values).astype(np.float64, copy=False)
    if flat.ndim == 1:
        return _curve(flat)
    return _squares(flat) if flat.ndim == _MATRIX else SafeString("")


def _curve(values: NDArray[np.float64]) -> SafeString:
    step = max(1, -(-values.size // POINTS))
    row = [(float(n), float(values[n])) for n in range(0, values.size, step)]
    finite = [point for point in row if math.isfinite(point[1])]
    said = f"{values.size:,} values in their order"
    return curves([("", finite)], title="This array", description=said, x_label="index")


def _squares(values: NDArray[np.float64]) -> SafeString:
    steps = [max(1, -(-length // SQUARES)) for length in values.shape]
    seen = values[:: steps[0], :: steps[1]]
    finite = seen[np.isfinite(seen)]
    if not finite.size:
        return SafeString("")
    low, high = float(finite.min()), float(finite.max())
    share = (seen / 2 - low / 2) / ((high / 2 - low / 2) or 1.0)
    said = f"{values.shape[0]:,} by {values.shape[1]:,} values, the darker the larger"
    return shades(share.tolist(), title="This array", description=said)
