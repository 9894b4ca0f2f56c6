"""A portal with people and models as they might be, made by the services alone."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image

from registry.models import ModelEntry, ModelVersion, User, VerificationRun
from registry.services.entries import entry_draft_create, entry_publish
from registry.services.runs import (
    Claim,
    run_claim,
    run_event_append,
    run_finish,
    run_log_append,
)
from registry.services.versions import version_inspected, version_inspection_failed
from registry.spec.evidence import (
    Attempt,
    ClaimCheck,
    Comparison,
    Environment,
    Failure,
    Host,
    Inference,
    OutputFile,
    Report,
    Source,
    Statistic,
    TestOutcome,
    Tests,
    WorstRow,
)
from registry.spec.ladder import (
    Cause,
    Level,
    Origin,
    Outcome,
    Repair,
    Repeatability,
    Step,
    StepState,
)
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
from runners.compare import compare
from runners.figures import draw
from tests.registry.registry_helpers import artifact

PASSWORD = "correct horse battery"
COMMIT = "1dab736fe4c19b3e0c7a52f1d2b6e8a9c4d5f607"
SWHID = "swh:1:dir:94a9ed024d3859793618152ea559a168bbcbb5e2"
ADDRESS = "https://github.com/ada/lattice-phi4"
PERSON = Person(
    given="Ada",
    family="Lovelace",
    orcid="0000-0002-1825-0097",
    affiliation="Institute for Lattice Studies",
)
DESCRIPTION = Description(
    title="Flow-based sampling of scalar φ⁴ theory on a two-dimensional lattice",
    summary="Exact Metropolis–Hastings sampling with a normalizing flow as proposal; "
    "reproduces magnetisation and two-point correlator of the article.",
    description=(
        "# What it does\n\nSamples field configurations of $S[\\phi]=\\sum_x m^2\\phi_x^2+"
        "\\lambda\\phi_x^4$ on an $L\\times L$ torus[^1].\n\n"
        "| L | acceptance | ESS |\n|--:|--:|--:|\n| 6 | 0.71 | 0.62 |\n| 8 | 0.64 | 0.48 |\n\n"
        "```python\nfrom phi4 import sample\n\nconfigurations = sample(L=8, n=10_000, seed=1)\n"
        "```\n\nSee [the notes](docs/notes.md). ![Acceptance](docs/acceptance.png)\n\n"
        "$$\n\\langle\\phi_x\\phi_y\\rangle \\sim e^{-|x-y|/\\xi}\n$$\n\n[^1]: Periodic in both.\n"
    ),
    version="1.2.0",
    licence="MIT",
    authors=(
        PERSON,
        Person(given="Emmy", family="Noether", affiliation="Mathematisches Institut, Göttingen"),
    ),
    keywords=("lattice field theory", "normalizing flow", "Monte Carlo"),
    released="2024-05-06",
    article=Article(
        title="Flow-based generative models for lattice field theory",
        authors=(PERSON, Person(given="Emmy", family="Noether")),
        year=2019,
        journal="Physical Review D",
        volume="100",
        pages="034515",
        doi="10.1103/PhysRevD.100.034515",
    ),
    origins={
        "title": Origin.CITATION_CFF,
        "summary": Origin.README,
        "description": Origin.README,
        "authors": Origin.CITATION_CFF,
        "licence": Origin.LICENCE_FILE,
        "keywords": Origin.CITATION_CFF,
        "article": Origin.CITATION_CFF,
        "version": Origin.PYPROJECT,
    },
)
MANIFEST = Manifest(
    python="3.11",
    run="python -m phi4.reproduce --seed 1",
    outputs=(
        Output(path="out/magnetisation.csv", expected="expected/magnetisation.csv", rtol=1e-6),
        Output(path="out/correlator.npy", expected="expected/correlator.npy", rtol=1e-4, atol=1e-8),
        Output(path="out/table2.json", expected="expected/table2.json"),
    ),
)
READ = ReadManifest(
    manifest=MANIFEST,
    origins={
        "run": Origin.REPRISE_TOML,
        "outputs": Origin.REPRISE_TOML,
        "python": Origin.PYPROJECT,
    },
    missing=("No CITATION.cff for the software itself: add one, so that people cite it rightly.",),
)
LOG = {
    Step.FETCH_SOURCE: f"Fetching {ADDRESS}\nCommit {COMMIT}, 84 files, 412 kB\n",
    Step.BUILD_IMAGE: "#8 [3/5] RUN uv pip install -r requirements.txt\n"
    + "".join(f"#8 {n}.2 Downloading wheel {n} of 24\n" for n in range(24))
    + "#8 \x1b[32mInstalled 24 packages\x1b[0m in 118ms\n",
    Step.RUN_TESTS: "collected 41 items\n\ntests/test_flow.py ............... [ 36%]\n"
    "tests/test_action.py ............ [ 65%]\n\n<script>alert('log')</script>\n",
    Step.RUN_INFERENCE: "L=8 beta=1: acceptance 0.64\nwrote out/magnetisation.csv\n",
}


def person(name: str, **columns: str) -> User:
    """Somebody with an account; the password is PASSWORD."""
    return User.objects.create_user(name, f"{name}@example.org", PASSWORD, **columns)


def inspection(version: ModelVersion, **changes: object) -> Inspection:
    """What is read of a version's repository."""
    whole = Inspection(
        address=version.address,
        ref=version.ref or None,
        commit=COMMIT,
        tree_swhid=SWHID,
        committed_at="2024-05-06T07:08:09+00:00",
        licence="MIT",
        readme="README.md",
        description=DESCRIPTION,
        read=READ,
    )
    return replace(whole, **changes)


