"""Dependencies as tables have them (poetry, Pipfile, pixi), as lines of a requirements file."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from runners.manifest.plain import mapping

_MAX_ALTERNATIVES = 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_CLAUSE = re.compile(r"(\^|~=|~|>=|<=|===|==|!=|<|>|=)?\s*v?([\w.!+*-]+)")


def table_lines(name: str, value: object) -> Iterator[str]:
    """The lines for `name = value`, where a value is a range, a table, or a list of tables."""
    alternatives = value if isinstance(value, list) else [value]
    for alternative in islice(alternatives, _MAX_ALTERNATIVES):
        told = mapping(alternative) or {"version": alternative}
        if _NAME.fullmatch(name):
            yield _line(name, told)


def _line(name: str, told: Mapping[str, Any]) -> str:
    marker = _marker(told)
    ending = f" ; {marker}" if marker else ""
    if folder := _text(told, "path") or _text(told, "file"):
        remote = "://" in folder
        return f"{name} @ {folder}" if remote else f"-e ./{folder.removeprefix('./')}"
    if address := _text(told, "git"):
        tool = "" if address.startswith("git+") else "git+"
        commit = next(filter(None, (_text(told, key) for key in _COMMITS)), "")
        inside = _text(told, "subdirectory")
        return f"{name} @ {tool}{address}{'@' if commit else ''}{commit}" + (
            f"#subdirectory={inside}" if inside else ""
        )
    if address := _text(told, "url"):
        return f"{name} @ {address}{ending}"
    extras = told.get("extras")
    named = f"[{','.join(map(str, extras[:20]))}]" if isinstance(extras, list) and extras else ""
    return f"{name}{named}{pep440(_text(told, 'version'))}{ending}"


_COMMITS = ("rev", "ref", "revision", "tag", "branch")


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _marker(told: Mapping[str, Any]) -> str:
    """The markers of a table, with its `python` and `platform` made markers too."""
    python, platform = _text(told, "python"), _text(told, "platform")
    markers = [f"({written})" for written in [_text(told, "markers")] if written]
    markers += [python_marker(pep440(python))] if python else []
    markers += [f'sys_platform == "{platform}"'] if platform.isalnum() else []
    return " and ".join(filter(None, markers))


def python_marker(specifier: str) -> str:
    """The marker for a range of Pythons such as `<3.9,>=3.6`; empty where it admits all."""
    try:
        clauses = sorted(SpecifierSet(specifier), key=str)
    except InvalidSpecifier:
        return ""
    return " and ".join(_python_clause(clause) for clause in clauses)


def _python_clause(clause: Specifier) -> str:
    variable = "python_full_version" if clause.version.count(".") > 1 else "python_version"
    return f'{variable} {clause.operator} "{clause.version}"'


def pep440(written: str) -> str:
    """A range in poetry's words (^1.2, ~1.2, 1.*, ||) in those of PEP 440; empty for any."""
    *_, last = written.split("||")
    clauses = [_clause(clause) for clause in last.split(",") if clause.strip()]
    text = ",".join(filter(None, clauses))
    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier:
        return ""


def _clause(written: str) -> str:
    match = _CLAUSE.fullmatch(written.strip())
    if match is None or match[2].strip("*.") == "":
        return written.strip(" *")
    operator, version = match[1] or "==", match[2]
    try:
        return _caret_or_tilde(operator, version)
    except InvalidVersion:
        return f"{'==' if operator == '=' else operator}{version}"


def _caret_or_tilde(operator: str, version: str) -> str:
    if operator not in {"^", "~"}:
        return f"{'==' if operator == '=' else operator}{version}"
    release = Version(version).release
    fixed = _fixed_by_caret(release) if operator == "^" else min(len(release), 2)
    highest = [*release[: fixed - 1], release[fixed - 1] + 1]
    return f">={version},<{'.'.join(map(str, highest))}"


def _fixed_by_caret(release: tuple[int, ...]) -> int:
    """How many parts a caret keeps: up to the first that is not nought."""
    parts = (place for place, part in enumerate(release, start=1) if part)
    return next(parts, len(release))
