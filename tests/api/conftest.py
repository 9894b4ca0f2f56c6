"""What the tests of the API share."""

from pathlib import Path

import pytest
from django.core.cache import cache

from registry.caching import process_cache
from tests.api.world import World, make_world


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture(autouse=True)
def _nothing_counted_or_computed_before() -> None:
    cache.clear()
    process_cache.clear()
