"""A portal that answers, people with tokens, and a model whose files are really mirrored."""

import os

import pytest

from registry.services.tokens import token_create
from tests.web import scenery
from tests.web.source_scenery import Mirrored, mirrors  # noqa: F401 — a fixture

BIG = bytes(range(256)) * 12_000  # 3 MB
CARD = "---\nlicense: mit\ntags:\n- lattice\n---\n# Phi4\n\nWhat it does.\n"
FILES = {
    "README.md": CARD,
    "src/phi4/flow.py": "print('flow')\n",
    "src/phi4/a b+ü.txt": "x\n",
    "data/field.bin": BIG,
    "config.json": "{}\n",
}


@pytest.fixture
def ada(db):
    return scenery.person("ada", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def bob(db):
    return scenery.person("bob")


def token_of(user):
    """A token that may change nothing."""
    return token_create(user=user, name="laptop", scopes=[], expires_at=None)[1]


@pytest.fixture
def model(ada, mirrors):  # noqa: F811 — the fixture
    """ada/model, with one version."""
    return Mirrored(mirrors, ada, FILES)


@pytest.fixture
def environment(tmp_path, live_server, settings):
    """What a client's process is told: this portal as its hub, and a folder of its own."""
    settings.PUBLIC_URL = live_server.url
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "SSL_CERT_FILE") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HF_ENDPOINT": live_server.url,
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "no_proxy": "*",
    }
