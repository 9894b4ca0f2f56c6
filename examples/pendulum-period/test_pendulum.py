import math

import pytest

from pendulum import agm, period


def test_the_mean_of_equal_numbers_is_that_number():
    assert agm(3.0, 3.0) == 3.0


def test_small_swings_have_the_harmonic_period():
    assert period(0.01) == pytest.approx(2 * math.pi * math.sqrt(1 / 9.81), rel=1e-8)


def test_wider_swings_take_longer():
    assert period(10) < period(45) < period(90)
