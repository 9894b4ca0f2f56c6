"""Decide which environments to try, in which order."""

from dataclasses import replace

from runners.environment.bases import bases_held
from runners.environment.held import held
from runners.environment.imports import imports_of
from runners.environment.plan import Site
from runners.environment.plan import plan_environment as plan
from runners.journal import StepLog
from runners.steps.case import Case, Tools, key_of


def plan_environment(case: Case, tools: Tools, log: StepLog) -> Case:
    """Tree and manifest → the environments to try, and what the repair ladder draws upon."""
    tree = case.source.tree
    site = Site(
        bases=bases_held(tools.engine.has_image),
        check_dockerfile=tools.check_dockerfile,
        today=case.today,
        rungs=tools.rungs,
        wheels=tools.wheels,
    )
    planned = plan(
        tree,
        case.manifest,
        site=site,
        committed_on=case.source.committed_at[:10],
        cache_key=key_of(case.source),
    )
    planned = held(
        planned,
        tree,
        constraints=case.request.constraints,
        python=case.request.python,
        bases=site.bases,
    )
    for number, candidate in enumerate(planned.candidates, start=1):
        log(f"{number}. {candidate.strategy} on {candidate.base_image}\n")
        for change in candidate.changed:
            log(f"   {change}\n")
    return replace(case, plan=planned, imports=imports_of(tree))
