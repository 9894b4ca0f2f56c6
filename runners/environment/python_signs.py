"""What a repository says of the Python that its code wants: one reader for each kind of file."""

import ast
import configparser
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any, Literal

from registry.spec.manifest import Manifest
from runners.environment.declaration import Declaration
from runners.environment.declared.files import toml_or_nothing
from runners.environment.pythons import RELEASED, admitted, minor_of, minors_in, range_of, rank
from runners.environment.syntax import parsed
from runners.manifest.plain import content, load_yaml, mapping, several
from runners.tree import Tree

_MAX_LOCK = 10_000_000
_MAX_NOTEBOOK = 5_000_000
_MAX_NOTEBOOKS = 40
_MAX_WORKFLOWS = 30
_NAMED = 2
_PINS = (".python-version", "runtime.txt", ".binder/runtime.txt", "binder/runtime.txt")
_READMES = ("README.md", "README.rst", "README.txt", "README")
_CI_FILES = (".travis.yml", ".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml",
             "appveyor.yml", ".appveyor.yml")  # fmt: skip
_CI_KEYS = ("python", "toxenv", "tox_env", "versionspec", "pyver")
_CLASSIFIERS = "the classifiers"
_CLASSIFIER = re.compile(r"Programming Language :: Python :: ([23]\.\d{1,2})\b")
_TOX_KEYS = ("envlist", "env_list", "basepython", "base_python")
_ONLY_MINOR = re.compile(r"^(?:py)?(3\.\d{1,2})$")
_LOCKED = re.compile(r"/python-([23]\.\d{1,2})\.\d{1,3}-")
_FROM = re.compile(r"^FROM\s+(?:--\S+\s+)?(\S{1,200})", re.MULTILINE | re.IGNORECASE)
_CONDA_CREATE = re.compile(r"conda create[^\n]{0,200}?\bpython\s?={1,2}\s?([23]\.\d{1,2})\b")
_VERSION = (
    r"(?P<least>>=|≥)?[ =~`(v]{0,4}(?P<python>[23]\.\d{1,2})\b(?:\.\d{1,2})?[`)]{0,2}"
    r"(?P<more>\+|\.x\+| (?:or|and) (?:later|newer|higher|above|greater|up))?"
)
# "- Python 3.7" in a list of what is needed; "Tested with Python 3.8".
_LISTED = re.compile(
    rf"^[ \t]{{0,8}}(?:[-*+•][ \t]{{1,4}})?[*`\[]{{0,3}}python[*`\]]{{0,3}}[ :]{{0,3}}{_VERSION}",
    re.MULTILINE | re.IGNORECASE,
)
_SPOKEN = re.compile(
    rf"\b(?:tested|works?|run|developed|written|requires?|needs?|using|with)\b"
    rf"[^\n.]{{0,30}}?\bpython ?{_VERSION}",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"(?:[ ]?[,/&][ ]?|[ ](?:and|or)[ ]){1,2}(?:python ?)?(?P<python>[23]\.\d{1,2})\b",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"(?:python\w*|toxenv)\s*[=:]\s*(\S{1,40})", re.IGNORECASE)
_IMAGE = re.compile(r"(?:\S{1,100}/)?(?:python|cimg|conda|miniconda3?):\S{1,60}")


Kind = Literal["asked", "told", "trace"]


@dataclass(frozen=True, kw_only=True)
class PythonSign:
    """What one file says of the Python that its code wants.

    `pythons` are the minor versions that it admits, of those known; `asked` says the same in the
    file's words ("3.8", ">=3.7,<3.11"), and `why` is a clause that names the file. `kind`: tools
    are asked for it, readers are told of it, or use left a trace, which may be older than the code.
    `named`: single versions, which therefore existed, and not a range.
    """

    pythons: frozenset[str]
    asked: str
    why: str
    kind: Kind = "asked"
    named: bool = True


