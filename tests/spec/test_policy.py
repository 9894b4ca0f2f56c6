"""The rules in force, and the documents that repeat them."""

from pathlib import Path

import pytest

from registry.spec.ladder import Cause, Level, Repair
from registry.spec.policy import CAUSES, CRITERIA, REPAIRS, document

VERDICTS = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text()


@pytest.mark.parametrize(
    ("names", "texts"), [(Level, CRITERIA), (Cause, CAUSES), (Repair, REPAIRS)]
)
def test_every_level_cause_and_repair_has_its_sentence(names, texts):
    assert list(texts) == list(names)
    assert all(text.endswith(".") for text in texts.values())


@pytest.mark.parametrize("repair", Repair)
def test_the_digest_is_taken_over_the_repairs_too(repair):
    assert document()["repairs"][repair.value] == REPAIRS[repair]


@pytest.mark.parametrize("repair", Repair)
def test_the_document_for_people_names_every_repair(repair):
    assert f"| `{repair.value}` | {repair.label} |" in VERDICTS
