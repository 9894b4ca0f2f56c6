"""The repair ladder: each rung answers its own trouble, once, and nothing else."""

import pytest

from runners.environment.dockerfiles import Recipe, render
from runners.environment.imports import imports_of
from runners.environment.repair import COMPILERS, Trouble, repair
from tests.trees import MemoryTree

RECIPE = Recipe(
    base_image="python:3.11",
    system_packages=("git",),
    requirements="requirements.txt",
    requirements_first=True,
    install_project=True,
    cache_key="k",
)


def trouble(log="", missing_modules=()):
    return Trouble(log=log, missing_modules=missing_modules, committed_on="2021-03-05")


NO_GCC = trouble("error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'")
OLD_SETUP = trouble("File \"setup.py\"\nModuleNotFoundError: No module named 'numpy'")


@pytest.mark.parametrize(
    "log",
    [
        NO_GCC.log,
        "error: command 'gcc' failed: No such file or directory",
        "/bin/sh: 1: make: not found",
        "ERROR: Unknown compiler(s): [['gfortran']]",
        "fatal error: Python.h: No such file or directory",
    ],
)
def test_a_build_that_calls_a_compiler_gets_one(log):
    answer = repair(RECIPE, trouble(log))
    assert answer.recipe.system_packages == ("git", *COMPILERS)
    assert repair(answer.recipe, trouble(log)).recipe.as_of


@pytest.mark.parametrize(
    "log", [OLD_SETUP.log, "CRITICAL:root:Cython.Build.cythonize not found. Cython is required"]
)
def test_a_setup_that_imports_what_is_not_there_finds_it_installed(log):
    answer = repair(RECIPE, trouble(log))
    text = render(answer.recipe)
    assert text.index("cython") < text.index("--no-build-isolation -e .")
    assert "'setuptools<81'" in text
    assert repair(answer.recipe, trouble(log)).recipe.as_of


def test_modules_are_added_by_the_name_of_their_distribution():
    answer = repair(RECIPE, trouble(missing_modules=("sklearn", "numpy", "yaml")))
    assert answer.recipe.packages == ("scikit-learn", "numpy", "PyYAML")
    assert "scikit-learn, numpy, PyYAML added" in answer.change
    assert repair(answer.recipe, trouble(missing_modules=("sklearn",))) is None


def test_a_guess_that_the_index_does_not_know_is_taken_back():
    guessed = repair(RECIPE, trouble(missing_modules=("numpy", "my_lab"))).recipe
    log = "Because my-lab was not found in the package registry and you require my-lab"
    assert repair(guessed, trouble(log)).recipe.packages == ("numpy",)


def test_what_the_repository_itself_asks_for_is_never_dropped():
    log = "Because mylab was not found in the package registry and you require mylab"
    assert repair(RECIPE, trouble(log)).recipe.requirements == "requirements.txt"


@pytest.mark.parametrize("log", ["No solution found", "error in setup command: use_2to3"])
def test_any_other_failed_build_gets_the_packages_of_its_day_once(log):
    answer = repair(RECIPE, trouble(log))
    assert "uv pip install --exclude-newer 2021-03-05 -e ." in render(answer.recipe)
    assert "2021-03-05" in answer.change
    assert repair(answer.recipe, trouble(log)) is None


def test_no_trouble_changes_nothing():
    assert repair(RECIPE, trouble()) is None


def test_the_imports_of_tests_are_told_from_those_of_the_model():
    tree = MemoryTree(
        {
            "model.py": "import numpy",
            "test_model.py": "import model, hypothesis",
            "tests/conftest.py": "import pytest",
            "tests/helpers.py": "import scipy",
        }
    )
    assert imports_of(tree).tests == ("hypothesis", "pytest")
