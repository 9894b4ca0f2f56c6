"""Pipfile and Pipfile.lock."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from runners.environment.declared.files import MAX_LINES, toml_or_nothing
from runners.environment.declared.items import Item, Kind
from runners.environment.declared.readings import Reading
from runners.environment.declared.requirements import line_items
from runners.environment.declared.tables import table_lines
from runners.manifest.plain import load_json, mapping
from runners.tree import Tree

_PYTHON = re.compile(r"\d\.\d{1,2}")


def pipfile_lock(tree: Tree) -> Reading | None:
    """Pipfile.lock: its sections `default` and `develop`, and the Python it was made for."""
    document = load_json(tree, "Pipfile.lock")
    required = mapping(document.get("_meta")).get("requires")
    return _reading(tree, "Pipfile.lock", document, required, ("default", "develop"))


def pipfile(tree: Tree) -> Reading | None:
    """Pipfile: its sections `packages` and `dev-packages`, and the Python it asks for."""
    document = toml_or_nothing(tree, "Pipfile")
    sections = ("packages", "dev-packages")
    return _reading(tree, "Pipfile", document, document.get("requires"), sections)


def _reading(
    tree: Tree,
    origin: str,
    document: Mapping[str, Any],
    required: object,
    sections: tuple[str, str],
) -> Reading | None:
    python = _PYTHON.match(str(mapping(required).get("python_version")))
    model, tests = (tuple(_section(tree, document.get(name))) for name in sections)
    pinned = (Item(Kind.PYTHON, python[0]),) if python else ()
    return Reading(origin=origin, items=model + pinned, for_tests=tests) if document else None


def _section(tree: Tree, section: object) -> Iterator[Item]:
    for name, value in islice(mapping(section).items(), MAX_LINES):
        for line in table_lines(name, value):
            yield from line_items(tree, line)
