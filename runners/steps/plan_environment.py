"""Decide which environments to try, in which order."""

from dataclasses import replace

from runners.environment.bases import bases_held
from runners.environment.plan import plan_environment as plan
from runners.journal import StepLog
from runners.steps.case import Case, Tools, key_of


def plan_environment(case: Case, tools: Tools, log: StepLog) -> Case:
    """Tree and manifest → ordered candidates."""
    candidates = plan(
        case.source.tree,
        case.manifest,
        bases=bases_held(tools.engine.has_image),
        check_dockerfile=tools.check_dockerfile,
        cache_key=key_of(case.source),
    )
    for number, candidate in enumerate(candidates, start=1):
        log(f"{number}. {candidate.strategy} on {candidate.base_image}\n")
        for change in candidate.changed:
            log(f"   {change}\n")
    return replace(case, candidates=candidates)
