"""The repair ladder: from what was wrong with a round to the next candidate worth trying.

A table of rungs, each a pure function that changes a candidate for one reason, or leaves it be.
Rungs that know a sign in the log come first; those that only guess come last.
See docs/decisions/0005-the-repair-ladder.md.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from registry.spec.ladder import Cause, Repair, Step
from runners.environment.bases import suite_of
from runners.environment.candidate import Candidate, Plan
from runners.environment.distributions import distribution_of
from runners.environment.dockerfiles import Recipe, name_of
from runners.environment.imports import modules_named_missing
from runners.environment.pytest_plugins import plugins_for_log
from runners.environment.pythons import RELEASED, SETTLED
from runners.environment.system_packages import packages_for_log

_SETUP_IMPORTS = re.compile(
    r"ModuleNotFoundError: No module named '(?:numpy|Cython|cython|setuptools|pkg_resources)"
    r"|[Cc]ython is required"
)
_UNKNOWN_PACKAGE = re.compile(r"Because ([A-Za-z0-9._-]+) was not found in the package")
_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?)\s*===?\s*(?P<version>[\w.]+)"
)
_VERSIONED = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?)\s*[<>=!~][^;#]*(?P<rest>.*)$"
)
_HASH = re.compile(r"\s*--hash=\S+")
_FAILED_PACKAGE = re.compile(r"Failed to (?:build|download and build) `([A-Za-z0-9._-]+)")
_OTHER_PYTHON = re.compile(
    r"current Python version \([^)]*\) does not satisfy Python(?P<wanted>[<>=!~][^\s,]*)"
)
_OWN_SETUP = re.compile(r"uv pip install[^\n]* -e .?\.")
_NO_SYSTEM_PACKAGE = re.compile(
    r"E: (?:Unable to locate package|Package '?)\s*([a-z0-9][a-z0-9.+-]*)"
    r"(?:' has no installation candidate)?"
)
_GIT_FAILED = re.compile(r"Git operation failed|failed to (?:clone|fetch)")
# What the language itself lost or gained, and the minor versions of Python that have it: only
# another Python can help, whatever the packages are. Source: "What's New in Python" 3.8 to 3.13.
_LANGUAGE: tuple[tuple[re.Pattern[str], range], ...] = (
    (re.compile(r"module 'time' has no attribute 'clock'"), range(5, 8)),
    (re.compile(r"cannot import name 'gcd' from 'fractions'"), range(5, 9)),
    (re.compile(r"(?:cannot import name '(?:Mapping|MutableMapping|Iterable|Sequence|Callable"
                r"|Hashable|Set)' from|module) 'collections'"), range(5, 10)),
    (re.compile(r"module 'inspect' has no attribute 'getargspec'"), range(5, 11)),
    (re.compile(r"No module named '(?:distutils|imp|asyncore|asynchat|smtpd)'"), range(5, 12)),
    (re.compile(r"No module named '(?:cgi|crypt|imghdr|pipes|sndhdr|telnetlib|uu|xdrlib)'"
                r"|SafeConfigParser"), range(5, 12)),
    (re.compile(r"unsupported operand type\(s\) for \|: '(?:type|ABCMeta|_GenericAlias|NoneType)'"),
     range(10, 20)),
    (re.compile(r"^\s*match .*:\n[^\n]*\^\n(?:[^\n]*\n)?SyntaxError", re.MULTILINE), range(10, 20)),
    (re.compile(r"No module named 'tomllib'"), range(11, 20)),
    (re.compile(r"cannot import name '(?:Self|StrEnum|assert_never|Never)' from '(?:typing|enum)'"),
     range(11, 20)),
    (re.compile(r"cannot import name '(?:override|batched)' from"), range(12, 20)),
    (re.compile(r"SyntaxError"), range(5, 20)),
)  # fmt: skip
# What the newest packages cannot mend.
_NOT_OF_THE_PACKAGES = frozenset(
    {Cause.DATA, Cause.TIMEOUT, Cause.RESOURCES, Cause.UNSUPPORTED, Cause.INFRASTRUCTURE}
)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What was wrong with a round: at which step, why, the log of that step, and what was missing.

    `missing_modules` are imported and found nowhere. `passed` counts the tests that passed.
    """

    step: Step
    cause: Cause | None = None
    log: str = ""
    missing_modules: tuple[str, ...] = ()
    passed: int = 0

    @property
    def building(self) -> bool:
        """Whether there is not even an image."""
        return self.step is Step.BUILD_IMAGE and bool(self.log)


Rung = Callable[[Candidate, Recipe, Trouble, Plan], Candidate | None]


