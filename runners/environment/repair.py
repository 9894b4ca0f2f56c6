"""The repair ladder: from what stopped an attempt to the next recipe worth trying.

A table of rungs, each a pure function that changes a recipe for one reason, or leaves it be.
See docs/decisions/0005-the-repair-ladder.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from packaging.utils import canonicalize_name

from runners.diagnosis import NO_COMPILER
from runners.environment.distributions import distribution_of
from runners.environment.dockerfiles import Recipe

COMPILERS = ("build-essential", "gfortran", "cmake", "pkg-config", "python3-dev")
_NO_COMPILER = re.compile(
    NO_COMPILER + r"|Unknown compiler\(s\)|CMAKE_C(?:XX)?_COMPILER not set|Python\.h: No such file"
)
_SETUP_IMPORTS = re.compile(
    r"ModuleNotFoundError: No module named '(?:numpy|Cython|cython|setuptools|pkg_resources)"
    r"|[Cc]ython is required"
)
_UNKNOWN_PACKAGE = re.compile(r"Because ([A-Za-z0-9._-]+) was not found in the package")


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What stopped an attempt: the log of a build that failed, or imports that found nothing.

    `committed_on` is the day of the commit, such as "2021-03-05".
    """

    committed_on: str
    log: str = ""
    missing_modules: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A changed recipe, and the change in words."""

    recipe: Recipe
    change: str


Rung = Callable[[Recipe, Trouble], Repair | None]


def repair(recipe: Recipe, trouble: Trouble) -> Repair | None:
    """The first rung's answer to `trouble`; None when no rung knows one."""
    answers = (rung(recipe, trouble) for rung in RUNGS)
    return next((answer for answer in answers if answer), None)


def unknown_package_dropped(recipe: Recipe, trouble: Trouble) -> Repair | None:
    """A guess of the ladder itself that the index does not know is taken back."""
    unknown = {canonicalize_name(name) for name in _UNKNOWN_PACKAGE.findall(trouble.log)}
    guessed = [package for package in recipe.packages if canonicalize_name(package) in unknown]
    if not guessed:
        return None
    kept = tuple(package for package in recipe.packages if package not in guessed)
    changed = replace(recipe, packages=kept)
    return Repair(recipe=changed, change=f"{', '.join(guessed)} left out: the index has none")


def compilers_added(recipe: Recipe, trouble: Trouble) -> Repair | None:
    """A build that calls a compiler gets the usual ones."""
    if set(COMPILERS) <= set(recipe.system_packages) or not _NO_COMPILER.search(trouble.log):
        return None
    packages = tuple(dict.fromkeys((*recipe.system_packages, *COMPILERS)))
    return Repair(
        recipe=replace(recipe, system_packages=packages),
        change="compilers added: the build calls one",
    )


def built_with_installed_packages(recipe: Recipe, trouble: Trouble) -> Repair | None:
    """A setup.py of the old kind that imports numpy or Cython finds them installed."""
    if not recipe.build_isolation or not _SETUP_IMPORTS.search(trouble.log):
        return None
    return Repair(
        recipe=replace(recipe, build_isolation=False),
        change="numpy, Cython and setuptools installed first: the project's set-up imports them",
    )


def missing_modules_added(recipe: Recipe, trouble: Trouble) -> Repair | None:
    """Packages that provide what the source imports and nothing declares."""
    wanted = dict.fromkeys(distribution_of(module) for module in trouble.missing_modules)
    added = tuple(package for package in wanted if package not in recipe.packages)
    if not added:
        return None
    return Repair(
        recipe=replace(recipe, packages=(*recipe.packages, *added)),
        change=f"{', '.join(added)} added: imported, but not declared",
    )


def packages_as_of_the_commit(recipe: Recipe, trouble: Trouble) -> Repair | None:
    """Packages, and the tools that build them, as they were when the code was written."""
    if recipe.as_of or not trouble.log:
        return None
    return Repair(
        recipe=replace(recipe, as_of=trouble.committed_on),
        change=f"packages as of {trouble.committed_on}, the day of the commit",
    )


RUNGS: tuple[Rung, ...] = (
    unknown_package_dropped,
    compilers_added,
    built_with_installed_packages,
    missing_modules_added,
    packages_as_of_the_commit,
)
