"""Carrying out a calculation: the declared command on somebody's inputs, in the verified image.

Within the same walls as a verification's run, and within tighter limits. Nothing is concluded.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from registry.spec.calculations import Calculated
from registry.spec.manifest import Determinism, Manifest, as_arguments
from registry.spec.variables import environment_for
from runners.containers.base import Image, RunLimits, RunRequest, RunResult
from runners.faults import LogSink, RepositoryFault
from runners.steps.case import Tools, no_input_file
from runners.steps.containers import limit_failure
from runners.steps.fetch_inputs import inputs_had

_GONE = Calculated(
    outcome="errored",
    explanation="The verified image is no longer here, and no other takes its place.",
    hint="Ask the authors to verify the model again; then it can be run here again.",
)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be calculated: the command of `manifest` in the image with the digest `image`.

    `inputs` maps paths, as the manifest names them, to the sha256 of what is laid there; `opened`
    opens the bytes with a sha256. Of the other declared inputs those with an address are fetched,
    and the rest are in the image.
    """

    image: str
    manifest: Manifest
    inputs: Mapping[str, str]
    opened: Callable[[str], IO[bytes]]


def calculate(order: Order, tools: Tools, log: LogSink) -> Calculated:
    """Run the command once and collect what it freshly wrote. Raises PlatformFault, Stopped."""
    image = tools.engine.built(order.image)
    if image is None:
        return _GONE
    try:
        request = _request(order, image, tools, log)
        result = tools.engine.run(request, log=log, check=tools.check)
    except RepositoryFault as fault:
        failure = fault.failure
        return Calculated(outcome="failed", explanation=failure.sentence, hint=failure.hint)
    manifest = order.manifest
    files = {
        each.path: result.files.get(manifest.from_root(each.path)) for each in manifest.outputs
    }
    explanation, hint = _shortcoming(manifest, result, request.limits)
    return Calculated(
        outcome="failed" if explanation else "done",
        explanation=explanation,
        hint=hint,
        command=request.command,
        seconds=round(result.seconds, 3),
        files={path: file for path, file in files.items() if file},
    )


def _request(order: Order, image: Image, tools: Tools, log: LogSink) -> RunRequest:
    manifest = order.manifest
    into = tools.scratch / "outputs"
    into.mkdir()
    return RunRequest(
        image=image,
        name=f"{tools.name}-calculation",
        command=as_arguments(manifest.run or ()),
        environment=environment_for(manifest, seed=_seed(manifest.determinism)),
        folder=manifest.workdir,
        inject=_laid(order, tools) | _fetched(order, tools, log),
        collect=tuple(manifest.from_root(output.path) for output in manifest.outputs),
        into=into,
        labels=tools.labels,
        limits=tools.bounds.for_model(manifest.resources),
    )


def _seed(determinism: Determinism) -> int | None:
    """A stochastic model is run once, with the first of its seeds."""
    return (determinism.seed or 0) if determinism.seeds else None


def _laid(order: Order, tools: Tools) -> dict[str, bytes | Path]:
    """The given inputs at their paths from the model's root, copied to the scratch folder."""
    folder = tools.scratch / "given"
    folder.mkdir()
    laid: dict[str, bytes | Path] = {}
    for number, (path, sha256) in enumerate(order.inputs.items()):
        target = folder / f"{number:03}"
        with order.opened(sha256) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file)
        laid[order.manifest.from_root(path)] = target
    return laid


def _fetched(order: Order, tools: Tools, log: LogSink) -> dict[str, bytes | Path]:
    """The inputs that nobody replaced and that are had by their address."""
    manifest = order.manifest
    wanted = {
        manifest.from_root(each.path): each
        for each in manifest.inputs
        if each.url and each.path not in order.inputs
    }
    return {**inputs_had(wanted, tools, log, input_file=no_input_file)} if wanted else {}


def _shortcoming(manifest: Manifest, result: RunResult, limits: RunLimits) -> tuple[str, str]:
    """What went wrong with the command, and what to do; two empty texts where nothing did."""
    hit = limit_failure(result, limits)
    if hit:
        return hit.sentence, "Give it a smaller case; larger ones can be run on your own machine."
    if result.exit_code != 0:
        return (
            f"The model ended with exit code {result.exit_code}.",
            "Read the end of its log: most often an input is not what the model expects.",
        )
    for output in manifest.outputs:
        path = manifest.from_root(output.path)
        if path in result.refused:
            return f"The output {output.path} is not kept: {result.refused[path]}.", ""
        if path not in result.files:
            return f"The model ended without error, but did not write {output.path}.", ""
    return "", ""
