"""docs/evidence.md says what is so: its tests exist, and its validators have these versions."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/evidence.md").read_text()
# Validators in an environment of their own, at the version that it is made with.
APART = dict(re.findall(r'"([a-z_]+)==([\d.]+)"', (ROOT / "tests/citing/conftest.py").read_text()))
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "`tests/" in line]


@pytest.mark.parametrize("row", ROWS)
def test_every_export_has_its_test_and_its_validators_these_versions(row):
    columns = row.split("|")
    assert (ROOT / columns[5].strip(" `")).is_file()
    for name, said in re.findall(r"([a-z-]+) (\d+\.\d+\.\d+)", columns[3]):
        assert (APART.get(name) or version(name)) == said


def test_the_table_is_read():
    assert len(ROWS) == 15
