"""The whole benchmark on two tiny repositories, in real containers."""

import subprocess

import pytest

from benchmarks.rebuild.__main__ import main
from benchmarks.rebuild.records import NONE, WHOLE, RecordFile
from tests.repositories import make_repository

pytestmark = pytest.mark.docker

README = {"README.md": "# A model\n\nIt computes.\n"}
AS_DECLARED = README | {"test_model.py": "def test_two():\n    assert 1 + 1 == 2\n"}
UNDECLARED = README | {
    "model.py": "import yaml\n",
    "test_model.py": "import model\n\ndef test_it():\n    assert model.yaml\n",
}
ENTRY = """
[[repository]]
name = "{name}"
address = "{address}"
commit = "{commit}"
truth = "1 test passes"
rebuilds = true
most = "runs"
tests_may_pass = true
right = [{{levels = ["runs"], causes = [""], tests = ["pass"], passed = 1}}]
"""


def listed(folder, name, files):
    """The entry of a repository with one commit of `files`."""
    address = make_repository(folder, files)
    commit = subprocess.check_output(["git", "-C", address, "rev-parse", "HEAD"], text=True)
    return ENTRY.format(name=name, address=address, commit=commit.strip())


@pytest.mark.slow  # two repositories are rebuilt once with each rung away
def test_the_rung_that_rescued_a_repository_is_found(tmp_path, capsys):
    path, output = tmp_path / "list.toml", tmp_path / "output"
    entries = {"as declared": AS_DECLARED, "undeclared": UNDECLARED}
    path.write_text("".join(listed(tmp_path, name, files) for name, files in entries.items()))
    main([str(path), "--ablate", "--output", str(output)])
    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in said if line.startswith("| imports added | 1 | 0 of 1 | undeclared |")]
    records = RecordFile(output).read()
    assert list(records) == [
        ("as declared", WHOLE),
        ("as declared", NONE),
        ("undeclared", WHOLE),
        ("undeclared", NONE),
        ("undeclared", "without imports"),
    ]
    assert records["undeclared", WHOLE].seen.tests == "pass"
    assert records["undeclared", NONE].seen.tests != "pass"
    assert "Attempt 1" in (output / "undeclared.whole.log").read_text()
    assert (output / "undeclared.without-imports.json").exists()
