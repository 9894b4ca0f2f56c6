"""Lock files in TOML: every package at one version."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from runners.environment.declared.files import MAX_LINES, paths_of, toml_or_nothing
from runners.environment.declared.items import Item
from runners.environment.declared.readings import Reading, name_of
from runners.environment.declared.requirements import line_items
from runners.environment.declared.tables import pep440, python_marker
from runners.manifest.plain import mapping, several
from runners.tree import Tree

Package = Mapping[str, Any]
FOR_TESTS = frozenset({"dev", "develop", "development", "test", "tests", "testing"})
_NEWEST_BOUND = Version("3.20")


def uv_lock(tree: Tree) -> Reading | None:
    """uv.lock: what the project's own package reaches, with and without its groups."""
    packages = _packages(toml_or_nothing(tree, "uv.lock").get("package"))
    if not packages:
        return None
    roots = [package for package in packages if _is_root(package)]
    edges = {_name(package): _reached(package.get("dependencies")) for package in packages}
    for package in packages:
        edges[_name(package)] |= _reached(_all_of(package.get("optional-dependencies")))
    model = {name for root in roots for name in _reached(root.get("dependencies"))}
    tests = {
        name
        for root in roots
        for key in ("dev-dependencies", "optional-dependencies")
        for group, listed in mapping(root.get(key)).items()
        if group in FOR_TESTS
        for name in _reached(listed)
    }
    for root in roots:
        edges[_name(root)] = set()
    needed = _closure(model, edges) if roots else set(edges)
    wanted = _closure(tests, edges) - needed
    others = [package for package in packages if package not in roots]
    return _reading(tree, "uv.lock", others, needed=needed, wanted=wanted, line=_uv_line)


def _is_root(package: Package) -> bool:
    source = mapping(package.get("source"))
    return "." in (source.get("editable"), source.get("virtual"), source.get("directory"))


def _all_of(groups: object) -> list[Any]:
    return [entry for listed in mapping(groups).values() for entry in several(listed)]


def _reached(listed: object) -> set[str]:
    return {_name(mapping(entry)) for entry in several(listed)} - {""}


def _uv_line(package: Package) -> str:
    source = mapping(package.get("source"))
    name, marker = str(package.get("name")), _either(package.get("resolution-markers"))
    for key in ("editable", "directory", "virtual", "path"):
        if isinstance(source.get(key), str):
            return f"-e ./{source[key]}"
    if isinstance(source.get("git"), str):
        address, _, commit = source["git"].partition("#")
        return f"{name} @ git+{address.partition('?')[0]}@{commit}{marker}"
    if isinstance(source.get("url"), str):
        return f"{name} @ {source['url']}{marker}"
    return f"{name}=={package.get('version')}{marker}"


def _either(markers: object) -> str:
    """Any of several markers, as the end of a line."""
    told = [f"({marker})" for marker in several(markers)[:20] if isinstance(marker, str)]
    return f" ; {' or '.join(told)}" if told else ""


def poetry_lock(tree: Tree) -> Reading | None:
    """poetry.lock, whose packages tell their group by `category` (1.0–1.4) or `groups` (2.0).

    In between neither is told: then what pyproject.toml's own dependencies reach is the model's.
    """
    listed = _packages(toml_or_nothing(tree, "poetry.lock").get("package"))
    packages = [package for package in listed if package.get("optional") is not True]
    if not packages:
        return None
    names = {_name(package) for package in packages}
    told = any("category" in package or "groups" in package for package in packages)
    needed = {_name(p) for p in packages if _in_main(p)} if told else _poetry_reach(tree, packages)
    needed = needed or names
    lines = _by_python(packages)
    return _reading(
        tree,
        "poetry.lock",
        packages,
        needed=needed,
        wanted=names - needed,
        line=lambda package: lines[id(package)],
    )


def _in_main(package: Package) -> bool:
    groups = several(package.get("groups", package.get("category", "main")))
    return "main" in groups


def _poetry_reach(tree: Tree, packages: list[Package]) -> set[str]:
    document = toml_or_nothing(tree, "pyproject.toml")
    poetry = mapping(mapping(document.get("tool")).get("poetry"))
    own: list[str] = [canonicalize_name(name) for name in mapping(poetry.get("dependencies"))]
    named = _texts(mapping(document.get("project")).get("dependencies"))
    own += [name_of(line) for line in named]
    edges: dict[str, set[str]] = {}
    for package in packages:
        reached = {canonicalize_name(name) for name in mapping(package.get("dependencies"))}
        edges.setdefault(_name(package), set()).update(reached)
    return _closure(set(own), edges) & edges.keys()


def _by_python(packages: list[Package]) -> dict[int, str]:
    """The line for each package; where one has several versions, each for its own Pythons."""
    versions: dict[str, list[Package]] = {}
    for package in packages:
        versions.setdefault(_name(package), []).append(package)
    lines: dict[int, str] = {}
    for same in versions.values():
        newest_first = sorted(same, key=_version, reverse=True)
        newer_from = ""
        for package in newest_first:
            lines[id(package)] = _poetry_line(package, newer_from)
            newer_from = _lowest_python(package) or newer_from
    return lines


