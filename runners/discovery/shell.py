"""Shell lines that others wrote for their own machines, read strictly for the tests they run.

Nothing of a line is taken over as it stands: a runner, paths that exist, and a few options.
"""

import fnmatch
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runners.discovery.files import Files

MAX_LINES = 400
MAX_PATHS = 40
_SEPARATOR = re.compile(r"&&|\|\||;|\||\n")
_ASSIGNMENT = re.compile(r"([A-Z][A-Z0-9_]{0,60})=([\w.,:/+-]{0,200})")
# What would change our own way of looking, or is nobody's business.
_REFUSED_VARIABLE = re.compile(
    r"^(?:PYTEST_|LD_|PIP_|UV_|CI$|COV|CODECOV|GITHUB|RUNNER_|CIBW_|CONDA|DEBIAN_|TERM$|HOME$|PATH$"
    r"|PYTHONUNBUFFERED|PYTHONDONTWRITE)|COLOR|TOKEN|SECRET|PASS|KEY|CREDENTIAL"
)
_PYTHON = re.compile(r"python(?:[23](?:\.\d{1,2})?)?$")
_NAME = re.compile(r"[A-Za-z_]\w{0,80}(?:\.\w{1,80}){0,8}$")
# Programs that only start what stands behind them, with how many words of their own.
_STARTERS: Mapping[str, int] = {
    "poetry": 2, "pipenv": 2, "pdm": 2, "hatch": 2, "uv": 2, "pixi": 2, "rye": 2, "time": 1,
    "xvfb-run": 1, "command": 1, "exec": 1, "env": 1, "coverage": 2, "travis_wait": 1,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """A runner's options: those with a value that are kept or dropped, and flags that are kept."""

    kept: frozenset[str]
    dropped: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()


_DIALECTS: Mapping[str, Dialect] = {
    "pytest": Dialect(
        kept=frozenset({"-k", "-m", "--ignore", "--deselect", "--import-mode", "--ignore-glob"}),
        dropped=frozenset({
            "-p", "-n", "-c", "-o", "-W", "--cov", "--cov-report", "--cov-config", "--junitxml",
            "--junit-xml", "--durations", "--timeout", "--numprocesses", "--maxfail", "--tb",
            "--rootdir", "--dist", "--reruns", "--basetemp",
        }),
        flags=frozenset({"--doctest-modules", "--pyargs"}),
    ),
    "unittest": Dialect(
        kept=frozenset({
            "-s", "-t", "-p", "-k", "--start-directory", "--pattern", "--top-level-directory",
        }),
    ),
}  # fmt: skip
# A job of CI may run a part of the tests only; to leave out the slow ones is another thing.
_SELECTING = {"-k", "-m"}
_ONLY_LEAVES_OUT = re.compile(r"not [\w-]+(?: and not [\w-]+)*$")
# Options with a value that stand before the runner: of Python, coverage, uv, xvfb-run.
_BEFORE = {"-W", "-X", "--source", "--rcfile", "--omit", "--include", "--with", "--extra", "-n",
           "--group", "--python", "-p", "-e", "-s"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Call:
    """A test runner as a line starts it: `pytest` or `unittest`, from `folder`."""

    runner: str
    folder: str = "."
    environment: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether it says nothing but the runner's name."""
        return not (self.environment or self.options or self.paths) and self.folder == "."


def calls(files: Files, script: str, *, folder: str = ".") -> Iterator[Call]:
    """The test runners that a script of several lines starts, in order."""
    place, exported = folder, tuple[str, ...]()
    for piece in _SEPARATOR.split(script.replace("\\\n", " "))[:MAX_LINES]:
        words = _words(piece)
        if words[:1] == ["cd"] and len(words) == 2:  # noqa: PLR2004 — cd and a folder
            place = posixpath.normpath(posixpath.join(place, words[1]))
        elif words[:1] == ["export"]:
            exported += tuple(filter(_may_be_set, words[1:]))
        elif place in files.folders and (call := _call(files, words, place, exported)):
            yield call


def _words(piece: str) -> list[str]:
    try:
        return shlex.split(piece.strip().lstrip("@-("), comments=True)
    except ValueError:
        return []


def _may_be_set(word: str) -> bool:
    match = _ASSIGNMENT.fullmatch(word)
    return match is not None and not _REFUSED_VARIABLE.search(match.group(1))


def _call(files: Files, words: list[str], folder: str, exported: tuple[str, ...]) -> Call | None:
    """The runner that a list of words starts; None when it starts none, or cannot be taken over."""
    rest, environment = _started(words)
    runner, arguments = _runner(rest)
    if not runner:
        return None
    options, named = _sorted_out(arguments, _DIALECTS[runner])
    if any(set("${}<>`") & set(word) for word in (*options, *named)):
        return None
    paths = _existing(files, folder, named, modules=runner == "unittest" or "--pyargs" in options)
    if named and not paths:
        return None
    return Call(
        runner=runner,
        folder=folder,
        environment=(*exported, *environment),
        options=options,
        paths=paths,
    )


def _started(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The words without what stands before the runner, and the variables set on the way."""
    environment: list[str] = []
    rest = words[:200]
    while rest:
        if "=" in rest[0] and _ASSIGNMENT.fullmatch(rest[0]):
            environment += [rest[0]] if _may_be_set(rest[0]) else []
            rest = rest[1:]
        elif rest[0] in _STARTERS:
            rest = _without_options(rest[_STARTERS[rest[0]] :])
        else:
            break
    return rest, tuple(environment)


def _without_options(words: list[str]) -> list[str]:
    """The words from the first that is no option; `-m pytest` of coverage stays readable."""
    while words and words[0].startswith("-") and words[0] != "-m":
        words = words[2:] if words[0] in _BEFORE else words[1:]
    return ["python", *words] if words[:1] == ["-m"] else words


def _runner(words: list[str]) -> tuple[str, list[str]]:
    """The runner's name, empty when it is none, and its arguments."""
    if not words:
        return "", []
    program, rest = posixpath.basename(words[0]), words[1:]
    if program in {"pytest", "py.test", "nosetests", "nose2"}:
        return "pytest", rest
    if not _PYTHON.match(program):
        return "", []
    rest = _without_options(rest)[1:] if rest[:1] and rest[0] != "-m" else rest
    if rest[:2] == ["-m", "pytest"]:
        return "pytest", rest[2:]
    return ("unittest", rest[2:]) if rest[:2] == ["-m", "unittest"] else ("", [])


def _sorted_out(arguments: list[str], dialect: Dialect) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The options that are kept, and the words that are no option."""
    options: list[str] = []
    named: list[str] = []
    waiting = iter(arguments)
    for word in waiting:
        name, equals, _ = word.partition("=")
        if not word.startswith("-"):
            named.append(word)
        elif name in dialect.kept | dialect.dropped and not equals:
            value = next(waiting, "")
            chosen = name in _SELECTING and not _ONLY_LEAVES_OUT.match(value)
            options += [word, value] if name in dialect.kept and not chosen else []
        elif name in dialect.kept | dialect.flags:
            options.append(word)
    return tuple(options), tuple(named)


def _existing(
    files: Files, folder: str, named: tuple[str, ...], *, modules: bool
) -> tuple[str, ...]:
    """Those of `named` that exist, seen from `folder`; patterns are spelled out."""
    found: list[str] = []
    for word in named:
        path = posixpath.normpath(posixpath.join(folder, word.partition("::")[0]))
        if files.has(path) or (modules and _is_module(files, folder, word)):
            found.append(word)
        elif "*" in word and folder == ".":
            found += fnmatch.filter(files.paths, path)
    return tuple(path for path in found if not path.endswith(".ipynb"))[:MAX_PATHS]


def _is_module(files: Files, folder: str, word: str) -> bool:
    """Whether a dotted name stands for a module of the repository, or for something in one."""
    if word == "discover" or not _NAME.match(word):
        return word == "discover"
    first = posixpath.normpath(posixpath.join(folder, word.partition(".")[0]))
    return any(files.has(place) for place in (first, f"{first}.py", f"src/{first}"))
