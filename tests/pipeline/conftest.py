"""What tests of the pipeline use."""

from pathlib import Path

import pytest

from runners.configuration import engine_of_site
from tests.bench import Bench


@pytest.fixture
def real(tmp_path) -> Bench:
    """A bench on the real engine."""
    return Bench(tmp_path, engine_of_site())


@pytest.fixture
def example():
    """The folder of a bundled example's files, as a dictionary."""
    root = Path(__file__).parents[2] / "examples"

    def read(name: str) -> dict[str, bytes]:
        files = (path for path in (root / name).rglob("*") if path.is_file())
        return {p.relative_to(root / name).as_posix(): p.read_bytes() for p in files}

    return read
