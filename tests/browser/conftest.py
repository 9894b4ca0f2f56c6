"""Who walks through the portal."""

import pytest

from tests.chromium import CHROMIUM, DESK, PHONE
from tests.web import scenery

__all__ = ["CHROMIUM", "DESK", "PHONE"]


@pytest.fixture
def ada(transactional_db):
    return scenery.person("ada", first_name="Ada", last_name="Lovelace")
