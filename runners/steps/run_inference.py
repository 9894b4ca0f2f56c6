"""Run the declared command in two fresh containers, and keep what they freshly wrote."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from registry.spec.evidence import Failure, Inference, OutputFile
from registry.spec.ladder import Cause, StepState
from registry.spec.manifest import Manifest, as_arguments
from runners.containers.base import Image, RunRequest, RunResult
from runners.diagnosis import RUN_SIGNATURES, contradiction, diagnose, last_lines
from runners.journal import StepLog
from runners.steps.case import Case, Tools
from runners.steps.containers import environment_for, limit_failure

REPETITIONS = (1, 2)


def run_inference(case: Case, tools: Tools, log: StepLog) -> Case:
    """Image → outputs, twice. The image holds neither the expected values nor old outputs."""
    command = case.manifest.run
    if case.image is None or command is None:
        log.end(
            StepState.SKIPPED, "No command is declared." if case.image else "There is no image."
        )
        return case
    runs: tuple[Inference, ...] = ()
    outputs: dict[int, Mapping[str, Path]] = {}
    for repetition in REPETITIONS:
        log(f"Run {repetition} of {len(REPETITIONS)}, network off\n")
        run, outputs[repetition] = _run_once(case, case.image, tools, log, repetition)
        runs += (run,)
        if run.failure:
            log.end(StepState.FAILED, run.failure.sentence)
            break
    return replace(case, outputs=outputs, evidence=replace(case.evidence, inference=runs))


def _run_once(
    case: Case, image: Image, tools: Tools, log: StepLog, repetition: int
) -> tuple[Inference, Mapping[str, Path]]:
    mark = log.mark
    request = _request(case.manifest, image, tools, repetition)
    result = tools.engine.run(request, log=log, check=tools.check)
    files = _keep(result.files, tools.artifacts / "outputs" / str(repetition), case.manifest)
    run = Inference(
        repetition=repetition,
        command=request.command,
        exit_code=result.exit_code,
        seconds=round(result.seconds, 3),
        outputs=tuple(_output_file(name, path) for name, path in files.items()),
        failure=limit_failure(result, request.limits)
        or _failure(case.manifest, result, log.since(mark)),
    )
    return run, files


def _request(manifest: Manifest, image: Image, tools: Tools, repetition: int) -> RunRequest:
    into = tools.scratch / f"inference-{repetition}"
    into.mkdir()
    return RunRequest(
        image=image,
        name=f"{tools.name}-inference-{repetition}",
        command=as_arguments(manifest.run or ()),
        environment=environment_for(manifest),
        folder=manifest.workdir,
        inject={},
        collect=tuple(manifest.from_root(output.path) for output in manifest.outputs),
        into=into,
        labels=tools.labels,
        limits=tools.bounds.for_model(manifest.resources),
    )


def _keep(files: Mapping[str, Path], folder: Path, manifest: Manifest) -> dict[str, Path]:
    """Move collected outputs among the artifacts, named as the manifest names them."""
    kept: dict[str, Path] = {}
    for number, output in enumerate(manifest.outputs):
        collected = files.get(manifest.from_root(output.path))
        if collected:
            folder.mkdir(parents=True, exist_ok=True)
            # The number keeps two outputs of one name apart without making folders of ours.
            target = folder / f"{number}-{Path(output.path).name}"
            shutil.move(collected, target)
            kept[output.path] = target
    return kept


def _output_file(name: str, path: Path) -> OutputFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return OutputFile(path=name, sha256=digest, size=path.stat().st_size)


def _failure(manifest: Manifest, result: RunResult, log: str) -> Failure | None:
    """Why the run does not count: its exit code, what it printed, or an output it did not write."""
    if result.exit_code != 0:
        otherwise = _plain(f"The declared command ended with exit code {result.exit_code}.", log)
        return diagnose(log, RUN_SIGNATURES, otherwise=otherwise)
    said = contradiction(log)
    if said:
        return _plain(f"The command ended with exit code 0, but printed “{said}”.", log)
    for output in manifest.outputs:
        path = manifest.from_root(output.path)
        if path in result.refused:
            return _plain(f"The output {output.path} cannot be taken: {result.refused[path]}.", log)
        if path not in result.files:
            return _missing(output.path, log)
    return None


def _plain(sentence: str, log: str) -> Failure:
    return Failure(
        cause=Cause.TEST,
        sentence=sentence,
        hint="Run the same command in a fresh clone and read the end of its log.",
        lines=last_lines(log),
    )


def _missing(path: str, log: str) -> Failure:
    return Failure(
        cause=Cause.MISMATCH,
        sentence=f"The command ended without error but did not write {path}.",
        hint="Check the path: it is taken from the working folder in which the command runs.",
        lines=last_lines(log),
    )
