"""The ways to run a repository's tests, in the order to try them. A table of rules."""

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from registry.spec.manifest import Manifest, as_arguments
from runners.discovery import notebooks
from runners.discovery.files import Files
from runners.discovery.functions import TestFile, acts, test_files
from runners.discovery.hints import Hint, hints, makefile, test_recipe
from runners.discovery.plans import TestPlan
from runners.discovery.scripts import scripts_plan
from runners.discovery.shell import Call
from runners.tree import Tree

PYTEST = ("python", "-m", "pytest")
UNITTEST = ("python", "-m", "unittest")
MAX_NAMED = 60
_SETTINGS = {"pytest.ini": "[pytest]", "tox.ini": "[pytest]", "setup.cfg": "[tool:pytest]",
             "pyproject.toml": "[tool.pytest", ".pytest.ini": "[pytest]"}  # fmt: skip
_RUNNER_MODULES = {"pytest": ("pytest", "_pytest"), "doctest": ("pytest", "_pytest"),
                   "unittest": ("unittest",)}  # fmt: skip
_EXAMPLE = re.compile(r"^[ \t]*>>> \S", re.MULTILINE)
_CTEST = re.compile(
    r"^[ \t]*(?:enable_testing|include)[ \t]*\([ \t]*(?:CTest)?[ \t]*\)",
    re.MULTILINE | re.IGNORECASE,
)
_R_PACKAGES = ("r-base-core", "r-cran-testthat", "r-cran-pkgload")


@dataclass(frozen=True)
class Repository:
    """A repository's files, and what of its tests was read from them."""

    files: Files

    @cached_property
    def found(self) -> tuple[TestFile, ...]:
        """Files that are named or placed as tests are, or hold a unittest class."""
        return test_files(self.files)

    @cached_property
    def conventional(self) -> tuple[TestFile, ...]:
        """Files with tests that pytest finds by itself."""
        return tuple(file for file in self.found if file.conventional and file.holds_tests)

    @cached_property
    def unusual(self) -> tuple[TestFile, ...]:
        """Files with tests that pytest has to be given by name."""
        return tuple(file for file in self.found if not file.conventional and self._asserts(file))

    @cached_property
    def hints(self) -> tuple[Hint, ...]:
        """How the repository's own files start its tests."""
        return hints(self.files)

    @property
    def configured(self) -> str | None:
        """The file that holds settings for pytest."""
        known = _SETTINGS.items()
        return next((path for path, mark in known if mark in self.files.text(path)), None)

    def is_script(self, file: TestFile) -> bool:
        """Whether a file is only named as tests are, and does something when it is imported or run.

        A file that merely defines something is left to pytest, which passes over it.
        """
        module = self.files.module(file.path)
        quiet = not file.functions and not file.inherited and module is not None
        return file.conventional and quiet and module is not None and acts(module)

    def _asserts(self, file: TestFile) -> bool:
        return file.functions > 0 and "assert" in self.files.text(file.path)


def test_plans(tree: Tree, manifest: Manifest) -> tuple[TestPlan, ...]:
    """In the order to try; the first whose report counts any test is taken.

    What is declared stands alone. Paths are those from the manifest's working folder.
    """
    if manifest.test is not None:
        command = as_arguments(manifest.test)
        return (TestPlan(runner="declared", command=command, why="The repository declares it."),)
    repository = Repository(Files(tree, manifest.workdir))
    plans: list[TestPlan] = []
    for rule in RULES:
        plans += rule(repository)
    # A repository that says what it runs is judged by that, and its notebooks are left in peace.
    for rule in (_scripts,) if manifest.run else (_scripts, _notebooks):
        if not any(plan.runner in _REAL for plan in plans):
            plans += rule(repository)
    return tuple({plan.command: plan for plan in reversed(plans)}.values())[::-1]


def left_out(tree: Tree, manifest: Manifest) -> tuple[str, ...]:
    """What looks as if it could be run and is not, one sentence each."""
    return notebooks.notebooks(Files(tree, manifest.workdir)).left_out


def stand_in(plan: TestPlan, tree: Tree, manifest: Manifest) -> str:
    """The file of the repository that Python would take for the plan's runner; "" for none.

    Python looks for a runner in the folder in which it starts before it looks anywhere else.
    """
    modules = _RUNNER_MODULES.get(plan.runner, ())
    places = (f"{module}{end}" for module in modules for end in (".py", "/__init__.py"))
    return next((place for place in places if manifest.from_root(place) in tree), "")


