"""What holds of every comparison, whatever the kind."""

import numpy as np
import pytest
from compare_helpers import WRITERS, compared, npy

from registry.spec.manifest import Output
from runners.compare import compare, kind_of


@pytest.mark.parametrize("kind", [kind for kind in WRITERS if kind != "image"])
def test_a_tolerance_above_one_percent_of_the_largest_value_says_nothing(kind):
    both = WRITERS[kind]([1.0, 2.0]), WRITERS[kind]([1.0, 2.0])
    assert compared("x", *both, kind=kind, atol=0.02).agrees
    comparison = compared("x", *both, kind=kind, atol=0.021)
    assert not comparison.agrees
    assert comparison.message == (
        "The tolerance atol = 0.021 is too loose to mean anything: the largest expected number is "
        "2, so atol may be at most 1% of it, 0.02."
    )


def test_the_cap_is_taken_from_finite_values_only():
    both = npy([1.0, np.inf]), npy([1.0, np.inf])
    assert not compared("x.npy", *both, atol=0.5).agrees


def test_bytes_name_the_first_that_differs():
    comparison = compared("x.bin", b"abc", b"aXcd")
    assert comparison.message == "2 of 4 bytes differ; the first is byte 1: 0x62 instead of 0x58."


def test_equal_bytes_agree_even_where_the_kind_cannot_be_read():
    comparison = compared("lines.json", '{"a": 1}\n{"a": 2}\n', '{"a": 1}\n{"a": 2}\n')
    assert comparison.agrees
    assert comparison.message == "The files are equal byte for byte."


def test_nothing_against_nothing_is_no_agreement():
    assert not compared("x.bin", b"", b"").agrees
    assert not compared("x.json", "{}", "{}").agrees
    assert not compared("x.txt", "", "").agrees


def test_files_over_the_limit_agree_only_byte_for_byte(tmp_path):
    produced, expected = tmp_path / "p.npy", tmp_path / "e.npy"
    produced.write_bytes(npy(np.ones(1000)))
    expected.write_bytes(npy(np.ones(1000)))
    output = Output(path="out.npy", expected="e.npy", rtol=1e-3)
    both = {"produced": produced, "expected": expected, "against": "expected", "limit": 500}
    assert compare(output, **both).agrees
    produced.write_bytes(npy(np.full(1000, 1.0001)))
    comparison = compare(output, **both)
    assert not comparison.agrees
    assert comparison.message.startswith("The produced out.npy is larger than")


def test_a_repeat_is_named_as_such():
    output = Output(path="out.json")
    comparison = compare(output, produced=b"[1]", expected=b"[", against="repeat")
    assert comparison.against == "repeat"
    assert comparison.message.startswith("The first run's out.json is not sound JSON")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.JSON", "json"),
        ("a/b.csv", "csv"),
        ("a.tsv", "csv"),
        ("a.npz", "npy"),
        ("log.dat", "text"),
        ("a.h5", "hdf5"),
        ("a.HDF5", "hdf5"),
        ("a.png", "image"),
        ("a.tiff", "image"),
        ("a.ipynb", "notebook"),
        ("a.pdf", "bytes"),
        ("a", "bytes"),
    ],
)
def test_the_suffix_tells_the_kind(path, kind):
    assert kind_of(path) == kind
