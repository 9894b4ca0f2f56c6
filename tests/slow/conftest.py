"""What the slow tests use."""

import pytest

from runners.configuration import engine_of_site
from tests.bench import Bench


@pytest.fixture
def real(tmp_path) -> Bench:
    """A bench on the real engine."""
    return Bench(tmp_path, engine_of_site())
