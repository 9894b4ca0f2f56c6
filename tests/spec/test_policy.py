"""The rules in force, and the documents that repeat them."""

from pathlib import Path
from typing import get_args

import pytest

from registry.spec.ladder import Cause, Level, Repair
from registry.spec.manifest import StatisticalTest
from registry.spec.policy import (
    CAUSES,
    COMPARING,
    CRITERIA,
    LIMITATIONS,
    MODIFIERS,
    NEVER_PASSES,
    POLICY,
    REPAIRS,
    STATISTICAL_TESTS,
    STATISTICS,
    document,
)

VERDICTS = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text()
UNBROKEN = " ".join(VERDICTS.split())


def test_no_word_of_the_rules_changes_unseen():
    """A verdict names these two. Whoever changes a rule changes the digest here, knowing it."""
    digest = "sha256:6e5b8311948ca0718dcec0f0622b6638a7d6bb242480750b284cf15f5365d021"
    assert (POLICY.version, POLICY.digest) == ("2026-11.3", digest)


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (Level, CRITERIA),
        (Cause, CAUSES),
        (Repair, REPAIRS),
        (get_args(StatisticalTest), STATISTICAL_TESTS),
    ],
)
def test_everything_that_a_verdict_can_name_has_its_sentence(names, texts):
    assert list(texts) == list(names)
    assert all(text.endswith(".") for text in texts.values())


@pytest.mark.parametrize("repair", Repair)
def test_the_digest_is_taken_over_the_repairs_too(repair):
    assert document()["repairs"][repair.value] == REPAIRS[repair]


@pytest.mark.parametrize(
    "row",
    [
        *(f"| {level.value} | {level.label} | {text} |" for level, text in CRITERIA.items()),
        *(f"| `{repair.value}` | {repair.label} | {text} |" for repair, text in REPAIRS.items()),
        *(f"| `{cause.value}` | {text} | " for cause, text in CAUSES.items()),
        *(f"| `{name}` | {text} |" for name, text in MODIFIERS.items()),
        *(f"| `{name}` | {text} |" for name, text in STATISTICAL_TESTS.items()),
    ],
)
def test_the_document_for_people_has_the_same_tables(row):
    assert f"\n{row}" in VERDICTS


@pytest.mark.parametrize("sentence", [*COMPARING, *LIMITATIONS, *NEVER_PASSES, STATISTICS])
def test_the_document_for_people_says_the_same(sentence):
    assert sentence in UNBROKEN
