"""The repair ladder: each rung answers its own trouble, and nothing else."""

from dataclasses import replace
from datetime import date

import pytest

from registry.spec.ladder import Cause, Repair, Step
from runners.environment.candidate import Plan, from_recipe
from runners.environment.dockerfiles import Recipe
from runners.environment.repair import Trouble, repaired

RECIPE = Recipe(
    base_image="python:3.11-slim-bookworm",
    python="3.11",
    cache_key="k",
    system_packages=("git",),
    requirements=("numpy==1.19.5", "scipy", "lab @ git+https://example.org/lab.git"),
    packages=("pytest",),
    install_project=True,
)
PLAN = Plan(
    candidates=(),
    today=date(2026, 11, 22),
    committed_on="2023-03-05",
    neighbours=(("3.9", "python:3.9-slim-bullseye"), ("3.13", "python:3.13-slim-trixie")),
    test_requirements=("hypothesis>=6", "pytest-mock==3.10"),
    folders={"wave": "src", "helpers": "tests/tools"},
)


def building(log, cause=Cause.BUILD):
    return Trouble(step=Step.BUILD_IMAGE, cause=cause, log=log)


def in_tests(log="E", **more):
    return Trouble(step=Step.RUN_TESTS, **{"cause": Cause.TEST, "log": log, **more})


def answers(trouble, recipe=RECIPE, plan=PLAN, allowed=frozenset(Repair)):
    return list(repaired(from_recipe("x", recipe), trouble, plan, allowed=allowed))


def first(trouble, recipe=RECIPE, **more):
    return answers(trouble, recipe, **more)[0]


@pytest.mark.parametrize(
    "log",
    [
        "error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'",
        "error: command 'gcc' failed: No such file or directory",
        "ERROR: Unknown compiler(s): [['gfortran']]",
        "fatal error: Python.h: No such file or directory",
    ],
)
def test_what_a_build_calls_for_is_installed_from_debian(log):
    answer = first(building(log))
    assert answer.repairs == (Repair.SYSTEM,)
    assert answer.recipe.system_packages[0] == "git"
    assert len(answer.recipe.system_packages) > 1
    assert Repair.SYSTEM not in first(building(log), answer.recipe).repairs


def test_what_its_ci_installs_is_tried_when_nothing_in_the_log_is_known():
    plan = replace(PLAN, ci_packages=("git", "libfftw3-dev"))
    answer = first(building("error: something is missing"), plan=plan)
    assert answer.recipe.system_packages == ("git", "libfftw3-dev")
    assert "libfftw3-dev" in answer.changed[-1]


@pytest.mark.parametrize(
    "log",
    ["E: Unable to locate package git", "E: Package 'git' has no installation candidate"],
)
def test_a_system_package_of_another_release_is_left_out(log):
    answer = first(building(log))
    assert answer.recipe.system_packages == ()
    assert "git left out" in answer.changed[-1]


@pytest.mark.parametrize(
    "log",
    [
        "File \"setup.py\"\nModuleNotFoundError: No module named 'numpy'",
        "CRITICAL:root:Cython.Build.cythonize not found. Cython is required",
    ],
)
def test_a_setup_that_imports_what_is_not_there_finds_it_installed(log):
    answer = first(building(log))
    text = answer.dockerfile
    assert text.index("cython") < text.index("--no-build-isolation -e .")
    assert answer.repairs == (Repair.SETUP,)


def test_modules_are_added_by_the_name_of_their_distribution():
    missing = ("sklearn", "numpy", "yaml")
    answer = first(in_tests(missing_modules=missing))
    assert answer.recipe.packages == ("pytest", "scikit-learn", "pyyaml")
    assert answer.repairs == (Repair.IMPORTS,)


def test_a_guess_that_the_index_does_not_know_is_taken_back():
    guessed = replace(RECIPE, packages=("pytest", "my_lab"))
    log = "Because my-lab was not found in the package registry and you require my-lab"
    assert first(building(log), guessed).recipe.packages == ("pytest",)


def test_what_the_repository_itself_asks_for_is_never_taken_back():
    log = "Because scipy was not found in the package registry and you require scipy"
    assert all("scipy" in str(each.recipe.requirements) for each in answers(building(log)))


def test_pins_without_wheels_get_the_python_of_their_day():
    answer = first(building("× Failed to build `numpy==1.19.5`"))
    assert (answer.python, answer.base_image) == ("3.9", "python:3.9-slim-bullseye")
    assert "numpy==1.19.5" in answer.changed[-1]


def test_a_newer_python_is_taken_where_one_is_asked_for():
    log = "Because the current Python version (3.11.2) does not satisfy Python>=3.12 and x"
    assert first(building(log)).python == "3.13"


