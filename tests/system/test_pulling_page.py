"""docs/pulling.md says what is so: its tests exist, and its clients have these versions."""

import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/pulling.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "`tests/" in line]
# Clients in an environment of their own, at the version that it is made with.
APART = dict(
    re.findall(r'"([a-z_]+)==([\d.]+)"', (ROOT / "tests/images/test_kubeflow.py").read_text())
)
# Programs of the system, each with the words by which it says its version.
PROGRAMS = {
    "curl": ["curl", "--version"],
    "docker": ["docker", "--version"],
    "git": ["git", "--version"],
    "jq": ["jq", "--version"],
    "skopeo": ["skopeo", "--version"],
    "tar": ["tar", "--version"],
    "unzip": ["unzip", "-v"],
    "zstd": ["zstd", "--version"],
}
# What says its version to whoever starts it, which other tests do.
SERVERS = {"Engine", "Distribution"}
KINDS = ("REST", "curl", "huggingface_hub", "git", "docker", "tar", "RO-Crate", "OAI-PMH",
         "Signposting", "kfp", "Apptainer", "reprise", "standardwebhooks")  # fmt: skip


def installed(name: str) -> str:
    """The version of a client here."""
    if name in PROGRAMS:
        said = subprocess.run(PROGRAMS[name], capture_output=True, text=True, check=True).stdout
        return re.search(r"\d+(\.\d+)+", said)[0]
    try:
        return APART.get(name) or version(name)
    except PackageNotFoundError:
        pytest.fail(f"{name} is no program and no package that this test knows.")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_way_has_its_tests_and_its_clients_these_versions(row):
    _, _, clients, _, tests, _ = row.split("|")
    for place in re.findall(r"`([^`]+)`", tests):
        assert (ROOT / place).exists(), place
    for name, said in re.findall(r"([A-Za-z][\w-]+) (\d+(?:\.\d+)+)", clients):
        if name not in SERVERS:
            assert f"{installed(name)}.".startswith(f"{said}."), name


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_row_of_every_kind(kind):
    assert any(kind in row for row in ROWS)
