import json
from contextlib import suppress

import numpy as np
import pytest
from compare_helpers import hdf5_of, npy, npz
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.spec.manifest import Claim, Output
from runners.compare.claims import check_claims
from runners.compare.finding import Unreadable
from runners.compare.locate import misplaced, numbers_at

TABLE = b"t,energy,a[1],word\n0,0.7139,5,x\n1,1.5D+00,6,\n"
ARRAY = npy([[1.0, 2.0], [3.0, np.nan]])


def claimed(seen, *, value=0.714, tolerance=0.002, unit="eV", at="$.x"):
    claim = Claim(label="Table 2, row 3", at=at, value=value, tolerance=tolerance, unit=unit)
    files = [json.dumps({"x": one}).encode() for one in seen]
    (check,) = check_claims(Output(path="e.json", claims=(claim,)), files)
    return check


def test_a_value_within_the_tolerance_agrees_and_says_both():
    check = claimed([0.7139, 0.7139])
    assert check.agrees
    assert check.seen == 0.7139
    assert check.message == "Table 2, row 3: 0.7139 eV; the article states 0.714 ± 0.002 eV."


def test_every_repetition_must_agree():
    check = claimed([0.7139, 0.7239])
    assert not check.agrees
    assert check.message == (
        "Table 2, row 3: 0.7239 eV in run 2, not the 0.714 ± 0.002 eV that the article states."
    )


@pytest.mark.parametrize(
    ("seen", "value", "tolerance", "agrees"),
    [
        (0.4, 0.3, 0.1, True),  # In binary, 0.4 − 0.3 is a little more than 0.1.
        (0.716, 0.714, 0.002, True),
        (0.7160001, 0.714, 0.002, False),
        (-0.714, 0.714, 0.002, False),
        (0.1 + 0.2, 0.3, 0.0, True),
        (0.7139, 0.714, 0.0, True),
        (0.7145, 0.714, 0.0, True),
        (0.7146, 0.714, 0.0, False),
        (1999.94, 2000.0, 0.0, False),
        (2000, 2000.0, 0.0, True),
        (0.0, 0.0, 0.0, True),
        (1e-300, 0.0, 0.0, False),
        (1e300, 1e-300, 0.0, False),
    ],
)
def test_numbers_are_held_against_each_other_as_decimals(seen, value, tolerance, agrees):
    assert claimed([seen], value=value, tolerance=tolerance).agrees == agrees


def test_the_digits_that_decide_are_shown():
    check = claimed([0.71600001], value=0.714)
    assert "0.71600001 eV" in check.message


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (float("nan"), "nan eV, not the 0.714"),
        (float("inf"), "inf eV, not the 0.714"),
        ("0.714", "e.json holds no number at “$.x”"),
        (True, "e.json holds no number at “$.x”"),
        ([0.714], "e.json holds no number at “$.x”"),
        (10**400, "too large"),
    ],
)
def test_what_is_no_finite_number_never_agrees(seen, reason):
    check = claimed([seen])
    assert not check.agrees
    assert check.seen is None
    assert check.message.startswith("Table 2, row 3: ")
    assert reason in check.message


def test_a_tolerance_of_more_than_half_of_the_value_says_nothing():
    assert claimed([0.3], value=0.3, tolerance=0.15).agrees
    check = claimed([0.3], value=0.3, tolerance=0.16)
    assert not check.agrees
    assert "the tolerance of 0.3 ± 0.16 eV is too loose to mean anything" in check.message
    assert not claimed([0.0], value=0.0, tolerance=1e-9).agrees


def test_without_a_file_or_with_an_unsound_one_no_claim_agrees():
    claims = tuple(Claim(label=f"Table {n}", at="$.x", value=1.0) for n in (1, 2))
    output = Output(path="e.json", claims=claims)
    assert [check.agrees for check in check_claims(output, [])] == [False, False]
    checks = check_claims(output, [b"{"])
    assert [check.message[:38] for check in checks] == [
        "Table 1: e.json is not sound JSON: “Ex",
        "Table 2: e.json is not sound JSON: “Ex",
    ]


def test_words_of_a_manifest_cannot_break_the_message():
    claim = Claim(label="a\n\x1b[31m", at="$.x", value=1.0, unit="e\u202eV")
    (check,) = check_claims(Output(path="e.json", claims=(claim,)), [b'{"x": 1.0}'])
    assert check.message == "a··[31m: 1 e·V; the article states 1 e·V."


