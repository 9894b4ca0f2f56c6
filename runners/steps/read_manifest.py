"""Read how the model wants to be rebuilt and rerun, from what its authors wrote."""

from dataclasses import replace

from runners.inspection import with_remarks
from runners.journal import StepLog
from runners.manifest import read_manifest as read
from runners.steps.case import Case, Tools


def read_manifest(case: Case, tools: Tools, log: StepLog) -> Case:
    """Tree → manifest with the origin of every field."""
    tools.check()
    found = with_remarks(read(case.source.tree, override=case.request.manifest), case.source)
    for name, origin in found.origins.items():
        log(f"{name}: from {origin}\n")
    for sentence in found.missing:
        log(f"{sentence}\n")
    evidence = replace(case.evidence, outputs=found.manifest.outputs)
    return replace(case, read=found, evidence=evidence)
