"""Run the declared command in fresh containers, and keep what they freshly wrote.

Twice; of a stochastic model two samples, each over as many seeds as it declares.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from registry.spec.evidence import Failure, Inference, OutputFile
from registry.spec.ladder import Cause, StepState
from registry.spec.manifest import Determinism, Manifest, as_arguments
from registry.spec.variables import environment_for
from runners.containers.base import Image, RunLimits, RunRequest, RunResult
from runners.diagnosis import RUN_SIGNATURES, contradiction, diagnose, last_lines
from runners.hashing import sha256_of
from runners.journal import StepLog
from runners.limits import Bounds
from runners.steps.case import Case, Tools
from runners.steps.containers import limit_failure

REPETITIONS = (1, 2)
SEEDS = 2**32
# All runs of a stochastic model together take no longer than so many runs of the site's longest.
LONGEST_RUNS = 4
LEAST_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One run to be made: of which repetition, with which seed, and what its files are called."""

    repetition: int
    seed: int | None
    name: str
    kept: str


def planned(determinism: Determinism) -> tuple[Planned, ...]:
    """The runs of a model in their order.

    A stochastic one is run with the seeds from `seed` on, each used once in either sample.
    """
    if determinism.seeds is None:
        return tuple(
            Planned(repetition=number, seed=determinism.seed, name=f"{number}", kept=f"{number}")
            for number in REPETITIONS
        )
    return tuple(_seeded(determinism.seed or 0, determinism.seeds))


def _seeded(first: int, count: int) -> Iterator[Planned]:
    for number in range(count * len(REPETITIONS)):
        repetition, seed = REPETITIONS[number // count], (first + number) % SEEDS
        name = f"{repetition}-{number % count + 1}"
        yield Planned(repetition=repetition, seed=seed, name=name, kept=f"{repetition}/seed-{seed}")


def run_inference(case: Case, tools: Tools, log: StepLog) -> Case:
    """Image → outputs, twice. The image holds neither the expected values nor old outputs."""
    if case.image is None or case.manifest.run is None:
        log.end(
            StepState.SKIPPED, "No command is declared." if case.image else "There is no image."
        )
        return case
    return _Runs(case, case.image, tools, log).run()


class _Runs:
    """The runs of one case, one after another, within the time and room of all."""

    def __init__(self, case: Case, image: Image, tools: Tools, log: StepLog) -> None:
        self._case, self._image, self._tools, self._log = case, image, tools, log
        self._planned = planned(case.manifest.determinism)
        self._one = tools.bounds.for_model(case.manifest.resources)
        self._all_seconds = _seconds_of_all(tools.bounds, self._one, len(self._planned))
        self._left = self._all_seconds
        self._room = self._one.output_bytes * len(REPETITIONS)

    def run(self) -> Case:
        """The case with every run that was made; the first that fails is the last."""
        runs: tuple[Inference, ...] = ()
        outputs: dict[int, tuple[Mapping[str, Path], ...]] = {}
        for number, each in enumerate(self._planned, start=1):
            seed = "" if each.seed is None else f", seed {each.seed}"
            self._log(f"Run {number} of {len(self._planned)}{seed}, network off\n")
            run, files = self._run_once(each)
            runs += (run,)
            outputs[each.repetition] = (*outputs.get(each.repetition, ()), files)
            if run.failure:
                self._log.end(StepState.FAILED, run.failure.sentence)
                break
        evidence = replace(self._case.evidence, inference=runs)
        return replace(self._case, outputs=outputs, evidence=evidence)

    def _run_once(self, each: Planned) -> tuple[Inference, Mapping[str, Path]]:
        manifest, mark = self._case.manifest, self._log.mark
        request = self._request(each)
        result = self._tools.engine.run(request, log=self._log, check=self._tools.check)
        folder = self._tools.artifacts / "outputs" / each.kept
        files = _keep(result.files, folder, manifest)
        written = tuple(_output_file(name, path) for name, path in files.items())
        self._left -= result.seconds
        self._room -= sum(file.size for file in written)
        run = Inference(
            repetition=each.repetition,
            seed=each.seed,
            command=request.command,
            exit_code=result.exit_code,
            seconds=round(result.seconds, 3),
            peak_memory_bytes=result.peak_memory_bytes,
            outputs=written,
            failure=self._limit_failure(result, request.limits)
            or _failure(manifest, result, self._log.since(mark)),
        )
        return run, files

    def _request(self, each: Planned) -> RunRequest:
        manifest, tools = self._case.manifest, self._tools
        into = tools.scratch / f"inference-{each.name}"
        into.mkdir()
        return RunRequest(
            image=self._image,
            name=f"{tools.name}-inference-{each.name}",
            command=as_arguments(manifest.run or ()),
            environment=environment_for(manifest, seed=each.seed),
            folder=manifest.workdir,
            inject=self._case.inputs,
            collect=tuple(manifest.from_root(output.path) for output in manifest.outputs),
            into=into,
            labels=tools.labels,
            limits=self._limits_left(),
        )

    def _limits_left(self) -> RunLimits:
        """What one run may take of what all of them may."""
        seconds = min(self._one.seconds, max(self._left, LEAST_SECONDS))
        room = min(self._one.output_bytes, self._room)
        return replace(self._one, seconds=seconds, output_bytes=room)

    def _limit_failure(self, result: RunResult, limits: RunLimits) -> Failure | None:
        if not result.timed_out or limits.seconds > self._one.seconds - LEAST_SECONDS:
            return limit_failure(result, limits)
        return Failure(
            cause=Cause.TIMEOUT,
            sentence=(
                f"The {len(self._planned)} runs with different seeds take longer than the "
                f"{self._all_seconds:.0f} seconds that all of them have together."
            ),
            hint="Declare fewer `seeds`, or a smaller case for the check.",
        )


def _seconds_of_all(bounds: Bounds, one: RunLimits, runs: int) -> float:
    return min(one.seconds * runs, bounds.run.seconds * LONGEST_RUNS)


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
    return OutputFile(path=name, sha256=sha256_of(path), size=path.stat().st_size)


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