def _poetry_line(package: Package, newer_from: str) -> str:
    name, source = str(package.get("name")), mapping(package.get("source"))
    url = str(source.get("url"))
    if source.get("type") == "git":
        commit = source.get("resolved_reference") or source.get("reference")
        return f"{name} @ git+{url}@{commit}"
    if source.get("type") in {"directory", "file"}:
        return f"-e ./{url}"
    if source.get("type") == "url":
        return f"{name} @ {url}"
    markers = mapping(package.get("markers")).get("main", package.get("markers"))
    marker = markers if isinstance(markers, str) else _pythons(package, newer_from)
    return f"{name}=={package.get('version')}" + (f" ; {marker}" if marker else "")


def _pythons(package: Package, newer_from: str) -> str:
    """The marker for the Pythons of a package, when a newer version starts at `newer_from`."""
    bounds = [str(clause) for clause in _python_clauses(package) if clause.operator in {"<", "<="}
              and Version(clause.version) < _NEWEST_BOUND]  # fmt: skip
    bounds += [f"<{newer_from}"] if newer_from else []
    return python_marker(",".join(bounds))


def _lowest_python(package: Package) -> str:
    return next((c.version for c in _python_clauses(package) if c.operator == ">="), "")


def _python_clauses(package: Package) -> list[Specifier]:
    written = pep440(str(package.get("python-versions", "")))
    return [c for c in SpecifierSet(written) if not c.version.endswith("*")]


def _version(package: Package) -> Version:
    try:
        return Version(str(package.get("version")))
    except InvalidVersion:
        return Version("0")


def pdm_lock(tree: Tree) -> Reading | None:
    """pdm.lock; older ones tell no groups, and all is the model's."""
    packages = _packages(toml_or_nothing(tree, "pdm.lock").get("package"))
    if not packages:
        return None
    needed = {_name(p) for p in packages if "default" in several(p.get("groups", "default"))}
    wanted = {_name(p) for p in packages if FOR_TESTS.intersection(_texts(p.get("groups")))}
    return _reading(
        tree, "pdm.lock", packages, needed=needed, wanted=wanted - needed, line=_pdm_line
    )


def _pdm_line(package: Package) -> str:
    name, marker = str(package.get("name")), package.get("marker")
    ending = f" ; {marker}" if isinstance(marker, str) else ""
    if isinstance(package.get("git"), str):
        commit = package.get("revision") or package.get("ref")
        return f"{name} @ git+{package['git']}@{commit}"
    if isinstance(package.get("url"), str):
        return f"{name} @ {package['url']}{ending}"
    if isinstance(package.get("path"), str):
        return f"-e {package['path']}"
    return f"{name}=={package.get('version')}{ending}"


def pylock(tree: Tree) -> Reading | None:
    """pylock.toml (PEP 751), by this name or as pylock.NAME.toml."""
    named = (path for path in paths_of(tree) if re.fullmatch(r"pylock(\.[\w-]+)?\.toml", path))
    path = next(named, "")
    packages = _packages(toml_or_nothing(tree, path).get("packages")) if path else []
    needed = {_name(package) for package in packages}
    if not packages:
        return None
    return _reading(tree, path, packages, needed=needed, wanted=set(), line=_pylock_line)


def _pylock_line(package: Package) -> str:
    name, marker = str(package.get("name")), package.get("marker")
    # Markers on groups and extras are words of this file alone.
    ours = isinstance(marker, str) and "extras" not in marker and "groups" not in marker
    ending = f" ; {marker}" if ours else ""
    vcs, archive, folder = (mapping(package.get(key)) for key in ("vcs", "archive", "directory"))
    if vcs.get("url"):
        inside = f"#subdirectory={vcs['subdirectory']}" if vcs.get("subdirectory") else ""
        return f"{name} @ git+{vcs['url']}@{vcs.get('commit-id')}{inside}{ending}"
    if archive.get("url"):
        return f"{name} @ {archive['url']}{ending}"
    if folder.get("path"):
        return f"-e {folder['path']}"
    return f"{name}=={package.get('version')}{ending}" if package.get("version") else name


# ---- Common to all of them ----


def _packages(listed: object) -> list[Package]:
    found = listed if isinstance(listed, list) else []
    return [package for package in found[:MAX_LINES] if mapping(package).get("name")]


def _name(package: Package) -> str:
    return canonicalize_name(str(package.get("name", "")))


def _texts(value: object) -> list[str]:
    return [entry for entry in several(value) if isinstance(entry, str)]


def _closure(start: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    """All names that `edges` reach from `start`."""
    reached: set[str] = set()
    waiting = set(start)
    while waiting:
        reached |= waiting
        waiting = {name for one in waiting for name in edges.get(one, ())} - reached
    return reached


def _reading(
    tree: Tree,
    origin: str,
    packages: Iterable[Package],
    *,
    needed: set[str],
    wanted: set[str],
    line: Callable[[Package], str],
) -> Reading:
    items: list[Item] = []
    tests: list[Item] = []
    for package in packages:
        target = items if _name(package) in needed else tests
        if _name(package) in needed | wanted:
            target += line_items(tree, line(package))
    return Reading(origin=origin, items=tuple(items), for_tests=tuple(tests))
