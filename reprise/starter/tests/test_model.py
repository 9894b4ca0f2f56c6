from model import orbit


def test_the_energy_stays():
    energies = [(place**2 + velocity**2) / 2 for _, place, velocity in orbit(steps=400, step=0.05)]
    assert max(energies) - min(energies) < 1e-3
