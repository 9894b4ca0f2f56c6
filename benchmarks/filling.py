"""Fill an empty, throw-away portal with models that were verified, through the services.

Needs django.setup() first: benchmarks/pages.py starts it in a process with the portal's settings.
Many entries share one transaction, or the disk would take longer than the services.
"""

import hashlib
import time
from dataclasses import replace

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from registry.models import LogChunk, ModelVersion, RunEvent, User, VerificationRun
from registry.services.entries import entry_draft_create, entry_publish
from registry.services.runs import run_claim, run_finish
from registry.services.versions import version_inspected
from registry.spec.evidence import (
    Attempt,
    Comparison,
    Environment,
    Evidence,
    Host,
    Inference,
    OutputFile,
    Report,
    Source,
    TestOutcome,
    Tests,
)
from registry.spec.ladder import Origin, Step, StepState
from registry.spec.manifest import (
    Article,
    Description,
    Inspection,
    Manifest,
    Output,
    Person,
    ReadManifest,
)
from registry.spec.policy import POLICY
from registry.spec.verdict import decide

AT_ONCE = 200
PEOPLE = 40
TESTS = 12
NUMBERS = 128  # in each output
METHODS = ("Monte Carlo", "finite-element", "normalizing-flow", "spectral", "agent-based",
           "molecular-dynamics", "Bayesian", "stochastic", "lattice", "kinetic")  # fmt: skip
DEEDS = ("sampling", "integration", "inference", "simulation", "calibration", "reduction",
         "optimisation", "forecast")  # fmt: skip
SYSTEMS = ("scalar field theory", "predator and prey", "the Ising model", "protein folding",
           "shallow water", "epidemics", "cortical neurons", "galaxy rotation", "soil carbon",
           "battery electrolytes", "plasma edge turbulence", "traffic", "enzyme kinetics",
           "sea ice", "granular flow", "superconductors", "ocean mixing")  # fmt: skip
FAMILIES = ("Lovelace", "Noether", "Curie", "Meitner", "Germain", "Franklin", "Hodgkin",
            "Kovalevskaya", "Payne", "Wu", "Rubin")  # fmt: skip
TEXT = """# What it does

Treats {system} by {method} {deed}, as in the article[^1]; $\\alpha$ is fitted to {number} points.

| size | error | seconds |
|--:|--:|--:|
| 16 | 0.071 | 1.2 |
| 32 | 0.018 | 4.9 |

```python
from model import run

result = run(size=32, seed={number})
```

See [the notes](docs/notes.md).

[^1]: Periodic in both directions.
"""
MANIFEST = Manifest(
    run="python -m model.reproduce",
    outputs=(
        Output(path="out/curve.csv", expected="expected/curve.csv", rtol=1e-6),
        Output(path="out/table.json", expected="expected/table.json"),
    ),
)
READ = ReadManifest(
    manifest=MANIFEST, origins={"run": Origin.REPRISE_TOML, "outputs": Origin.REPRISE_TOML}
)


