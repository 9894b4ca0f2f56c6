"""What the source imports from elsewhere, read from its syntax, and what a run's log misses.

Nothing is run.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from weakref import WeakKeyDictionary

from runners.environment.distributions import distribution_of, is_shared
from runners.environment.notebook_code import code_cells
from runners.environment.standard_library import STANDARD_LIBRARY
from runners.environment.syntax import parsed
from runners.faults import RepositoryFault
from runners.tree import Tree

MAX_FILES = 2_000
MAX_NOTEBOOKS = 100
MAX_NOTEBOOK_BYTES = 5_000_000
# Code that is not the model: what it needs is not needed to use the model.
_ASIDE = {"test", "tests", "testing", "doc", "docs", "example", "examples", "benchmark",
          "benchmarks", "tools", "scripts", "notebooks", "build", "ci", ".github"}  # fmt: skip
_ASIDE_FILES = {"setup.py", "conftest.py", "noxfile.py", "fabfile.py", "tasks.py", "versioneer.py"}
_TEST = re.compile(r"(?:^|/)(?:tests?/(?:.*/)?(?:conftest|__init__)|test_[^/]*|[^/]*_test)\.py$")
_LAZY = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Try, ast.If)
_CHECKPOINT = re.compile(r"(?:^|/)\.ipynb_checkpoints/")  # what Jupyter kept of older states
_TAIL_CHARACTERS = 200_000
_MISSING = re.compile(
    r"No module named '?(?P<module>[A-Za-z_][\w.]{0,100})'?(?P<shadow>; '[\w.]{1,100}' is not a)?"
)
# What a library asks for in its own words.
_ASKED_FOR = re.compile(
    r"Missing optional dependency '(\w{1,40})'|tried using: '(pyarrow)'"
    r"|xarray's IO backends: \['(netcdf4|h5netcdf|zarr|cfgrib)'"
    r"|engine '?(netcdf4|h5netcdf|cfgrib)\b"
    r"|(lxml|html5lib) not found, please install|Please update jupyter and (ipywidgets)"
)


# Thousands of files take seconds to parse.
_READ: WeakKeyDictionary[Tree, "Imports"] = WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True)
class Imports:
    """Top-level modules from elsewhere that are imported whenever the importing file is, sorted.

    Left out: the standard library of any version, modules of the tree itself, and imports inside
    functions, conditions and `try` (they are optional). `model` leaves out what stands beside the
    package (tests, docs, set-up); `tests` is what the test files want, `beside` what notebooks and
    the scripts of the topmost folder want more than the model does. Where there is no other code,
    they are the model.
    """

    model: tuple[str, ...]
    tests: tuple[str, ...]
    beside: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Those of all, each module once."""
        return tuple(dict.fromkeys((*self.model, *self.tests, *self.beside)))


def imports_of(tree: Tree) -> Imports:
    """What the sources and the notebooks of `tree` import from elsewhere.

    A tree never changes, and several rooms ask: it is read once, as long as it lives.
    """
    if tree not in _READ:
        _READ[tree] = _imports_of(tree)
    return _READ[tree]


def _imports_of(tree: Tree) -> Imports:
    paths = _files(tree, ".py")[:MAX_FILES]
    sources = [path for path in paths if _belongs(path)]
    packages = [path for path in sources if f"{PurePosixPath(path).parent}/__init__.py" in tree]
    notebooks = _files(tree, ".ipynb")[:MAX_NOTEBOOKS]
    beside = [path for path in sources if "/" not in path] + notebooks
    known = STANDARD_LIBRARY | local_modules(tree)
    model = _foreign(tree, packages or sources or beside, known)
    return Imports(
        model=model,
        tests=_foreign(tree, [path for path in paths if _TEST.search(path)], known),
        beside=_foreign(tree, beside, known.union(model)),
    )


def missing_modules_in_log(log: str) -> tuple[str, ...]:
    """The modules that a run missed and for which something can be installed, each once.

    Of a dotted name the package is there and its part is not: another version has it, so nothing
    is missing, unless several distributions share the name ("mpl_toolkits.basemap"). Nothing is
    installed for a module of Python's own, nor for a file that hides a package.
    """
    asked_for = ("".join(groups) for groups in _ASKED_FOR.findall(log[-_TAIL_CHARACTERS:]))
    installable = map(_installable, modules_named_missing(log))
    return tuple(dict.fromkeys(filter(None, (*installable, *asked_for))))


def modules_named_missing(log: str) -> tuple[str, ...]:
    """The dotted names that a run could not import, whoever's they are, each once."""
    matches = _MISSING.finditer(log[-_TAIL_CHARACTERS:])
    return tuple(dict.fromkeys(match["module"] for match in matches if not match["shadow"]))


def _foreign(tree: Tree, paths: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    names = {name for path in paths for name in _imports(tree, path)}
    return tuple(sorted(names - known))


def local_modules(tree: Tree) -> frozenset[str]:
    """Names under which the tree's own files and folders can be imported."""
    names: set[str] = set()
    for entry in tree.entries:
        path = PurePosixPath(entry.path)
        names.update(path.parts[:-1])
        if path.suffix in {".py", ".pyx", ".so", ".c", ".cpp", ".f90", ".f"}:
            names.add(path.name.split(".")[0])
    return frozenset(names)


def _installable(module: str) -> str | None:
    if "." in module:
        prefixes = (module.rsplit(".", cut)[0] for cut in range(module.count(".")))
        return next(filter(is_shared, prefixes), None)
    return module if distribution_of(module) else None


def _files(tree: Tree, ending: str) -> list[str]:
    named = (entry.path for entry in tree.entries if entry.path.endswith(ending))
    return [path for path in named if path in tree and not _CHECKPOINT.search(path)]


def _belongs(path: str) -> bool:
    parts = PurePosixPath(path).parts
    if parts[-1] in _ASIDE_FILES or parts[-1].startswith("test"):
        return False
    return not any(part.lower() in _ASIDE or part.startswith(".") for part in parts[:-1])


def _imports(tree: Tree, path: str) -> Iterator[str]:
    for source in _sources(tree, path):
        module = parsed(source)  # None: not Python 3, or made to hurt; running it will tell.
        for node in _unconditional(module) if module else ():
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                yield node.module.split(".")[0]


def _sources(tree: Tree, path: str) -> Iterator[str]:
    """The text of a source, or that of each cell of a notebook; nothing where it is too large."""
    try:
        if path.endswith(".ipynb"):
            yield from code_cells(tree.text(path, limit=MAX_NOTEBOOK_BYTES))
        else:
            yield tree.text(path)
    except RepositoryFault:
        return


def _unconditional(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below that are reached whenever the file is imported, or is run by itself."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _is_main(child.test):
            yield from (inner for step in child.body for inner in (step, *_unconditional(step)))
        elif not isinstance(child, _LAZY):
            yield child
            yield from _unconditional(child)


def _is_main(test: ast.expr) -> bool:
    """Whether a condition is `__name__ == "__main__"`."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
    )
