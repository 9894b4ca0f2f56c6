"""Where repositories write down how their tests are run: CI files, tox, nox, Makefiles, tasks."""

import ast
import configparser
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from runners.discovery.files import Files
from runners.discovery.shell import MAX_LINES, MAX_PATHS, Call, calls
from runners.manifest import plain

_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml$")
_CI_FILES = (".gitlab-ci.yml", ".circleci/config.yml", ".travis.yml", "azure-pipelines.yml",
             "appveyor.yml", ".appveyor.yml")  # fmt: skip
# Keys under which CI files keep shell lines.
_SCRIPTS = ("run", "script", "command", "bash", "test_script")
_DEEPEST = 12
_TARGET = re.compile(
    r"^(?P<name>[\w./-]+)[ \t]*:(?!=)[^\n]*\n(?P<recipe>(?:(?:\t[^\n]*)?\n)*)", re.MULTILINE
)
_TEST_TARGETS = ("test", "tests", "check", "pytest", "unittest", "unittests", "unit-test", "unit")
_POSARGS = re.compile(r"\{posargs:?([^{}]{0,200})\}")
_MAKE = re.compile(r"^[ \t]*@?(?:\$\(MAKE\)|make)[ \t]+(?P<name>[\w-]+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Hint:
    """A test runner that a file of the repository starts."""

    call: Call
    origin: str


@dataclass(frozen=True, kw_only=True)
class Script:
    """Shell lines of a file, and the folder from the top in which they begin."""

    text: str
    folder: str = "."


def hints(files: Files) -> tuple[Hint, ...]:
    """Every test runner that the repository's own files start, the most telling first."""
    found: list[Hint] = []
    for path, read in _sources(files):
        scripts = list(read(files, path))
        started = [c for one in scripts for c in calls(files, one.text, folder=one.folder)]
        found += [Hint(call=_together(started), origin=path)] if started else []
    return tuple(found)


def _together(started: list[Call]) -> Call:
    """The calls of one file as one: all their paths, and the options that all of them share.

    Jobs of CI part the tests between them, and one part alone is not the tests.
    """
    first = started[0]
    alike = [call for call in started if (call.runner, call.folder) == (first.runner, first.folder)]
    paths = dict.fromkeys(path for call in alike for path in call.paths)
    whole = any(not call.paths for call in alike)
    same = len({call.options for call in alike}) == 1
    return replace(
        first,
        paths=() if whole else tuple(paths)[:MAX_PATHS],
        options=first.options if same else (),
    )


def test_recipe(files: Files, path: str) -> tuple[str, str] | None:
    """The first target of a Makefile that is named as tests are, and its recipe."""
    known = recipes(files, path)
    return next(((name, known[name]) for name in _TEST_TARGETS if name in known), None)


def recipes(files: Files, path: str) -> dict[str, str]:
    """The recipe of every plain target of a Makefile."""
    return {rule["name"]: rule["recipe"] for rule in _TARGET.finditer(files.text(path))}


def makefile(files: Files, folder: str = "") -> str | None:
    """The Makefile of a folder ("" or with a slash at its end), if it has one."""
    names = (f"{folder}{name}" for name in ("GNUmakefile", "makefile", "Makefile"))
    return next((name for name in names if name in files), None)


Reader = Callable[[Files, str], Iterator[Script]]


def _sources(files: Files) -> Iterator[tuple[str, Reader]]:
    workflows = [path for path in files.paths if _WORKFLOW.match(path)][:20]
    for path in sorted(workflows, key=lambda path: not re.search(r"test|ci\b|python", path)):
        yield path, _from_yaml
    yield from ((path, _from_yaml) for path in _CI_FILES if path in files)
    yield from ((path, _from_tox) for path in ("tox.ini", "setup.cfg") if path in files)
    yield from ((path, _from_nox) for path in ("noxfile.py",) if path in files)
    yield from ((path, _from_tasks) for path in ("pyproject.toml", "pixi.toml") if path in files)
    name = makefile(files)
    if name:
        yield name, _from_makefile


def _from_yaml(files: Files, path: str) -> Iterator[Script]:
    yield from _scripts(plain.load_yaml(files.text(path)), {}, 0)


def _scripts(node: object, environment: Mapping[str, str], depth: int) -> Iterator[Script]:
    """Every script below `node`, with the variables that its steps and jobs set."""
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for item in node[:MAX_LINES]:
            yield from _scripts(item, environment, depth + 1)
    if not isinstance(node, Mapping):
        return
    known = {**environment, **_environment(node.get("env"))}
    for key, value in list(node.items())[:MAX_LINES]:
        text = _as_lines(value) if key in _SCRIPTS else ""
        if text:
            exports = "".join(f"export {name}={setting}\n" for name, setting in known.items())
            folder = plain.text(node.get("working-directory")) or "."
            yield Script(text=exports + text, folder=folder.removeprefix("./") or ".")
        else:
            yield from _scripts(value, known, depth + 1)


def _environment(value: object) -> dict[str, str]:
    return {str(name): v for name, v in plain.mapping(value).items() if isinstance(v, str)}


def _as_lines(value: object) -> str:
    lines = [line for line in plain.several(value) if isinstance(line, str)]
    return "\n".join(lines)


def _from_tox(files: Files, path: str) -> Iterator[Script]:
    settings = configparser.RawConfigParser(strict=False)
    try:
        settings.read_string(files.text(path))
    except configparser.Error:
        return
    prefix = "tox:testenv" if path == "setup.cfg" else "testenv"
    for section in settings.sections():
        if section.startswith(prefix) and settings.has_option(section, "commands"):
            yield Script(text=_tox_words(settings.get(section, "commands")))


def _tox_words(commands: str) -> str:
    lines = (
        line.strip().lstrip("-").strip() for line in _POSARGS.sub(r"\1", commands).splitlines()
    )
    return "\n".join(line.replace("{toxinidir}/", "") for line in lines)


def _from_nox(files: Files, path: str) -> Iterator[Script]:
    """`session.run("pytest", "tests")`, as a line."""
    module = files.module(path)
    for node in ast.walk(module) if module else ():
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "run"
        ):
            words = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield Script(text=" ".join(word for word in words if isinstance(word, str)))


def _from_tasks(files: Files, path: str) -> Iterator[Script]:
    """Tasks named test, as hatch, PDM, Poe and pixi keep them."""
    document = files.toml(path)
    tables = document.get("tool") if path == "pyproject.toml" else document
    yield from (Script(text=line) for line in _tasks(tables, 0))


def _tasks(node: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST or not isinstance(node, Mapping):
        return
    for key, value in list(node.items())[:MAX_LINES]:
        if key in _TEST_TARGETS and isinstance(value, str | list):
            yield _as_lines(value)
        elif key in _TEST_TARGETS and isinstance(value, Mapping):
            yield _as_lines(value.get("cmd"))
        yield from _tasks(value, depth + 1)


def _from_makefile(files: Files, path: str) -> Iterator[Script]:
    """The recipe of the test target, each line from the top as make starts it."""
    found = test_recipe(files, path)
    if found is None:
        return
    known = recipes(files, path)
    named = [known.get(match["name"], "") for match in _MAKE.finditer(found[1])]
    for line in "".join((found[1], *named)).replace("\\\n", " ").splitlines()[:MAX_LINES]:
        yield Script(text=line.strip())
