"""The environments to try for a repository, in order. Pure: a tree in, Dockerfiles out."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from registry.spec.ladder import Cause, Repair
from registry.spec.manifest import Manifest
from runners.discovery.plans import TestPlan
from runners.discovery.tests import test_plans
from runners.environment.bases import suite_of
from runners.environment.candidate import Candidate, Plan, from_recipe
from runners.environment.cpu import cpu_constraints
from runners.environment.declaration import Declaration, declarations
from runners.environment.declared.installs import debian_packages, requirement_lines
from runners.environment.declared.wanted_by_tests import ci_debian_packages
from runners.environment.dockerfiles import Recipe, name_of
from runners.environment.needs import Needs, needs_of, unsupported_language
from runners.environment.own_modules import folders_of_modules
from runners.environment.python import PythonChoice, python_wanted
from runners.environment.python_two import python_two
from runners.environment.pythons import rank
from runners.faults import RepositoryFault
from runners.tree import Tree

# Where nothing declares packages: they are read from the imports, or there are none.
UNDECLARED = frozenset({"imports", "python"})
_VERSION_FROM_GIT = re.compile(r"setuptools[-_]scm|hatch-vcs|\bpbr\b")


@dataclass(frozen=True, kw_only=True)
class Site:
    """What the portal has. `bases` maps the Pythons at hand ("3.11") to images.

    `check_dockerfile` gives an author's Dockerfile as it may be built, or raises RepositoryFault.
    `today` is the day of the run. `wheels` are the names of the wheel files that
    builds find beside the index. `rungs` of the repair ladder are allowed.
    """

    bases: Mapping[str, str]
    today: date
    rungs: frozenset[Repair]
    check_dockerfile: Callable[[str], str]
    wheels: tuple[str, ...] = ()

    def allows(self, candidate: Candidate) -> bool:
        """Whether the candidate needs no rung but those that are allowed."""
        return self.rungs.issuperset(candidate.repairs)


def plan_environment(
    tree: Tree, manifest: Manifest, *, site: Site, committed_on: str, cache_key: str
) -> Plan:
    """The environments to try, and what the repair ladder may draw upon.

    1. The repository's own Dockerfile, when it has one that the portal may build.
    2. One written from each way in which packages are declared, in the order of trust.

    Raises RepositoryFault when the portal has no base image, nothing here can run on it, or the
    only Dockerfile is refused and nothing else declares an environment.
    """
    if not site.bases:
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            "This portal has no base image to build on.",
            hint="Its operator can make one with `make base-images`.",
        )
    desk = _Desk(tree, manifest, site, committed_on, cache_key)
    declared = declarations(tree)
    own, written = _own_dockerfile(tree, [*desk.written(declared)], site)
    if not own:
        _refuse_what_cannot_run(tree, manifest)
    first, *others = (*own, *_marked(written, after_own=bool(own)))
    neighbours = desk.python_for(declared[0]).neighbours
    return Plan(
        candidates=(first, *(other for other in others if site.allows(other))),
        today=site.today,
        committed_on=committed_on,
        neighbours=tuple((python, site.bases[python]) for python in neighbours),
        test_requirements=_unique(line for each in declared for line in each.test_requirements),
        ci_packages=ci_debian_packages(tree),
        folders=folders_of_modules(tree),
    )


def _refuse_what_cannot_run(tree: Tree, manifest: Manifest) -> None:
    """Raise RepositoryFault where nothing could run, rather than let it fail wrongly."""
    if manifest.run or manifest.test:
        return
    sentence = unsupported_language(tree) or python_two(tree)
    if sentence:
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            sentence,
            hint="If it can run in a container on Debian, declare `run` and `system_packages` in "
            "reprise.toml, or add a Dockerfile.",
        )


class _Desk:
    """Writes candidates: what is the same for every way of declaring an environment."""

    def __init__(
        self, tree: Tree, manifest: Manifest, site: Site, committed_on: str, cache_key: str
    ) -> None:
        self.tree, self.manifest, self.site = tree, manifest, site
        self.committed_on, self.cache_key = committed_on, cache_key
        self.tests = test_plans(tree, manifest)
        self.needs = needs_of(tree) if Repair.FIELD in site.rungs else Needs()

    def written(self, declared: Iterable[Declaration]) -> Iterator[Candidate]:
        """A candidate for each declaration, after the first those that the field may need."""
        for number, each in enumerate(declared):
            yield self._candidate(each, self.needs)
            if number == 0:
                yield from (self._candidate(each, other) for other in self.needs.alternatives)

    def python_for(self, declared: Declaration) -> PythonChoice:
        """The Python that a declaration and the rest of the repository ask for."""
        return python_wanted(
            self.tree,
            self.manifest,
            declared,
            committed_on=self.committed_on,
            available=sorted(self.site.bases, key=rank),
        )

    def _candidate(self, declared: Declaration, needs: Needs) -> Candidate:
        """The environment that one declaration asks for, with what the field needs besides."""
        choice = self._on_suite(self.python_for(declared), needs.base_suite)
        recipe = self._recipe(declared, needs, choice.python)
        candidate = replace(from_recipe(declared.origin, recipe), why=choice.why)
        if choice.asked:
            why = f"Python {choice.python}, for {choice.asked} is not at hand"
            candidate = candidate.noted(Repair.PYTHON, why)
        if recipe.version_from_git:
            why = "the project's version is taken as 0.0.0: git's history tells it elsewhere"
            candidate = candidate.noted(Repair.SETUP, why)
        for note in declared.notes:
            candidate = candidate.noted(Repair.SOURCE, note)
        for note in _field_notes(needs):
            candidate = candidate.noted(Repair.FIELD, note)
        if guesses := self._guesses(declared):
            why = f"packages read from the imports of the source: {', '.join(guesses)}"
            candidate = candidate.noted(Repair.IMPORTS, why)
        return _with_cpu_builds(candidate, declared, self.site)

    def _on_suite(self, choice: PythonChoice, suite: str | None) -> PythonChoice:
        """The choice moved to the Debian release that alone has what is needed."""
        held = [python for python, image in self.site.bases.items() if suite_of(image) == suite]
        if suite is None or choice.python in held or not held:
            return choice
        return replace(choice, python=held[0], why=f"Debian {suite} is needed", asked=None)

    def _recipe(self, declared: Declaration, needs: Needs, python: str) -> Recipe:
        undeclared = declared.origin in UNDECLARED
        packages = (*_of_runners(self.tests), *needs.requirements, *self._guesses(declared))
        return Recipe(
            base_image=self.site.bases[python],
            python=python,
            cache_key=self.cache_key,
            system_packages=self._system_packages(declared, needs),
            requirements=() if undeclared else declared.requirements,
            constraints=declared.constraints,
            packages=_unique(packages),
            undated=tuple(name_of(line) for line in needs.requirements),
            install_project=declared.project,
            setup_missing=declared.project and _has_settings_alone(self.tree),
            version_from_git=declared.project and _asks_git_for_its_version(self.tree),
            extras=declared.extras,
            as_of=self.manifest.as_of,
            steps=needs.steps,
            week=f"{self.site.today:%G-W%V}",
        )

    def _guesses(self, declared: Declaration) -> tuple[str, ...]:
        """Packages read from imports: guesses, which the ladder may take back."""
        allowed = declared.origin in UNDECLARED and Repair.IMPORTS in self.site.rungs
        return declared.requirements if allowed else ()

    def _system_packages(self, declared: Declaration, needs: Needs) -> tuple[str, ...]:
        for_tests = (package for plan in self.tests for package in plan.system_packages)
        named = (*self.manifest.system_packages, *declared.system_packages, *needs.system_packages)
        return _unique((*named, *for_tests))


def _field_notes(needs: Needs) -> tuple[str, ...]:
    """What the field's tools change, in sentences; empty when nothing is needed."""
    if needs.notes or not (needs.system_packages or needs.requirements or needs.steps):
        return needs.notes
    return (f"tools added that the sources call for: {', '.join(needs.system_packages)}",)


