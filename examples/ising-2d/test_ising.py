import numpy as np
import pytest

from ising import energy, magnetisation, onsager, sweep


def test_the_ground_state_has_energy_minus_two():
    assert energy(np.ones((8, 8))) == -2


def test_nothing_moves_at_zero_temperature():
    spins = np.ones((8, 8), dtype=np.int8)
    assert (sweep(spins, 1e-6, np.random.default_rng(1)) == spins).all()


@pytest.mark.parametrize("temperature", [1.5, 2.0])
def test_the_magnetisation_below_the_critical_temperature_is_onsagers(temperature):
    measured = magnetisation(temperature, size=24, warm_up=100, sweeps=300, seed=7).mean()
    assert measured == pytest.approx(onsager(temperature), abs=0.01)


def test_the_magnetisation_is_lost_far_above_it():
    assert magnetisation(4.0, size=24, warm_up=50, sweeps=200, seed=7).mean() < 0.1
