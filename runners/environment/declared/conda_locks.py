"""Lock files of conda's world: conda-lock.yml and pixi.lock.

They are long and of one shape, so their lines are read one by one: a YAML reader would take
minutes for the longest, or die of the deepest.
"""

import re
from collections.abc import Iterator, Mapping

from runners.environment.declared.conda import address_items
from runners.environment.declared.files import MAX_LOCK_BYTES, text_of
from runners.environment.declared.items import Item
from runners.environment.declared.locks import FOR_TESTS
from runners.environment.declared.packages import version_in
from runners.environment.declared.readings import Reading, name_of, names_of
from runners.environment.declared.requirements import line_items
from runners.tree import Tree

_FIELD = re.compile(r"( *)(?:- )? *(name|version|manager|platform|category|url|build): *(.*)")
_FIELD_DEPTH = 4
_PLATFORMS = ("linux-64", "noarch")


def conda_lock(tree: Tree) -> Reading | None:
    """conda-lock.yml: its packages for Linux."""
    path = next((p for p in ("conda-lock.yml", "conda-lock.yaml") if p in tree), "")
    packages = list(_locked(text_of(tree, path, limit=MAX_LOCK_BYTES))) if path else []
    chosen = [p for p in packages if p.get("platform", "linux-64") in _PLATFORMS] or packages
    items: list[Item] = []
    tests: list[Item] = []
    for package in chosen:
        target = items if package.get("category", "main") == "main" else tests
        target += _conda_lock_items(tree, package)
    return Reading(origin=path, items=tuple(items), for_tests=tuple(tests)) if chosen else None


def _locked(text: str) -> Iterator[dict[str, str]]:
    """The entries of the list `package`, their plain fields only."""
    package: dict[str, str] = {}
    for line in text.partition("\npackage:")[2].split("\n"):
        match = _FIELD.fullmatch(line)
        if line.startswith(("- ", "  - ")) and package:
            yield package
            package = {}
        if match and len(match[1]) <= _FIELD_DEPTH:
            package[match[2]] = match[3].strip("'\" ")
    if package:
        yield package


def _conda_lock_items(tree: Tree, package: Mapping[str, str]) -> Iterator[Item]:
    if package.get("manager") == "pip":
        yield from line_items(tree, f"{package.get('name')}=={package.get('version')}")
    elif package.get("url"):
        yield from address_items(package["url"])


_PIXI_ENVIRONMENT = re.compile(r"  ([\w-]+):\s*")
_PIXI_PLATFORM = re.compile(r"      ([\w-]+):\s*")
_PIXI_PACKAGE = re.compile(r"      - (conda|pypi): (\S+)")


def pixi_lock(tree: Tree) -> Reading | None:
    """pixi.lock: the packages for Linux of its environment `default`; others are for tests."""
    text = text_of(tree, "pixi.lock", limit=MAX_LOCK_BYTES)
    found = list(_pixi_packages(text))
    model = [(manager, url) for name, manager, url in found if name == "default"]
    tests = [(manager, url) for name, manager, url in found if name in FOR_TESTS]
    if not model:
        return None
    items = tuple(item for package in model for item in _pixi_items(tree, *package))
    known = names_of(items)
    for_tests = (item for package in tests for item in _pixi_items(tree, *package))
    extra = tuple(item for item in for_tests if name_of(item.text) not in known)
    return Reading(origin="pixi.lock", items=items, for_tests=extra)


def _pixi_packages(text: str) -> Iterator[tuple[str, str, str]]:
    """(environment, "conda" or "pypi", address) of each package for Linux."""
    environment = platform = ""
    for line in text.partition("environments:")[2].split("\n"):
        if line.startswith("packages:"):
            return
        if match := _PIXI_ENVIRONMENT.fullmatch(line):
            environment = match[1]
        elif match := _PIXI_PLATFORM.fullmatch(line):
            platform = match[1]
        elif (match := _PIXI_PACKAGE.match(line)) and platform in _PLATFORMS:
            yield environment, match[1], match[2]


def _pixi_items(tree: Tree, manager: str, address: str) -> Iterator[Item]:
    if manager == "conda":
        yield from address_items(address)
    elif version := version_in(address):
        name = address.rpartition("/")[2].partition("-")[0]
        yield from line_items(tree, f"{name}=={version}")
    else:
        yield from line_items(tree, address)
