"""One environment to try, and what is known beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from registry.spec.ladder import Repair
from runners.environment.dockerfiles import Recipe, render


@dataclass(frozen=True)
class Change:
    """One thing that differs from what was declared: by which rung of the ladder, and in words."""

    by: Repair
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One environment to try.

    `changes` say what differs from what was declared; `why` is the reason for its Python.
    `recipe` is what the Dockerfile is written from, None for the author's own.
    """

    strategy: str
    base_image: str
    dockerfile: str
    python: str | None = None
    why: str = ""
    recipe: Recipe | None = None
    changes: tuple[Change, ...] = ()

    @property
    def files(self) -> dict[str, bytes]:
        """What must stand beside the repository's files for the Dockerfile to build."""
        return self.recipe.files if self.recipe else {}

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells two environments apart: the Dockerfile, and what it reads."""
        return self.dockerfile, tuple(self.files.items())

    @property
    def changed(self) -> tuple[str, ...]:
        """The changes in sentences."""
        return tuple(change.sentence for change in self.changes)

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """The rungs that made the changes, each once."""
        return tuple(dict.fromkeys(change.by for change in self.changes))

    def noted(self, by: Repair, sentence: str) -> "Candidate":
        """The same environment, with one more thing said about it."""
        return replace(self, changes=(*self.changes, Change(by, sentence)))

    def repaired(self, by: Repair, sentence: str, **changes: Any) -> "Candidate":
        """The environment with its recipe changed, and the change in words.

        An author's own Dockerfile cannot be changed: only candidates with a recipe are asked.
        """
        if self.recipe is None:
            raise AssertionError("an author's own Dockerfile is tried as it is")
        return self.with_recipe(replace(self.recipe, **changes)).noted(by, sentence)

    def without(self, by: Repair) -> "Candidate":
        """The same, with nothing said of a rung whose changes are about to be changed again."""
        return replace(self, changes=tuple(each for each in self.changes if each.by is not by))

    def with_recipe(self, recipe: Recipe) -> "Candidate":
        """The same, written from another recipe."""
        return replace(
            self,
            recipe=recipe,
            base_image=recipe.base_image,
            python=recipe.python,
            dockerfile=render(recipe),
        )


def from_recipe(strategy: str, recipe: Recipe) -> Candidate:
    """The candidate whose Dockerfile is written from `recipe`."""
    bare = Candidate(strategy=strategy, base_image=recipe.base_image, dockerfile="")
    return bare.with_recipe(recipe)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The environments to try first, in order, and what the ladder may draw upon.

    `today` is the day of the run, `committed_on` ("2021-03-05") that of the commit. `neighbours`
    are other Pythons with their images, in the order to try. `test_requirements` are lines that
    only the tests want, `ci_packages` what the repository's CI installs by apt. `folders` tells in
    which folder a module of the repository's own lies.
    """

    candidates: tuple[Candidate, ...]
    today: date
    committed_on: str
    neighbours: tuple[tuple[str, str], ...] = ()
    test_requirements: tuple[str, ...] = ()
    ci_packages: tuple[str, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
