"""How much of what readers look for is told of a model: a score, and what would raise it.

It says nothing of whether the model works; the level does. Source: docs/citing.md.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of a model, as far as it counts."""

    title: str = ""
    summary: str = ""
    description: str = ""
    authors: int = 0
    orcids: int = 0
    licence: str = ""
    article: bool = False
    subjects: int = 0
    readme: bool = False
    tests: bool = False
    run: bool = False
    expected: bool = False
    claims: int = 0


@dataclass(frozen=True, kw_only=True)
class Point:
    """Something that readers look for: its weight of 100, its name, and how to tell it."""

    weight: int
    name: str
    mend: str
    is_told: Callable[[Told], bool]


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """The score, 0 to 100, and what is missing, the weightiest first."""

    score: int
    missing: tuple[Point, ...]


NO_LICENCE = "NONE"
_SUMMARY_CHARACTERS = 40
_DESCRIPTION_CHARACTERS = 200

POINTS: tuple[Point, ...] = (
    Point(
        weight=10,
        name="a licence",
        mend="State a licence: without one, nobody may use the model.",
        is_told=lambda told: told.licence not in ("", NO_LICENCE),
    ),
    Point(
        weight=10,
        name="the article",
        mend="Give the DOI of the article that describes the model.",
        is_told=lambda told: told.article,
    ),
    Point(
        weight=10,
        name="a subject",
        mend="Choose a subject, so that people who browse find the model.",
        is_told=lambda told: told.subjects > 0,
    ),
    Point(
        weight=10,
        name="tests",
        mend="Add tests, or say which command runs them.",
        is_told=lambda told: told.tests,
    ),
    Point(
        weight=10,
        name="a run command",
        mend="Say which command computes the model's results.",
        is_told=lambda told: told.run,
    ),
    Point(
        weight=10,
        name="expected values",
        mend="Commit the published output and name it as expected, for runs to be compared.",
        is_told=lambda told: told.expected,
    ),
    Point(
        weight=8,
        name="a summary",
        mend=f"Say in a sentence of {_SUMMARY_CHARACTERS} characters or more what it computes.",
        is_told=lambda told: len(told.summary) >= _SUMMARY_CHARACTERS,
    ),
    Point(
        weight=7,
        name="a description",
        mend=f"Describe it in {_DESCRIPTION_CHARACTERS} characters or more: method, use, limits.",
        is_told=lambda told: len(told.description) >= _DESCRIPTION_CHARACTERS,
    ),
    Point(
        weight=5,
        name="a title",
        mend="Give it a title.",
        is_told=lambda told: bool(told.title),
    ),
    Point(
        weight=5,
        name="authors",
        mend="Name the authors, so that they are cited.",
        is_told=lambda told: told.authors > 0,
    ),
    Point(
        weight=5,
        name="an ORCID iD",
        mend="Give the ORCID iD of one author at least.",
        is_told=lambda told: told.orcids > 0,
    ),
    Point(
        weight=5,
        name="a README",
        mend="Add a README to the repository.",
        is_told=lambda told: told.readme,
    ),
    Point(
        weight=5,
        name="claims",
        mend="Tie values of the article to the output, so that each is checked by itself.",
        is_told=lambda told: told.claims > 0,
    ),
)


def completeness(told: Told) -> Completeness:
    """How complete what is told is."""
    missing = tuple(point for point in POINTS if not point.is_told(told))
    return Completeness(score=100 - sum(point.weight for point in missing), missing=missing)
