"""Ask a built image what is in it, from inside one container with the network off."""

import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from registry.spec.variables import COMMON_ENVIRONMENT
from runners.containers.base import Image, RunRequest, RunResult
from runners.journal import StepLog
from runners.steps.case import Tools

ANSWER = ".reprise-inside.json"
MAX_ANSWER_BYTES = 2_000_000
# The look is ours, so the model's own time limit does not bind it.
SECONDS = 120.0
_UNTOLD = "What is installed in the image could not be listed"
# Runs with any Python 3. `pip check` is the public judge of whether packages agree.
PROBE = (Path(__file__).parent / "probe.py").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Inside:
    """What an image holds, as it tells; all empty without Python.

    `packages` are "name==version", sorted; `distribution` is ("debian", "12"), `system` its
    packages: name, version, architecture. `untold` says why nothing can be known of it.
    """

    python: str | None = None
    packages: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    distribution: tuple[str, str] = ("", "")
    system: tuple[tuple[str, str, str], ...] = ()
    untold: str = ""


def look_inside(image: Image, tools: Tools, log: StepLog, *, imports: tuple[str, ...]) -> Inside:
    """What `image` holds, and which of the modules `imports` cannot be found in it.

    Of a busy engine an answer was missing once; an image that gives none is asked once more.
    """
    inside = _look(image, tools, log, imports)
    if inside.untold:
        log(f"{inside.untold} Looking once more.\n")
        inside = _look(image, tools, log, imports)
    return inside


def _look(image: Image, tools: Tools, log: StepLog, imports: tuple[str, ...]) -> Inside:
    into = Path(tempfile.mkdtemp(prefix="inside-", dir=tools.scratch))
    # Without Python the answer is empty, and there is one all the same: none is no answer.
    shell = 'command -v python3 >/dev/null && exec python3 -c "$0" "$@"; echo {} > "$1"'
    result = tools.engine.run(
        RunRequest(
            image=image,
            name=f"{tools.name}-inside",
            command=("sh", "-c", shell, PROBE, ANSWER, *imports),
            environment=COMMON_ENVIRONMENT,
            folder=".",
            inject={},
            collect=(ANSWER,),
            into=into,
            labels=tools.labels,
            limits=replace(tools.bounds.run, seconds=SECONDS),
        ),
        log=log,
        check=tools.check,
    )
    return _read(result)


def _read(result: RunResult) -> Inside:
    """The probe's answer; the image may have tampered with it, so only its shape is trusted.

    Nothing is known of an image whose probe was stopped, or whose answer is not there: to take
    that for one in which nothing is missing would claim too much.
    """
    path = result.files.get(ANSWER)
    if result.exit_code != 0 or path is None or path.stat().st_size > MAX_ANSWER_BYTES:
        return Inside(untold=f"{_UNTOLD} ({_ending(result, path)}).")
    try:
        return msgspec.convert(json.loads(path.read_bytes()), Inside)
    except (ValueError, msgspec.ValidationError, RecursionError):
        return Inside(untold=f"{_UNTOLD} (its Python gave something else).")


def _ending(result: RunResult, path: Path | None) -> str:
    """How the probe ended, in words."""
    if result.timed_out:
        return f"its Python took longer than {SECONDS:.0f} s"
    if result.exit_code != 0:
        return f"its Python ended with exit code {result.exit_code}"
    return "its Python left no answer" if path is None else "the list is too long"
