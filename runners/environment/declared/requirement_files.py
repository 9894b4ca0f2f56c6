"""Which of a repository's requirements files say what the model needs, and which what tests do."""

import re
from collections.abc import Iterator
from itertools import islice

from runners.environment.declared.files import paths_of
from runners.environment.declared.readings import Reading
from runners.environment.declared.requirements import file_items
from runners.tree import Tree

_MAX_FILES = 20
_REQUIREMENTS = r"(?:pip[-_]?)?(?:requi?re?ments?|requirments|reqs?|packages|dependencies)"
_TESTS = r"(?:dev|devel|develop|development|tests?|testing|pytest|ci)"
# For something else than to run the model or its tests.
_ASIDE = re.compile(r".*(?:docs?|rtd|lint|style|build|release|deploy|mac|osx|win|readthedocs).*")
# Patterns for lower-case paths, the likeliest file first.
_MODEL = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_REQUIREMENTS}\.txt",
        rf"{_REQUIREMENTS}/(?:{_REQUIREMENTS}|base|main|common|core|default|install|run)\.txt",
        rf"{_REQUIREMENTS}/(?:runtime|prod|production|all|full)\.txt",
        rf"{_REQUIREMENTS}[-_.]?(?:base|main|common|core|min|minimal|cpu|prod)\.txt",
        r"(?:conda[-_].*|.*spec[-_]?(?:file|list)|package[-_]list|pip[-_]freeze|frozen|freeze)\.txt",
        rf"{_REQUIREMENTS}[-_.].*\.txt",
        r".*[-_]requirements\.txt",
        rf"{_REQUIREMENTS}/[^/]*\.txt",
    )
)
_INNER = (re.compile(rf"[^/]+/(?:[^/]+/)?{_REQUIREMENTS}\.txt"),)
_LOOSE = (re.compile(rf"{_REQUIREMENTS}(?:/(?:base|main|requirements))?\.in"),)
_FOR_TESTS = re.compile(
    rf"(?:[^/]+/)?(?:{_REQUIREMENTS}[-_./]?{_TESTS}|{_TESTS}[-_]{_REQUIREMENTS}"
    rf"|{_TESTS}/{_REQUIREMENTS})\.(?:txt|in)"
)


def requirement_files(tree: Tree) -> Reading | None:
    """The likeliest file of requirements for the whole repository that says anything, or None."""
    return _first(tree, _MODEL)


def loose_requirements(tree: Tree) -> Reading | None:
    """What pip-tools compiles requirements.txt from: the same without the pins."""
    return _first(tree, _LOOSE)


def inner_requirements(tree: Tree) -> Reading | None:
    """The requirements file of some folder, or None."""
    return _first(tree, _INNER)


def test_files(tree: Tree) -> tuple[str, ...]:
    """The files of requirements for tests, those nearest to the root first."""
    paths = (path for path in paths_of(tree) if _FOR_TESTS.fullmatch(path.lower()))
    return tuple(islice(paths, _MAX_FILES))


def _first(tree: Tree, patterns: tuple[re.Pattern[str], ...]) -> Reading | None:
    paths = [path for _, path in sorted(_ranked(tree, patterns))]
    readings = (
        Reading(origin=path, items=tuple(file_items(tree, path))) for path in paths[:_MAX_FILES]
    )
    return next((reading for reading in readings if reading.says_something), None)


def _ranked(tree: Tree, patterns: tuple[re.Pattern[str], ...]) -> Iterator[tuple[int, str]]:
    """(rank, path) of each file that one of `patterns` fits, but those for something else."""
    for path in paths_of(tree):
        lower = path.lower()
        fitting = (rank for rank, pattern in enumerate(patterns) if pattern.fullmatch(lower))
        aside = _FOR_TESTS.fullmatch(lower) or _ASIDE.fullmatch(lower.rpartition("/")[2])
        if not aside and (rank := next(fitting, None)) is not None:
            yield rank, path