def pending(owner: User, address: str = ADDRESS) -> ModelEntry:
    """A draft whose repository is still being read."""
    return entry_draft_create(owner=owner, address=address, ref="")


def unreadable(owner: User) -> ModelEntry:
    """A draft whose repository could not be read."""
    entry = pending(owner, "https://github.com/ada/does-not-exist")
    failure = Failure(
        cause=Cause.FETCH,
        sentence="There is no repository at this address, or it is not public.",
        hint="Open the address in a browser that is not signed in anywhere. Is it mistyped?",
        lines=("fatal: repository not found",),
    )
    assert version_inspection_failed(version_id=entry.current_version_id, failure=failure)
    return ModelEntry.objects.get(pk=entry.pk)


def ready(owner: User, address: str = ADDRESS, **changes: object) -> ModelEntry:
    """A draft that was read and waits for its owner. `changes` are those of its description."""
    entry = pending(owner, address)
    version = entry.versions.get()
    read = inspection(version, description=replace(DESCRIPTION, **changes))
    assert version_inspected(version_id=version.pk, inspection=read)
    return ModelEntry.objects.get(pk=entry.pk)


def published(
    owner: User, address: str = ADDRESS, **changes: object
) -> tuple[ModelEntry, VerificationRun]:
    """A public model and its queued run."""
    entry = ready(owner, address, **changes)
    run = entry_publish(entry=entry, requested_by=owner)
    return ModelEntry.objects.get(pk=entry.pk), run


def claimed(run: VerificationRun) -> Claim:
    """The run in a worker's hands."""
    claim = run_claim(run_id=run.pk, host="node1", cpu_model="EPYC 7543", lease_seconds=600)
    assert claim is not None
    return claim


def started(run: VerificationRun, *, until: Step = Step.RUN_TESTS) -> Claim:
    """The run as it goes on: steps and logs written up to `until`, which still runs."""
    claim = claimed(run)
    for step in Step:
        event(claim, step, StepState.RUNNING)
        if step in LOG:
            run_log_append(claim=claim, step=step, text=LOG[step])
        if step is until:
            break
        event(claim, step, StepState.PASSED, seconds=1.25)
    return claim


