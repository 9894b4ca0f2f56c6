"""What only the tests want: extras, groups, requirements files, tox, nox and CI."""

import ast
import configparser
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from packaging.utils import canonicalize_name

from runners.environment.declared import conda, installs
from runners.environment.declared.files import MAX_LINES, MAX_SETUP_BYTES, text_of, toml_or_nothing
from runners.environment.declared.items import Item, Kind
from runners.environment.declared.project import Project
from runners.environment.declared.readings import name_of
from runners.environment.declared.requirement_files import test_files
from runners.environment.declared.requirements import file_items, line_items
from runners.environment.syntax import parsed
from runners.manifest.plain import mapping, several
from runners.tree import Tree

_EXTRAS = frozenset({"test", "tests", "testing", "pytest", "unittest", "dev", "devel", "develop",
                     "development", "ci", "check"})  # fmt: skip
# What reads code, writes documents or makes releases; a test that needs one will say so.
_ASIDE = re.compile(
    r"black|flake8.*|pep8.*|pycodestyle|pydocstyle|pyflakes|pylint.*|ruff|isort|mypy.*|pyright|"
    r"types-.*|autopep8|yapf|bandit|safety|pre-commit|commitizen|interrogate|codespell|doc8|"
    r"sphinx.*|numpydoc|nbsphinx|myst-.*|furo|mkdocs.*|pdoc3?|recommonmark|m2r2?|"
    r"twine|build|bump2version|bumpversion|check-manifest|towncrier|wheel|setuptools|pip|"
    r"tox.*|nox|codecov|coveralls|codacy.*|pip-tools|uv|poetry|hatch|flit|pdm|cibuildwheel|"
    r"jupyterlab|ipdb|pudb|watchdog|conda-.*|rope|jedi|virtualenv"
)
_CI_FILES = re.compile(
    r"\.github/workflows/[^/]+\.ya?ml|\.travis\.yml|\.gitlab-ci\.yml|azure-pipelines\.yml|"
    r"\.circleci/config\.yml|\.azure/[^/]+\.ya?ml|\.cirrus\.yml|appveyor\.yml|"
    r"(?:ci|\.ci|continuous_integration|tools/ci)/[^/]+\.(?:sh|ya?ml)"
)
_MAX_CI_FILES = 20
_PLACEHOLDER = re.compile(r"\{(?:toxinidir|tox_root)\}/?")
_FACTOR = re.compile(r"^[\w!,.{}-]{1,80}: *")
_OWN_EXTRAS = re.compile(r"\.(?:/?)\[([\w, -]{1,200})\]")


def wanted_by_tests(tree: Tree, project: Project) -> Iterator[Item]:
    """What the tests want beside what the model does; remarks on it are left out."""
    named = tuple(_lines(tree))
    asked = {extra for line in named for extra in _own_extras(line)}
    from_files = (item for path in test_files(tree) for item in file_items(tree, path))
    lines = (*_declared(project, asked), *named)
    from_lines = (item for line in lines for item in line_items(tree, line))
    for item in (*from_files, *from_lines, *_of_conda(tree)):
        if item.kind is Kind.REQUIREMENT:
            yield item


def is_aside(line: str) -> bool:
    """Whether a line names what reads code, writes documents or makes releases, and tests none."""
    return _ASIDE.fullmatch(name_of(line)) is not None


def ci_debian_packages(tree: Tree) -> tuple[str, ...]:
    """The system packages that the repository's CI files install with apt-get."""
    named = (installs.debian_packages(text) for text in _ci_texts(tree))
    return tuple(dict.fromkeys(package for packages in named for package in packages))


def _own_extras(line: str) -> list[str]:
    """The extras of the project itself that a line such as `-e .[test]` asks for."""
    match = _OWN_EXTRAS.search(line)
    return [canonicalize_name(extra.strip()) for extra in match[1].split(",")] if match else []


def _declared(project: Project, asked: set[str]) -> Iterator[str]:
    """The lines of the project's extras and groups for tests, and of the extras asked for."""
    for metadata in project.told:
        for name, lines in metadata.extras.items():
            if canonicalize_name(name) in _EXTRAS | asked:
                yield from _self_resolved(lines, metadata.extras, project.name)
        for name, lines in metadata.groups.items():
            if _EXTRAS.intersection(re.split(r"[._-]", name.lower())):
                yield from lines


def _self_resolved(
    lines: tuple[str, ...], extras: Mapping[str, tuple[str, ...]], own: str
) -> Iterator[str]:
    """The lines, with `model[plot]` of the project itself replaced by those of its extra."""
    for line in lines:
        name, _, named = line.partition("[")
        if canonicalize_name(name.strip()) != own or not named:
            yield line
        else:
            asked = (extra.strip() for extra in named.partition("]")[0].split(","))
            yield from (found for extra in asked for found in extras.get(extra, ()))


def _lines(tree: Tree) -> Iterator[str]:
    yield from islice(_tox(tree), MAX_LINES)
    yield from islice(_nox(tree), MAX_LINES)
    for text in _ci_texts(tree):
        yield from installs.requirement_lines(text)


def _of_conda(tree: Tree) -> Iterator[Item]:
    for text in _ci_texts(tree):
        for spec in installs.conda_specs(text):
            yield from conda.spec_items(spec)


def _ci_texts(tree: Tree) -> Iterator[str]:
    paths = (entry.path for entry in tree.entries if _CI_FILES.fullmatch(entry.path))
    for path in islice(paths, _MAX_CI_FILES):
        yield text_of(tree, path)


def _tox(tree: Tree) -> Iterator[str]:
    """The `deps` and `extras` of tox's test environments, factors and placeholders taken off."""
    for section in _tox_sections(tree):
        extras = " ".join(section.get("extras", "").split())
        if extras:
            yield f".[{extras.replace(' ', ',').replace(',,', ',')}]"
        for line in section.get("deps", "").splitlines():
            plain = _FACTOR.sub("", _PLACEHOLDER.sub("", line.strip()))
            if "{" not in plain:
                yield plain


def _tox_sections(tree: Tree) -> Iterator[Mapping[str, str]]:
    tool = mapping(mapping(toml_or_nothing(tree, "pyproject.toml").get("tool")).get("tox"))
    legacy = str(tool.get("legacy_tox_ini", ""))
    files = (text_of(tree, name, limit=MAX_SETUP_BYTES) for name in ("tox.ini", "setup.cfg"))
    for text in (*files, legacy):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            continue
        for name in parser.sections():
            if name.startswith(("testenv", "tox:testenv")) and not _ASIDE.fullmatch(_last(name)):
                yield dict(parser.items(name))
    base = mapping(tool.get("env_run_base"))
    lines = [line for line in several(base.get("deps")) if isinstance(line, str)]
    extras = [extra for extra in several(base.get("extras")) if isinstance(extra, str)]
    yield {"deps": "\n".join(lines), "extras": " ".join(extras)}


def _last(section: str) -> str:
    return section.rpartition(":")[2]


def _nox(tree: Tree) -> Iterator[str]:
    """What the sessions of noxfile.py install, where it is written out."""
    module = parsed(text_of(tree, "noxfile.py", limit=MAX_SETUP_BYTES))
    for call in ast.walk(module or ast.Module(body=[], type_ignores=[])):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            words = [word.value for word in call.args if isinstance(word, ast.Constant)]
            texts = [word for word in words if isinstance(word, str)]
            if call.func.attr == "install":
                yield from installs.lines_of_words(texts)
