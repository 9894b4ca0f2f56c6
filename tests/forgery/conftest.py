"""What forgeries are put before: the whole pipeline on the real engine."""

from dataclasses import replace

import pytest

from runners.configuration import engine_of_site
from tests.bench import BOUNDS, Bench


@pytest.fixture
def real(tmp_path) -> Bench:
    """A bench that tries each environment once: no rung of the repair ladder makes a lie true."""
    bench = Bench(tmp_path, engine_of_site())
    bench.rungs = frozenset()
    bench.bounds = replace(BOUNDS, run=replace(BOUNDS.run, seconds=20))
    return bench