def event(claim: Claim, step: Step, state: StepState, *, seconds: float | None = None) -> None:
    """A step begins or ends now."""
    run_event_append(
        claim=claim, step=step, state=state, at=timezone.now(), seconds=seconds, message=""
    )


def reported_tests(*, failed: int = 0, passed: int = 41) -> Tests:
    """A test report; failed tests come last in it, as pytest does not sort."""
    good = [
        TestOutcome(name=f"tests/test_flow.py::test_jacobian[{n}]", state="passed", seconds=0.03)
        for n in range(passed)
    ]
    bad = [
        TestOutcome(
            name=f"tests/test_action.py::test_energy_is_bounded[{n}]",
            state="failed",
            seconds=0.2,
            message="AssertionError: assert 0.7142 == 0.7139 ± 1.0e-06",
        )
        for n in range(failed)
    ]
    return Tests(
        command=("python", "-m", "pytest", "--junitxml=report.xml"),
        exit_code=1 if failed else 0,
        collected=passed + failed,
        passed=passed,
        failed=failed,
        seconds=12.5,
        peak_memory_bytes=391 * 2**20,
        outcomes=(*good, *bad),
    )


def comparisons(*, wrong: bool = False) -> tuple[Comparison, ...]:
    """What comparing came to; of `wrong` outputs one differs from what was expected."""
    magnetisation = Comparison(
        path="out/magnetisation.csv",
        against="expected",
        kind="csv",
        identical=False,
        agrees=not wrong,
        rtol=1e-6,
        compared=128,
        mismatched=17 if wrong else 0,
        max_absolute_error=3.1e-2 if wrong else 4.4e-9,
        max_relative_error=4.5e-2 if wrong else 6.1e-9,
        where="row 12, column magnetisation",
        message="17 of 128 numbers differ by more than the tolerance." if wrong else "",
    )
    table = Comparison(
        path="out/table2.json",
        against="expected",
        kind="json",
        identical=True,
        agrees=True,
        compared=9,
    )
    repeats = [
        replace(
            row,
            against="repeat",
            agrees=True,
            identical=True,
            mismatched=0,
            message="",
            where=None,
            max_absolute_error=None,
            max_relative_error=None,
        )
        for row in (magnetisation, table)
    ]
    return (magnetisation, table, *repeats)


ENVIRONMENT = Environment(
    strategy="requirements.txt",
    python="3.11",
    base_image="python:3.11-slim-bookworm",
    image_digest="sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    image_bytes=812 * 2**20,
    packages=("numpy==1.26.4", "scipy==1.13.0", "torch==2.3.0+cpu"),
    attempts=(
        Attempt(
            number=1,
            strategy="requirements.txt",
            python="3.11",
            base_image="python:3.11-slim-bookworm",
            built=False,
            seconds=14.2,
            failure=Failure(
                cause=Cause.RESOLVE,
                sentence="torch 1.4 has no wheel for this Python.",
                lines=(
                    "  × No solution found when resolving dependencies:",
                    "  ╰─▶ Because torch==1.4.0 has no wheels with a matching Python ABI tag",
                    "      <b>and you require torch==1.4.0</b>, they are unsatisfiable.",
                ),
            ),
        ),
        Attempt(
            number=2,
            strategy="requirements.txt",
            python="3.11",
            base_image="python:3.11-slim-bookworm",
            changed=("torch==1.4.0 became torch~=2.3",),
            repairs=(Repair.RELAXED,),
            built=True,
            seconds=48.9,
            failure=Failure(
                cause=Cause.IMPORT,
                sentence="Imported, but not installed: scipy.",
                lines=("ModuleNotFoundError: No module named 'scipy'",),
            ),
        ),
        Attempt(
            number=3,
            strategy="requirements.txt",
            python="3.11",
            base_image="python:3.11-slim-bookworm",
            changed=(
                "torch==1.4.0 became torch~=2.3",
                "scipy added: imported, but not declared",
            ),
            repairs=(Repair.RELAXED, Repair.IMPORTS),
            built=True,
            kept=True,
            seconds=52.3,
        ),
    ),
)


