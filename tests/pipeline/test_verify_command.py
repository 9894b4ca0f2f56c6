"""`manage.py verify`: what it prints, writes and exits with."""

import hashlib
import json
from functools import partial
from pathlib import Path

import jsonschema
import pytest

from tests.repositories import make_repository

ROOT = Path(__file__).parents[2]
RUNS = {"README.md": "# m\n", "test_m.py": "def test_m():\n    assert True\n"}


@pytest.fixture
def verify(manage):
    return partial(manage, "verify")


@pytest.mark.docker
def test_what_runs_exits_with_zero_and_leaves_a_report_by_the_schema(verify, tmp_path):
    report = tmp_path / "report.json"
    done = verify(make_repository(tmp_path, RUNS), "--json", report, "--keep")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Level 3: runs" in done.stdout
    said = json.loads(report.read_text())
    jsonschema.validate(said, json.loads((ROOT / "docs/report.schema.json").read_text()))
    assert said["level_name"] == "runs"
    assert said["tests"]["passed"] == 1
    assert said["environment"]["attempts"][0]["built"] is True
    kept = Path(done.stdout.rpartition("Evidence kept in ")[2].strip())
    assert (kept / "Dockerfile").is_file()
    assert not kept.with_name("scratch").exists()


@pytest.mark.docker
def test_what_is_lower_than_expected_exits_with_one(verify, tmp_path):
    done = verify(make_repository(tmp_path, RUNS), "--expect", "reproduced")
    assert done.returncode == 1
    assert "Declare" in done.stdout


@pytest.mark.docker
def test_the_manifest_of_another_file_is_used(verify, tmp_path):
    manifest = tmp_path / "other.toml"
    manifest.write_text('run = "echo 1 > a.txt"\n[[outputs]]\npath = "a.txt"\n')
    done = verify(make_repository(tmp_path, RUNS), "--manifest", manifest, "--expect", "repeatable")
    assert done.returncode == 0, done.stdout


@pytest.mark.docker
def test_the_log_is_shown_on_request_alone(verify, tmp_path):
    repository = make_repository(tmp_path, RUNS)
    assert "1 passed in" not in verify(repository).stdout
    assert "1 passed in" in verify(repository, "--log").stdout


@pytest.mark.docker
def test_one_model_of_several_in_a_repository_is_verified_alone(verify, tmp_path):
    report = tmp_path / "report.json"
    good = {f"models/a/{name}": content for name, content in RUNS.items()}
    bad = {"README.md": "# Two", "models/b/test_m.py": "def test_m():\n    assert False\n"}
    done = verify(make_repository(tmp_path, good | bad), "--folder", "models/a", "--json", report)
    assert done.returncode == 0, done.stdout
    assert "models/a in /" in done.stdout
    said = json.loads(report.read_text())
    assert (said["source"]["folder"], said["source"]["files"]) == ("models/a", 2)
    assert (said["tests"]["passed"], said["tests"]["failed"]) == (1, 0)


@pytest.mark.parametrize(
    "arguments",
    [(), ("x", "--expect", "perfect"), ("x", "--manifest", "no/such.toml"), ("x", "--no-such")],
)
def test_bad_usage_exits_with_two_and_says_why(verify, arguments):
    done = verify(*arguments)
    assert done.returncode == 2
    assert "error:" in done.stderr


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://127.0.0.1/m.git", "public"),
        ("ext::sh -c id", "https"),
        ("https://user:hunter2@example.org/m.git", "password"),
    ],
)
def test_an_address_that_may_not_be_fetched_is_the_authors_fault(verify, address, said):
    done = verify(address)
    assert done.returncode == 1
    assert "(fetch)" in done.stdout
    assert said in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_a_folder_that_a_repository_lacks_is_answered_with_those_it_has(verify, tmp_path):
    done = verify(make_repository(tmp_path, {"models/a/x": ""}), "--folder", "model/a")
    assert done.returncode == 1
    assert "models/a" in done.stdout


def test_a_folder_that_is_no_repository_is_told_so(verify, tmp_path):
    done = verify(tmp_path)
    assert done.returncode == 1
    assert "(fetch)" in done.stdout


def test_an_engine_that_does_not_answer_is_our_fault(tmp_path, monkeypatch, verify):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    done = verify(make_repository(tmp_path, RUNS))
    assert done.returncode == 3
    assert "not the repository" in done.stdout


@pytest.mark.docker
def test_a_file_that_is_not_in_the_repository_is_given_by_its_hash(verify, tmp_path):
    data = tmp_path / "measured.txt"
    data.write_text("4\n")
    sha256 = hashlib.sha256(b"4\n").hexdigest()
    manifest = (
        f'run = "cp in.txt out.txt"\n[[inputs]]\npath = "in.txt"\nsha256 = "{sha256}"\n'
        '[[outputs]]\npath = "out.txt"\n'
    )
    repository = make_repository(tmp_path, {"README.md": "# m\n", "reprise.toml": manifest})
    done = verify(repository, "--input", data, "--expect", "repeatable")
    assert done.returncode == 0, done.stdout
    missed = verify(repository)
    assert missed.returncode == 1
    assert "--input FILE" in missed.stdout
