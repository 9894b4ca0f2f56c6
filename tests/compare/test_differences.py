"""What differs between two runs, told by lines as they occur."""

import io
import json
import time

import h5py
import numpy as np
import pytest

from registry.spec.manifest import Output
from runners.compare.differences import (
    AMOUNT,
    LAST_DIGITS,
    LAYOUT,
    ORDER,
    ORDER_OF_KEYS,
    ORDER_OF_LINES,
    ORDER_OF_NUMBERS,
    ORDER_OF_ROWS,
    RANDOM,
    RULES,
    what_differs,
)

WORDS = {name: words for name, _, words in RULES}


def told(path: str, one: bytes, other: bytes) -> str:
    return what_differs(Output(path=path), one, other)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("# written 2024-05-01", "# written 2024-05-02", "a date"),
        ("Date: Wed, 1 May 2024", "Date: Thu, 2 May 2024", "a date"),
        ("created 01/05/2024", "created 02/05/2024", "a date"),
        ("run at 12:33:01", "run at 12:33:07", "a time of day"),
        ('"created": "2024-05-01T12:33:01.25+00:00"', '"created": "2024-05-01T12:33:02.75+00:00"',
         "a time of day"),
        ("Wed May  1 12:33:01 UTC 2024", "Wed May  1 12:33:09 UTC 2024", "a time of day"),
        ('"timestamp": 1714566781.25', '"timestamp": 1714566790.5', "a time of day"),
        ("stamp 1714566781", "stamp 1714566790", "a time of day"),
        ("elapsed: 1.53", "elapsed: 1.61", "a duration"),
        ('{"seconds": 0.0123, "x": 1.5}', '{"seconds": 0.0131, "x": 1.5}', "a duration"),
        ("Finished in 12.5 s", "Finished in 13.25 s", "a duration"),
        ("100%|####| 10/10 [00:01, 9.61it/s]", "100%|####| 10/10 [00:01, 9.13it/s]", "a duration"),
        ("<Model object at 0x7f3a5c0b1d30>", "<Model object at 0x7fa1b2c3d4e0>",
         "an address in memory"),
        ("pid 417", "pid 423", "the number of a process"),
        ("run 6fa459ea-ee8a-3ca4-894e-db77e160355e", "run 16fd2706-8baf-433b-82eb-8c7fada847da",
         "a random identifier (UUID)"),
        ("in /tmp/tmpab12cd/out.txt", "in /tmp/tmpxy34zz/out.txt", "the path of a file"),
        ("host 3f1c9a0b7d2e", "host a94be17c03d1", "the name of the machine"),
        ("sha256 " + "a1" * 32, "sha256 " + "b2" * 32, "a checksum"),
        ("E = 1.2345678901234567", "E = 1.2345678901234570", LAST_DIGITS),
        ("E = -1.5e-07 and 3", "E = -1.5000000000000003e-07 and 3", LAST_DIGITS),
        ("x = 0.2345", "x = 0.8712", RANDOM),
        ("names: b, a, c", "names: c, b, a", ORDER),
        ("x = 1.000", "x = 1.0001", ""),
        ("the cat", "the dog", ""),
        ("same line", "same line and more", ""),
    ],
)  # fmt: skip
def test_lines_are_told_by_what_stands_in_them(one, other, expected):
    text = f"first line\n{{}}\nlast line {'x' * 50}\n"
    found = told("out.txt", text.format(one).encode(), text.format(other).encode())
    assert found == expected


def test_several_things_are_named_and_what_is_not_known_is_not_hidden():
    one = b"at 12:00:01\nat 12:00:02\ntook 1.5 s\nthe cat\n"
    other = b"at 12:00:03\nat 12:00:04\ntook 1.7 s\nthe dog\n"
    assert told("out.txt", one, other) == "a time of day and a duration and more"


@pytest.mark.parametrize(
    ("path", "one", "other", "expected"),
    [
        ("o.txt", b"b\na\nc\n", b"a\nc\nb\n", ORDER_OF_LINES),
        ("o.csv", b"n,x\n1,2\n3,4\n", b"n,x\n3,4\n1,2\n", ORDER_OF_ROWS),
        ("o.json", b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}', ORDER_OF_KEYS),
        ("o.json", b'{"a": ["p", "q"]}', b'{"a": ["q", "p"]}', ORDER),
        ("o.txt", b"a\n", b"a\nb\n", AMOUNT),
        ("o.csv", b"x\n0.30000000000000004\n", b"x\n0.3\n", LAST_DIGITS),
        ("o.json", b'{"x": [0.1, 0.7, 0.4]}', b'{"x": [0.3, 0.9, 0.2]}', RANDOM),
        ("o.bin", b"\0\1\2", b"\0\1\3", ""),
        ("o.json", b"[" * 100_000, b"[" * 99_999, ""),
        ("o.npy", b"no array", b"nor this", ""),
        ("o.txt", b"", b"a", ""),
        ("o.txt", b"the cat", b"the cat!", ""),
    ],
)
def test_files_are_told_by_their_order_and_numbers(path, one, other, expected):
    assert told(path, one, other) == expected


def array(values) -> bytes:
    target = io.BytesIO()
    np.save(target, np.asarray(values, dtype=np.float64))
    return target.getvalue()


def hdf5(values, *, note: str) -> bytes:
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        file["x"] = values
        file.attrs["note"] = note
    return target.getvalue()


def test_arrays_are_told_by_their_numbers():
    values = np.linspace(1, 2, 50)
    assert told("o.npy", array(values), array(values * (1 + 4e-16))) == LAST_DIGITS
    assert told("o.npy", array(values), array(values[::-1])) == ORDER_OF_NUMBERS
    rng = np.random.default_rng(1)
    assert told("o.npy", array(rng.normal(size=50)), array(rng.normal(size=50))) == RANDOM
    assert told("o.npy", array(values), array(values[:40])) == ""
    assert told("o.npy", array(values), array(np.where(values > 1.9, 9, values))) == ""
    assert told("o.h5", hdf5(values, note="a"), hdf5(values, note="b")) == LAYOUT


def test_hostile_lines_take_no_time():
    begun = time.monotonic()
    for piece in ("1", "/a", "0x", "a-", "time", "1:", " 1.", "f", "time_", "1 J"):
        one, other = (((piece * 1000)[:999] + end + "\n").encode() * 300 for end in "xy")
        told("out.txt", one, other)
    deep = json.dumps([{"time": "1" * 500}] * 1000).encode()
    told("out.json", deep, deep.replace(b"11", b"22"))
    assert time.monotonic() - begun < 20
