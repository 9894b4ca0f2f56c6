"""What a reader is told of a model, taken from the best file that says it."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from registry.spec.ladder import Origin
from registry.spec.manifest import Description
from runners.manifest import plain
from runners.manifest.licence import licence_of_text
from runners.manifest.metadata import (
    read_citation_cff,
    read_codemeta,
    read_pyproject,
    read_setup_cfg,
    read_setup_py,
    read_zenodo,
)
from runners.manifest.readme import read_readme
from runners.tree import Tree

# In the order of trust; see docs/verdicts.md, "Where the description of a model comes from".
_READERS: tuple[tuple[Origin, Callable[[Tree], Description]], ...] = (
    (Origin.CITATION_CFF, read_citation_cff),
    (Origin.CODEMETA, read_codemeta),
    (Origin.ZENODO, read_zenodo),
    (Origin.PYPROJECT, read_pyproject),
    (Origin.SETUP_CFG, read_setup_cfg),
    (Origin.SETUP_PY, read_setup_py),
    (Origin.README, read_readme),
    (Origin.LICENCE_FILE, lambda tree: Description(licence=licence_of_text(tree) or "")),
)


def describe(tree: Tree, *, address: str, commit: str, committed_at: str) -> Description:
    """Every field from the first file that fills it, with its origin. Nothing raises.

    What no file says is taken from git: the title from the address, the version from the commit
    and the release date from its day.
    """
    sources = [(origin, read(tree)) for origin, read in _READERS]
    sources.append((Origin.GIT, _from_git(address, commit, committed_at)))
    return _combined(sources)


def _from_git(address: str, commit: str, committed_at: str) -> Description:
    last = re.split(r"[/\\:]", address.rstrip("/"))[-1].removesuffix(".git")
    title = " ".join(re.split(r"[-_]+", last)).strip()
    return Description(title=plain.text(title), version=commit[:7], released=committed_at[:10])


def _combined(sources: list[tuple[Origin, Description]]) -> Description:
    """For every field the first source that fills it."""
    best = {
        field.name: next(
            (
                (getattr(said, field.name), origin)
                for origin, said in sources
                if getattr(said, field.name)
            ),
            None,
        )
        for field in fields(Description)
    }
    chosen: dict[str, Any] = {name: found[0] for name, found in best.items() if found}
    origins = {name: found[1] for name, found in best.items() if found}
    return replace(Description(origins=origins), **chosen)
