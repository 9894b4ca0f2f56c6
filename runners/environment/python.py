"""Which Python a repository asks for, by every sign that needs no guessing."""

import re
import tomllib
from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from registry.spec.manifest import Manifest
from runners.tree import Tree

_MINOR = re.compile(r"(?:python-?)?(3\.\d{1,2})(?:\.\d+)?")
_REQUIRES = re.compile(r"python_requires\s*=\s*['\"]?([^'\"\n]+)")


def python_pinned(tree: Tree, manifest: Manifest) -> str | None:
    """The one Python ("3.11") that the manifest, .python-version or runtime.txt names."""
    named = [manifest.python or ""]
    named += [tree.text(path) for path in (".python-version", "runtime.txt") if path in tree]
    matches = (_MINOR.match(text.strip()) for text in named)
    return next((match.group(1) for match in matches if match), None)


def python_admitted(tree: Tree) -> SpecifierSet:
    """What `requires-python` or `python_requires` admits; everything when nothing is said."""
    for text in _requirements_on_python(tree):
        try:
            return SpecifierSet(text.strip())
        except InvalidSpecifier:
            continue
    return SpecifierSet()


def _requirements_on_python(tree: Tree) -> Iterator[str]:
    if "pyproject.toml" in tree:
        try:
            project = tomllib.loads(tree.text("pyproject.toml")).get("project", {})
        except tomllib.TOMLDecodeError:
            project = {}
        if isinstance(project, dict) and isinstance(project.get("requires-python"), str):
            yield project["requires-python"]
    for path in ("setup.cfg", "setup.py"):
        match = _REQUIRES.search(tree.text(path)) if path in tree else None
        if match:
            yield match.group(1)
