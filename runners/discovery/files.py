"""The files in which tests and commands are looked for, read with bounds and remembered."""

import ast
import json
import posixpath
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from runners.manifest import plain
from runners.tree import Tree

MAX_PYTHON_FILES = 2_000
# Other people's work, copied in, and what tools left behind.
_NOT_ITS_OWN = {
    ".git", ".eggs", ".tox", ".nox", ".venv", "venv", "site-packages", "node_modules",
    "__pycache__", ".ipynb_checkpoints", "third_party", "third-party", "thirdparty", "3rdparty",
    "external", "extern", "externals", "vendor", "vendored", "_vendor", "build", "dist",
}  # fmt: skip


class Files:
    """The repository's own files under `folder`, by their paths from there. Nothing raises."""

    def __init__(self, tree: Tree, folder: str = ".") -> None:
        self._tree = tree
        self._top = "" if folder == "." else f"{folder}/"
        self._sizes = {
            entry.path.removeprefix(self._top): entry.size
            for entry in tree.entries
            if entry.path.startswith(self._top) and entry.path in tree and _is_own(entry.path)
        }
        self._texts: dict[str, str] = {}
        self._modules: dict[str, ast.Module | None] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file, in path order."""
        return tuple(self._sizes)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file, at any depth; the top one is "."."""
        return frozenset(str(parent) for path in self._sizes for parent in _parents(path))

    @cached_property
    def python(self) -> tuple[str, ...]:
        """The Python files, those nearest the top first, as many as are read at all."""
        found = [path for path in self._sizes if path.endswith(".py")]
        return tuple(sorted(found, key=lambda path: (path.count("/"), path))[:MAX_PYTHON_FILES])

    def __contains__(self, path: object) -> bool:
        return path in self._sizes

    def has(self, path: str) -> bool:
        """Whether a file or a folder stands at `path`."""
        return path in self._sizes or path in self.folders

    def from_root(self, path: str) -> str:
        """`path` as seen from the repository's root."""
        return posixpath.normpath(self._top + path)

    def text(self, path: str, *, limit: int = plain.MAX_BYTES) -> str:
        """The text of a file; empty where it is absent or larger than `limit` bytes."""
        if self._sizes.get(path, limit + 1) > limit:
            return ""
        if path not in self._texts:
            self._texts[path] = self._tree.text(self._top + path, limit=limit)
        return self._texts[path]

    def is_large(self, path: str) -> bool:
        """Whether a file is larger than what is read of one."""
        return self._sizes.get(path, 0) > plain.MAX_BYTES

    def toml(self, path: str) -> Mapping[str, Any]:
        """The tables of a TOML file; empty where there is none or it is broken."""
        try:
            return plain.toml_value(self.text(path))
        except ValueError:
            return {}

    def json(self, path: str, *, limit: int) -> Mapping[str, Any]:
        """The object in a JSON file; empty where there is none or it is broken."""
        try:
            return plain.mapping(json.loads(self.text(path, limit=limit)))
        except (ValueError, RecursionError):
            return {}

    def module(self, path: str) -> ast.Module | None:
        """The syntax of a Python file; None where it is not Python 3, or made to hurt."""
        if path not in self._modules:
            self._modules[path] = parsed(self.text(path))
        return self._modules[path]


def parsed(text: str) -> ast.Module | None:
    """The syntax of a Python text; None where it is not Python 3, or made to hurt."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_own(path: str) -> bool:
    return not any(part in _NOT_ITS_OWN for part in path.split("/")[:-1])


def _parents(path: str) -> Iterator[PurePosixPath]:
    yield from PurePosixPath(path).parents
