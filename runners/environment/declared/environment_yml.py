"""Conda's environment files, and pixi's, read as packages of the Python index and of Debian."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from runners.environment.declared.conda import spec_items
from runners.environment.declared.conda_names import EXPORT_SIGNS
from runners.environment.declared.files import (
    MAX_LINES,
    folder_of,
    paths_of,
    text_of,
    toml_or_nothing,
)
from runners.environment.declared.items import Item, Kind
from runners.environment.declared.readings import Reading, name_of, names_of
from runners.environment.declared.requirements import line_items
from runners.environment.declared.tables import table_lines
from runners.manifest.plain import load_yaml, mapping, several
from runners.tree import Tree

_MAX_CHARACTERS, _MAX_FILES = 300_000, 8
_YAML = re.compile(r"[^/]*\.ya?ml")
# Which of several files is meant: the first pattern that fits the lower-case name.
_RANKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"environment\.ya?ml",
        r"(conda|env|conda[_-]?env(ironment)?|env[_-]conda)\.ya?ml",
        r".*env.*(linux|ubuntu|cpu|full|base|all).*",
        r"(?!.*(win|mac|osx|darwin|gpu|cuda|dev|test|doc|lint|ci\b)).*env.*",
        r".*env.*",
    )
)
_ENVIRONMENTS = re.compile(r"/|(?:conda[-_]?)?(?:env|environment|recipe)s?/|conda/|requirements?/")
_SIGN = re.compile(r"\s*-?\s*([\w.-]+)")


def conda_environment(tree: Tree) -> Reading | None:
    """The likeliest conda environment file at the root or in a folder of such files, or None."""
    return _first(tree, _ENVIRONMENTS)


def inner_environment(tree: Tree) -> Reading | None:
    """The likeliest conda environment file in any other folder, or None."""
    return _first(tree, re.compile(r"(?:[\w-]{1,50}/){1,2}"))


def _first(tree: Tree, folders: re.Pattern[str]) -> Reading | None:
    for path in _candidates(tree, folders)[:_MAX_FILES]:
        items = tuple(environment_items(tree, path))
        if items:
            return Reading(origin=path, items=items)
    return None


def _candidates(tree: Tree, folders: re.Pattern[str]) -> list[str]:
    """YAML files of `folders` that may be environments, likeliest first."""
    likely: list[tuple[int, int, str]] = []
    for path in paths_of(tree):
        folder, _, name = path.lower().rpartition("/")
        fitting = (rank for rank, pattern in enumerate(_RANKS) if pattern.fullmatch(name))
        # At the root, any YAML file may be one: its content tells.
        rank = next(fitting, None if folder else len(_RANKS))
        if rank is not None and folders.fullmatch(f"{folder}/") and _YAML.fullmatch(name):
            likely.append((path.count("/"), rank, path))
    return [path for _, _, path in sorted(likely)]


def environment_items(tree: Tree, path: str) -> Iterator[Item]:
    """What the environment file at `path` declares; nothing where it is none or is broken.

    What pip is to install takes the place of the conda package of the same name, as it does there.
    """
    declared = list(_dependencies(text_of(tree, path)))
    specs = [spec for spec in declared if isinstance(spec, str)]
    lines = (line for spec in declared for line in several(mapping(spec).get("pip")))
    by_pip = [
        item
        for line in lines
        if isinstance(line, str)
        for item in line_items(tree, line, folder=folder_of(path))
    ]
    yield from _of_conda(specs, replaced=names_of(by_pip))
    yield from by_pip


def _dependencies(text: str) -> Iterator[Any]:
    """The entries of `dependencies`, when the text is that of a conda environment."""
    document = load_yaml(text) if len(text) <= _MAX_CHARACTERS and "dependencies" in text else {}
    listed = document.get("dependencies")
    return islice(listed if isinstance(listed, list) else (), MAX_LINES)


def _of_conda(specs: list[str], *, replaced: frozenset[str]) -> Iterator[Item]:
    exported = is_export(specs)
    for spec in specs:
        for item in spec_items(spec, exported=exported):
            if item.kind is not Kind.REQUIREMENT or name_of(item.text) not in replaced:
                yield item


def is_export(specs: Iterable[str]) -> bool:
    """Whether the packages are all those of an environment, and not those that a person chose."""
    matches = filter(None, map(_SIGN.match, specs))
    return any(match[1].lower().replace("_", "-") in EXPORT_SIGNS for match in matches)


def pixi_manifest(tree: Tree) -> Reading | None:
    """pixi.toml, or the pixi part of pyproject.toml, or None."""
    inside = mapping(mapping(toml_or_nothing(tree, "pyproject.toml").get("tool")).get("pixi"))
    for origin, document in (
        ("pixi.toml", toml_or_nothing(tree, "pixi.toml")),
        ("pyproject.toml [tool.pixi]", inside),
    ):
        items = tuple(_pixi_items(tree, document))
        if items:
            return Reading(origin=origin, items=items, for_tests=tuple(_pixi_tests(tree, document)))
    return None


def _pixi_tests(tree: Tree, document: Mapping[str, Any]) -> Iterator[Item]:
    features = mapping(document.get("feature"))
    for name in ("test", "tests", "dev"):
        yield from _pixi_items(tree, mapping(features.get(name)))


def _pixi_items(tree: Tree, table: Mapping[str, Any]) -> Iterator[Item]:
    for name, value in islice(mapping(table.get("dependencies")).items(), MAX_LINES):
        version = mapping(value).get("version", "*") if not isinstance(value, str) else value
        yield from spec_items(f"{name} {version}")
    for name, value in islice(mapping(table.get("pypi-dependencies")).items(), MAX_LINES):
        for line in table_lines(name, value):
            yield from line_items(tree, line)
