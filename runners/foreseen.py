"""What a verification would do with a repository, without running anything of it."""

from collections.abc import Mapping
from functools import partial

from registry.spec.manifest import Manifest, Plan, PlannedEnvironment
from runners.containers.dockerfile import check_author_dockerfile
from runners.environment.bases import ALLOWED_BASES
from runners.environment.plan import Candidate, plan_environment
from runners.faults import RepositoryFault
from runners.manifest import files_proposals
from runners.tree import Tree


def foresee(tree: Tree, manifest: Manifest, *, bases: Mapping[str, str]) -> Plan:
    """The environments, the tests and the proposals, each in the order in which it is tried.

    `bases` maps the Pythons at hand ("3.11") to images. Nothing raises: why nothing can be tried
    is said in the plan.
    """
    try:
        candidates = plan_environment(
            tree,
            manifest,
            bases=bases,
            check_dockerfile=partial(check_author_dockerfile, allowed_bases=ALLOWED_BASES),
            cache_key="",
        )
    except RepositoryFault as fault:
        return Plan(unsupported=fault.failure.sentence)
    return Plan(
        environments=tuple(map(_environment, candidates)),
        proposals=files_proposals(tree),
    )


def _environment(candidate: Candidate) -> PlannedEnvironment:
    recipe = candidate.recipe
    return PlannedEnvironment(
        strategy=candidate.strategy,
        python=candidate.python,
        system_packages=recipe.system_packages if recipe else (),
        notes=candidate.changed,
    )
