"""What every test may use, and the counting that proves that nothing was left out.

`make test` starts PostgreSQL and Redis, gives their addresses in the environment, and reads the
counts that are written here. A single folder can be run by hand with nothing started before:
`.venv/bin/python -m pytest tests/containers`.
"""

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ops import suites
from ops.services import redis_server

pytest_plugins = ("tests.chromium", "tests.commands", "tests.flush")

SITE_LABEL = "org.reprise.site"
# A machine that is busy makes no test wrong.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
COUNTED = ("docker", "postgresql", "redis", "browser")


def _on_postgresql() -> bool:
    return os.environ.get("REPRISE_DATABASE_URL", "").startswith("postgresql:")


def _suite(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


def _is_database_bound(item: pytest.Item) -> bool:
    suite = _suite(item)
    return suite in (*suites.DATABASE, *suites.DOORS) and not item.get_closest_marker("docker")


@pytest.hookimpl(tryfirst=True)  # before pytest itself deselects by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL, mark what is about the database; note the counted markers of each test."""
    for item in items:
        if _on_postgresql() and _is_database_bound(item):
            item.add_marker("postgresql")
        if item.get_closest_marker("browser") and _suite(item) not in suites.BROWSER:
            raise pytest.UsageError(f"{item.nodeid} drives a browser: it belongs to tests/browser.")
        if "redis_url" in getattr(item, "fixturenames", ()):
            item.add_marker("redis")
        marked = [name for name in COUNTED if item.get_closest_marker(name)]
        item.user_properties.append(("marked", marked))
    # The longest first, so that no process is left with one of them at the end.
    items.sort(key=lambda item: item.get_closest_marker("docker") is None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked postgresql must not pass on anything else."""
    if item.get_closest_marker("postgresql") and not _on_postgresql():
        pytest.fail("This test needs PostgreSQL: run `make test`, which starts one.", pytrace=False)


class Counts:
    """How many tests ended how, and how many of the passed ones bore each counted marker."""

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter(passed=0, failed=0, skipped=0)
        self.marked: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a finished call, and whatever failed or was skipped around it."""
        if report.when != "call" and report.passed:
            return
        self.totals[report.outcome] += 1
        if report.passed:
            self.marked.update(dict(report.user_properties).get("marked", []))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count a module that cannot be imported or skips itself whole."""
        if not report.passed:
            self.totals[report.outcome] += 1

    def pytest_sessionfinish(self) -> None:
        """Leave the counts where `ops/test` reads them."""
        target = Path(os.environ["REPRISE_TEST_COUNTS"])
        target.write_text(json.dumps({"totals": self.totals, "marked": self.marked}))


def _is_controller(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Count only when asked, and only once: in the process that sees every report."""
    if os.environ.get("REPRISE_TEST_COUNTS") and _is_controller(config):
        config.pluginmanager.register(Counts(), "reprise-counts")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder of tests/settings.py, and this session's images."""
    root = os.environ.get("REPRISE_TEST_ROOT")
    if root and _is_controller(config):
        shutil.rmtree(root, ignore_errors=True)
        if shutil.which("docker"):
            remove_images_of(Path(root).name)


def remove_images_of(session: str) -> None:
    """Remove the images of all sites whose name begins with the session's."""
    labelled = _docker("image", "ls", "--quiet", "--no-trunc", "--filter", f"label={SITE_LABEL}")
    template = f'{{{{.Id}}}} {{{{index .Config.Labels "{SITE_LABEL}"}}}}'
    images = set(labelled.split())
    listed = _docker("image", "inspect", "--format", template, *images) if images else ""
    sites = dict(line.split(" ", 1) for line in listed.splitlines())
    ours = [image for image, site in sites.items() if site.startswith(session)]
    if ours:
        _docker("image", "rm", "--force", *ours)


def _docker(*words: str) -> str:
    """What docker prints; what fails is left to the next session."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    return done.stdout


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis server: the one `make test` started, else one for this session."""
    given = os.environ.get("REPRISE_TEST_REDIS_URL")
    if given:
        yield given
        return
    with redis_server() as url:
        yield url
