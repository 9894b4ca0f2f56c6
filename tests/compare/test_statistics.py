"""Samples of stochastic outputs: what is right agrees, what is wrong does not, noise says nothing.

Every trial is seeded. A right model may be refused once in a thousand times.
"""

import json
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
import pytest

from registry.spec.evidence import Comparison
from registry.spec.manifest import SIGNIFICANCE, Output
from runners.compare.statistics import compare_samples

TRIALS, FEWER = 300, 100
Model = Callable[[np.random.Generator], Mapping[str, object]]


def written(values: object) -> bytes:
    plain = values if isinstance(values, (list, dict)) else dict(values)
    return json.dumps(plain, default=lambda array: np.asarray(array).tolist()).encode()


def sample(model: Model, *, seeds: int, first: int) -> list[bytes]:
    return [written(model(np.random.default_rng([first, seed]))) for seed in range(seeds)]


def held(test: str, ours: Sequence[bytes], theirs: Sequence[bytes], **rules) -> Comparison:
    output = Output(path="out.json", test=test, **rules)
    against = "repeat" if len(theirs) > 1 else "expected"
    return compare_samples(output, produced=ours, expected=theirs, against=against)


def agreeing(
    test: str,
    ours: Model,
    theirs: Model | Mapping[str, object],
    *,
    seeds: int,
    trials: int = FEWER,
) -> float:
    """The share of trials that agree; against another sample, or against an expected file."""
    agreed = 0
    for trial in range(trials):
        other = (
            sample(theirs, seeds=seeds, first=2 * trial + 1)
            if callable(theirs)
            else [written(theirs)]
        )
        agreed += held(test, sample(ours, seeds=seeds, first=2 * trial), other).agrees
    return agreed / trials


def means(shift: float = 0.0, spread: float = 0.2) -> Model:
    """Four numbers around 10, 20, 30 and 40."""
    return lambda rng: {"energy": rng.normal([10 + shift, 20, 30, 40], spread)}


def heights(centre: float = 0.0, spread: float = 1.0) -> Model:
    return lambda rng: {"height": rng.normal(centre, spread, 100)}


def histogram(edge: float = 0.5) -> Model:
    """200 draws in 10 bins; those at the ends are rare."""
    shares = np.array([0.001, 0.02, 0.1, 0.1, edge / 2, 0.25, 0.1, 0.1, 0.078, 0.001])
    return lambda rng: {"counts": rng.multinomial(200, shares / shares.sum())}


EXPECTED = {"energy": [10.0, 20.0, 30.0, 40.0]}
SHARES = {"counts": [0.001, 0.02, 0.1, 0.1, 0.25, 0.25, 0.1, 0.1, 0.078, 0.001]}
PUBLISHED = {"height": np.random.default_rng(99).normal(0, 1, 800)}
COUNTED = {"counts": np.random.default_rng(98).multinomial(1600, SHARES["counts"])}


@pytest.mark.parametrize(
    ("test", "model", "other", "seeds"),
    [
        ("z-interval", means(), EXPECTED, 8),
        ("z-interval", means(spread=0.01), EXPECTED, 3),
        ("z-interval", means(), means(), 8),
        ("z-interval", means(spread=0.1), means(spread=0.2), 8),
        ("kolmogorov-smirnov", heights(), PUBLISHED, 8),
        ("kolmogorov-smirnov", heights(), heights(), 8),
        ("chi-squared", histogram(), SHARES, 8),
        ("chi-squared", histogram(), COUNTED, 8),
        ("chi-squared", histogram(), histogram(), 8),
    ],
)
def test_what_is_right_agrees_nearly_always(test, model, other, seeds):
    assert agreeing(test, model, other, seeds=seeds, trials=TRIALS) >= 0.99


@pytest.mark.parametrize(
    ("test", "model", "other", "seeds"),
    [
        # One of four means is off by five, or three, standard deviations of a single run.
        ("z-interval", means(shift=1.0), EXPECTED, 8),
        ("z-interval", means(shift=1.0), means(), 8),
        ("z-interval", means(shift=0.6), EXPECTED, 16),
        ("kolmogorov-smirnov", heights(spread=1.8), PUBLISHED, 8),
        ("kolmogorov-smirnov", heights(spread=1.6), heights(), 8),
        ("kolmogorov-smirnov", heights(centre=0.4), heights(), 8),
        ("chi-squared", histogram(edge=0.8), SHARES, 8),
        ("chi-squared", histogram(edge=1.0), COUNTED, 8),
        ("chi-squared", histogram(edge=1.0), histogram(), 8),
    ],
)
def test_what_is_wrong_is_found_nearly_always(test, model, other, seeds):
    assert agreeing(test, model, other, seeds=seeds) <= 0.01