def named_by(origin: str, text: str) -> tuple[PythonSign, ...]:
    """The sign of a file that pins one Python; none where `text` names no minor version."""
    python = minor_of(text)
    if python is None:
        return ()
    why = f"{origin} names Python {python}"
    return (PythonSign(pythons=frozenset({python}), asked=python, why=why),)


def _range(origin: str, value: object) -> Iterator[PythonSign]:
    specifier = range_of(value) if isinstance(value, str) else None
    if specifier:
        yield PythonSign(
            pythons=admitted(specifier),
            asked=str(specifier),
            why=f"{origin} admits Python {specifier}",
            named=False,
        )


def _shown(pythons: Iterable[str], before: str, *, kind: Kind = "told") -> Iterator[PythonSign]:
    """The sign of what the author has; `before` is its clause up to the versions."""
    known = sorted(RELEASED.keys() & set(pythons), key=rank)
    if known:
        text = ", ".join(known)
        why = f"{before} Python {text}"
        yield PythonSign(pythons=frozenset(known), asked=text, why=why, kind=kind)


# --- What is asked for --------------------------------------------------------------------------


def pin_files(tree: Tree) -> Iterator[PythonSign]:
    """.python-version and runtime.txt; the first line that names a version."""
    for path in _PINS:
        lines = (named_by(path, line) for line in content(tree, path).splitlines()[:20])
        yield from next(filter(None, lines), ())
    for line in content(tree, ".tool-versions").splitlines()[:100]:
        if line.split()[:1] == ["python"]:
            yield from named_by(".tool-versions", line)


def pipfile(tree: Tree) -> Iterator[PythonSign]:
    """[requires] of Pipfile."""
    requires = mapping(toml_or_nothing(tree, "Pipfile").get("requires"))
    version = requires.get("python_full_version") or requires.get("python_version")
    yield from named_by("Pipfile", str(version or ""))


def lock_files(tree: Tree) -> Iterator[PythonSign]:
    """The Python, or the range of it, for which a lock file was made."""
    uv, poetry = _lock(tree, "uv.lock"), _lock(tree, "poetry.lock")
    yield from _range("uv.lock", _assigned("requires-python", uv[:2000]))
    # Every package of poetry.lock has such a line too.
    yield from _range("poetry.lock", _assigned("python-versions", _metadata(poetry)))
    for path in ("pixi.lock", "conda-lock.yml", "conda-linux-64.lock"):
        locked = Counter(_LOCKED.findall(_lock(tree, path)))
        yield from named_by(path, locked.most_common(1)[0][0] if locked else "")


def _metadata(poetry: str) -> str:
    """The end of a poetry.lock, from its [metadata] on."""
    return poetry[poetry.rfind("\n[metadata]") :][:2000]


def _assigned(key: str, text: str) -> str | None:
    match = re.search(rf'^{key} = "([^"\n]{{1,200}})"', text, re.MULTILINE)
    return match.group(1) if match else None


def _lock(tree: Tree, path: str) -> str:
    return _text(tree, path, _MAX_LOCK)


def _text(tree: Tree, path: str, limit: int) -> str:
    small = path in tree and any(e.path == path and e.size <= limit for e in tree.entries)
    return tree.text(path, limit=limit) if small else ""


def project_files(tree: Tree) -> Iterator[PythonSign]:
    """requires-python of a project, under all the names it had."""
    yield from _range("pyproject.toml", _pyproject(tree))
    yield from _range("pixi.toml", _pixi(tree))
    yield from _range("setup.cfg", _setup_cfg(tree).get("options", {}).get("python_requires"))
    yield from _range("setup.py", _setup_py(tree))


def _pyproject(tree: Tree) -> object:
    document = toml_or_nothing(tree, "pyproject.toml")
    tool = mapping(document.get("tool"))
    poetry = mapping(mapping(tool.get("poetry")).get("dependencies")).get("python")
    flit = mapping(mapping(tool.get("flit")).get("metadata")).get("requires-python")
    pixi = mapping(mapping(tool.get("pixi")).get("dependencies")).get("python")
    project = mapping(document.get("project")).get("requires-python")
    return project or _version(poetry) or flit or _version(pixi)


