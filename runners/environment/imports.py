"""What the source imports from elsewhere, read from its syntax. Nothing is run."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from runners.faults import RepositoryFault
from runners.tree import Tree

MAX_FILES = 2_000
# Code that is not the model: what it needs is not needed to use the model.
_ASIDE = {"test", "tests", "testing", "doc", "docs", "example", "examples", "benchmark",
          "benchmarks", "tools", "scripts", "notebooks", "build", "ci", ".github"}  # fmt: skip
_ASIDE_FILES = {"setup.py", "conftest.py", "noxfile.py", "fabfile.py", "tasks.py", "versioneer.py"}
_TEST = re.compile(r"(?:^|/)(?:tests?/(?:.*/)?(?:conftest|__init__)|test_[^/]*|[^/]*_test)\.py$")
_LAZY = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Try, ast.If)


@dataclass(frozen=True, kw_only=True)
class Imports:
    """Top-level modules from elsewhere that are imported whenever the importing file is, sorted.

    Left out: the standard library, modules of the tree itself, and imports inside functions,
    conditions and `try` (they are optional). `model` leaves out what stands beside the package
    (tests, docs, set-up); `tests` is what the test files want.
    """

    model: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Both, each module once."""
        return tuple(dict.fromkeys((*self.model, *self.tests)))


def imports_of(tree: Tree) -> Imports:
    """What the sources of `tree` import from elsewhere."""
    paths = _python_files(tree)
    sources = [path for path in paths if _belongs(path)]
    packages = [path for path in sources if f"{PurePosixPath(path).parent}/__init__.py" in tree]
    known = set(sys.stdlib_module_names) | local_modules(tree)
    return Imports(
        model=_foreign(tree, packages or sources, known),
        tests=_foreign(tree, [path for path in paths if _TEST.search(path)], known),
    )


def _foreign(tree: Tree, paths: list[str], known: set[str]) -> tuple[str, ...]:
    names = {name for path in paths[:MAX_FILES] for name in _imports(tree, path)}
    return tuple(sorted(names - known))


def local_modules(tree: Tree) -> set[str]:
    """Names under which the tree's own files and folders can be imported."""
    names: set[str] = set()
    for entry in tree.entries:
        path = PurePosixPath(entry.path)
        names.update(path.parts[:-1])
        if path.suffix in {".py", ".pyx", ".so", ".c", ".cpp", ".f90", ".f"}:
            names.add(path.name.split(".")[0])
    return names


def _python_files(tree: Tree) -> list[str]:
    return [
        entry.path for entry in tree.entries if entry.path.endswith(".py") and entry.path in tree
    ]


def _belongs(path: str) -> bool:
    parts = PurePosixPath(path).parts
    if parts[-1] in _ASIDE_FILES or parts[-1].startswith("test"):
        return False
    return not any(part.lower() in _ASIDE or part.startswith(".") for part in parts[:-1])


def _imports(tree: Tree, path: str) -> Iterator[str]:
    try:
        module = ast.parse(tree.text(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError, RepositoryFault):
        return  # Not Python 3, or too large, or made to hurt: running it will tell.
    for node in _unconditional(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]


def _unconditional(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _LAZY):
            yield child
            yield from _unconditional(child)