def from_its_folder(
    plan: TestPlan, missing: str, tree: Tree, manifest: Manifest
) -> TestPlan | None:
    """The plan started beside the tests, when the file that they miss lies relative to there."""
    repository = Repository(Files(tree, manifest.workdir))
    if plan.runner != "pytest" or plan.command[:3] != PYTEST or missing.startswith("/"):
        return None
    holders = repository.conventional or repository.unusual
    for folder in dict.fromkeys(posixpath.dirname(file.path) for file in holders):
        place = posixpath.normpath(posixpath.join(folder, missing))
        if folder and place in repository.files:
            return TestPlan(
                runner="pytest",
                command=_in_folder(folder, _environment_to(folder), (*PYTEST,)),
                why=f"The tests in {folder} read {missing}, which lies there: they are run from "
                "that folder.",
            )
    return None


def _hinted(repository: Repository) -> Iterator[TestPlan]:
    """The runner as the repository's own files start it, when they say more than its name."""
    holds = repository.conventional or repository.unusual
    hint = next((hint for hint in repository.hints if not hint.call.plain), None)
    if holds and hint:
        yield TestPlan(
            runner=hint.call.runner,
            command=_command(hint.call),
            why=f"{hint.origin} runs the tests like this. {_count(holds)}",
        )


def _pytest(repository: Repository) -> Iterator[TestPlan]:
    """What pytest collects by itself, less scripts that are only named as tests are."""
    found = repository.conventional
    configured = repository.configured if repository.unusual else None
    if not found and not configured:
        return
    scripts = [file.path for file in repository.found if repository.is_script(file)]
    ignored = scripts[:MAX_NAMED] if found else []
    left = f" Left out, for it holds none: {', '.join(ignored[:3])}." if ignored else ""
    yield TestPlan(
        runner="pytest",
        command=(*PYTEST, *(f"--ignore={path}" for path in ignored)),
        why=(_count(found) if found else f"{configured} has settings for pytest.") + left,
    )


def _pytest_by_name(repository: Repository) -> Iterator[TestPlan]:
    """Tests in files that pytest does not collect: test.py, tests.py, 01_FR.py."""
    unusual = repository.unusual
    if unusual and not repository.conventional:
        yield TestPlan(
            runner="pytest",
            command=(*PYTEST, *(file.path for file in unusual[:MAX_NAMED])),
            why=f"{_count(unusual)} pytest does not look into files of such names by itself.",
        )


def _unittest(repository: Repository) -> Iterator[TestPlan]:
    """The search of unittest, or the files by name, where pytest found nothing in them."""
    cases = [file for file in repository.found if file.cases]
    if not cases:
        return
    folder = posixpath.dirname(cases[0].path)
    found_by_name = all(posixpath.basename(file.path).startswith("test") for file in cases)
    start = ("-s", folder) if folder else ()
    top = ("-t", ".") if f"{folder}/__init__.py" in repository.files else ()
    named = tuple(file.path for file in cases[:MAX_NAMED])
    yield TestPlan(
        runner="unittest",
        command=(*UNITTEST, "discover", *start, *top) if found_by_name else (*UNITTEST, *named),
        why=f"{_count(tuple(cases))} They are written for unittest.",
    )


def _own_program(repository: Repository) -> Iterator[TestPlan]:
    """`python -m package.tests`, where a package brings such a program."""
    for path in repository.files.paths:
        folder, name = posixpath.split(path)
        parts = folder.split("/")
        if name == "__main__.py" and parts[-1] in {"test", "tests"} and _is_module(parts):
            module = ".".join(parts[1:] if parts[0] in {"src", "lib"} else parts)
            why = f"{path} is the package's own program for its tests."
            yield TestPlan(runner="program", command=("python", "-m", module), why=why)
            return


def _doctest(repository: Repository) -> Iterator[TestPlan]:
    """Examples in docstrings, when there are no other tests."""
    if repository.conventional or repository.unusual:
        return
    files = repository.files
    examples = [path for path in files.python if _EXAMPLE.search(files.text(path))]
    taken = tuple(path for path in examples if files.module(path))[:MAX_NAMED]
    if taken:
        yield TestPlan(
            runner="doctest",
            command=(*PYTEST, "--doctest-modules", *taken),
            why=f"There are no other tests, but {_some(taken)} with examples whose results stand "
            "beside them (doctest).",
        )