def test_the_next_neighbour_follows_the_first():
    second = first(building("C error"), allowed=frozenset({Repair.PYTHON}))
    assert second.python == "3.9"
    third = first(building("C error"), second.recipe, allowed=frozenset({Repair.PYTHON}))
    assert third.python == "3.13"
    assert not answers(building("C error"), third.recipe, allowed=frozenset({Repair.PYTHON}))


@pytest.mark.parametrize(
    ("log", "python"),
    [
        ("ImportError: cannot import name 'Mapping' from 'collections' (/usr/lib)", "3.9"),
        ("ModuleNotFoundError: No module named 'imp'", "3.9"),
        ("TypeError: unsupported operand type(s) for |: 'type' and 'NoneType'", "3.13"),
        ("ModuleNotFoundError: No module named 'tomllib'", "3.13"),
    ],
)
def test_what_the_language_lost_or_gained_tells_which_python_has_it(log, python):
    answer = first(in_tests(log), allowed=frozenset({Repair.PYTHON}))
    assert answer.python == python


def test_what_no_python_has_is_not_looked_for_in_others():
    missing = building("Because there is no version of six==99", cause=Cause.RESOLVE)
    assert all(Repair.PYTHON not in each.repairs for each in answers(missing))


def test_a_git_address_out_of_reach_is_taken_from_the_index():
    answer = first(building("├─▶ Git operation failed\n╰─▶ failed to clone into"))
    assert "lab" in answer.recipe.requirements
    assert "lab taken from the package index" in answer.changed[-1]


def test_what_the_tests_declare_is_added_with_its_version():
    answer = first(in_tests(missing_modules=("hypothesis",)))
    assert answer.recipe.packages == ("pytest", "hypothesis>=6")
    assert answer.repairs == (Repair.TEST_PACKAGES,)


def test_modules_of_the_repository_are_found_where_they_lie():
    log = "No module named 'wave'\nNo module named 'helpers.parts'"
    answer = first(in_tests(log))
    assert answer.recipe.search_path == ("src", "tests/tools")
    assert "ENV PYTHONPATH=/model/src:/model/tests/tools" in answer.dockerfile


@pytest.mark.parametrize("trouble", [building("No solution found"), in_tests("no attribute 'ptp'")])
def test_anything_else_gets_the_packages_of_its_day_once(trouble):
    answer = first(trouble)
    assert answer.recipe.as_of == "2023-03-05"
    assert "--exclude-newer 2023-03-05 -e ." in answer.dockerfile
    assert all(each.recipe.as_of == "2023-03-05" for each in answers(trouble, answer.recipe))


def test_the_day_is_not_before_this_python_had_packages():
    answer = first(in_tests(), plan=replace(PLAN, committed_on="2016-01-01"))
    assert answer.recipe.as_of > "2022-10-01"
    assert "2016-01-01" in answer.changed[-1]


def test_a_commit_of_these_days_is_not_dated():
    assert not answers(in_tests(), plan=replace(PLAN, committed_on="2999-01-01"))


@pytest.mark.parametrize("cause", [Cause.DATA, Cause.TIMEOUT, Cause.RESOURCES, Cause.UNSUPPORTED])
def test_what_packages_cannot_mend_changes_no_packages(cause):
    given = answers(in_tests(cause=cause))
    assert given == []


def test_pins_are_relaxed_to_compatible_and_then_freed():
    only = frozenset({Repair.RELAXED})
    near = first(building("No solution found"), allowed=only)
    assert near.recipe.requirements[0] == "numpy~=1.19"
    free = first(building("No solution found"), near.recipe, allowed=only)
    assert free.recipe.requirements[:2] == ("numpy", "scipy")
    assert free.recipe.requirements[2] == RECIPE.requirements[2]


def test_a_project_that_does_not_install_is_used_from_its_folder():
    log = "RUN uv pip install -e .\nerror in setup command: use_2to3 is invalid"
    answer = answers(building(log))[-1]
    assert (answer.recipe.install_project, answer.repairs) == (False, (Repair.PATH,))
    assert "/model/src" in answer.dockerfile


def test_only_allowed_rungs_answer():
    assert {each.repairs for each in answers(in_tests(), allowed=frozenset({Repair.DATED}))} == {
        (Repair.DATED,)
    }
    assert answers(in_tests(), allowed=frozenset()) == []


def test_tests_that_partly_pass_do_not_ask_for_another_python():
    given = answers(in_tests("SyntaxError", passed=3))
    assert all(Repair.PYTHON not in each.repairs for each in given)


def test_a_day_that_the_author_names_stays_with_another_python():
    named = replace(RECIPE, as_of="2021-05-01")
    only = frozenset({Repair.PYTHON})
    answer = first(building("C error"), named, allowed=only)
    assert (answer.python, answer.recipe.as_of) == ("3.9", "2021-05-01")
    assert answer.repairs == (Repair.PYTHON,)
