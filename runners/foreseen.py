"""What a verification would do with a repository, without running anything of it."""

from collections.abc import Mapping
from functools import partial

from registry.spec.manifest import Manifest, Plan, PlannedEnvironment, PlannedTest, Proposal
from runners.containers.dockerfile import check_author_dockerfile
from runners.discovery.plans import TestPlan
from runners.discovery.proposals import proposals
from runners.discovery.tests import test_plans
from runners.environment.bases import ALLOWED_BASES
from runners.environment.declaration import declarations
from runners.environment.needs import unsupported_language
from runners.environment.plan import Candidate, plan_environment
from runners.environment.python import PythonChoice, python_wanted
from runners.faults import RepositoryFault
from runners.manifest import files_proposals
from runners.tree import Tree


def foresee(tree: Tree, manifest: Manifest, *, bases: Mapping[str, str], committed_on: str) -> Plan:
    """The environments, the tests and the proposals, each in the order in which it is tried.

    `bases` maps the Pythons at hand ("3.11") to images; `committed_on` is the commit's day, such as
    "2021-03-05". Nothing raises: why nothing can be tried is said in the plan.
    """
    if not manifest.run and (sentence := unsupported_language(tree)):
        return Plan(unsupported=sentence)
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
    choice = python_wanted(
        tree,
        manifest,
        declarations(tree)[0],
        committed_on=committed_on,
        available=tuple(bases),
    )
    return Plan(
        environments=tuple(_environment(candidate, choice) for candidate in candidates),
        tests=tuple(map(_test, test_plans(tree, manifest))),
        proposals=() if manifest.run else _proposals(tree),
    )


def _environment(candidate: Candidate, choice: PythonChoice) -> PlannedEnvironment:
    recipe = candidate.recipe
    return PlannedEnvironment(
        strategy=candidate.strategy,
        python=candidate.python,
        why=choice.why if candidate.python == choice.python else "",
        system_packages=recipe.system_packages if recipe else (),
        notes=candidate.changed,
    )


def _test(plan: TestPlan) -> PlannedTest:
    return PlannedTest(runner=plan.runner, command=plan.command, why=plan.why, counted=plan.counted)


def _proposals(tree: Tree) -> tuple[Proposal, ...]:
    """What other files declare goes before what is found by reading; each command once."""
    found = (*files_proposals(tree), *proposals(tree))
    return tuple({one.command: one for one in reversed(found)}.values())[::-1]