def repaired(
    candidate: Candidate, trouble: Trouble, plan: Plan, *, allowed: frozenset[Repair]
) -> Iterator[Candidate]:
    """What the rungs that are allowed make of `candidate`, the most certain answer first."""
    recipe = candidate.recipe
    if recipe is None:
        return
    for repair, rung in RUNGS:
        answer = rung(candidate, recipe, trouble, plan) if repair in allowed else None
        if answer:
            yield answer


def guess_taken_back(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, _plan: Plan
) -> Candidate | None:
    """A guess of the ladder itself that the index does not know, or that does not build."""
    refused = _names(_UNKNOWN_PACKAGE.findall(trouble.log))
    refused |= _names(_FAILED_PACKAGE.findall(trouble.log))
    guessed = [line for line in recipe.packages if name_of(line) in refused]
    if not guessed:
        return None
    kept = tuple(line for line in recipe.packages if line not in guessed)
    why = f"{_listed(guessed)} left out again: it was a guess, and cannot be installed"
    return candidate.repaired(Repair.IMPORTS, why, packages=kept)


def cpu_build_given_up(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, _plan: Plan
) -> Candidate | None:
    """A CPU build of the site's that fits nothing else is left for the one of the index."""
    kept = tuple(line for line in recipe.constraints if "+cpu" not in line)
    if kept == recipe.constraints or trouble.cause is not Cause.RESOLVE:
        return None
    why = "the CPU build does not fit the other packages: the index's own build instead"
    return candidate.repaired(Repair.CPU, why, constraints=kept)


def older_python_for_the_pins(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, plan: Plan
) -> Candidate | None:
    """Pinned versions that have no wheels for this Python get one that they have wheels for."""
    other = _OTHER_PYTHON.search(trouble.log)
    failed = _names(_FAILED_PACKAGE.findall(trouble.log))
    pinned = [line for line in recipe.requirements if _PIN.match(line) and name_of(line) in failed]
    if not trouble.building or not (pinned or other or "matching Python" in trouble.log):
        return None
    newer = other is not None and other["wanted"].startswith(">")
    fitting = [(python, image) for python, image in _further(recipe, plan)
               if (_minor(python) > _minor(recipe.python)) == newer]  # fmt: skip
    what = _listed(pinned) if pinned else "what is declared"
    return _with_python(
        candidate, fitting, f"{what} cannot be had for Python {recipe.python}", plan
    )


def system_packages_added(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, _plan: Plan
) -> Candidate | None:
    """Compilers, headers, libraries and programs that the log calls for."""
    wanted = packages_for_log(trouble.log, suite=suite_of(recipe.base_image))
    added = tuple(package for package in wanted if package not in recipe.system_packages)
    if not added:
        return None
    why = f"system packages added, which the log calls for: {_listed(added)}"
    together = (*recipe.system_packages, *added)
    return candidate.repaired(Repair.SYSTEM, why, system_packages=together)


def system_packages_of_its_ci(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, plan: Plan
) -> Candidate | None:
    """What the repository's own CI installs from Debian's or Ubuntu's packages."""
    added = tuple(name for name in plan.ci_packages if name not in recipe.system_packages)
    if not added or trouble.passed or not trouble.log or trouble.cause in _NOT_OF_THE_PACKAGES:
        return None
    why = f"system packages added, which the repository's CI installs: {_listed(added)}"
    together = (*recipe.system_packages, *added)
    return candidate.repaired(Repair.SYSTEM, why, system_packages=together)


def unknown_system_package_dropped(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, _plan: Plan
) -> Candidate | None:
    """Packages that this image's release of Debian does not have, whoever asked for them."""
    unknown = set(_NO_SYSTEM_PACKAGE.findall(trouble.log)) & set(recipe.system_packages)
    if not unknown:
        return None
    kept = tuple(name for name in recipe.system_packages if name not in unknown)
    why = f"{_listed(sorted(unknown))} left out: this release of Debian has none of that name"
    return candidate.repaired(Repair.SYSTEM, why, system_packages=kept)


def built_with_installed_packages(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, _plan: Plan
) -> Candidate | None:
    """A setup.py of the old kind that imports numpy or Cython finds them installed."""
    if not recipe.build_isolation or not _SETUP_IMPORTS.search(trouble.log) or not trouble.building:
        return None
    why = "numpy, Cython and setuptools installed first: the project's set-up imports them"
    return candidate.repaired(Repair.SETUP, why, build_isolation=False)


