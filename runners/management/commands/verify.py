"""`manage.py verify`: the portal's own pipeline on one repository, for a laptop."""

import sys
import time
import uuid
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.markup import escape

from registry.spec.evidence import Comparison, Report
from registry.spec.ladder import Level, Step, StepState
from runners.configuration import bounds_of_site, disk_of_site, longest_run_seconds, tools_for
from runners.faults import PlatformFault
from runners.management.arguments import (
    INTERRUPTED,
    PLATFORM_FAULT,
    REPOSITORY_FAULT,
    add_source,
    as_address,
    manifest_given,
)
from runners.pipeline import Result, verify
from runners.steps.case import Request

# Its own site: a portal on the same engine must leave these containers alone.
SITE = "local"
LOWER_THAN_EXPECTED = REPOSITORY_FAULT
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


def level_named(text: str) -> Level:
    """The level that `text` names, for argparse."""
    try:
        return Level.from_label(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


class Command(BaseCommand):
    """Verify one repository without database, web or queue."""

    help = (
        "Rebuild and rerun a model exactly as the portal would, and print the verdict. "
        "Exit code: 0 at least the expected level, 1 lower, 2 bad usage, 3 our own fault."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        add_source(parser)
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the report here")
        parser.add_argument("--keep", action="store_true", help="keep the evidence files")
        parser.add_argument("--log", action="store_true", help="show each step's log")
        parser.add_argument(
            "--expect", type=level_named, default=Level.RUNS, metavar="LEVEL",
            help="the level that makes the exit code 0 (default: runs)",
        )  # fmt: skip

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the pipeline, print the summary, write the report, exit by the verdict."""
        console = Console(highlight=False)
        try:
            result, folder = self._verify(options, console)
        except PlatformFault as fault:
            said = f"[red]This machine failed, not the repository:[/] {escape(str(fault))}"
            console.print(said, soft_wrap=True)
            sys.exit(PLATFORM_FAULT)
        except KeyboardInterrupt:
            console.print("Stopped; nothing was left running.")
            sys.exit(INTERRUPTED)
        print_summary(console, result.report)
        if folder:
            console.print(f"Evidence kept in {folder}", soft_wrap=True)
        if options["json"]:
            report = msgspec.json.format(msgspec.json.encode(result.report), indent=2)
            options["json"].write_bytes(report + b"\n")
        if result.report.level < options["expect"]:
            sys.exit(LOWER_THAN_EXPECTED)

    def _verify(self, options: dict[str, Any], console: Console) -> tuple[Result, Path | None]:
        address, bounds = as_address(options["address"], bounds_of_site())
        request = Request(
            address=address,
            ref=options["ref"],
            folder=options["folder"],
            manifest=manifest_given(options),
        )
        recorder = TerminalRecorder(console, show_log=options["log"])
        run = f"local-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"
        with (
            _room_on_disk(longest_run_seconds(bounds)),
            tools_for(
                site=SITE, run=run, attempt=1, bounds=bounds, check=_never_stop,
                keep=options["keep"],
            ) as tools,
        ):  # fmt: skip
            result = verify(request, tools, recorder, now=timezone.now)
        return result, tools.artifacts if options["keep"] else None


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


def print_summary(console: Console, report: Report) -> None:
    """What a person wants to know: the verdict, why, and what to do."""
    colour = "green" if report.level >= Level.RUNS and not report.cause else "red"
    console.print()
    console.print(f"[bold {colour}]Level {report.level}: {report.level_name}[/]", end="")
    console.print(f" ({report.cause})" if report.cause else "")
    for text in (report.explanation, report.hint):
        if text:
            console.print(text, markup=False)
    for line in report.lines:
        console.print(f"    {line}", markup=False, style="dim")
    for label, value in _facts(report):
        console.print(f"{label:<12} {value}", markup=False, soft_wrap=True)


def _facts(report: Report) -> list[tuple[str, str]]:
    source, environment, tests = report.source, report.environment, report.tests
    place = f"{source.folder} in {source.address}" if source.folder else source.address
    facts = [("source", f"{place} @ {source.commit or source.ref or 'default branch'}")]
    if environment.image_digest:
        python = f"Python {environment.python}" if environment.python else "no Python"
        facts.append(("environment", f"{environment.strategy}, {python}, {environment.base_image}"))
        facts.append(("image", environment.image_digest))
    facts += [("repaired", change) for change in _changes(report)]
    if tests:
        counts = f"{tests.passed} passed, {tests.failed} failed, {tests.errors} errors"
        reported = f"{counts}, {tests.skipped} skipped (as the repository reports)"
        facts.append(("tests", reported))
    facts += [("output", _compared(comparison)) for comparison in report.comparisons]
    return facts


def _changes(report: Report) -> tuple[str, ...]:
    """What the environment that was kept changed against what was declared."""
    kept = (attempt for attempt in report.environment.attempts if attempt.kept)
    return next((attempt.changed for attempt in kept), ())


def _compared(comparison: Comparison) -> str:
    verdict = "agrees" if comparison.agrees else "differs"
    return f"{comparison.path} {verdict} ({comparison.against}): {comparison.message}"