def _version(value: object) -> object:
    """Poetry and pixi write a version as text or as a table with one in it."""
    return mapping(value).get("version") if isinstance(value, Mapping) else value


def _pixi(tree: Tree) -> object:
    return _version(mapping(toml_or_nothing(tree, "pixi.toml").get("dependencies")).get("python"))


def _setup_cfg(tree: Tree) -> Mapping[str, Mapping[str, str]]:
    return _ini(content(tree, "setup.cfg"))


def _ini(text: str) -> Mapping[str, Mapping[str, str]]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except (configparser.Error, ValueError, AttributeError):  # the last: a bug of allow_no_value
        return {}
    return {name: dict(parser[name]) for name in parser.sections()}


def _setup_py(tree: Tree) -> str | None:
    """What python_requires is set to: in a call, a dictionary, or through a name."""
    module = parsed(content(tree, "setup.py"))
    if module is None:
        return None
    names = {
        target.id: node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    values = (value for node in ast.walk(module) for value in _python_requires(node))
    named = (names.get(v.id, v) if isinstance(v, ast.Name) else v for v in values)
    texts = (str(v.value) for v in named if isinstance(v, ast.Constant))
    return next(texts, None)


def _python_requires(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (word.value for word in node.keywords if word.arg == "python_requires")
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "python_requires":
                yield value


# --- What the author has ------------------------------------------------------------------------


def dockerfile(tree: Tree) -> Iterator[PythonSign]:
    """The image that the repository's own Dockerfile starts from."""
    images = _FROM.findall(content(tree, "Dockerfile"))
    pythons = {python for image in images if "py" in image.lower() for python in minors_in(image)}
    yield from _shown(pythons, "the Dockerfile starts from")


def notebooks(tree: Tree) -> Iterator[PythonSign]:
    """The Python with which most notebooks were last run."""
    paths = [entry.path for entry in tree.entries if entry.path.endswith(".ipynb")]
    found = (_notebook(tree, path) for path in paths[:_MAX_NOTEBOOKS])
    counted = Counter(filter(None, found))
    if counted:
        most = max(counted, key=lambda python: (counted[python], rank(python)))
        yield from _shown({most}, "the notebooks were last run with", kind="trace")


def _notebook(tree: Tree, path: str) -> str | None:
    """Read from its end, where the metadata stand: outputs may be large."""
    text = _text(tree, path, _MAX_NOTEBOOK)
    start = text.find("{", text.rfind('"language_info"'))
    if '"language_info"' not in text or start < 0:
        return None
    try:
        info = json.JSONDecoder().raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None
    return minor_of(str(info.get("version"))) if info.get("name") == "python" else None


def readme(tree: Tree) -> Iterator[PythonSign]:
    """A conda environment made in the README, or a Python that it says is needed or was tried."""
    text = next(filter(None, (content(tree, path) for path in _READMES)), "")
    if created := _CONDA_CREATE.findall(text):
        yield from _shown(created, "the README makes its environment with")
        return
    spoken = [*_LISTED.finditer(text), *_SPOKEN.finditer(text)]
    oldest = [match["python"] for match in spoken if match["least"] or match["more"]]
    if oldest:
        why = f"the README speaks of Python {oldest[0]} and newer"
        newer = frozenset(python for python in RELEASED if rank(python) >= rank(oldest[0]))
        yield PythonSign(pythons=newer, asked=f">={oldest[0]}", why=why, kind="told", named=False)
    else:
        pythons = (python for match in spoken for python in _in_row(text, match))
        yield from _shown(pythons, "the README speaks of")


def _in_row(text: str, first: re.Match[str]) -> Iterator[str]:
    """The version of a match, and those that follow it as in "2.7, 3.6 and 3.7"."""
    match: re.Match[str] | None = first
    while match:
        yield match["python"]
        match = _ALSO.match(text, match.end())


def tested(tree: Tree) -> Iterator[PythonSign]:
    """Classifiers and the files of test runners and CI, taken together: any may be out of date."""
    found = [(origin, RELEASED.keys() & set(pythons)) for origin, pythons in _tested(tree)]
    naming = [origin for origin, pythons in found if pythons]
    everything = (python for _, pythons in found for python in pythons)
    verb = "names" if len(naming) == 1 and naming[0] != _CLASSIFIERS else "name"
    more = " and others" if len(naming) > _NAMED else ""
    before = f"{' and '.join(naming[:_NAMED])}{more} {verb}"
    yield from _shown(everything, before, kind="trace")


def _tested(tree: Tree) -> Iterator[tuple[str, Iterable[str]]]:
    yield _CLASSIFIERS, _classifiers(tree)
    for path in _workflows(tree):
        yield path, _in_yaml(load_yaml(content(tree, path)))
    yield "tox.ini", _in_tox(tree)
    yield "noxfile.py", _in_nox(tree)


def _classifiers(tree: Tree) -> list[str]:
    texts = (content(tree, path) for path in ("pyproject.toml", "setup.cfg", "setup.py"))
    return [python for text in texts for python in _CLASSIFIER.findall(text)]


def _workflows(tree: Tree) -> list[str]:
    """CI files; of GitHub's those that test something, where any does."""
    github = [e.path for e in tree.entries if fnmatch(e.path, ".github/workflows/*.y*ml")]
    testing = [path for path in github[:_MAX_WORKFLOWS] if "test" in content(tree, path)]
    return [*(testing or github[:_MAX_WORKFLOWS]), *(path for path in _CI_FILES if path in tree)]


def _in_yaml(document: Mapping[str, Any]) -> Iterator[str]:
    """The Pythons of a CI file, wherever its dialect puts them."""
    for key, text in _leaves(document):
        if any(name in key.lower() for name in _CI_KEYS) or _IMAGE.fullmatch(text):
            yield from minors_in(text)
        else:
            for value in _ASSIGNED.findall(text[:1000]):
                yield from minors_in(value)


def _leaves(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each text with the key it stands under. An alias is followed once: they can nest."""
    seen: set[int] = set()
    waiting: list[tuple[str, object]] = [("", document)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, Mapping | list) and id(value) not in seen:
            seen.add(id(value))
            inner = value.items() if isinstance(value, Mapping) else ((key, v) for v in value)
            waiting += [(str(name), item) for name, item in inner]


def _in_tox(tree: Tree) -> Iterator[str]:
    tool = mapping(mapping(toml_or_nothing(tree, "pyproject.toml").get("tool")).get("tox"))
    inside = str(tool.get("legacy_tox_ini", ""))
    for text in (content(tree, "tox.ini"), content(tree, "setup.cfg"), inside):
        for name, section in _ini(text).items():
            if name in {"tox", "tox:tox", "testenv"}:
                yield from minors_in(" ".join(str(section.get(key)) for key in _TOX_KEYS))
    for environment in several(tool.get("env_list")):
        yield from minors_in(str(environment))


def _in_nox(tree: Tree) -> Iterator[str]:
    module = parsed(content(tree, "noxfile.py"))
    for node in ast.walk(module) if module else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _ONLY_MINOR.findall(node.value)


_READERS: tuple[Callable[[Tree], Iterable[PythonSign]], ...] = (
    pin_files,
    pipfile,
    lock_files,
    project_files,
    dockerfile,
    notebooks,
    readme,
    tested,
)


def python_signs(
    tree: Tree, manifest: Manifest, declaration: Declaration | None
) -> tuple[PythonSign, ...]:
    """Every sign, that which weighs most first."""
    declared = declaration.python if declaration else None
    origin = declaration.origin if declaration else ""
    return (
        *named_by("the manifest", manifest.python or ""),
        *named_by(origin, declared or ""),
        *(sign for reader in _READERS for sign in reader(tree)),
    )
