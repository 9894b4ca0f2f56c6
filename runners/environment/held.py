"""An environment held to packages and a Python that somebody else says: an earlier run's."""

from collections.abc import Mapping
from dataclasses import replace

from registry.spec.ladder import Cause
from runners.environment.candidate import Candidate, Plan
from runners.environment.declared.project import project_of
from runners.environment.dockerfiles import Recipe, name_of
from runners.faults import RepositoryFault
from runners.tree import Tree


def held(
    plan: Plan,
    tree: Tree,
    *,
    constraints: tuple[str, ...],
    python: str | None,
    bases: Mapping[str, str],
) -> Plan:
    """`plan` with every candidate bound to `constraints` ("numpy==1.26.4") and to `python`.

    The ladder is left no other Python. An author's own Dockerfile cannot be bound, so it is left
    out. The project itself is never bound: its version is its commit's. Raises RepositoryFault when
    there is no image of that Python, or nothing can be bound.
    """
    if not constraints and python is None:
        return plan
    if python is not None and python not in bases:
        raise RepositoryFault(
            Cause.UNSUPPORTED, f"This portal has no base image of Python {python} any more."
        )
    own = project_of(tree).name
    bound = tuple(line for line in constraints if name_of(line) != own)
    written = [each for each in plan.candidates if each.recipe is not None]
    if not written:
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            "The repository's own Dockerfile says what is installed: it can be held to nothing.",
        )
    candidates = tuple(_held(each, bound, python, bases) for each in written)
    return replace(plan, candidates=candidates, neighbours=() if python else plan.neighbours)


def _held(
    candidate: Candidate, bound: tuple[str, ...], python: str | None, bases: Mapping[str, str]
) -> Candidate:
    recipe = candidate.recipe
    if recipe is None:
        return candidate
    names = set(map(name_of, bound))
    kept = tuple(line for line in recipe.constraints if name_of(line) not in names)
    changed = replace(recipe, constraints=(*kept, *bound))
    return candidate.with_recipe(_on(changed, python, bases) if python else changed)


def _on(recipe: Recipe, python: str, bases: Mapping[str, str]) -> Recipe:
    """The recipe on another Python; a CPU build was chosen for the one that it had."""
    if recipe.python == python:
        return recipe
    kept = tuple(line for line in recipe.constraints if not line.endswith("+cpu"))
    return replace(recipe, python=python, base_image=bases[python], constraints=kept)
