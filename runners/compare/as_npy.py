"""Comparing NumPy files: one array (.npy) or several by name (.npz). Nothing is unpickled."""

import io
import math
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from runners.compare.finding import (
    Difference,
    File,
    Finding,
    Rules,
    Unreadable,
    compare_exactly,
    compare_floats,
    differing,
    differs,
    merged,
    same,
    shown,
)

# Temporary arrays of a comparison stay at a few MB, whatever the size of the file.
CHUNK = 250_000
_MAX_HEADER = 10_000
_MAX_MEMBERS = 1000
_MAX_AXES = 64
_MAX_LENGTH = 2**48
MAX_UNPACKED = 256 * 2**20
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
# What the libraries raise for damaged or hostile files; encrypted members are a RuntimeError.
_BAD_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
_BAD_HEADER = (
    ValueError,
    KeyError,
    TypeError,
    SyntaxError,
    RuntimeError,
    MemoryError,
    OverflowError,
    tokenize.TokenError,
)

Arrays = dict[str, NDArray[np.generic]]


def compare_npy(produced: File, expected: File, rules: Rules) -> Finding:
    """Same names, shapes and types; integers exactly; floats within the tolerance."""
    return compare_arrays(arrays_of(produced), arrays_of(expected), rules, noun="array")


def compare_arrays(ours: Arrays, theirs: Arrays, rules: Rules, *, noun: str) -> Finding:
    """Same names, shapes and types; integers exactly; floats within the tolerance."""
    names = [name for name in sorted(ours | theirs) if name not in rules.ignore]
    return merged(_compare_named(ours, theirs, name, rules, noun) for name in names)


def _compare_named(ours: Arrays, theirs: Arrays, name: str, rules: Rules, noun: str) -> Finding:
    place = f"{noun} {shown(name)}" if name else f"the {noun}"
    if name not in ours:
        return differs(place, "missing")
    if name not in theirs:
        return differs(place, "not among the expected ones")
    produced, expected = ours[name], theirs[name]
    if produced.shape != expected.shape:
        return differs(place, f"shape {produced.shape}", f"{expected.shape}")
    if _type(produced) != _type(expected):
        return differs(place, f"type {produced.dtype}", f"{expected.dtype}")
    found = _compare_arrays(produced, expected, rules)
    return found.within(place) if name else found


def _type(values: NDArray[np.generic]) -> object:
    """What must be the same: neither the byte order nor how much room there is for text."""
    return values.dtype.kind if values.dtype.kind in "SU" else values.dtype.newbyteorder("=")


def _compare_arrays(
    produced: NDArray[np.generic], expected: NDArray[np.generic], rules: Rules
) -> Finding:
    """Two arrays of one shape and type, chunk by chunk in C order."""

    def name_from(start: int) -> Callable[[int], str]:
        return lambda i: _position(start + i, expected.shape)

    ours, theirs = produced.reshape(-1), expected.reshape(-1)

    def chunks() -> Iterator[Finding]:
        for start in range(0, len(theirs), CHUNK):
            part = slice(start, start + CHUNK)
            yield _compare_chunk(ours[part], theirs[part], rules, name_from(start))

    return merged(chunks())


def _compare_chunk(
    produced: NDArray[np.generic],
    expected: NDArray[np.generic],
    rules: Rules,
    name: Callable[[int], str],
) -> Finding:
    if np.issubdtype(expected.dtype, np.inexact):
        return compare_floats(produced, expected, rules, name)
    if expected.dtype.kind in "biu":
        return compare_exactly(produced, expected, name)
    # Dates hold NaT, which equals nothing: their bytes decide, as they do for text.
    wrong = np.flatnonzero(_as_raw(produced) != _as_raw(expected))
    if not wrong.size:
        return same(len(expected))
    differences = (
        Difference(
            where=name(place),
            produced=shown(str(produced[place])),
            expected=shown(str(expected[place])),
        )
        for place in map(int, wrong)
    )
    return differing(differences, compared=len(expected), mismatched=int(wrong.size))


def _as_raw(values: NDArray[np.generic]) -> NDArray[np.generic]:
    native = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="), copy=False))
    return native if native.dtype.kind in "SU" else native.view(np.int64)


def _position(index: int, shape: tuple[int, ...]) -> str:
    if not shape:
        return "the value"
    place = ", ".join(str(part) for part in np.unravel_index(index, shape))
    return f"position [{place}]"


def arrays_of(file: File) -> Arrays:
    """The arrays of a file by name; the one array of an .npy file is called "".

    Raises Unreadable.
    """
    if not file.data.startswith(b"PK"):
        return {"": _array(file)}
    try:
        return _members(file)
    except _BAD_ARCHIVE as fault:
        raise Unreadable(f"{file.name} is not a sound .npz file.") from fault


def _members(file: File) -> Arrays:
    """Every member of an .npz file, unpacked to no more than the cap in all."""
    arrays: Arrays = {}
    left = MAX_UNPACKED
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        members = archive.infolist()
        if len(members) > _MAX_MEMBERS:
            raise Unreadable(f"{file.name} holds more than {_MAX_MEMBERS} arrays.")
        for member in members:
            with archive.open(member) as packed:
                data = packed.read(left + 1)
            left -= len(data)
            if left < 0:
                raise Unreadable(f"{file.name} unpacks to more than {MAX_UNPACKED} bytes.")
            name = member.filename.removesuffix(".npy")
            arrays[name] = _array(File(name=f"{file.name}, array {shown(name)},", data=data))
    return arrays


def _array(file: File) -> NDArray[np.generic]:
    """The array of an .npy file as a view of its bytes. Raises Unreadable."""
    shape, fortran, dtype, start = _header(file)
    if dtype.hasobject:
        raise Unreadable(f"{file.name} holds Python objects; save numbers instead.")
    if dtype.kind not in "biufcSUmM" or dtype.itemsize == 0 or dtype.subdtype is not None:
        raise Unreadable(
            f"{file.name} has the type {shown(str(dtype))}; save plain numbers instead."
        )
    size = math.prod(shape) * dtype.itemsize
    if size != len(file.data) - start:
        raise Unreadable(
            f"{file.name} announces {size} bytes of data and holds {len(file.data) - start}."
        )
    flat = np.frombuffer(file.data, dtype=dtype, offset=start)
    return flat.reshape(shape, order="F" if fortran else "C")


def _header(file: File) -> tuple[tuple[int, ...], bool, np.dtype[np.generic], int]:
    """Shape, Fortran order, type and the place where the data begins. Raises Unreadable."""
    stream = io.BytesIO(file.data)
    try:
        version = np.lib.format.read_magic(stream)
        shape, fortran, dtype = _READERS[version](stream, max_header_size=_MAX_HEADER)
    except _BAD_HEADER as fault:
        raise Unreadable(f"{file.name} is not a sound .npy file of plain numbers.") from fault
    sound = all(type(length) is int and 0 <= length < _MAX_LENGTH for length in shape)
    if not sound or len(shape) > _MAX_AXES:
        raise Unreadable(f"{file.name} has the impossible shape {shown(str(shape))}.")
    return shape, bool(fortran), dtype, stream.tell()
