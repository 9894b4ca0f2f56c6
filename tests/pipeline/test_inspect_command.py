"""`manage.py inspect`: what it prints, writes and exits with. Nothing is run."""

import json
import tomllib
from functools import partial
from itertools import takewhile

import pytest

from tests.repositories import make_repository

REANA = """
workflow:
  type: serial
  specification:
    steps:
      - environment: reanahub/reana-env-root6
        commands:
          - python fit.py ${events}
inputs:
  parameters: {events: 100}
outputs:
  files: [results/fit.csv]
"""
FILES = {
    "README.md": "# Fit\n",
    "CITATION.cff": "title: A fit\nauthors:\n- given-names: Ada\n  family-names: Lovelace\n",
    "requirements.txt": "numpy\n",
    "reana.yaml": REANA,
    "fit.py": "raise SystemExit('this must never run')\n",
}


@pytest.fixture
def inspect(manage):
    return partial(manage, "inspect")


def test_what_was_understood_is_said_with_its_origin_and_what_to_do(inspect, tmp_path):
    written = tmp_path / "inspection.json"
    done = inspect(make_repository(tmp_path, FILES), "--json", written)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "A fit  (from CITATION.cff)" in done.stdout
    assert "Ada Lovelace  (from CITATION.cff)" in done.stdout
    assert "1. requirements.txt, Python 3." in done.stdout
    assert "its commands are for the image reanahub/reana-env-root6" in done.stdout
    assert "Name the command that computes your results" in done.stdout
    said = json.loads(written.read_text())
    assert said["description"]["title"] == "A fit"
    assert said["plan"]["environments"][0]["strategy"] == "requirements.txt"


def test_the_snippet_of_a_proposal_can_be_given_as_the_manifest(inspect, tmp_path):
    repository = make_repository(tmp_path, FILES)
    shown = inspect(repository).stdout.split("To accept it, put this into a file reprise.toml:\n")
    lines = takewhile(lambda line: line.startswith("      "), shown[1].splitlines())
    snippet = "\n".join(line.strip() for line in lines)
    assert tomllib.loads(snippet)["run"] == "python fit.py 100"
    manifest = tmp_path / "accepted.toml"
    manifest.write_text(snippet)
    done = inspect(repository, "--manifest", manifest)
    assert "python fit.py 100  (from reprise.toml)" in done.stdout
    assert "results/fit.csv  (from reprise.toml)" in done.stdout
    assert "No expected values are given for results/fit.csv" in done.stdout


def test_a_folder_of_a_repository_is_inspected_alone(inspect, tmp_path):
    files = {"a/README.md": "# One\n", "a/reprise.toml": 'run = "python a.py"\n', "b/x.py": ""}
    done = inspect(make_repository(tmp_path, files), "--folder", "a")
    assert "python a.py  (from reprise.toml)" in done.stdout


def test_a_wrong_manifest_is_named_with_line_and_column_and_exits_with_one(inspect, tmp_path):
    done = inspect(make_repository(tmp_path, FILES | {"reprise.toml": "\nrnu = 1\n"}))
    assert done.returncode == 1
    assert "reprise.toml, line 2, column 1: “rnu” is not a field of a manifest" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("https://127.0.0.1/m.git",), 1), ((), 2), (("x", "--manifest", "no/such.toml"), 2)],
)
def test_what_cannot_be_read_and_bad_usage_have_codes_of_their_own(inspect, arguments, code):
    assert inspect(*arguments).returncode == code
