import numpy as np
import pytest

from lotka_volterra import Parameters, integrate, invariant, rates


def test_the_fixed_point_stays_fixed():
    p = Parameters()
    fixed = np.array([p.gamma / p.delta, p.alpha / p.beta])
    assert rates(fixed, p) == pytest.approx([0, 0], abs=1e-12)
    assert integrate(fixed, steps=100, dt=0.05)[-1] == pytest.approx(fixed)


def test_the_invariant_is_conserved():
    v = invariant(integrate((10.0, 10.0), steps=2000, dt=0.01))
    assert np.abs(v - v[0]).max() < 1e-6


def test_halving_the_step_divides_the_error_by_sixteen():
    exact = integrate((10.0, 10.0), steps=1600, dt=0.005 / 4)[-1]
    coarse = np.linalg.norm(integrate((10.0, 10.0), steps=100, dt=0.02)[-1] - exact)
    fine = np.linalg.norm(integrate((10.0, 10.0), steps=200, dt=0.01)[-1] - exact)
    assert coarse / fine == pytest.approx(16, rel=0.15)


def test_populations_stay_positive():
    assert (integrate((10.0, 10.0), steps=4000, dt=0.01) > 0).all()