def test_a_shift_of_three_standard_errors_is_found_with_many_seeds_as_often_as_can_be():
    """At 0.1 % and over 32 seeds, Student's t finds it in a good third of all cases, not more."""
    spread, seeds = 0.2, 32
    shift = 3 * spread / np.sqrt(seeds)
    found = 1 - agreeing("z-interval", one(shift, spread), {"x": 10.0}, seeds=seeds)
    assert 0.2 < found < 0.5
    twice = 1 - agreeing("z-interval", one(2 * shift, spread), {"x": 10.0}, seeds=seeds)
    assert twice > 0.95


def one(shift: float, spread: float) -> Model:
    return lambda rng: {"x": rng.normal(10 + shift, spread)}


@pytest.mark.parametrize("centre", [10.0, 11.0, 0.0])
def test_noise_says_nothing_wherever_it_is_centred(centre):
    """A forger's noise holds every value, and proves none."""
    noise = sample(lambda rng: {"x": rng.normal(centre, 30)}, seeds=8, first=1)
    comparison = held("z-interval", noise, [written({"x": 10.0})])
    assert not comparison.agrees
    assert "too few seeds, or the output is too noisy" in comparison.message


def test_two_seeds_say_little():
    pair = sample(means(spread=0.01), seeds=2, first=1)
    comparison = held("z-interval", pair, [written(EXPECTED)])
    assert not comparison.agrees
    assert "10 % is needed" in comparison.message


def test_a_number_near_zero_is_held_against_the_largest_of_its_series():
    def model(rng):
        return {"x": rng.normal([0.0, 10.0], 0.1)}

    assert held("z-interval", sample(model, seeds=8, first=1), [written({"x": [0, 10]})]).agrees

    def alone(rng):
        return {"x": rng.normal(0.0, 0.1)}

    comparison = held("z-interval", sample(alone, seeds=8, first=1), [written({"x": 0})])
    assert not comparison.agrees
    assert "for it is about 0" in comparison.message


def test_the_comparison_says_what_was_seen():
    ours = sample(means(shift=0.6), seeds=8, first=1)
    comparison = held("z-interval", ours, [written(EXPECTED)])
    assert (comparison.compared, comparison.mismatched) == (4, 1)
    assert comparison.where == "energy[0]"
    assert comparison.message.startswith("1 of 4 means differ by more than chance (p = ")
    assert "energy[0]: its mean is 10." in comparison.message
    assert "instead of 10." in comparison.message
    statistic = comparison.statistic
    assert (statistic.test, statistic.samples) == ("z-interval", (8, 1))
    assert statistic.p_value < SIGNIFICANCE
    assert comparison.worst[0].where == "energy[0]"
    assert "±" in comparison.worst[0].produced
    assert comparison.max_absolute_error == pytest.approx(0.6, abs=0.3)


def test_an_agreement_is_worded_as_one():
    comparison = held(
        "z-interval", sample(means(), seeds=8, first=1), sample(means(), seeds=8, first=2)
    )
    assert comparison.agrees
    assert not comparison.identical
    assert comparison.message.startswith("None of 4 means differs by more than chance")
    assert comparison.where is None


def test_the_tolerance_stands_for_the_last_digits_of_what_was_published():
    ours = sample(means(spread=0.001), seeds=8, first=1)
    rounded = [written({"energy": [10.0, 20.0, 30.0, 40.1]})]
    assert not held("z-interval", ours, rounded).agrees
    assert held("z-interval", ours, rounded, rtol=0.005).agrees


def test_a_tolerance_that_is_too_loose_says_nothing():
    ours = sample(means(), seeds=8, first=1)
    comparison = held("z-interval", ours, [written(EXPECTED)], atol=20)
    assert not comparison.agrees
    assert "too loose" in comparison.message


@pytest.mark.parametrize("test", ["z-interval", "kolmogorov-smirnov", "chi-squared"])
def test_a_seed_that_changes_nothing_leaves_plain_equality(test):
    ours = [written({"x": [1.0, 2.0]})] * 4
    same = held(test, ours, ours)
    assert (same.agrees, same.identical, same.statistic) == (True, True, None)
    assert same.message.startswith("The seed changes nothing")
    other = held(test, ours, [written({"x": [1.0, 2.1]})])
    assert (other.agrees, other.statistic) == (False, None)
    spaced = [*ours, b'{"x":  [1.0, 2.0]}']
    written_otherwise = held(test, spaced, [written({"x": [1.0, 2.0]})])
    assert (written_otherwise.agrees, written_otherwise.identical) == (True, False)
    assert written_otherwise.message.startswith("The seed changes no number")


@pytest.mark.parametrize("test", ["z-interval", "kolmogorov-smirnov", "chi-squared"])
def test_what_the_seed_does_not_change_must_equal_what_is_expected(test):
    def model(rng):
        return {"bin": [1.0, 2.0], "counts": rng.poisson(10_000, 200)}

    def shifted(rng):
        return model(rng) | {"bin": [1.0, 2.5]}

    ours, theirs = (sample(model, seeds=8, first=first) for first in (1, 2))
    assert held(test, ours, theirs).agrees
    comparison = held(test, ours, sample(shifted, seeds=8, first=2))
    assert not comparison.agrees
    assert "bin[1]: it is 2 for every seed instead of 2.5" in comparison.message


