"""Small true things to test with: people, inspections, reports, entries at every stage."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from celery import current_app

from registry.models import ModelEntry, ModelVersion, User, VerificationRun
from registry.models.runs import Trigger
from registry.services.entries import entry_draft_create, entry_publish
from registry.services.runs import Claim, run_claim, run_finish, run_queue
from registry.services.versions import version_inspected
from registry.spec.evidence import (
    ArtifactFile,
    Comparison,
    Environment,
    Host,
    Policy,
    Report,
    Source,
    TestOutcome,
    Tests,
)
from registry.spec.ladder import Cause, Level, Origin, Outcome, Repair, Repeatability, Step
from registry.spec.manifest import (
    Article,
    Description,
    Inspection,
    Manifest,
    Output,
    Person,
    ReadManifest,
)

ADDRESS = "https://example.org/ada/pendulum"
COMMIT = "a" * 40
OTHER_COMMIT = "b" * 40
ARTICLE = Article(
    title="On pendula",
    authors=(Person(given="Ada", family="Lovelace"),),
    year=1843,
    journal="Scientific Memoirs",
    volume="3",
    pages="666–731",
    doi="10.1103/PhysRevLett.126.032001",
)
DESCRIPTION = Description(
    title="A pendulum",
    summary="Integrates a pendulum.",
    description="# Pendulum\n\nSymplectic *oscillator* by Störmer and Verlet.",
    version="1.0",
    licence="MIT",
    authors=(Person(given="Ada", family="Lovelace", orcid="0000-0002-1825-0097"),),
    keywords=("mechanics", "Hamiltonian"),
    released="2024-05-06",
    article=ARTICLE,
    origins={"title": Origin.CITATION_CFF, "licence": Origin.LICENCE_FILE},
)
MANIFEST = Manifest(python="3.11", run="python run.py", outputs=(Output(path="energy.csv"),))


def person(name: str = "ada", **columns: object) -> User:
    return User.objects.create_user(name, f"{name}@example.org", "correct horse", **columns)


def inspection(**changes: object) -> Inspection:
    read = ReadManifest(manifest=MANIFEST, origins={"run": Origin.REPRISE_TOML}, missing=("test",))
    whole = Inspection(
        address=ADDRESS,
        ref=None,
        commit=COMMIT,
        tree_swhid="swh:1:dir:" + "c" * 40,
        committed_at="2024-05-06T07:08:09+00:00",
        licence="MIT",
        readme="README.md",
        description=DESCRIPTION,
        read=read,
    )
    return replace(whole, **changes)


def draft(owner: User, **arguments: str) -> ModelEntry:
    return entry_draft_create(owner=owner, **{"address": ADDRESS, "ref": ""} | arguments)


def newest(entry: ModelEntry) -> ModelVersion:
    version = entry.versions.order_by("-number").first()
    assert version is not None
    return version


def ready_draft(owner: User, **arguments: str) -> ModelEntry:
    entry = draft(owner, **arguments)
    version = newest(entry)
    read = inspection(address=version.address, ref=version.ref or None)
    assert version_inspected(version_id=version.pk, inspection=read)
    return ModelEntry.objects.get(pk=entry.pk)


def published(owner: User, **arguments: str) -> tuple[ModelEntry, VerificationRun]:
    entry = ready_draft(owner, **arguments)
    run = entry_publish(entry=entry, requested_by=owner)
    return ModelEntry.objects.get(pk=entry.pk), run


def queued(entry: ModelEntry) -> VerificationRun:
    return run_queue(version=newest(entry), trigger=Trigger.PERSON, requested_by=entry.owner)


def claimed(run: VerificationRun, *, lease_seconds: float = 60) -> Claim:
    claim = run_claim(run_id=run.pk, host="node1", cpu_model="A CPU", lease_seconds=lease_seconds)
    assert claim is not None
    return claim


def report(files: Mapping[str, Path] | None = None, **changes: object) -> Report:
    comparison = Comparison(
        path="energy.csv", against="expected", kind="csv", identical=False, agrees=True, compared=3
    )
    tests = Tests(
        command=("pytest",),
        exit_code=0,
        collected=2,
        passed=2,
        outcomes=tuple(
            TestOutcome(name=name, state="passed", seconds=0.1) for name in ("test_a", "test_b")
        ),
    )
    whole = Report(
        reprise="0.1.0",
        policy=Policy(version="1", digest="sha256:0"),
        started_at="2026-01-01T00:00:00+00:00",
        finished_at="2026-01-01T00:01:00+00:00",
        host=Host(
            name="node1", cpu_model="A CPU", cpus=2, memory_bytes=1, engine="e", isolation="runc"
        ),
        source=Source(address=ADDRESS, commit=COMMIT, tree_swhid="swh:1:dir:" + "c" * 40),
        read=ReadManifest(manifest=MANIFEST),
        environment=Environment(image_digest="sha256:1", python="3.11"),
        tests=tests,
        inference=(),
        comparisons=(comparison, replace(comparison, against="repeat")),
        repeatable=True,
        repeatability=Repeatability.BITWISE,
        tests_pass=True,
        level=int(Level.REPRODUCED),
        level_name="reproduced",
        outcome=Outcome.REPRODUCED,
        cause=None,
        explanation="All equal.",
        hint="",
        lines=(),
        modifiers=(),
        timings={step.value: 1.0 for step in Step},
        artifacts=tuple(artifact(name, path) for name, path in (files or {}).items()),
    )
    return replace(whole, **changes)


def failing_report(**changes: object) -> Report:
    fallen = {
        "level": int(Level.REPEATABLE),
        "level_name": "repeatable",
        "outcome": Outcome.NOT_REPRODUCED,
        "cause": Cause.MISMATCH,
        "explanation": "energy.csv is not what it was expected to be.",
    }
    return report(**fallen | changes)


def repaired_report(**changes: object) -> Report:
    repairs = (Repair.DATED, Repair.IMPORTS)
    return report(**{"modifiers": ("repaired",), "repairs": repairs} | changes)


def artifact(name: str, path: Path) -> ArtifactFile:
    content = path.read_bytes()
    return ArtifactFile(
        name=name,
        media_type="text/plain",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def verified(run: VerificationRun, seen: Report | None = None) -> VerificationRun:
    run_finish(claim=claimed(run), report=seen or report(), files={})
    return VerificationRun.objects.get(pk=run.pk)


def messages(queue: str) -> list[list[int]]:
    """The arguments of all tasks waiting in a queue of the (real, in-memory) broker; takes them."""
    found = []
    with current_app.connection_for_read() as connection:
        waiting = connection.SimpleQueue(queue)
        with suppress(waiting.Empty):
            while True:
                message = waiting.get_nowait()
                message.ack()
                found.append(message.payload[0])
    return found
