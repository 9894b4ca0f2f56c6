"""What the limits of a container make of what ran in it."""

from registry.spec.evidence import Failure
from registry.spec.ladder import Cause
from runners.containers.base import RunLimits, RunResult


def limit_failure(result: RunResult, limits: RunLimits) -> Failure | None:
    """The failure of a container that hit a limit of ours; None when it hit none."""
    if result.timed_out:
        return Failure(
            cause=Cause.TIMEOUT,
            sentence=f"It was still running after {limits.seconds:.0f} seconds and was stopped.",
            hint="Use a smaller case for the check, or look for a step that waits for ever.",
        )
    if result.out_of_memory:
        return Failure(
            cause=Cause.RESOURCES,
            sentence=f"It needed more than {limits.memory_bytes // 2**20} MB of memory.",
            hint="Use a smaller case for the check, or ask for more under `resources`.",
        )
    return None
