"""The manifest as a value."""

import msgspec

from registry.spec.manifest import Manifest, Output


def test_the_digest_changes_with_the_content_and_only_with_it():
    one = Manifest(run="make", outputs=(Output(path="a.json"),))
    same = Manifest(run="make", outputs=(Output(path="a.json"),))
    other = Manifest(run="make", outputs=(Output(path="a.json", rtol=1e-3),))
    assert one.digest == same.digest != other.digest


def test_answers_and_old_outputs_are_hidden_wherever_the_command_starts():
    manifest = Manifest(
        workdir="model/code", outputs=(Output(path="out.csv", expected="../expected/out.csv"),)
    )
    assert manifest.hidden_paths == {"model/code/out.csv", "model/expected/out.csv"}


def test_a_manifest_that_was_read_has_the_digest_of_its_equal():
    read = msgspec.convert({"python": "3.11", "outputs": [{"path": "a"}]}, Manifest)
    assert read.digest == Manifest(python="3.11", outputs=(Output(path="a"),)).digest