def fill(*, entries: int) -> None:
    """Make the tables, and `entries` public models of PEOPLE people, each verified once."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    begun = time.monotonic()
    people = [_person(number) for number in range(PEOPLE)]
    for first in range(0, entries, AT_ONCE):
        with transaction.atomic():
            for number in range(first, min(first + AT_ONCE, entries)):
                _verified(people[number % PEOPLE], number)
    print(f"Filled with {entries} entries in {time.monotonic() - begun:.0f} s")


def _person(number: int) -> User:
    # Nobody signs in here, and a password would take longer than an entry.
    return User.objects.create_user(f"person-{number}", f"person-{number}@example.org")


def _verified(owner: User, number: int) -> None:
    """One model from draft to verdict, by the services that pages and workers call."""
    entry = entry_draft_create(
        owner=owner, address=f"https://example.org/models/model-{number}", ref=""
    )
    version = entry.versions.get()
    inspection = _inspection(version, number)
    if not version_inspected(version_id=version.pk, inspection=inspection):
        raise RuntimeError(f"version {version.pk} was not waiting to be read")
    run = entry_publish(entry=entry, requested_by=owner)
    _carry_out(run, _report(inspection, number))


def _inspection(version: ModelVersion, number: int) -> Inspection:
    commit = hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()
    return Inspection(
        address=version.address,
        ref=None,
        commit=commit,
        tree_swhid=f"swh:1:dir:{commit}",
        committed_at="2024-05-06T07:08:09+00:00",
        licence="MIT",
        readme="README.md",
        description=_description(number),
        read=READ,
    )


def _description(number: int) -> Description:
    """What each repository says of itself: words from short lists, in every combination."""
    method, deed = METHODS[number % len(METHODS)], DEEDS[number // 3 % len(DEEDS)]
    system = SYSTEMS[number // 7 % len(SYSTEMS)]
    words = {"method": method, "deed": deed, "system": system, "number": number}
    authors = tuple(
        Person(given="Ada", family=FAMILIES[(number + place) % len(FAMILIES)])
        for place in range(1 + number % 4)
    )
    return Description(
        title=f"{method} {deed} of {system}, case {number}".capitalize(),
        summary=f"Reproduces the second figure of the article on {system} by {method} {deed}.",
        description=TEXT.format(**words),
        version=f"1.{number % 10}.0",
        licence="MIT",
        authors=authors,
        keywords=(system, method),
        released="2024-05-06",
        article=Article(
            title=f"{method} {deed} of {system}".capitalize(),
            authors=authors,
            year=2024,
            journal="Journal of Computational Science",
            volume=str(number),
            pages="12",
            doi=f"10.1000/reprise.{number}",
        ),
    )


def _report(inspection: Inspection, number: int) -> Report:
    """A third reproduces its numbers, a third does not, a third fails tests and declares none."""
    declares = number % 3 != 2  # noqa: PLR2004 — the third third
    evidence = Evidence(
        source=Source(
            address=inspection.address,
            commit=inspection.commit,
            tree_swhid=inspection.tree_swhid,
            licence="MIT",
            readme="README.md",
        ),
        environment=_environment(),
        outputs=MANIFEST.outputs if declares else (),
        tests=_tests(failed=0 if declares else 1),
        inference=_inference() if declares else (),
        comparisons=_comparisons(wrong=number % 3 == 1) if declares else (),
    )
    verdict = decide(evidence)
    moment = timezone.now().isoformat(timespec="milliseconds")
    return Report(
        reprise="0.1.0",
        policy=POLICY,
        started_at=moment,
        finished_at=moment,
        host=Host(
            name="node1", cpu_model="EPYC", cpus=2, memory_bytes=2**33, engine="-", isolation="runc"
        ),
        source=evidence.source,
        read=inspection.read,
        environment=evidence.environment,
        tests=evidence.tests,
        inference=evidence.inference,
        comparisons=evidence.comparisons,
        repeatable=verdict.repeatability is not None,
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
        timings={step.value: 1.25 for step in Step},
        artifacts=(),
    )


def _environment() -> Environment:
    base = "python:3.11-slim-bookworm"
    attempt = Attempt(
        number=1, strategy="requirements.txt", python="3.11", base_image=base, built=True, seconds=9
    )
    return Environment(
        strategy="requirements.txt",
        python="3.11",
        base_image=base,
        image_digest=f"sha256:{'5f70bf18' * 8}",
        packages=tuple(f"package-{number}==1.{number}" for number in range(24)),
        attempts=(attempt,),
    )


def _tests(*, failed: int) -> Tests:
    outcomes = tuple(
        TestOutcome(
            name=f"tests/test_model.py::test_case[{number}]",
            state="failed" if number < failed else "passed",
            seconds=0.03,
            message="assert 0.7142 == 0.7139" if number < failed else "",
        )
        for number in range(TESTS)
    )
    return Tests(
        command=("python", "-m", "pytest"),
        exit_code=1 if failed else 0,
        collected=TESTS,
        passed=TESTS - failed,
        failed=failed,
        seconds=1.2,
        outcomes=outcomes,
    )


def _inference() -> tuple[Inference, ...]:
    files = tuple(
        OutputFile(path=output.path, sha256="0" * 64, size=2048) for output in MANIFEST.outputs
    )
    return tuple(
        Inference(
            repetition=repetition, command=("sh", "-c"), exit_code=0, seconds=2.0, outputs=files
        )
        for repetition in (1, 2)
    )


def _comparisons(*, wrong: bool) -> tuple[Comparison, ...]:
    """Each output against what was expected of it, and the second run's against the first's."""
    repeats = [
        Comparison(
            path=output.path,
            against="repeat",
            kind=output.path[-4:].strip("."),
            identical=True,
            agrees=True,
            compared=NUMBERS,
        )
        for output in MANIFEST.outputs
    ]
    expected = [replace(repeat, against="expected", rtol=1e-6) for repeat in repeats]
    expected[0] = replace(
        expected[0],
        identical=False,
        agrees=not wrong,
        mismatched=17 if wrong else 0,
        max_absolute_error=3.1e-2 if wrong else 4.4e-9,
        max_relative_error=4.5e-2 if wrong else 6.1e-9,
    )
    return (*expected, *repeats)


def _carry_out(run: VerificationRun, report: Report) -> None:
    """The run as a worker writes it, but for steps and logs, which are written at once."""
    claim = run_claim(run_id=run.pk, host="node1", cpu_model="EPYC", lease_seconds=600)
    if claim is None:
        raise RuntimeError(f"run {run.pk} could not be claimed")
    RunEvent.objects.bulk_create(
        RunEvent(run=run, attempt=claim.attempt, step=step, state=state, at=timezone.now())
        for step in Step
        for state in (StepState.RUNNING, StepState.PASSED)
    )
    LogChunk.objects.bulk_create(
        LogChunk(run=run, attempt=claim.attempt, seq=seq, step=step, text=f"{step} goes on\n" * 5)
        for seq, step in enumerate(Step, start=1)
    )
    run_finish(claim=claim, report=report, files={})
