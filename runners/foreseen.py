"""What a verification would do with a repository, without running anything of it."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from registry.spec.ladder import Repair
from registry.spec.manifest import Manifest, Plan, PlannedEnvironment, PlannedTest, Proposal
from runners.containers.dockerfile import check_author_dockerfile
from runners.discovery.plans import TestPlan
from runners.discovery.proposals import proposals
from runners.discovery.tests import test_plans
from runners.environment.bases import ALLOWED_BASES
from runners.environment.candidate import Candidate
from runners.environment.plan import Site, plan_environment
from runners.faults import RepositoryFault
from runners.manifest import files_proposals
from runners.tree import Tree


def foresee(tree: Tree, manifest: Manifest, *, bases: Mapping[str, str], committed_on: str) -> Plan:
    """The environments, the tests and the proposals, each in the order in which it is tried.

    `bases` maps the Pythons at hand ("3.11") to images; `committed_on` is the commit's day, such as
    "2021-03-05". Nothing raises: why nothing can be tried is said in the plan.
    """
    site = Site(
        bases=bases,
        check_dockerfile=partial(check_author_dockerfile, allowed_bases=ALLOWED_BASES),
        today=date.fromisoformat(committed_on),  # nothing is built, so any day does
        rungs=frozenset(Repair),
    )
    try:
        planned = plan_environment(
            tree, manifest, site=site, committed_on=committed_on, cache_key=""
        )
    except RepositoryFault as fault:
        return Plan(unsupported=fault.failure.sentence)
    return Plan(
        environments=tuple(map(_environment, planned.candidates)),
        tests=tuple(map(_test, test_plans(tree, manifest))),
        proposals=() if manifest.run else _proposals(tree),
    )


def _environment(candidate: Candidate) -> PlannedEnvironment:
    recipe = candidate.recipe
    return PlannedEnvironment(
        strategy=candidate.strategy,
        python=candidate.python,
        why=candidate.why,
        system_packages=recipe.system_packages if recipe else (),
        notes=candidate.changed,
    )


def _test(plan: TestPlan) -> PlannedTest:
    return PlannedTest(runner=plan.runner, command=plan.command, why=plan.why, counted=plan.counted)


def _proposals(tree: Tree) -> tuple[Proposal, ...]:
    """What other files declare goes before what is found by reading; each command once."""
    found = (*files_proposals(tree), *proposals(tree))
    return tuple({one.command: one for one in reversed(found)}.values())[::-1]