def report(files: dict[str, Path] | None = None, **changes: object) -> Report:
    """A report of a run that reproduced everything, but for the `changes`."""
    output = OutputFile(path="out/magnetisation.csv", sha256="0" * 64, size=2048)
    whole = Report(
        reprise="0.1.0",
        policy=POLICY,
        started_at="2026-11-20T10:00:00+00:00",
        finished_at="2026-11-20T10:02:11+00:00",
        host=Host(
            name="node1",
            cpu_model="AMD EPYC 7543",
            cpus=2,
            memory_bytes=8 * 2**30,
            engine="Docker Engine 20.10.24",
            isolation="runc",
        ),
        source=Source(address=ADDRESS, commit=COMMIT, tree_swhid=SWHID, licence="MIT"),
        read=READ,
        environment=ENVIRONMENT,
        tests=reported_tests(),
        inference=tuple(
            Inference(
                repetition=n,
                command=("sh", "-c"),
                exit_code=0,
                seconds=21.0,
                peak_memory_bytes=(n + 411) * 2**20,
                outputs=(output,),
            )
            for n in (1, 2)
        ),
        comparisons=comparisons(),
        repeatable=True,
        repeatability=Repeatability.BITWISE,
        tests_pass=True,
        level=int(Level.REPRODUCED),
        level_name="reproduced",
        outcome=Outcome.REPRODUCED,
        cause=None,
        explanation="The declared command ran twice with the network off; all 3 declared outputs "
        "equal the expected values, and the two runs agree bit by bit. "
        "The repository's tests report 41 passed and no failure.",
        hint="",
        lines=(),
        modifiers=("repaired",),
        repairs=(Repair.RELAXED, Repair.IMPORTS),
        timings={step.value: 1.25 for step in Step} | {"build_image": 63.1, "run_inference": 42.0},
        artifacts=tuple(artifact(name, path) for name, path in (files or {}).items()),
    )
    return replace(whole, **changes)


def mismatch() -> Report:
    """A report of a run whose output is not what the authors published."""
    return report(
        comparisons=comparisons(wrong=True),
        level=int(Level.REPEATABLE),
        level_name="repeatable",
        outcome=Outcome.NOT_REPRODUCED,
        cause=Cause.MISMATCH,
        explanation="out/magnetisation.csv is not what it was expected to be: 17 of 128 numbers "
        "differ by more than the tolerance.",
        hint="Compare the two files below. If the new values are right, commit them as expected.",
        lines=("row 12, magnetisation: 0.7142, expected 0.6834",),
        modifiers=(),
        repairs=(),
    )


def failing_tests(failed: int = 3, passed: int = 38) -> Report:
    """A report of a run whose tests fail and that declares no outputs."""
    return report(
        tests=reported_tests(failed=failed, passed=passed),
        inference=(),
        comparisons=(),
        repeatable=None,
        repeatability=None,
        tests_pass=False,
        level=int(Level.BUILDS),
        level_name="builds",
        outcome=Outcome.NOT_REPRODUCED,
        cause=Cause.TEST,
        explanation=f"The repository's tests report {failed} failed.",
        hint="Look at the first failing test below; run it alone with pytest -x.",
        lines=("E   assert 0.7142 == 0.7139 ± 1.0e-06",),
        modifiers=(),
        repairs=(),
    )


