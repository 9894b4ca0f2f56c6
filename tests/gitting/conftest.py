"""A model with three versions, two of them published, on a server that git can reach."""

import pytest

from tests.gitting.client import Git
from tests.web import scenery
from tests.web.source_scenery import Mirrored, mirrors  # noqa: F401 — a fixture

FILES = {"README.md": "# Ising\n", "src/ising.py": "print('ran')\n", "data/large.bin": b"\1" * 9999}


@pytest.fixture
def git(tmp_path):
    """The real git, in a folder of its own, with nothing of this machine's settings."""
    folder = tmp_path / "person"
    folder.mkdir()
    return Git(folder)


@pytest.fixture
def model(transactional_db, live_server, settings, mirrors):  # noqa: F811 — the fixture
    """Published as v1 and v2; v3 is its editors' alone. `site` is its address for git."""
    settings.PUBLIC_URL = live_server.url
    model = Mirrored(mirrors, scenery.person("ada"), FILES)
    model.release(FILES | {"src/ising.py": "print('ran twice')\n"})
    model.propose(FILES | {"secret.txt": "not yet\n"})
    model.site = f"{live_server.url}/ada/{model.entry.name}.git"
    return model
