"""One conda package specification to packages of the Python index or of Debian."""

import re
from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from runners.environment.declared.conda_names import (
    CARRIED,
    LIBRARIES,
    LONGER_VERSIONS,
    ONLY_CONDA,
    PROGRAMS,
    PYPI,
)
from runners.environment.declared.items import Item, Kind
from runners.environment.declared.packages import requirement_items

# channel::name, then versions and a build, parted by = or blanks, or in brackets.
_SPEC = re.compile(
    r"(?:[\w./-]{1,100}::)?(?P<name>[A-Za-z0-9_][\w.-]{0,100})"
    r"(?:\[(?P<bracket>[^\]]{0,200})\]|(?P<rest>[ =<>!~*].{0,300})?)"
)
_EXACT = re.compile(r"==?([\w.!+-]+)=([\w.*-]+)")
_BRACKETED = re.compile(r"version ?= ?['\"]?([^'\"]+)")
_CLAUSE = re.compile(r"(>=|<=|==|!=|~=|<|>|=)?([\w.!+*-]+)")
_ADDRESS = re.compile(
    r"https?://\S{1,200}/(?P<name>[\w.-]{1,100})-(?P<version>[^-/\s]{1,60})-(?P<build>[^-/\s]{1,60})"
    r"(?:\.tar\.bz2|\.conda)(?:#\w+)?"
)
_PYTHON = re.compile(r"=?=?(\d\.\d{1,2})(?:\.\d+|\.\*|\*)*")


def spec_items(spec: str, *, exported: bool = False) -> Iterator[Item]:
    """What a specification such as `conda-forge::numpy=1.21.2=py39h…` says.

    `exported` means that it stands among all packages of an environment, wanted or not.
    """
    match = _SPEC.fullmatch(" ".join(spec.split()))
    if match is None:
        yield Item(Kind.INVALID, spec)
        return
    version, build = _version_and_build(match)
    yield from package_items(match["name"], version, build=build, exported=exported)


def _version_and_build(match: re.Match[str]) -> tuple[str, str]:
    """The version as a conda range, and the build, empty if none is said."""
    bracketed = _BRACKETED.search(match["bracket"] or "")
    rest = (match["rest"] or "").strip()
    if exact := _EXACT.fullmatch(rest):
        operator = "=" if "*" in exact[2] else "=="
        return f"{operator}{exact[1]}", exact[2]
    version, _, build = rest.partition(" ")
    if build and version[-1:] not in {"=", "<", ">", "~", ","}:
        return version, build
    return (bracketed[1] if bracketed else rest).replace(" ", ""), ""


def is_address(text: str) -> bool:
    """Whether `text` is the address of a conda package, as `conda list --explicit` writes."""
    return _ADDRESS.fullmatch(text) is not None


def address_items(text: str) -> Iterator[Item]:
    """What the address of a conda package says."""
    if match := _ADDRESS.fullmatch(text):
        version = f"=={match['version']}"
        yield from package_items(match["name"], version, build=match["build"], exported=True)


def package_items(name: str, version: str, *, build: str, exported: bool) -> Iterator[Item]:
    """The package of the index, or those of Debian, that stand for a conda package."""
    known = name.lower().replace("_", "-")
    if known == "python":
        match = _PYTHON.match(version)
        yield from [Item(Kind.PYTHON, match[1])] if match else []
        return
    yield Item(Kind.CONDA, name)
    if kind := _left_out(known, build, exported=exported):
        yield Item(kind, name)
        return
    yield from _from_debian(known, exported=exported)
    if known in PYPI or known not in PROGRAMS | LIBRARIES:
        yield from _from_index(name, PYPI.get(known, name), version)


def _left_out(known: str, build: str, *, exported: bool) -> Kind | None:
    if known.startswith("r-"):
        return Kind.R
    if ONLY_CONDA.fullmatch(known):
        return Kind.CONDA_ONLY
    if known in PROGRAMS or known in PYPI:
        return None
    if known in LIBRARIES:
        return Kind.CARRIED if exported else None
    # The build of a Python package names its Python (py39h…, pyhd8ed1ab_0); others do not.
    foreign = exported and build and "py" not in build
    return Kind.CARRIED if foreign or CARRIED.fullmatch(known) else None


def _from_debian(known: str, *, exported: bool) -> Iterator[Item]:
    packages = PROGRAMS.get(known, () if exported else LIBRARIES.get(known, ()))
    for package in packages:
        yield Item(Kind.SYSTEM, package)
        yield Item(Kind.DEBIAN, package)


def _from_index(name: str, called: str, version: str) -> Iterator[Item]:
    if canonicalize_name(called) != canonicalize_name(name):
        yield Item(Kind.RENAMED, f"{name} as {called}")
    specifier = specifier_of(version)
    if specifier is None:
        yield Item(Kind.VERSION, f"{name} {version}")
    elif called in LONGER_VERSIONS and re.fullmatch(r"==[\d.]+", specifier):
        specifier += ".*"
    yield from requirement_items(f"{called}{specifier or ''}")


def specifier_of(version: str) -> str | None:
    """A conda version range in the words of PEP 440; None when it has no such words."""
    clauses = [_clause(clause) for clause in version.replace(" ", "").split(",") if clause]
    text = ",".join(clause for clause in clauses if clause is not None)
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return None
    return None if None in clauses else text


def _clause(clause: str) -> str | None:
    """`=1.21` means any 1.21, `1.21` that version alone, `1.21*` whatever begins so."""
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        return None
    operator, version = match[1] or "==", match[2]
    plain = version.rstrip("*").rstrip(".")
    if not plain:
        return ""
    if operator == "=" or (version != plain and operator in {"==", "~="}):
        return f"=={plain}.*"
    return f"!={plain}.*" if version != plain and operator == "!=" else f"{operator}{plain}"
