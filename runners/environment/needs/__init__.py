"""What a field's own programs and languages need beside Python packages.

A table of rules, each a pure function of the tree, with its reason in its docstring. Nothing of
the repository is run. See docs/languages.md.
"""

from collections.abc import Callable

from runners.environment.needs.compiled import compiled_sources, started_programs
from runners.environment.needs.julia import julia_sources
from runners.environment.needs.language import unsupported_language
from runners.environment.needs.need import Needs, combined
from runners.environment.needs.neuron import neuron_mechanisms
from runners.environment.needs.python_modules import modules_beyond_pip
from runners.environment.needs.r import r_sources
from runners.environment.needs.simulators import simulator_sources
from runners.tree import Tree

__all__ = ["Needs", "needs_of", "unsupported_language"]

Rule = Callable[[Tree], Needs | None]
RULES: tuple[Rule, ...] = (
    neuron_mechanisms,
    compiled_sources,
    started_programs,
    r_sources,
    julia_sources,
    simulator_sources,
    modules_beyond_pip,
)


def needs_of(tree: Tree) -> Needs:
    """Everything that the sources of `tree` ask for; empty for plain Python."""
    return combined(tuple(needs for rule in RULES if (needs := rule(tree)) is not None))
