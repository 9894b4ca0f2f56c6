"""The repair ladder: each rung answers its own trouble, once, and nothing else."""

import pytest

from runners.environment.dockerfiles import Recipe, render
from runners.environment.imports import test_imports as imports_of_tests
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
NO_GCC = Trouble(log="error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'")
OLD_SETUP = Trouble(log="File \"setup.py\"\nModuleNotFoundError: No module named 'numpy'")


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
    answer = repair(RECIPE, Trouble(log=log))
    assert answer.recipe.system_packages == ("git", *COMPILERS)
    assert repair(answer.recipe, Trouble(log=log)) is None


@pytest.mark.parametrize(
    "log", [OLD_SETUP.log, "CRITICAL:root:Cython.Build.cythonize not found. Cython is required"]
)
def test_a_setup_that_imports_what_is_not_there_finds_it_installed(log):
    answer = repair(RECIPE, Trouble(log=log))
    text = render(answer.recipe)
    assert text.index("cython") < text.index("--no-build-isolation -e .")
    assert "'setuptools<81'" in text
    assert repair(answer.recipe, Trouble(log=log)) is None


def test_modules_are_added_by_the_name_of_their_distribution():
    answer = repair(RECIPE, Trouble(missing_modules=("sklearn", "numpy", "yaml")))
    assert answer.recipe.packages == ("scikit-learn", "numpy", "PyYAML")
    assert "scikit-learn, numpy, PyYAML added" in answer.change
    assert repair(answer.recipe, Trouble(missing_modules=("sklearn",))) is None


def test_a_guess_that_the_index_does_not_know_is_taken_back():
    guessed = repair(RECIPE, Trouble(missing_modules=("numpy", "mylab"))).recipe
    log = "Because mylab was not found in the package registry and you require mylab"
    assert repair(guessed, Trouble(log=log)).recipe.packages == ("numpy",)


def test_what_the_repository_itself_asks_for_is_never_dropped():
    log = "Because mylab was not found in the package registry and you require mylab"
    assert repair(RECIPE, Trouble(log=log)) is None


@pytest.mark.parametrize("log", ["", "No solution found", "assert 1 == 2", "make: done"])
def test_other_trouble_is_left_alone(log):
    assert repair(RECIPE, Trouble(log=log)) is None


def test_the_imports_of_tests_are_told_from_those_of_the_model():
    tree = MemoryTree(
        {
            "model.py": "import numpy",
            "test_model.py": "import model, hypothesis",
            "tests/conftest.py": "import pytest",
            "tests/helpers.py": "import scipy",
        }
    )
    assert imports_of_tests(tree) == ("hypothesis", "pytest")
