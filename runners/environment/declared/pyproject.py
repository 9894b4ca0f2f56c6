"""pyproject.toml: the standard tables, and those of poetry, flit, hatch, pdm and uv."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from runners.environment.declared.files import MAX_LINES, toml_of
from runners.environment.declared.setup_py import Metadata
from runners.environment.declared.tables import table_lines
from runners.manifest.plain import mapping, several
from runners.tree import Tree

_FILE = "pyproject.toml"
_MAX_GROUPS = 100


def pyproject(tree: Tree) -> Metadata | None:
    """What pyproject.toml says of the project and of those who work on it, None where it is not."""
    if _FILE not in tree:
        return None
    try:
        document = toml_of(tree, _FILE)
    except ValueError as error:
        return Metadata(origin=_FILE, broken=str(error))
    project, tools = mapping(document.get("project")), mapping(document.get("tool"))
    poetry, flit = mapping(tools.get("poetry")), mapping(tools.get("flit"))
    old = mapping(flit.get("metadata"))
    return Metadata(
        origin=_FILE,
        name=str(project.get("name") or poetry.get("name") or old.get("module") or ""),
        requires=(
            *_texts(project.get("dependencies")),
            *_texts(old.get("requires")),
            *_poetry_lines(poetry.get("dependencies")),
        ),
        extras={
            **_groups(project.get("optional-dependencies")),
            **_groups(old.get("requires-extra")),
            **_poetry_extras(poetry),
        },
        groups=_all_groups(document, tools, poetry),
    )


def builds(tree: Tree) -> bool:
    """Whether pyproject.toml describes a package, and not only the settings of tools."""
    try:
        document = toml_of(tree, _FILE)
    except ValueError:
        return False
    tools = mapping(document.get("tool"))
    poetry, uv = mapping(tools.get("poetry")), mapping(tools.get("uv"))
    refused = poetry.get("package-mode") is False or uv.get("package") is False
    described = "project" in document or "build-system" in document or "name" in poetry
    return described and not refused


def reads_itself(tree: Tree) -> bool:
    """Whether pip finds the requirements of the project when it installs it.

    It needs a build backend that knows the tables: without one named, it takes setuptools, which
    does not read those of poetry.
    """
    try:
        document = toml_of(tree, _FILE)
    except ValueError:
        return False
    return "project" in document or "build-system" in document


def _all_groups(
    document: Mapping[str, Any], tools: Mapping[str, Any], poetry: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    told = {name: mapping(tools.get(name)) for name in ("uv", "pdm", "hatch")}
    groups = {
        "dev": (
            *_texts(told["uv"].get("dev-dependencies")),
            *_poetry_lines(poetry.get("dev-dependencies")),
        ),
        **_groups(told["pdm"].get("dev-dependencies")),
    }
    for name, environment in _tables(told["hatch"].get("envs")):
        lines = (
            *_texts(environment.get("dependencies")),
            *_texts(environment.get("extra-dependencies")),
        )
        groups[name] = groups.get(name, ()) + lines
    for name, group in _tables(poetry.get("group")):
        groups[name] = groups.get(name, ()) + _poetry_lines(group.get("dependencies"))
    standard = _groups(document.get("dependency-groups"))
    included = {name: _included(document, name) for name in standard}
    return groups | {name: standard[name] + included[name] for name in standard}


def _included(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The lines of the groups that a group includes, those that they include in turn left out."""
    groups = mapping(document.get("dependency-groups"))
    named = [mapping(entry).get("include-group") for entry in several(groups.get(name))]
    return tuple(line for one in named[:_MAX_GROUPS] for line in _texts(groups.get(str(one))))


def _tables(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, table in islice(mapping(value).items(), _MAX_GROUPS):
        yield name, mapping(table)


def _groups(value: object) -> dict[str, tuple[str, ...]]:
    named = islice(mapping(value).items(), _MAX_GROUPS)
    return {name: _texts(lines) for name, lines in named}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(line for line in several(value) if isinstance(line, str))


def _poetry_lines(table: object) -> tuple[str, ...]:
    """The lines for the packages that are not optional; `python` becomes `requires-python`."""
    named = islice(mapping(table).items(), MAX_LINES)
    wanted = (
        (name, value)
        for name, value in named
        if name.lower() != "python" and mapping(value).get("optional") is not True
    )
    return tuple(line for name, value in wanted for line in table_lines(name, value))


def _poetry_extras(poetry: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Extras name packages whose ranges stand among the dependencies."""
    declared = mapping(poetry.get("dependencies"))
    return {
        name: tuple(line for one in named for line in table_lines(one, declared.get(one, "*")))
        for name, named in _groups(poetry.get("extras")).items()
    }