def _of_runners(plans: tuple[TestPlan, ...]) -> Iterator[str]:
    """What the tests are run with; pytest is at hand in any case."""
    yield "pytest"
    yield from (package for plan in plans for package in plan.packages)


def _has_settings_alone(tree: Tree) -> bool:
    """Whether only setup.cfg describes the project: tools want a setup.py beside it."""
    return "setup.cfg" in tree and "setup.py" not in tree and "pyproject.toml" not in tree


def _asks_git_for_its_version(tree: Tree) -> bool:
    files = (path for path in ("pyproject.toml", "setup.cfg", "setup.py") if path in tree)
    return any(_VERSION_FROM_GIT.search(tree.text(path)) for path in files)


def _with_cpu_builds(candidate: Candidate, declared: Declaration, site: Site) -> Candidate:
    """The candidate with the CPU builds that the site has of what it installs."""
    recipe = candidate.recipe
    if recipe is None or Repair.CPU not in site.rungs:
        return candidate
    lines = (*recipe.requirements, *recipe.packages, *declared.project_requirements)
    chosen = cpu_constraints(site.wheels, python=recipe.python, wanted=map(name_of, lines))
    if not chosen:
        return candidate
    why = f"{', '.join(chosen)}: the CPU build that this portal has"
    return candidate.repaired(Repair.CPU, why, constraints=(*recipe.constraints, *chosen))