def unbuilt() -> Report:
    """A report of a run that found no environment that works."""
    attempts = tuple(
        replace(attempt, built=False, kept=False, failure=ENVIRONMENT.attempts[0].failure)
        for attempt in ENVIRONMENT.attempts[:2]
    )
    failure = attempts[0].failure
    return report(
        environment=Environment(attempts=attempts, failure=failure),
        tests=None,
        inference=(),
        comparisons=(),
        repeatable=None,
        repeatability=None,
        tests_pass=None,
        level=int(Level.ARCHIVED),
        level_name="archived",
        outcome=Outcome.NOT_REPRODUCED,
        cause=Cause.RESOLVE,
        explanation="torch 1.4 has no wheel for this Python.",
        modifiers=(),
        repairs=(),
    )


def verified(
    run: VerificationRun, tmp_path: Path, make: Callable[..., Report] = report
) -> VerificationRun:
    """The run finished with the report that `make` gives; a reproduced one has two files."""
    claim = started(run, until=Step.RUN_INFERENCE)
    files: dict[str, Path] = {}
    if make is report:
        files = {"junit.xml": tmp_path / "junit.xml", "report.html": tmp_path / "report.html"}
        files["junit.xml"].write_text("<testsuite tests='41'/>")
        files["report.html"].write_text("<script>alert('artifact')</script>")
    run_finish(claim=claim, report=make(files) if make is report else make(), files=files)
    return VerificationRun.objects.get(pk=run.pk)


# --- A run that shows every kind of output --------------------------------------------------------


def _csv(rows: NDArray[np.float64]) -> bytes:
    return b"t,energy\n" + b"".join(b"%r,%r\n" % (float(t), float(x)) for t, x in rows)


def _npy(array: NDArray[np.float64]) -> bytes:
    stream = BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _png(pixels: NDArray[np.float64]) -> bytes:
    stream = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, format="PNG")
    return stream.getvalue()


def _contents() -> list[tuple[Output, bytes, bytes]]:
    """An output of every kind that is drawn: declared, produced, expected."""
    random = np.random.default_rng(7)
    steps = np.linspace(0, 20, 400)
    decay = np.exp(-steps / 9) * np.cos(3 * steps)
    off = decay + 2e-4 * random.normal(size=400) + 0.013 * np.exp(-((steps - 7) ** 2))
    x, y = np.meshgrid(np.linspace(-2, 2, 96), np.linspace(-2, 2, 72))
    density = np.exp(-(x**2) - y**2) * np.cos(4 * x)
    bumped = density + 0.04 * np.exp(-9 * ((x - 1) ** 2 + (y - 0.5) ** 2))
    picture = np.repeat((120 + 120 * density)[:, :, None], 3, axis=2)
    touched = picture.copy()
    touched[40:48, 60:72, 0] = 255
    stated = {"T_c": 2.269, "gap": 0.512, "ground state": -1.1373, "iterations": 41}
    seen = stated | {"T_c": 2.2712, "gap": 0.5391, "ground state": -1.13731}
    path, expected = "out/decay.csv", "expected/decay.csv"
    return [
        (
            Output(path=path, expected=expected, atol=2e-3),
            _csv(np.stack([steps, off], axis=1)),
            _csv(np.stack([steps, decay], axis=1)),
        ),
        (
            Output(path="out/density.npy", expected="expected/density.npy", atol=5e-3),
            _npy(bumped),
            _npy(density),
        ),
        (
            Output(path="out/density.png", expected="expected/density.png"),
            _png(touched),
            _png(picture),
        ),
        (
            Output(path="out/table2.json", expected="expected/table2.json", rtol=5e-3),
            json.dumps(seen).encode(),
            json.dumps(stated).encode(),
        ),
        (
            Output(path="out/log.txt", expected="expected/log.txt"),
            b"converged after 41 steps\n",
            b"converged after 41 steps\n",
        ),
    ]


