"""The files of a repository that may hold anything, as text, tables and objects."""

import json
from collections.abc import Mapping
from typing import Any

from registry.imports.plain import (
    LONG,
    SHORT,
    clean,
    first,
    load_yaml,
    mapping,
    several,
    text,
    toml_value,
)
from runners.tree import Tree

__all__ = [
    "LONG",
    "MAX_BYTES",
    "SHORT",
    "clean",
    "content",
    "first",
    "load_json",
    "load_toml",
    "load_yaml",
    "mapping",
    "several",
    "text",
    "toml_value",
]

MAX_BYTES = 300_000


def load_json(tree: Tree, path: str) -> Mapping[str, Any]:
    """The object in a JSON file; empty where there is none or it is broken."""
    try:
        return mapping(json.loads(content(tree, path)))
    except (ValueError, RecursionError):
        return {}


def load_toml(tree: Tree, path: str) -> Mapping[str, Any]:
    """The tables of a TOML file; empty where there is none or it is broken."""
    try:
        return toml_value(content(tree, path))
    except ValueError:
        return {}


def content(tree: Tree, path: str) -> str:
    """The text of a file; empty where it is absent or larger than descriptions are."""
    sizes = {entry.path: entry.size for entry in tree.entries}
    small = path in tree and sizes[path] <= MAX_BYTES
    return tree.text(path, limit=MAX_BYTES) if small else ""
