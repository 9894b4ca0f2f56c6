"""Clients of the hub that come too often: they wait and go on. Who pulls a model never has to."""

import re
import subprocess
import sys

import pytest
from django.core.cache import cache
from django.test import Client

from tests.hub.conftest import FILES
from tests.hub.test_clients import printed
from tests.portal import ROOT
from tests.web.source_scenery import Mirrored, mirrors  # noqa: F401 — a fixture

pytestmark = pytest.mark.django_db(transaction=True)
SNAPSHOT = "from huggingface_hub import snapshot_download as pull; pull('ada/model', local_dir='.')"
INFO = "from huggingface_hub import model_info; model_info('ada/model')"


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def pull(environment, tmp_path):
    """Has the library pull a whole model, in a process of its own; the names of its files."""
    folder = tmp_path / "pulled"
    folder.mkdir()

    def pulled():
        printed([sys.executable, "-c", SNAPSHOT], environment, cwd=folder)
        found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        return {path for path in found if not path.startswith(".cache/")}

    return pulled


def test_the_library_waits_and_goes_on(model, pull, settings, caplog):
    settings.API_RATES = settings.API_RATES | {"pulls": "4/second"}
    assert pull() == set(FILES)
    assert "Too Many Requests: /ada/model/resolve/" in caplog.text


def test_who_asks_directly_is_told_why_and_until_when(model, environment, settings):
    settings.API_RATES = settings.API_RATES | {"pulls": "1/hour"}
    assert Client().get("/api/models/ada/model").status_code == 200
    refused = Client().get("/api/models/ada/model")
    assert refused.status_code == 429
    assert refused["X-Error-Message"] == refused.json()["error"]
    assert 0 < int(refused["Retry-After"]) <= 3600
    command = [sys.executable, "-c", INFO]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "you have reached your 'pulls' rate limit" in done.stderr, done.stderr


@pytest.mark.parametrize(
    "files",
    [
        20,
        # The thing itself takes a minute, of as many as these worlds take; a file costs the same.
        pytest.param(990, marks=pytest.mark.slow),
    ],
)
def test_a_thousand_files_are_within_what_sites_grant(files, ada, mirrors, pull, settings):  # noqa: F811 — the fixture
    """Even if all were asked for in one minute, and without an account."""
    named = {f"data/{number}.txt": f"{number}\n" for number in range(files)}
    Mirrored(mirrors, ada, named)
    settings.API_RATES = settings.API_RATES | {"pulls": f"{2 * files + 10}/hour"}
    assert pull() == set(named)
    written = (ROOT / "portal" / "settings.py").read_text()
    granted = re.search(r'"REPRISE_RATE_PULLS", "(\d+)/minute"', written)
    assert granted
    assert int(granted[1]) > 2 * 1000 + 10