@pytest.mark.parametrize("test", ["z-interval", "kolmogorov-smirnov", "chi-squared"])
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda run: run | {"x": [float("nan"), *run["x"][1:]]}, "NaN"),
        (lambda run: run | {"x": [float("inf"), *run["x"][1:]]}, "infinity"),
        (lambda run: run | {"y": 1.0}, "y"),
        (lambda run: {}, ""),
        (lambda run: "x", ""),
    ],
)
def test_what_cannot_be_tested_does_not_agree(test, spoil, said):
    def run(seed: int) -> dict:
        return {"x": np.random.default_rng(seed).poisson(100, 200).tolist()}

    fair = [json.dumps(run(seed)).encode() for seed in range(8)]
    spoilt = [*fair[:7], json.dumps(spoil(run(7))).encode()]
    for ours, theirs in ((spoilt, fair), (fair, spoilt), (spoilt, spoilt), (fair, spoilt[7:])):
        comparison = held(test, ours, theirs)
        assert not comparison.agrees, (ours is spoilt, comparison)
        assert comparison.statistic is None
        assert said.lower() in comparison.message.lower()
    assert not held(test, fair, [b"no json"]).agrees


def test_shapes_must_be_the_same_where_numbers_have_places():
    ours = [written({"x": [float(seed), 1.0]}) for seed in range(8)]
    for test in ("z-interval", "chi-squared"):
        comparison = held(test, ours, [written({"x": [1.0, 2.0, 3.0]})])
        assert not comparison.agrees
        assert "shape" in comparison.message


def test_as_many_events_as_a_run_has_are_pooled():
    def model(rng):
        return {"times": rng.exponential(1.0, rng.poisson(100))}

    ours, theirs = (sample(model, seeds=8, first=first) for first in (1, 2))
    comparison = held("kolmogorov-smirnov", ours, theirs)
    assert comparison.agrees
    assert comparison.statistic.samples == tuple(
        sum(len(json.loads(run)["times"]) for run in side) for side in (ours, theirs)
    )


@pytest.mark.parametrize(
    ("test", "model", "said"),
    [
        ("kolmogorov-smirnov", lambda rng: {"x": rng.normal(0, 1, 9)}, "100 are needed"),
        ("chi-squared", lambda rng: {"x": rng.poisson(1, 4)}, "100 are needed"),
        ("chi-squared", lambda rng: {"x": [float(rng.poisson(100))]}, "less than two bins"),
        ("chi-squared", lambda rng: {"x": rng.normal(100, 10, 9)}, "no histogram"),
        ("chi-squared", lambda rng: {"x": rng.integers(-5, 100, 9)}, "no histogram"),
    ],
)
def test_too_little_or_the_wrong_thing_is_said_to_be(test, model, said):
    ours, theirs = (sample(model, seeds=8, first=first) for first in (1, 2))
    comparison = held(test, ours, theirs)
    assert not comparison.agrees
    assert said in comparison.message


def test_empty_bins_at_the_ends_do_no_harm():
    def model(rng):
        return {"counts": [0, *rng.multinomial(200, [0.5, 0.5]).tolist(), 0]}

    ours, theirs = (sample(model, seeds=8, first=first) for first in (1, 2))
    assert held("chi-squared", ours, theirs).agrees
    assert held("chi-squared", ours, [written({"counts": [0.0, 0.5, 0.5, 0.0]})]).agrees
    assert not held("chi-squared", ours, [written({"counts": [0.5, 0.0, 0.5, 0.0]})]).agrees


def test_tables_and_arrays_are_tested_like_json(tmp_path):
    for seed in range(16):
        rng = np.random.default_rng(seed)
        np.save(tmp_path / f"{seed}.npy", rng.normal([1.0, 2.0], 0.01))
    files = [tmp_path / f"{seed}.npy" for seed in range(16)]
    output = Output(path="out.npy", test="z-interval")
    comparison = compare_samples(output, produced=files[:8], expected=files[8:], against="repeat")
    assert comparison.agrees, comparison
    rows = [f"m,err\n{np.random.default_rng(s).normal(1, 0.01)},0.5\n".encode() for s in range(9)]
    output = Output(path="out.csv", test="z-interval")
    comparison = compare_samples(
        output, produced=rows[:8], expected=[b"m,err\n1.0,0.5\n"], against="expected"
    )
    assert comparison.agrees, comparison


def test_numbers_at_the_edge_of_what_a_float_holds_do_no_harm():
    ours = [written({"x": [sign * 1.7e308, 1.0]}) for sign in (1, -1) * 4]
    comparison = held("z-interval", ours, [written({"x": [1.0, 1.0]})])
    assert not comparison.agrees
    report = msgspec.json.decode(msgspec.json.encode(comparison), type=Comparison)
    assert report.statistic == comparison.statistic
