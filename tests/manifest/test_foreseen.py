"""What a verification would do, told from the files alone."""

import tomllib

import pytest

from registry.spec.manifest import Manifest, Plan, Proposal
from registry.spec.snippets import proposal_toml
from runners.foreseen import foresee
from tests.trees import MemoryTree

BASES = {"3.9": "python:3.9-slim-bullseye", "3.11": "python:3.11-slim-bookworm"}
DAY = "2023-06-01"
REANA = (
    "workflow:\n  type: serial\n  specification:\n    steps:\n"
    "      - environment: ana/root6\n        commands: [root -b fit.C]\n"
    "outputs:\n  files: [plot.png]\n"
)


def foreseen(files: dict[str, str], manifest: Manifest | None = None) -> Plan:
    return foresee(MemoryTree(files), manifest or Manifest(), bases=BASES, committed_on=DAY)


def test_the_environments_are_those_that_a_verification_would_try():
    manifest = Manifest(python="3.9", system_packages=("libgomp1",))
    (first, *_) = foreseen({"requirements.txt": "numpy\n"}, manifest).environments
    assert (first.strategy, first.python) == ("requirements.txt", "3.9")
    assert "libgomp1" in first.system_packages


def test_why_a_python_is_chosen_is_said():
    files = {"requirements.txt": "numpy\n", "runtime.txt": "python-3.9.18\n"}
    (first, *_) = foreseen(files).environments
    assert first.python == "3.9"
    assert "runtime.txt" in first.why


def test_the_tests_that_would_be_run_are_named_with_the_reason():
    (test, *_) = foreseen({"test_a.py": "def test_a():\n    assert True\n"}).tests
    assert (test.runner, test.counted) == ("pytest", True)
    assert "pytest" in test.command
    assert test.why


def test_a_declared_test_stands_alone():
    (test,) = foreseen({"test_a.py": ""}, Manifest(test="make check")).tests
    assert test.command == ("sh", "-c", "make check")


def test_why_nothing_can_be_tried_is_said_and_raises_nothing():
    plan = foresee(MemoryTree({"README.md": "x"}), Manifest(), bases={}, committed_on=DAY)
    assert "no base image" in plan.unsupported
    assert plan.environments == ()


def test_commands_that_could_not_be_taken_over_are_proposed():
    (proposal,) = foreseen({"reana.yaml": REANA}).proposals
    assert (proposal.command, proposal.outputs) == ("root -b fit.C", ("plot.png",))


def test_commands_are_proposed_only_where_none_is_declared():
    files = {"README.md": "# A\n\n    python run.py\n", "run.py": "print(1)\n"}
    assert [one.command for one in foreseen(files).proposals] == ["python run.py"]
    assert foreseen(files, Manifest(run="python run.py")).proposals == ()


def test_a_language_that_nothing_here_runs_is_said_unless_a_command_is_declared():
    files = {"solve.m": "function y = solve(x)\n% Matlab\ny = x;\nend\n"}
    assert "Matlab" in foreseen(files).unsupported
    assert foreseen(files, Manifest(run="octave solve.m")).unsupported == ""


@pytest.mark.parametrize(
    "command",
    ["python run.py", "echo \"a\\b\" > 'c'", "set -e\na\tb", "τ = 1 \x7f 😀", "echo '''\"\"\"'"],
)
def test_a_proposal_becomes_a_manifest_to_copy(command):
    proposal = Proposal(command=command, outputs=("out/a b.csv", 'q".json'), why="because")
    assert tomllib.loads(proposal_toml(proposal)) == {
        "run": command,
        "outputs": [{"path": "out/a b.csv"}, {"path": 'q".json'}],
    }
