"""Binder's folder, `.binder/` or `binder/`, and the same files at the root."""

import re
from collections.abc import Iterator

from runners.environment.declared.environment_yml import environment_items
from runners.environment.declared.files import text_of
from runners.environment.declared.items import Item, Kind
from runners.environment.declared.readings import Reading
from runners.environment.declared.requirements import file_items, logical_lines
from runners.tree import Tree

_FOLDERS = (".binder/", "binder/")
_NOT_READ = ("postBuild", "start", "Dockerfile", "install.R", "Project.toml", "default.nix")
_DEBIAN_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]{1,80}")
_PYTHON = re.compile(r"python-(\d\.\d{1,2})")


def binder(tree: Tree) -> Reading | None:
    """What the folder for Binder says of packages, or None. Debian's are `system_items`."""
    folder = _folder(tree)
    if folder is None:
        return None
    environments = (f"{folder}environment.yml", f"{folder}environment.yaml")
    environment = next((path for path in environments if path in tree), "")
    requirements = f"{folder}requirements.txt"
    if environment:
        return Reading(origin=environment, items=tuple(environment_items(tree, environment)))
    if requirements in tree:
        return Reading(origin=requirements, items=tuple(file_items(tree, requirements)))
    return None


def system_items(tree: Tree) -> Iterator[Item]:
    """Debian packages of apt.txt, the Python of Binder's runtime.txt, and what is not followed."""
    folder = _folder(tree) or ""
    for path in dict.fromkeys((f"{folder}apt.txt", "apt.txt")):
        for line in logical_lines(text_of(tree, path)):
            names = _DEBIAN_NAME.fullmatch(line)
            yield Item(Kind.SYSTEM if names else Kind.INVALID, line)
    if folder:
        if match := _PYTHON.match(text_of(tree, f"{folder}runtime.txt")):
            yield Item(Kind.PYTHON, match[1])
        for name in _NOT_READ:
            if f"{folder}{name}" in tree:
                yield Item(Kind.NOT_READ, f"{folder}{name}")


def _folder(tree: Tree) -> str | None:
    held = [
        folder
        for folder in _FOLDERS
        if any(entry.path.startswith(folder) for entry in tree.entries)
    ]
    return held[0] if held else None