def index_instead_of_git(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, _plan: Plan
) -> Candidate | None:
    """A package that is asked for by a git address out of reach comes from the package index."""
    by_git = [line for line in recipe.requirements if "@ git+" in line]
    if not by_git or not _GIT_FAILED.search(trouble.log):
        return None
    lines = tuple(line.partition("@ git+")[0].strip() if line in by_git else line
                  for line in recipe.requirements)  # fmt: skip
    names = _listed([line.partition("@")[0].strip() for line in by_git])
    why = f"{names} taken from the package index: the git address cannot be reached"
    return candidate.repaired(Repair.RELAXED, why, requirements=lines)


def packages_for_tests_added(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, plan: Plan
) -> Candidate | None:
    """What only the tests want: declared for them, or plugins that their report misses."""
    missing = {name_of(each) for each in _distributions(trouble.missing_modules)}
    plugins = plugins_for_log(trouble.log) if trouble.step is Step.RUN_TESTS else ()
    missing |= _names(plugins)
    declared = [line for line in plan.test_requirements if name_of(line) in missing]
    wanted = [*declared, *(plugin for plugin in plugins if name_of(plugin) not in _names(declared))]
    added = _new(wanted, recipe)
    if not added:
        return None
    why = f"{_listed(added)} added: the tests want it"
    return candidate.repaired(Repair.TEST_PACKAGES, why, packages=(*recipe.packages, *added))


def search_path_set(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, plan: Plan
) -> Candidate | None:
    """Modules of the repository's own are found in the folder in which they lie."""
    missing = (name.partition(".")[0] for name in modules_named_missing(trouble.log))
    folders = (plan.folders.get(module) for module in (*trouble.missing_modules, *missing))
    added = tuple(dict.fromkeys(each for each in folders if each))
    added = tuple(folder for folder in added if folder not in recipe.search_path)
    if not added:
        return None
    why = f"Python looks for modules in {_listed(added)} too: the repository's own lie there"
    path = (*recipe.search_path, *added)
    return candidate.repaired(Repair.PATH, why, search_path=path)


def missing_modules_added(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, plan: Plan
) -> Candidate | None:
    """Packages that provide what the source imports and nothing declares."""
    foreign = [module for module in trouble.missing_modules if module not in plan.folders]
    added = _new(_distributions(foreign), recipe)
    if not added:
        return None
    why = f"{_listed(added)} added: imported, but not declared"
    return candidate.repaired(Repair.IMPORTS, why, packages=(*recipe.packages, *added))


def packages_as_of_the_commit(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, plan: Plan
) -> Candidate | None:
    """Packages, and the tools that build them, as they were when the code was written.

    Not earlier than this Python had packages at all.
    """
    day = _day_for(recipe, plan)
    recent = (plan.today - date.fromisoformat(day)).days < RECENT_DAYS
    answerable = trouble.log or trouble.missing_modules
    if recipe.as_of or recent or trouble.cause in _NOT_OF_THE_PACKAGES or not answerable:
        return None
    return _dated(candidate, plan)


def neighbouring_python(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, plan: Plan
) -> Candidate | None:
    """Another Python, where there is no image, or the language itself has changed."""
    fitting = () if trouble.passed else _pythons_that_fit(trouble.log)
    unbuilt = trouble.building and trouble.cause not in {Cause.RESOLVE, *_NOT_OF_THE_PACKAGES}
    if not fitting and not unbuilt:
        return None
    why = f"the code does not work on Python {recipe.python}"
    if not fitting:
        return _with_python(candidate, _further(recipe, plan), why, plan)
    others = [each for each in plan.neighbours if _minor(each[0]) in fitting]
    return _with_python(candidate, others, why, plan)


def pins_relaxed(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, _plan: Plan
) -> Candidate | None:
    """Exact versions become compatible ones, and then any that the date admits."""
    if not trouble.building or trouble.cause in _NOT_OF_THE_PACKAGES:
        return None
    compatible = tuple(map(_compatible, recipe.requirements))
    if compatible != recipe.requirements:
        why = "exact versions relaxed to compatible ones (== to ~=)"
        return candidate.repaired(Repair.RELAXED, why, requirements=compatible)
    free = tuple(map(_freed, recipe.requirements))
    if free == recipe.requirements:
        return None
    bare = candidate.without(Repair.RELAXED)
    return bare.repaired(Repair.RELAXED, "exact versions left free", requirements=free)


def project_left_out(
    candidate: Candidate, recipe: Recipe, trouble: Trouble, _plan: Plan
) -> Candidate | None:
    """A project that does not install is used from its folder."""
    if not trouble.building or not recipe.install_project or not _OWN_SETUP.search(trouble.log):
        return None
    why = "the project itself does not install: it is used from its folder"
    path = tuple(dict.fromkeys((*recipe.search_path, ".", "src")))
    return candidate.repaired(Repair.PATH, why, install_project=False, search_path=path)