def _own_dockerfile(
    tree: Tree, written: list[Candidate], site: Site
) -> tuple[list[Candidate], list[Candidate]]:
    """The repository's own Dockerfile as a candidate, and what is to be tried without it.

    Of one that the portal may not build, the packages that it installs are kept.
    """
    if "Dockerfile" not in tree:
        return [], written
    given = tree.text("Dockerfile")
    try:
        text = site.check_dockerfile(given)
    except RepositoryFault as fault:
        lost = _declares_nothing(written) and not _packages_named(given)
        if lost or Repair.DOCKERFILE not in site.rungs:
            raise
        why = f"the repository's Dockerfile was set aside: {fault.failure.sentence}"
        return [], [_with_packages(each, given).noted(Repair.DOCKERFILE, why) for each in written]
    own = Candidate(strategy="dockerfile", base_image=_first_base(text), dockerfile=text)
    return [own], [] if _declares_nothing(written) else written


def _declares_nothing(written: list[Candidate]) -> bool:
    recipe = written[0].recipe
    return recipe is not None and not (recipe.requirements or recipe.install_project)


def _packages_named(dockerfile: str) -> tuple[str, ...]:
    """What a Dockerfile's `pip install` lines name, less options, files and folders."""
    return tuple(line for line in requirement_lines(dockerfile) if line[:1].isalnum())


def _with_packages(candidate: Candidate, dockerfile: str) -> Candidate:
    """What a Dockerfile installs: from Debian, and for Python where nothing else declares it."""
    recipe, named = candidate.recipe, _packages_named(dockerfile)
    if recipe is None:
        return candidate
    system = _unique((*recipe.system_packages, *debian_packages(dockerfile)))
    recipe = replace(recipe, system_packages=system)
    if not named or candidate.strategy not in UNDECLARED:
        return candidate.with_recipe(recipe)
    return from_recipe("dockerfile packages", replace(recipe, requirements=named))


def _marked(written: list[Candidate], *, after_own: bool) -> list[Candidate]:
    """Every candidate but the first says what was tried before it."""
    if after_own:
        why = "made from the declared packages, in place of the repository's Dockerfile"
        return [each.noted(Repair.DOCKERFILE, why) for each in written]
    first, *others = written
    return [first, *(_after(first, each) for each in others)]


def _after(first: Candidate, other: Candidate) -> Candidate:
    if other.strategy == first.strategy:
        return other.noted(Repair.FIELD, "other versions of the field's tools")
    return other.noted(Repair.SOURCE, f"{other.strategy} in place of {first.strategy}")


def _first_base(dockerfile: str) -> str:
    match = re.search(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)", dockerfile, re.MULTILINE | re.IGNORECASE)
    return match.group(1) if match else ""


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