def _ctest(repository: Repository) -> Iterator[TestPlan]:
    if _CTEST.search(repository.files.text("CMakeLists.txt")):
        build = "cmake -S . -B .reprise-build && cmake --build .reprise-build"
        yield TestPlan(
            runner="ctest",
            command=("sh", "-c", f"{build} && cd .reprise-build && ctest --output-on-failure"),
            why="CMakeLists.txt switches tests on (ctest).",
            system_packages=("cmake", "g++", "make"),
        )


def _testthat(repository: Repository) -> Iterator[TestPlan]:
    folder = "tests/testthat"
    if folder not in repository.files.folders:
        return
    call = "local()" if "DESCRIPTION" in repository.files else f"dir('{folder}')"
    yield TestPlan(
        runner="testthat",
        command=("Rscript", "-e", f"testthat::test_{call}"),
        why=f"{folder} holds tests of an R package.",
        system_packages=_R_PACKAGES,
    )


def _julia(repository: Repository) -> Iterator[TestPlan]:
    if "test/runtests.jl" in repository.files:
        yield TestPlan(
            runner="julia",
            command=("julia", "--project=.", "test/runtests.jl"),
            why="test/runtests.jl holds the tests of a Julia package.",
        )


def _make(repository: Repository) -> Iterator[TestPlan]:
    """A Makefile's own target for tests, when nothing better is known."""
    if repository.conventional or repository.unusual:
        return
    name = makefile(repository.files)
    found = test_recipe(repository.files, name) if name else None
    if name and found and found[1].strip():
        yield TestPlan(
            runner="make",
            command=("make", found[0]),
            why=f"{name} has a target “{found[0]}”. Only what it counts is believed.",
            system_packages=("make",),
        )


def _notebooks(repository: Repository) -> Iterator[TestPlan]:
    """Notebooks run in order and compared with what is stored in them."""
    found = notebooks.notebooks(repository.files)
    if not found.paths:
        return
    some = f"{len(found.paths)} notebook{'s' if len(found.paths) > 1 else ''}"
    stored = f"{found.with_outputs} of them with" if found.with_outputs else "without"
    yield TestPlan(
        runner="notebooks",
        command=("python", notebooks.RUNNER, *found.paths),
        why=f"There are no other tests, but {some}, {stored} stored outputs: the cells are run in "
        f"order{' and compared with them' if found.with_outputs else ''}. "
        + " ".join(found.left_out),
        inject={repository.files.from_root(notebooks.RUNNER): notebooks.runner_source()},
        packages=notebooks.PACKAGES,
    )


def _scripts(repository: Repository) -> Iterator[TestPlan]:
    plan = scripts_plan(repository.files, repository.found)
    if plan:
        yield plan


Rule = Callable[[Repository], Iterator[TestPlan]]
RULES: tuple[Rule, ...] = (
    _hinted, _pytest, _pytest_by_name, _unittest, _own_program, _ctest, _testthat, _julia, _make,
    _doctest,
)  # fmt: skip
_REAL = {"pytest", "unittest", "program", "ctest", "testthat", "julia", "scripts"}


def _command(call: Call) -> tuple[str, ...]:
    """A call as a command: in its folder, with the variables that it sets."""
    runner = PYTEST if call.runner == "pytest" else UNITTEST
    words = (*runner, *call.options, *call.paths) if call.runner == "pytest" else (
        *runner, *call.paths, *call.options)  # fmt: skip
    plain = call.folder == "." and not call.environment
    return words if plain else _in_folder(call.folder, call.environment, words)


def _in_folder(
    folder: str, environment: tuple[str, ...], words: tuple[str, ...]
) -> tuple[str, ...]:
    prefix = ("env", *environment) if environment else ()
    if folder == ".":
        return (*prefix, *words)
    return ("sh", "-c", f"cd {shlex.quote(folder)} && {shlex.join((*prefix, *words))}")


def _environment_to(folder: str) -> tuple[str, ...]:
    """What makes the modules at the top importable from a folder below."""
    return (f"PYTHONPATH={'/'.join('..' for _ in folder.split('/'))}",)


def _is_module(parts: list[str]) -> bool:
    return all(part.isidentifier() for part in parts)


def _count(found: tuple[TestFile, ...]) -> str:
    """As in: tests/test_a.py and 3 more files hold 12 test functions."""
    total = sum(file.functions for file in found)
    counted = f"{total} test function{'s' if total != 1 else ''}"
    holds = "hold" if len(found) > 1 else "holds"
    return f"{_some(tuple(file.path for file in found))} {holds} {counted}."


def _some(paths: tuple[str, ...]) -> str:
    more = len(paths) - 1
    return f"{paths[0]} and {more} more file{'s' if more > 1 else ''}" if more else paths[0]
