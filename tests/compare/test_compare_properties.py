"""What holds of every comparison, whatever the kind and the numbers.

HDF5 files and images are read by a process each, so they get fewer examples; what they are
compared by is the code that the arrays of .npy files go through.
"""

import json
import math

import h5py
import numpy as np
import pytest
from compare_helpers import WRITERS, compared, hdf5, image, notebook, npy, npz, printed, shown
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

# On a busy machine a slow example is no fault of the code.
unhurried = settings(deadline=None, max_examples=60)
few = settings(deadline=None, max_examples=2, suppress_health_check=[HealthCheck.too_slow])
DEAR = ("hdf5", "image")
CHEAP = tuple(kind for kind in WRITERS if kind not in DEAR)

# Numbers that a 32-bit float holds too, as images of floats do.
NUMBERS = st.lists(st.floats(-1e6, 1e6, width=32, allow_subnormal=False), min_size=1, max_size=30)
ANY_NUMBERS = st.lists(st.floats(width=32), min_size=1, max_size=30)
SPECIAL = st.sampled_from([math.nan, math.inf, -math.inf])
RTOL = st.floats(0, 1e-2)
PPM = st.integers(0, 1000)


def every_kind(check):
    """The property for each kind: many examples, or a few where each starts a process."""

    def of_cheap(kind):
        unhurried(given(data=st.data())(lambda data: check(kind, data)))()

    def of_dear(kind):
        few(given(data=st.data())(lambda data: check(kind, data)))()

    def test(kind):
        (of_dear if kind in DEAR else of_cheap)(kind)

    test.__name__ = check.__name__
    return pytest.mark.parametrize("kind", WRITERS)(test)


def both(kind, produced, expected, **declared):
    """The comparison of two lists of numbers as files of a kind."""
    return compared("x", WRITERS[kind](produced), WRITERS[kind](expected), kind=kind, **declared)


def replaced(numbers, place, number):
    return [*numbers[:place], number, *numbers[place + 1 :]]


def place_in(numbers, data):
    return data.draw(st.integers(0, len(numbers) - 1))


def count_is_right(comparison, ppm):
    """The numbers of a comparison fit each other and its answer."""
    assert 0 <= comparison.mismatched <= comparison.compared
    assert len(comparison.worst) <= 10
    assert (comparison.where is None) == (comparison.mismatched == 0)
    if comparison.agrees:
        assert comparison.mismatched * 1_000_000 <= ppm * comparison.compared
    if comparison.mismatched == 0 and comparison.compared:
        assert comparison.agrees
    if comparison.identical:
        assert comparison.mismatched == 0


@every_kind
def test_equal_numbers_agree_with_no_tolerance(kind, data):
    numbers = data.draw(ANY_NUMBERS)
    comparison = both(kind, numbers, list(numbers))
    assert comparison.agrees
    assert comparison.identical
    assert (comparison.mismatched, comparison.worst) == (0, ())


@every_kind
def test_one_number_beyond_the_tolerance_is_always_found(kind, data):
    numbers, rtol = data.draw(NUMBERS), data.draw(st.floats(1e-5, 1e-2))
    place = place_in(numbers, data)
    off = max(abs(numbers[place]), 1.0) * rtol * data.draw(st.floats(1.1, 1e6))
    comparison = both(kind, replaced(numbers, place, numbers[place] + off), numbers, rtol=rtol)
    assert not comparison.agrees
    assert comparison.mismatched >= 1
    count_is_right(comparison, 0)


@every_kind
def test_no_tolerance_and_no_allowance_hide_a_number_that_is_not_finite(kind, data):
    numbers, special = data.draw(NUMBERS), data.draw(SPECIAL)
    declared = {"rtol": data.draw(RTOL), "max_mismatch_ppm": data.draw(PPM)}
    changed = replaced(numbers, place_in(numbers, data), special)
    for produced, expected in ((changed, numbers), (numbers, changed)):
        comparison = both(kind, produced, expected, **declared)
        assert not comparison.agrees
        count_is_right(comparison, declared["max_mismatch_ppm"])


@every_kind
def test_what_agrees_by_narrower_rules_agrees_by_wider_ones(kind, data):
    expected = data.draw(NUMBERS) * 40
    narrow, wide = sorted([data.draw(RTOL), data.draw(RTOL)])
    few_ppm, more_ppm = sorted([data.draw(PPM), data.draw(PPM)])
    noise = data.draw(st.floats(-2, 2)) * narrow
    produced = [number * (1 + noise) if i % 7 == 0 else number for i, number in enumerate(expected)]
    if both(kind, produced, expected, rtol=narrow, max_mismatch_ppm=few_ppm).agrees:
        assert both(kind, produced, expected, rtol=wide, max_mismatch_ppm=more_ppm).agrees


