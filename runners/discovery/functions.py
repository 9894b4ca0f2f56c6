"""Which Python files hold tests, read from their syntax."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from runners.discovery.files import Files

Function = ast.FunctionDef | ast.AsyncFunctionDef
# What pytest looks for when nothing is configured.
CONVENTIONAL = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$")
_FOLDERS = {"test", "tests", "testing", "unittest", "unittests", "unit_test", "unit_tests"}
_ALMOST = re.compile(r"^(?:tests?|[a-z0-9_.-]*tests?|tests?[a-z0-9_.-]*)\.py$", re.IGNORECASE)
# Fixtures that pytest and its common plugins bring along.
_FIXTURES = frozenset({
    "benchmark", "cache", "caplog", "capfd", "capfdbinary", "capsys", "capsysbinary", "datadir",
    "doctest_namespace", "image_regression", "mocker", "monkeypatch", "mpl_image_compare",
    "ndarrays_regression", "num_regression", "original_datadir", "pytestconfig", "pytester",
    "qapp", "qtbot", "record_property", "record_testsuite_property", "record_xml_attribute",
    "recwarn", "regtest", "request", "requests_mock", "rng", "shared_datadir", "snapshot",
    "subtests", "testdir", "tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory",
})  # fmt: skip
# Decorators that hand arguments to a test.
_GIVERS = {"given", "patch", "object", "dict", "multiple", "cases", "data", "expand", "idata"}
# Tests that are made while the module is imported.
_MADE = re.compile(r"\b(?:load_tests|globals\(\)\[|pytest_generate_tests|TestSuite\()")
# Modules that read a command line.
_ARGUMENTS = {"absl", "argparse", "click", "configargparse", "docopt", "fire", "hydra", "typer"}
_OLD_TESTS = re.compile(
    r"^[ \t]*(?:def test\w*\(|class \w+\([^\n)]{0,100}TestCase\))", re.MULTILINE
)


@dataclass(frozen=True, kw_only=True)
class TestFile:
    """A Python file, and how many tests are written in it.

    `functions` counts test functions and methods, `cases` classes of unittest. `inherited` says
    that it may get more from elsewhere: a base class, or everything of another module.
    """

    __test__ = False

    path: str
    functions: int = 0
    cases: int = 0
    inherited: bool = False

    @property
    def conventional(self) -> bool:
        """Whether pytest looks into a file of this name by itself."""
        return bool(CONVENTIONAL.search(self.path))

    @property
    def holds_tests(self) -> bool:
        """Whether running it as tests finds some, as far as can be told."""
        return self.functions > 0 or (self.inherited and self.conventional)


def test_files(files: Files) -> tuple[TestFile, ...]:
    """Every file that is named or placed as tests are, or holds a unittest class, path order."""
    fixtures = _FIXTURES | frozenset(_own_fixtures(files))
    read = (_test_file(files, path, fixtures) for path in sorted(files.python) if _may(files, path))
    return tuple(file for file in read if _is_test_place(file.path) or file.cases)


def _may(files: Files, path: str) -> bool:
    return _is_test_place(path) or "TestCase" in files.text(path)


def _is_test_place(path: str) -> bool:
    *folders, name = PurePosixPath(path).parts
    inside = any(folder.lower() in _FOLDERS for folder in folders)
    aside = {"conftest.py", "__init__.py", "__main__.py", "setup.py"}
    return name not in aside and (inside or bool(_ALMOST.match(name) or CONVENTIONAL.search(name)))


def _test_file(files: Files, path: str, fixtures: frozenset[str]) -> TestFile:
    module = files.module(path)
    if module is None or files.is_large(path):
        # What cannot be read may hold tests: to leave it out would be to claim too much.
        old = len(_OLD_TESTS.findall(files.text(path)))
        return TestFile(path=path, functions=old, inherited=True)
    in_folder = any(part.lower() in _FOLDERS for part in path.split("/")[:-1])
    statements = list(_statements(module.body))
    named = [n for n in statements if isinstance(n, Function) and n.name.startswith("test")]
    functions = [node for node in named if in_folder or _can_be_called(node, fixtures)]
    classes = [node for node in statements if isinstance(node, ast.ClassDef)]
    named_as_tests = bool(CONVENTIONAL.search(path))
    cases = [node for node in classes if _is_case(node, guess=named_as_tests)]
    gathered = [node for node in classes if node.name.startswith("Test") and node not in cases]
    plain = [node for node in gathered if not _methods(node, "__init__")]
    return TestFile(
        path=path,
        functions=len(functions) + sum(len(_methods(node, "test")) for node in (*cases, *plain)),
        cases=len(cases),
        inherited=any(node.bases for node in classes)
        or any(map(_imports_all, statements))
        or bool(_MADE.search(files.text(path))),
    )


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those under a condition or a `try` too."""
    for node in body:
        yield node
        for branch in ("body", "orelse", "handlers", "finalbody"):
            if not isinstance(node, Function | ast.ClassDef):
                yield from _statements(getattr(node, branch, ()))


def _can_be_called(node: Function, fixtures: frozenset[str]) -> bool:
    """Whether pytest can fill every argument. `def test(model, loader)` evaluates a model."""
    if any(_name(decorator) in _GIVERS for decorator in node.decorator_list):
        return True
    required = len(node.args.args) - len(node.args.defaults)
    wanted = {argument.arg for argument in node.args.args[:required]}
    return wanted <= fixtures | set(_parametrized(node))


def _parametrized(node: Function) -> Iterator[str]:
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or _name(decorator) != "parametrize":
            continue
        first = decorator.args[0] if decorator.args else None
        literals = first.elts if isinstance(first, ast.List | ast.Tuple) else [first]
        for literal in literals:
            if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                yield from (name.strip() for name in literal.value.split(","))


def _own_fixtures(files: Files) -> Iterator[str]:
    """Names of all fixtures that the repository defines."""
    for path in files.python:
        if "fixture" not in files.text(path):
            continue
        module = files.module(path)
        for node in ast.walk(module) if module else ():
            if isinstance(node, ast.FunctionDef) and _is_fixture(node):
                yield node.name


def _is_fixture(node: ast.FunctionDef) -> bool:
    return any("fixture" in _name(decorator) for decorator in node.decorator_list)


def _is_case(node: ast.ClassDef, *, guess: bool) -> bool:
    """A class of unittest; by `guess`, also one of tests that stands on a base from elsewhere."""
    known = any(_name(base).endswith("TestCase") for base in node.bases)
    return known or (guess and bool(node.bases) and bool(_methods(node, "test")))


def _methods(node: ast.ClassDef, start: str) -> list[ast.stmt]:
    return [n for n in node.body if isinstance(n, Function) and n.name.startswith(start)]


def _imports_all(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)


def _name(node: ast.AST) -> str:
    """The last part of a dotted name or of what is called: `parametrize` of pytest's mark."""
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def acts(module: ast.Module) -> bool:
    """Whether running the file does more than define something."""
    quiet = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    return any(not isinstance(node, quiet) and not _is_text(node) for node in module.body)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def reads_arguments(files: Files, path: str) -> bool:
    """Whether a script takes arguments from its command line: then it is a program, no test."""
    module = files.module(path)
    nodes = ast.walk(module) if module else ()
    return "sys.argv" in files.text(path) or any(_ARGUMENTS & _imported(node) for node in nodes)


def _imported(node: ast.AST) -> set[str]:
    """The packages that a statement imports."""
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {(node.module or "").split(".")[0]} if isinstance(node, ast.ImportFrom) else set()
