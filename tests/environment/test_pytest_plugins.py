"""Plug-ins of pytest, by what pytest printed without them."""

import pytest

from runners.environment.pytest_plugins import plugins_for_log


@pytest.mark.parametrize(
    ("log", "plugins"),
    [
        ("E       fixture 'mocker' not found", ("pytest-mock",)),
        ("E       fixture 'benchmark' not found", ("pytest-benchmark",)),
        ("E       fixture 'num_regression' not found", ("pytest-regressions",)),
        ("E       fixture 'datadir' not found", ("pytest-datadir",)),
        ("E       fixture 'regtest' not found", ("pytest-regtest",)),
        ("E       fixture 'requests_mock' not found", ("requests-mock",)),
        ("E       fixture 'httpx_mock' not found", ("pytest-httpx",)),
        ("E       fixture 'qtbot' not found", ("pytest-qt",)),
        ("E       fixture 'my_own' not found", ()),
        ("python -m pytest: error: unrecognized arguments: --cov=pkg --mpl -n",
         ("pytest-cov", "pytest-mpl", "pytest-xdist")),
        ("error: unrecognized arguments: --cov-report=xml -n4", ("pytest-cov", "pytest-xdist")),
        ("pytest: error: unrecognized arguments: --doctest-plus --remote-data=none --open-files",
         ("pytest-doctestplus", "pytest-remotedata", "pytest-openfiles")),
        ("pytest: error: unrecognized arguments: --nbval-lax --timeout=60 --flake8 --black",
         ("nbval", "pytest-timeout", "pytest-flake8", "pytest-black")),
        ("error: unrecognized arguments: --randomly-seed=1 --runslow", ("pytest-randomly",)),
        ("pytest: error: unrecognized arguments: --covers --next tests/-n", ()),
        ("ERROR: Unknown config option: timeout", ("pytest-timeout",)),
        ("ERROR: Unknown config option: asyncio_mode", ("pytest-asyncio",)),
        ("'remote_data' not found in `markers` configuration option", ("pytest-remotedata",)),
        ("'slow' not found in `markers` configuration option", ()),
        ("PytestUnknownMarkWarning: Unknown pytest.mark.mpl_image_compare - is this a typo?",
         ("pytest-mpl",)),
        ("FAILED test_a.py::test_a - Failed: async def functions are not natively suppo...",
         ("pytest-asyncio",)),
        ("ERROR: Missing required plugins: pytest-mpl, pytest-xdist>=2",
         ("pytest-mpl", "pytest-xdist")),
        ("ERROR: Error importing plugin \"pytest_harvest\": No module named 'pytest_harvest'",
         ("pytest-harvest",)),
        ("ERROR: Error importing plugin \"tests.fixtures\": No module named 'tests.fixtures'", ()),
        ("3 passed in 0.1s", ()),
    ],
)  # fmt: skip
def test_a_missing_plugin_is_named(log, plugins):
    assert plugins_for_log(log) == plugins


def test_each_plugin_is_named_once():
    log = "fixture 'mocker' not found\nfixture 'session_mocker' not found\n"
    assert plugins_for_log(log) == ("pytest-mock",)
