import json

import numpy as np
import pytest
from compare_helpers import hdf5_of, image, npy, npz

from registry.spec.manifest import Output
from runners.compare.arrays import series_of
from runners.compare.finding import Unreadable


def series(path, data, **declared):
    found = series_of(Output(path=path, **declared), data)
    return {name: array.tolist() for name, array in found.items()}


def test_lists_and_single_numbers_of_json_are_series_by_their_place():
    document = {"e": [1, 2.5], "grid": [[1, 2], [3, 4]], "n": 3, "ok": True, "word": "x"}
    document["runs"] = [{"t": [0, 1]}, {"t": [0]}]
    assert series("e.json", json.dumps(document).encode()) == {
        "e": [1.0, 2.5],
        "grid": [[1.0, 2.0], [3.0, 4.0]],
        "n": 3.0,
        "runs[0].t": [0.0, 1.0],
        "runs[1].t": [0.0],
    }
    assert series("e.json", b"[1, 2]") == {"": [1.0, 2.0]}
    assert series("e.json", b"[[1, 2], [3]]") == {"[0]": [1.0, 2.0], "[1]": [3.0]}


def test_columns_of_numbers_are_series_and_an_empty_cell_is_nan():
    found = series("e.csv", b"t,x,word,none\n0,1.5,a,\n1,,b,\n")
    assert found["t"] == [0.0, 1.0]
    assert found["x"][0] == 1.5
    assert np.isnan(found["x"][1])
    assert set(found) == {"t", "x"}


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("e.npy", npy([1, 2]), {"": [1, 2]}),
        ("e.npz", npz(a=[1 + 2j], b=["x"], c=[True]), {"a.real": [1.0], "a.imag": [2.0]}),
        ("e.h5", hdf5_of(**{"g/x": [1.5], "word": "x"}), {"g/x": [1.5]}),
        ("e.png", image(np.zeros((2, 2), np.uint8)), {}),
        ("e.txt", b"1.0", {}),
        ("e.json", b"[]", {}),
    ],
)
def test_real_numbers_of_every_kind_are_found(path, data, expected):
    assert series(path, data) == expected


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("e.json", b'{"a": [1], "b": [2]}'),
        ("e.csv", b"a,b\n1,2\n"),
        ("e.npz", npz(a=[1], b=[2])),
        ("e.h5", hdf5_of(a=[1], b=[2])),
    ],
)
def test_what_is_ignored_is_no_series(path, data):
    assert set(series(path, data, ignore=("a",))) == {"b"}


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("e.json", b"["),
        ("e.json", b"[" * 200 + b"{}" + b"]" * 200),
        ("e.json", json.dumps([{"x": 1}] * 10_001).encode()),
        ("e.csv", b""),
        ("e.npy", b"x"),
        ("e.h5", b"x"),
    ],
)
def test_hostile_files_become_a_sentence(path, data):
    with pytest.raises(Unreadable, match=r"\.$"):
        series(path, data)
