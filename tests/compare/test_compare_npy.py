import io
import resource
import struct
import zipfile

import numpy as np
import pytest
from compare_helpers import compared, npy, npz


def test_the_worst_element_is_named_by_its_position():
    expected = np.ones((4, 6))
    produced = expected.copy()
    produced[2, 5] = 1.0213
    comparison = compared("e.npy", npy(produced), npy(expected))
    assert comparison.message == (
        "1 of 24 numbers differ; it is position [2, 5]: 1.0213 instead of 1."
    )


def test_positions_are_right_beyond_the_first_chunk_and_in_fortran_order():
    expected = np.zeros((1000, 700))
    produced = np.asfortranarray(expected)
    produced[999, 3] = 1.0
    comparison = compared("e.npy", npy(produced), npy(expected))
    assert (comparison.where, comparison.compared) == ("position [999, 3]", 700_000)


@pytest.mark.parametrize(
    ("produced", "expected", "detail"),
    [
        (np.ones(3), np.ones(4), "shape (3,) instead of (4,)"),
        (np.ones((1, 3)), np.ones(3), "shape (1, 3) instead of (3,)"),
        (np.ones(3, "f4"), np.ones(3), "type float32 instead of float64"),
        (np.ones(3, "i8"), np.ones(3), "type int64 instead of float64"),
        (np.array([True]), np.array([False]), "True instead of False"),
        (np.array([100]), np.array([101]), "100 instead of 101"),
        (np.array(["a", "b"]), np.array(["a", "c"]), "position [1]: “b” instead of “c”"),
        (np.array([np.nan, np.nan]), np.array([1.0, 2.0]), "nan instead of 1"),
        (np.array([np.inf]), np.array([-np.inf]), "inf instead of -inf"),
        (np.array([1 + 1j]), np.array([1 - 1j]), "(1+1j) instead of (1-1j)"),
    ],
)
def test_differences_are_found_whatever_the_tolerance(produced, expected, detail):
    comparison = compared("e.npy", npy(produced), npy(expected), rtol=1e-2)
    assert not comparison.agrees
    assert detail in comparison.message


@pytest.mark.parametrize(
    "expected",
    [
        np.array([1.0, np.nan, np.inf, -np.inf]),
        np.array([1 + 1j, complex(np.nan, 1)]),
        np.array([0.5, 1.5], "f2"),
        np.array([0.5], np.longdouble),
        np.array(3.5),
        np.array(["NaT", "2024-05-01"], "M8[D]"),
    ],
)
def test_equal_arrays_agree_in_either_byte_order(expected):
    swapped = expected.astype(expected.dtype.newbyteorder(">"))
    assert compared("e.npy", npy(swapped), npy(expected)).agrees


def test_an_array_of_nothing_says_nothing():
    assert not compared("e.npy", npy(np.ones((0, 3))), npy(np.ones((0, 3)))).agrees


def test_arrays_of_an_archive_are_compared_by_name():
    comparison = compared("e.npz", npz(a=[1.0], b=[2.0]), npz(a=[1.0], b=[3.0]))
    assert comparison.where == "array “b”, position [0]"
    assert "array “b”: missing" in compared("e.npz", npz(a=[1.0]), npz(a=[1.0], b=[1.0])).message
    assert compared("e.npz", npz(a=[1.0], b=[2.0]), npz(a=[1.0], b=[3.0]), ignore=("b",)).agrees


def _header(description: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(description)) + description.encode()


def _bomb() -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.npy", "w") as member,
    ):
        for _ in range(300):
            member.write(bytes(2**20))
    return stream.getvalue()


HOSTILE = {
    "pickled": npy(np.array([{}], dtype=object)),
    "structured": npy(np.zeros(2, dtype=[("a", "f8")])),
    "unicode-fields": npy(np.zeros(2, dtype=[("ä", "f8")])),
    "longer-than-file": _header("{'descr': '<f8', 'fortran_order': False, 'shape': (10**12,)}"),
    "huge": _header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}"),
    "negative": _header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -8)}") + bytes(64),
    "truthy": _header("{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}") + bytes(8),
    "many-axes": _header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {(1,) * 100}}}")
    + bytes(8),
    "empty-type": _header("{'descr': '<U0', 'fortran_order': False, 'shape': (3,)}"),
    "zero-times-huge": _header(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 99999999999999999999)}"
    ),
    "subarray": _header("{'descr': ('<f8', (2,)), 'fortran_order': False, 'shape': (1,)}")
    + bytes(16),
    "code": _header("__import__('os')"),
    "deep": _header("(" * 5000),
    "long-header": _header(
        "{'descr': '<f8'," + " " * 20_000 + "'fortran_order': False, 'shape': (1,)}"
    ),
    "nothing": b"",
    "cut": npy(np.ones(4))[:-1],
    "no-archive": b"PK\x03\x04nothing",
    "bomb": _bomb(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_become_a_sentence_in_bounded_memory(name):
    comparison = compared("e.npy", HOSTILE[name], npy(np.ones(4)))
    assert not comparison.agrees
    assert comparison.message.endswith(".")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3 * 2**20
