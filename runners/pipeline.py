"""A whole verification: the steps in their order, and the report at the end.

The worker and `manage.py verify` are two thin callers of `verify`.
"""

import mimetypes
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from registry.spec.evidence import ArtifactFile, Evidence, Host, Report, Source, Verdict
from registry.spec.ladder import Step
from registry.spec.policy import POLICY
from registry.spec.statements import Limits
from registry.spec.verdict import decide
from runners.attest import attest
from runners.containers.base import RunLimits
from runners.faults import RepositoryFault
from runners.hashing import sha256_of
from runners.journal import Journal, Recorder
from runners.rounds import StepFunction, climb
from runners.source.address import without_secrets
from runners.steps.case import Case, Request, Tools
from runners.steps.fetch_inputs import fetch_inputs
from runners.steps.fetch_source import fetch_source
from runners.steps.plan_environment import plan_environment
from runners.steps.read_manifest import read_manifest

REPRISE_VERSION = "0.1.0"

STEPS: tuple[tuple[Step, StepFunction], ...] = (
    (Step.FETCH_SOURCE, fetch_source),
    (Step.READ_MANIFEST, read_manifest),
    (Step.FETCH_INPUTS, fetch_inputs),
    (Step.PLAN_ENVIRONMENT, plan_environment),
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """A report, and the files kept as evidence by their names; those that attest to it too."""

    report: Report
    files: dict[str, Path]


def verify(
    request: Request, tools: Tools, recorder: Recorder, *, now: Callable[[], datetime]
) -> Result:
    """Rerun a model and say what was seen.

    1. Walk the first steps; the author's fault ends the walk and is part of the evidence.
    2. Go round with one environment after another until one is right (runners.rounds).
    3. Decide on the evidence of the best.
    4. Report, with every file that was kept, and attest to all of it.

    Raises PlatformFault when the fault is ours, Stopped when the caller asked to stop: then
    nothing may be concluded.
    """
    started, journal = now(), Journal(recorder, tools.artifacts)
    case = _walk(request, tools, journal, started=started)
    with journal.step(Step.DECIDE) as log:
        verdict = decide(case.evidence)
        log(f"{verdict.level.label}: {verdict.explanation}\n")
    files = kept_files(tools.artifacts)
    report = _report(case, verdict, tools, journal, files, started=started, finished=now())
    limits = _limits(tools.bounds.for_model(case.manifest.resources))
    attested = attest(report, files, folder=tools.artifacts, limits=limits, signer=tools.signer)
    return Result(report=report, files=files | attested)


def _limits(run: RunLimits) -> Limits:
    return Limits(
        seconds=run.seconds,
        memory_bytes=run.memory_bytes,
        cpus=run.cpus,
        processes=run.processes,
    )


def _walk(request: Request, tools: Tools, journal: Journal, *, started: datetime) -> Case:
    source = Source(
        address=without_secrets(request.address), ref=request.ref, folder=request.folder
    )
    evidence = Evidence(
        source=source,
        earlier=request.earlier,
        cpu_model=cpu_model(),
        started_at=started.isoformat(),
    )
    case = Case(request=request, evidence=evidence, today=started.date())
    for step, function in STEPS:
        tools.check()
        try:
            with journal.step(step) as log:
                case = function(case, tools, log)
        except RepositoryFault as fault:
            return replace(case, evidence=replace(case.evidence, failure=fault.failure))
    return climb(case, tools, journal)


def _report(
    case: Case,
    verdict: Verdict,
    tools: Tools,
    journal: Journal,
    files: dict[str, Path],
    *,
    started: datetime,
    finished: datetime,
) -> Report:
    evidence = case.evidence
    compared = any(comparison.against == "repeat" for comparison in evidence.comparisons)
    return Report(
        reprise=REPRISE_VERSION,
        policy=POLICY,
        started_at=started.isoformat(timespec="milliseconds"),
        finished_at=finished.isoformat(timespec="milliseconds"),
        host=describe_host(tools),
        source=evidence.source,
        read=case.read,
        environment=evidence.environment,
        tests=evidence.tests,
        inference=evidence.inference,
        comparisons=evidence.comparisons,
        claims=evidence.claims,
        earlier=evidence.earlier,
        repeatable=verdict.repeatability is not None if compared else None,
        repeatability=verdict.repeatability,
        tests_pass=verdict.tests_pass,
        level=int(verdict.level),
        level_name=verdict.level.label,
        outcome=verdict.outcome,
        cause=verdict.cause,
        explanation=verdict.explanation,
        hint=verdict.hint,
        lines=verdict.lines,
        modifiers=verdict.modifiers,
        repairs=verdict.repairs,
        timings=journal.timings,
        artifacts=tuple(_describe(name, path) for name, path in files.items()),
    )


def kept_files(folder: Path) -> dict[str, Path]:
    """Every regular file under `folder`, by its path from there, sorted."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _describe(name: str, path: Path) -> ArtifactFile:
    guessed, encoding = mimetypes.guess_type(name)
    media_type = "application/gzip" if encoding == "gzip" else guessed or "text/plain"
    return ArtifactFile(
        name=name, media_type=media_type, size=path.stat().st_size, sha256=sha256_of(path)
    )


def describe_host(tools: Tools) -> Host:
    """The machine and the engine, as a reader must know them to compare."""
    return Host(
        name=platform.node(),
        cpu_model=cpu_model(),
        cpus=os.cpu_count() or 1,
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        engine=tools.engine.describe(),
        isolation=tools.engine.isolation(),
    )


def cpu_model() -> str:
    """The CPU's model name where the system tells it, else its architecture."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