@every_kind
def test_a_number_pushed_further_away_never_makes_a_file_agree(kind, data):
    expected = data.draw(NUMBERS)
    place, off = place_in(expected, data), data.draw(st.floats(1e-3, 1e5))
    declared = {"rtol": data.draw(RTOL), "max_mismatch_ppm": data.draw(PPM)}
    near = replaced(expected, place, expected[place] + off)
    far = replaced(expected, place, expected[place] + off * data.draw(st.floats(2, 100)))
    if not both(kind, near, expected, **declared).agrees:
        assert not both(kind, far, expected, **declared).agrees


@every_kind
def test_without_a_relative_tolerance_the_sides_may_be_swapped(kind, data):
    one, other = data.draw(NUMBERS), data.draw(NUMBERS)
    if data.draw(st.booleans()):
        other = [number + data.draw(st.floats(-1, 1)) for number in one]
    smaller = min(max(map(abs, one)), max(map(abs, other)))
    atol = smaller * data.draw(st.floats(0, 0.009))
    forth, back = both(kind, one, other, atol=atol), both(kind, other, one, atol=atol)
    assert forth.agrees == back.agrees
    # A list longer by one may be said as one missing value, whichever side it is missing on.
    if len(one) == len(other):
        assert forth.mismatched == back.mismatched
        assert forth.max_absolute_error == back.max_absolute_error


@pytest.mark.parametrize("kind", CHEAP)
@unhurried
@given(one=ANY_NUMBERS, other=ANY_NUMBERS, ppm=PPM)
def test_the_counts_fit_the_answer(kind, one, other, ppm):
    comparison = both(kind, one, other, rtol=1e-2, max_mismatch_ppm=ppm)
    count_is_right(comparison, ppm)
    errors = [row.absolute_error for row in comparison.worst if row.absolute_error is not None]
    assert all(error <= comparison.max_absolute_error for error in errors)


@pytest.mark.parametrize("kind", WRITERS)
def test_infinity_never_agrees_with_its_opposite(kind):
    assert not both(kind, [-math.inf, 1.0], [math.inf, 1.0], max_mismatch_ppm=1000).agrees


@unhurried
@given(ANY_NUMBERS)
def test_a_file_written_in_another_way_agrees_with_itself(numbers):
    assume(len(numbers) > 1)
    document = {"a": numbers, "b": {"c": numbers[0]}}
    turned = dict(reversed(document.items()))
    rewritten = {
        "json": (json.dumps(document), json.dumps(turned, indent=3)),
        "csv": (
            "x,y\n" + "".join(f"{number!r},1\n" for number in numbers),
            '"x";"y"\r\n'.replace(";", ",") + "".join(f' {number!r},"1"\r\n' for number in numbers),
        ),
        "npy": (npy(numbers), npy(np.array(numbers, ">f8"))),
        "npz": (npz(a=numbers, b=[1]), npz(b=[1], a=numbers)),
        "text": ("".join(f"{n!r}\n" for n in numbers), "".join(f"{n!r}\r\n" for n in numbers)),
        "notebook": (
            notebook(("run()", [printed(f"{numbers}\n")])),
            notebook(("run()", [printed(f"{numbers}\n")]), execution_count=3),
        ),
    }
    for kind, (one, other) in rewritten.items():
        declared = "npy" if kind == "npz" else kind
        comparison = compared("x", one, other, kind=declared)
        assert comparison.agrees, kind
        assert not comparison.identical


def _picture() -> bytes:
    return image(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))


def _datasets(file: h5py.File) -> None:
    file.create_dataset("g/packed", data=np.arange(300.0), chunks=(50,), compression="gzip")
    file["text"] = ["a", "bc"]
    file["link"] = h5py.SoftLink("/text")


VALID = {
    "json": WRITERS["json"]([1.5, -2.0, 3.0]),
    "csv": b"t,x,word\n0,1.5,a\n1,nan,b\n",
    "npy": npz(a=np.arange(4.0), b=["x"]),
    "hdf5": hdf5(_datasets),
    "image": _picture(),
    "notebook": notebook(("run()", [printed("1.5\n"), shown(text="2")])),
    "text": b"energy 1.5\nsteps 3\n",
    "bytes": b"abc",
}


@pytest.mark.parametrize("kind", VALID)
def test_no_content_makes_a_comparison_raise(kind):
    @settings(few if kind in DEAR else unhurried, max_examples=8 if kind in DEAR else 100)
    @given(produced=_damaged(VALID[kind]), expected=_damaged(VALID[kind]))
    def holds(produced, expected):
        comparison = compared("x", produced, expected, kind=kind, rtol=1e-3, max_mismatch_ppm=9)
        assert comparison.message.endswith(".")
        assert comparison.message.isprintable()
        assert comparison.agrees <= (produced == expected or comparison.compared > 0)

    holds()


@st.composite
def _damaged(draw, valid: bytes) -> bytes:
    """A valid file with a few bytes changed or its end cut off, or anything at all."""
    if draw(st.integers(0, 4)) == 0:
        return draw(st.binary(max_size=300))
    content = bytearray(valid)
    for place in draw(st.lists(st.integers(0, len(valid) - 1), max_size=5)):
        content[place] = draw(st.integers(0, 255))
    return bytes(content[: draw(st.integers(0, len(valid)) | st.just(len(valid)))])