def every_kind(folder: Path) -> tuple[Report, dict[str, Path]]:
    """A report with an output of every kind, drawn, and its files; 7 of 9 claims are met."""
    comparisons: list[Comparison] = []
    for number, (output, produced, expected) in enumerate(_contents()):
        path = folder / f"produced-{number}"
        path.write_bytes(produced)
        seen = compare(output, produced=path, expected=expected, against="expected")
        drawn = draw(
            output,
            seen,
            produced=[path],
            expected=[expected],
            folder=folder / "figures",
            stem=f"{number}-expected",
        )
        repeat = compare(output, produced=path, expected=path, against="repeat")
        comparisons += [replace(seen, figures=drawn), replace(repeat, repetition=2)]
    comparisons += _stochastic(folder)
    files = {f"figures/{path.name}": path for path in (folder / "figures").iterdir()}
    seen_run = report(
        files,
        comparisons=tuple(comparisons),
        claims=claims(),
        inference=tuple(
            Inference(
                repetition=sample,
                seed=100 * sample + n,
                command=("python", "simulate.py"),
                exit_code=0,
                seconds=20.5 + n / 10,
            )
            for sample in (1, 2)
            for n in range(8)
        ),
        repeatable=True,
        repeatability=None,
        level=int(Level.RUNS),
        level_name="runs",
        outcome=Outcome.NOT_REPRODUCED,
        cause=Cause.NONDETERMINISTIC,
        explanation="Two runs of the same image gave different outputs: out/timing.json.",
        hint="Fix the seed and the number of threads.",
    )
    return seen_run, files


def _stochastic(folder: Path) -> list[Comparison]:
    """A stochastic output that agrees, and one whose runs disagree."""
    random = np.random.default_rng(11)
    runs = []
    for number in range(16):
        runs.append(folder / f"run-{number}")
        runs[-1].write_text(json.dumps({"m": random.normal(size=60).tolist()}))
    output = Output(
        path="out/magnetisation.json",
        expected="expected/magnetisation.json",
        test="kolmogorov-smirnov",
    )
    seen = Comparison(
        path=output.path,
        against="expected",
        kind="json",
        identical=False,
        agrees=True,
        compared=1,
        message="The distribution does not differ by more than chance (p = 0.31).",
        statistic=Statistic(
            test="kolmogorov-smirnov", value=0.06, p_value=0.31, samples=(480, 480)
        ),
    )
    drawn = draw(
        output,
        seen,
        produced=runs[:8],
        expected=runs[8:],
        folder=folder / "figures",
        stem="5-expected",
    )
    timing = Comparison(
        path="out/timing.json",
        against="repeat",
        repetition=2,
        kind="json",
        identical=False,
        agrees=False,
        compared=3,
        mismatched=1,
        where="started",
        message="1 of 3 values differ; it is started: “10:02:11” instead of “10:01:50”.",
        differs="a time of day",
        worst=(WorstRow(where="started", produced="“10:02:11”", expected="“10:01:50”"),),
    )
    return [replace(seen, figures=drawn), replace(seen, against="repeat", repetition=2), timing]


def claims() -> tuple[ClaimCheck, ...]:
    """Nine values of the article, of which seven hold."""
    met = ClaimCheck(
        path="out/table2.json",
        label="Table 2, row 1",
        at="$.T_c",
        value=2.269,
        tolerance=0.005,
        unit="J/k",
        seen=2.2712,
        agrees=True,
        message="2.2712 is within 2.269 ± 0.005 J/k.",
    )
    return (
        *(replace(met, label=f"Table 2, row {row}") for row in range(1, 8)),
        replace(
            met,
            label="Figure 3, the gap at L = 64",
            at="$.gap",
            value=0.512,
            tolerance=0.002,
            unit="eV",
            seen=0.5391,
            agrees=False,
            message="0.5391 is not within 0.512 ± 0.002 eV.",
        ),
        replace(
            met,
            label="Table 3, the sign problem",
            at="$.sign",
            value=-0.25,
            seen=None,
            agrees=False,
            message="out/table2.json has nothing at $.sign.",
        ),
    )
