"""What holds of every comparison, whatever the kind."""

import json
import math

import numpy as np
import pytest
from compare_helpers import compared, npy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from registry.spec.manifest import Output
from runners.compare import compare, kind_of

FLOATS = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=30)
ANY_FLOATS = st.lists(st.floats(width=64), min_size=1, max_size=30)
# On a busy machine a slow example is no fault of the code.
unhurried = settings(deadline=None)
KINDS = ("json", "csv", "npy", "text", "bytes")


def written(kind: str, numbers: list[float]) -> bytes:
    if kind == "json":
        return json.dumps({"values": numbers, "first": numbers[0]}).encode()
    if kind == "npy":
        return npy(np.array(numbers, dtype=np.float64))
    header = "x\n" if kind == "csv" else ""
    return (header + "".join(f"{number!r}\n" for number in numbers)).encode()


@pytest.mark.parametrize("kind", KINDS)
@unhurried
@given(numbers=ANY_FLOATS)
def test_equal_values_agree_with_no_tolerance(kind, numbers):
    comparison = compared("x", written(kind, numbers), written(kind, list(numbers)), kind=kind)
    assert comparison.agrees
    assert comparison.identical
    assert comparison.mismatched == 0


@pytest.mark.parametrize("kind", ["json", "csv", "npy", "text"])
@unhurried
@given(numbers=FLOATS, data=st.data())
def test_one_number_beyond_the_tolerance_is_always_found(kind, numbers, data):
    place = data.draw(st.integers(0, len(numbers) - 1))
    rtol = data.draw(st.floats(1e-12, 1e-2))
    changed = list(numbers)
    changed[place] += max(abs(changed[place]), 1.0) * rtol * data.draw(st.floats(1.01, 1e6))
    comparison = compared("x", written(kind, changed), written(kind, numbers), kind=kind, rtol=rtol)
    assert not comparison.agrees
    assert comparison.mismatched >= 1
    assert comparison.where


@pytest.mark.parametrize("kind", ["json", "csv", "npy", "text"])
@unhurried
@given(numbers=FLOATS, special=st.sampled_from([math.nan, math.inf, -math.inf]), data=st.data())
def test_a_value_that_is_not_finite_never_agrees_with_a_finite_one(kind, numbers, special, data):
    changed = list(numbers)
    changed[data.draw(st.integers(0, len(numbers) - 1))] = special
    for produced, expected in ((changed, numbers), (numbers, changed)):
        both = written(kind, produced), written(kind, expected)
        assert not compared("x", *both, kind=kind, rtol=1e-2).agrees


@pytest.mark.parametrize("kind", ["json", "csv", "npy", "text"])
@unhurried
@given(
    expected=FLOATS,
    noise=st.floats(-2, 2),
    tolerances=st.lists(st.floats(0, 1e-2), min_size=2, max_size=2),
)
def test_a_looser_tolerance_never_turns_agreement_into_disagreement(
    kind, expected, noise, tolerances
):
    tight, loose = sorted(tolerances)
    produced = [number * (1 + noise * tight) for number in expected]
    both = written(kind, produced), written(kind, expected)
    assume(compared("x", *both, kind=kind, rtol=tight).agrees)
    assert compared("x", *both, kind=kind, rtol=loose).agrees


@pytest.mark.parametrize("kind", ["json", "csv", "npy", "text", "bytes"])
@unhurried
@given(one=ANY_FLOATS, other=ANY_FLOATS)
def test_without_a_tolerance_the_sides_may_be_swapped(kind, one, other):
    forth = compared("x", written(kind, one), written(kind, other), kind=kind)
    back = compared("x", written(kind, other), written(kind, one), kind=kind)
    assert forth.agrees == back.agrees
    assert forth.mismatched == back.mismatched


@pytest.mark.parametrize("kind", KINDS)
@unhurried
@given(produced=st.binary(max_size=300), expected=st.binary(max_size=300))
def test_no_content_makes_a_comparison_raise(kind, produced, expected):
    comparison = compared("x", produced, expected, kind=kind, rtol=1e-3)
    assert comparison.message.endswith(".")
    assert comparison.message.isprintable()
    assert comparison.agrees <= (produced == expected or comparison.compared > 0)


@pytest.mark.parametrize("kind", ["json", "csv", "npy", "text"])
def test_a_tolerance_above_one_percent_of_the_largest_value_says_nothing(kind):
    both = written(kind, [1.0, 2.0]), written(kind, [1.0, 2.0])
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
