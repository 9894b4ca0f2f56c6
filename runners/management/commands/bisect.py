"""`manage.py bisect`: what broke a model between two reports, on a laptop."""

import sys
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from registry.spec.bisection import Goal, Tried
from registry.spec.evidence import Report
from registry.spec.ladder import Level
from runners.bisection import Diary, bisect
from runners.configuration import bounds_of_site
from runners.faults import PlatformFault
from runners.management.arguments import (
    INTERRUPTED,
    PLATFORM_FAULT,
    add_inputs,
    as_address,
    existing_file,
    inputs_given,
    manifest_given,
)
from runners.searches import Prober
from runners.steps.case import Request

# Its own site: a portal on the same engine must leave these containers alone.
SITE = "local"


class Command(BaseCommand):
    """Search between a good and a bad report, without database, web or queue."""

    help = (
        "Rerun a model with the packages, the Python and the commits of a good and of a bad report "
        "in turn, and say what broke it. Reports are those of `manage.py verify --json`, or of a "
        "run's page. Exit code: 0 when the search came to its end, 3 our own fault."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("good", type=existing_file, metavar="GOOD", help="report of a good run")
        parser.add_argument("bad", type=existing_file, metavar="BAD", help="report of a bad run")
        parser.add_argument(
            "--address", help="where the repository is now (default: where the bad report says)"
        )
        parser.add_argument(
            "--manifest", type=existing_file, help="use this file as the repository's reprise.toml"
        )
        add_inputs(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Search, print each probe as it ends, and then what was found."""
        console = Console(highlight=False)
        good, bad = read_report(options["good"]), read_report(options["bad"])
        if Goal.of(good).met_by(bad):
            raise CommandError("The second report is as good as the first: nothing broke.")
        try:
            finding = search(good, bad, options, console)
        except PlatformFault as fault:
            console.print(f"This machine failed, not the model: {fault}", markup=False)
            sys.exit(PLATFORM_FAULT)
        except KeyboardInterrupt:
            console.print("Stopped; nothing was left running.")
            sys.exit(INTERRUPTED)
        console.print(finding, markup=False, soft_wrap=True)


def search(good: Report, bad: Report, options: dict[str, Any], console: Console) -> str:
    """What broke it, each probe printed as it ends. Raises PlatformFault."""
    place = options["address"] or bad.source.address
    address, bounds = as_address(place, bounds_of_site())
    prober = Prober(
        site=SITE,
        run=f"bisect{time.strftime('%Y%m%d%H%M%S')}{uuid.uuid4().hex[:6]}",
        request=Request(
            address=address,
            ref=None,
            folder=bad.source.folder,
            manifest=manifest_given(options),
            input_file=inputs_given(options),
        ),
        good=good,
        bad=bad,
        check=_never_stop,
        bounds=lambda: bounds,
    )
    diary = Diary(
        goal=Goal.of(good),
        run=prober.probe,
        note=lambda tried: console.print(said_of(tried[-1]), markup=False, soft_wrap=True),
    )
    return bisect(good, bad, probe=diary, commits=prober.commits)


def read_report(path: Path) -> Report:
    """The report in a file. Raises CommandError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is no report: {error}") from error


def said_of(tried: Tried) -> str:
    """One line on a probe."""
    mark = "good" if tried.good else "bad "
    why = f" ({tried.cause})" if tried.cause else ""
    return f"{mark}  {tried.seconds:7.1f} s  {tried.what}: {Level(tried.level).label}{why}"


def _never_stop() -> None:
    """Nobody else can stop a search of the command line; Ctrl-C arrives as KeyboardInterrupt."""
