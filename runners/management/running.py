"""A verification on this machine, for the commands: no database, web or queue."""

import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone
from rich.console import Console
from rich.markup import escape

from registry.spec.evidence import Report
from registry.spec.ladder import Step, StepState
from registry.spec.receipt import RECEIPT, Signer
from runners.configuration import disk_of_site, longest_run_seconds, tools_for
from runners.faults import PlatformFault
from runners.limits import Bounds
from runners.management.arguments import INTERRUPTED, PLATFORM_FAULT
from runners.pipeline import verify
from runners.steps.case import Request

# Its own site: a portal on the same engine must leave these containers alone.
SITE = "local"
_MARKS = {
    StepState.PASSED: "[green]✓[/]",
    StepState.FAILED: "[red]✗[/]",
    StepState.SKIPPED: "[dim]–[/]",
}


class TerminalRecorder:
    """Prints each step as it ends, and its log as it grows when asked to."""

    def __init__(self, console: Console, *, show_log: bool) -> None:
        self._console = console
        self._show_log = show_log

    def step_changed(
        self, step: Step, state: StepState, *, seconds: float | None, message: str
    ) -> None:
        """Print the step's name when it begins, its mark and time when it ends."""
        name = step.replace("_", " ")
        if state is StepState.RUNNING:
            self._console.print(f"  {name} …", style="dim")
            return
        self._console.print(f"{_MARKS[state]} {name:<18} {seconds or 0:7.1f} s  ", end="")
        self._console.print(message, markup=False, style="dim", soft_wrap=True)

    def log(self, step: Step, text: str) -> None:  # noqa: ARG002 — the protocol names the step
        """Print a piece of a log, whatever it holds, as plain text."""
        if self._show_log:
            self._console.print(text, markup=False, style="dim", end="", soft_wrap=True)


@dataclass(frozen=True, kw_only=True)
class RunHere:
    """What a run on this machine came to. `folder` holds its files where they are kept."""

    report: Report
    receipt: bytes | None
    folder: Path | None


def run_name() -> str:
    """A name for a run of this machine that no other has."""
    return f"local-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"


def run_here(
    request: Request,
    bounds: Bounds,
    console: Console,
    *,
    run: str,
    show_log: bool,
    keep: bool,
    signer: Signer | None,
) -> RunHere:
    """Verify on this machine and print the steps. Raises PlatformFault."""
    recorder = TerminalRecorder(console, show_log=show_log)
    with (
        _room_on_disk(longest_run_seconds(bounds)),
        tools_for(
            site=SITE, run=run, attempt=1, bounds=bounds, check=_never_stop,
            keep=keep, signer=signer,
        ) as tools,
    ):  # fmt: skip
        result = verify(request, tools, recorder, now=timezone.now)
        receipt = result.files[RECEIPT].read_bytes() if RECEIPT in result.files else None
    folder = tools.artifacts if keep else None
    return RunHere(report=result.report, receipt=receipt, folder=folder)


@contextmanager
def faults_told(console: Console) -> Iterator[None]:
    """Say what went wrong on this machine, and exit by it."""
    try:
        yield
    except PlatformFault as fault:
        said = f"[red]This machine failed, not the repository:[/] {escape(str(fault))}"
        console.print(said, soft_wrap=True)
        sys.exit(PLATFORM_FAULT)
    except KeyboardInterrupt:
        console.print("Stopped; nothing was left running.")
        sys.exit(INTERRUPTED)


@contextmanager
def _room_on_disk(longest: float) -> Iterator[None]:
    """Make room before a run, and leave no more than the budgets after it.

    Nobody knows the other live runs of the command line: images are spared that are younger than
    such a run can last. Raises PlatformFault when there is no room.
    """
    disk = disk_of_site(SITE)
    shortage = disk.make_room(live_runs=frozenset(), image_seconds=int(longest))
    if shortage:
        raise PlatformFault(shortage)
    try:
        yield
    finally:
        with suppress(PlatformFault):  # the verdict stands, whatever became of old caches
            disk.keep_budgets(live_runs=frozenset())


def _never_stop() -> None:
    """Nobody else can stop a run of the command line; Ctrl-C arrives as KeyboardInterrupt."""
