import numpy as np
import pytest

from brownian import displacements, stokes_einstein


def test_a_sphere_of_half_a_micrometre_diffuses_as_einstein_said():
    assert stokes_einstein() == pytest.approx(0.43, abs=0.005)


def test_larger_spheres_diffuse_less():
    assert stokes_einstein(1e-6) == pytest.approx(stokes_einstein(0.5e-6) / 2)


def test_the_mean_square_grows_with_time():
    near, far = (displacements(2000, seconds, 100, seed=7) for seconds in (1.0, 4.0))
    assert np.mean(far**2) / np.mean(near**2) == pytest.approx(4, rel=0.1)