# A package index of three months ago is hardly another one.
RECENT_DAYS = 90
NEIGHBOURS_MOST = 3

RUNGS: tuple[tuple[Repair, Rung], ...] = (
    (Repair.IMPORTS, guess_taken_back),
    (Repair.CPU, cpu_build_given_up),
    (Repair.PYTHON, older_python_for_the_pins),
    (Repair.SYSTEM, unknown_system_package_dropped),
    (Repair.SYSTEM, system_packages_added),
    (Repair.SETUP, built_with_installed_packages),
    (Repair.RELAXED, index_instead_of_git),
    (Repair.PATH, search_path_set),
    (Repair.TEST_PACKAGES, packages_for_tests_added),
    (Repair.IMPORTS, missing_modules_added),
    (Repair.SYSTEM, system_packages_of_its_ci),
    (Repair.DATED, packages_as_of_the_commit),
    (Repair.PYTHON, neighbouring_python),
    (Repair.RELAXED, pins_relaxed),
    (Repair.PATH, project_left_out),
)


def _pythons_that_fit(log: str) -> range:
    """The minor versions of Python that have what the log misses of the language; else none."""
    fits = (minors for sign, minors in _LANGUAGE if sign.search(log))
    return next(fits, range(0))


def _further(recipe: Recipe, plan: Plan) -> list[tuple[str, str]]:
    """The neighbouring Pythons that come after the present one, of the few worth trying."""
    nearest = plan.neighbours[:NEIGHBOURS_MOST]
    pythons = [python for python, _ in nearest]
    after = pythons.index(recipe.python) + 1 if recipe.python in pythons else 0
    return list(nearest[after:])


def _with_python(
    candidate: Candidate, choice: list[tuple[str, str]], why: str, plan: Plan
) -> Candidate | None:
    if not choice:
        return None
    python, image = choice[0]
    changes = {"python": python, "base_image": image}
    bare = candidate.without(Repair.PYTHON)
    moved = bare.repaired(Repair.PYTHON, f"Python {python} instead: {why}", **changes)
    # A day that the author names stays; one of the ladder's own follows the Python.
    dated = Repair.DATED in candidate.repairs
    return _dated(moved.without(Repair.DATED), plan) if dated else moved


def _day_for(recipe: Recipe, plan: Plan) -> str:
    return max(plan.committed_on, _ready_on(recipe.python))


def _dated(candidate: Candidate, plan: Plan) -> Candidate:
    """The candidate with the packages of the commit's day, or of its Python's first."""
    recipe = candidate.recipe
    if recipe is None:
        return candidate
    day = _day_for(recipe, plan)
    whose = "the day of the commit"
    if day != plan.committed_on:
        since = f"when Python {recipe.python} first had packages"
        whose = f"{since}; the commit is of {plan.committed_on}"
    return candidate.repaired(Repair.DATED, f"packages as of {day}, {whose}", as_of=day)


def _ready_on(python: str) -> str:
    """The day since which a Python had the usual packages."""
    return (RELEASED[python] + SETTLED).isoformat()


def _compatible(line: str) -> str:
    """`numpy==1.19.5` as `numpy~=1.19`, markers and extras kept."""
    pin = _PIN.match(line)
    if pin is None or pin["version"].count(".") == 0:
        return line
    near = ".".join(pin["version"].split(".")[:2])
    rest = _HASH.sub("", line[pin.end() :])
    return f"{pin['name']}~={near}{rest}" if near.replace(".", "").isdigit() else line


def _freed(line: str) -> str:
    """A requirement without its version; markers and extras kept, paths and addresses as is."""
    match = _VERSIONED.match(_HASH.sub("", line))
    return f"{match['name']} {match['rest']}".strip() if match else line


def _new(wanted: Iterable[str], recipe: Recipe) -> tuple[str, ...]:
    have = _names((*recipe.packages, *recipe.requirements))
    return tuple(line for line in dict.fromkeys(wanted) if name_of(line) not in have)


def _distributions(modules: Iterable[str]) -> list[str]:
    found = (distribution_of(module) for module in modules)
    return [each for each in found if each]


def _names(lines: Iterable[str]) -> set[str]:
    return {name_of(line) for line in lines}


def _minor(python: str) -> int:
    return int(python.split(".")[1])


def _listed(names: Iterable[str]) -> str:
    """At most six names, as a sentence has them."""
    given = list(names)
    more = f" and {len(given) - 6} more" if len(given) > 6 else ""  # noqa: PLR2004
    return ", ".join(given[:6]) + more