@pytest.mark.parametrize(
    ("path", "data", "at", "number"),
    [
        ("e.json", b'{"a": {"b.c": [1, 2.5]}}', '$.a["b.c"][1]', 2.5),
        ("e.json", b"[3]", "$[-1]", 3),
        ("e.json", b"7", "$", 7),
        ("e.csv", TABLE, "energy[0]", 0.7139),
        ("e.csv", TABLE, "energy[1]", 1.5),
        ("e.csv", TABLE, "a[1][0]", 5),
        ("e.tsv", b"1.5\t2.5\n", "2[0]", 2.5),
        ("e.npy", ARRAY, "[1, 0]", 3),
        ("e.npy", npy(4.0), "[]", 4),
        ("e.npz", npz(a=[1, 2], b=3.5), "a[1]", 2),
        ("e.npz", npz(a=[1, 2], b=3.5), "b", 3.5),
        ("e.h5", hdf5_of(**{"g/x": [[1.0, 2.0]], "y": 3}), "g/x[0, 1]", 2),
        ("e.h5", hdf5_of(**{"g/x": [[1.0, 2.0]], "y": 3}), "/y", 3),
    ],
)
def test_a_number_is_found_at_its_place(path, data, at, number):
    assert numbers_at(Output(path=path), at, data) == number
    assert misplaced(Output(path=path).kind or path_kind(path), at) == ""


def path_kind(path):
    return {"tsv": "csv", "npz": "npy", "h5": "hdf5"}.get(path[2:], path[2:])


@pytest.mark.parametrize(
    ("path", "data", "at", "reason"),
    [
        ("e.json", b'{"a": 1}', "$.b", "holds nothing at"),
        ("e.json", b"[1]", "$[1]", "holds nothing at"),
        ("e.json", b"[1]", "$[*]", "must name one place"),
        ("e.json", b"[1]", "$..a", "must name one place"),
        ("e.json", b"[1]", "$[0:1]", "must name one place"),
        ("e.json", b"[1]", "$[?match(@, '(a+)+$')]", "must name one place"),
        ("e.json", b"[1]", "energy", "is no JSONPath"),
        ("e.json", b"[1]", f"$[{'9' * 200}]", "is no JSONPath"),
        ("e.csv", TABLE, "energy[2]", "has 2 rows"),
        ("e.csv", TABLE, "mass[0]", "has no column “mass”"),
        ("e.csv", b"a,a\n1,2\n", "a[0]", "more than one column “a”"),
        ("e.csv", TABLE, "word[0]", "holds no number at"),
        ("e.csv", TABLE, "word[1]", "holds no number at"),
        ("e.csv", TABLE, "energy", "names no column and row"),
        ("e.csv", TABLE, "energy[-1]", "names no column and row"),
        ("e.npy", ARRAY, "[2, 0]", "has the shape (2, 2)"),
        ("e.npy", ARRAY, "[1]", "has the shape (2, 2)"),
        ("e.npy", ARRAY, "a[1, 1]", "has no array “a”"),
        ("e.npy", npy([True]), "[0]", "holds no real number"),
        ("e.npy", npy([1j]), "[0]", "holds no real number"),
        ("e.npz", npz(a=["1.0"]), "a[0]", "holds no real number"),
        ("e.txt", b"1.0", "[0]", "has no places"),
        ("e.png", b"", "[0, 0]", "has no places"),
    ],
)
def test_a_place_that_is_not_there_becomes_a_sentence(path, data, at, reason):
    with pytest.raises(Unreadable, match=r"\.$") as fault:
        numbers_at(Output(path=path), at, data)
    assert reason in str(fault.value)


@settings(deadline=None)
@given(at=st.text(min_size=1, max_size=60) | st.text("$.[]'\"?@()*:0123-,a ", max_size=60))
def test_no_place_makes_anything_but_a_sentence(at):
    for kind, data in (("json", b'{"a": [1]}'), ("csv", TABLE), ("npy", ARRAY)):
        misplaced(kind, at)
        with suppress(Unreadable):
            assert isinstance(numbers_at(Output(path="e", kind=kind), at, data), float)


@settings(deadline=None)
@given(
    value=st.just(0.0) | st.floats(1e-6, 1e6) | st.floats(-1e6, -1e-6),
    off=st.floats(-2, 2).filter(lambda off: abs(abs(off) - 1) > 1e-6),
    share=st.just(0.0) | st.floats(1e-6, 0.5),
)
def test_a_claim_agrees_within_its_tolerance_and_not_beyond(value, off, share):
    tolerance = abs(value) * share
    seen = value + off * tolerance
    agrees = claimed([seen], value=value, tolerance=tolerance).agrees
    assert agrees == (tolerance == 0 or abs(off) < 1)
