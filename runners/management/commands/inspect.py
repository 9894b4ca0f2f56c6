"""`manage.py inspect`: what the portal understands of a repository, which nothing of is run."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console

from registry.spec.evidence import Failure
from registry.spec.manifest import (
    Article,
    Input,
    Inspection,
    Manifest,
    Output,
    Person,
    PlannedEnvironment,
    PlannedTest,
    Proposal,
)
from registry.spec.snippets import proposal_toml
from runners.configuration import bases_of_site, bounds_of_site, mirrors_of_site
from runners.faults import PlatformFault, RepositoryFault
from runners.inspection import inspect_source
from runners.management.arguments import (
    INTERRUPTED,
    PLATFORM_FAULT,
    REPOSITORY_FAULT,
    add_source,
    as_address,
    manifest_given,
)

_DESCRIBED = ("title", "version", "licence", "authors", "article", "keywords")
_WIDTH = 22


class Command(BaseCommand):
    """Read one repository without database, web, queue or container."""

    help = (
        "Say what of a repository was understood, what a verification would try, and what is "
        "missing. Nothing of it is run. "
        "Exit code: 0 understood, 1 it cannot be verified, 2 bad usage, 3 our own fault."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        add_source(parser)
        parser.add_argument("--json", type=Path, metavar="FILE", help="write all of it here")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read the repository, print what was understood, exit by whether it can be verified."""
        console = Console(highlight=False, soft_wrap=True)
        try:
            inspection = _inspected(options)
        except RepositoryFault as fault:
            print_failure(console, fault.failure)
            sys.exit(REPOSITORY_FAULT)
        except PlatformFault as fault:
            console.print(f"[red]This machine failed, not the repository:[/] {fault}")
            sys.exit(PLATFORM_FAULT)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        if options["json"]:
            whole = msgspec.json.format(msgspec.json.encode(inspection), indent=2)
            options["json"].write_bytes(whole + b"\n")
        print_inspection(console, inspection)
        if inspection.plan.unsupported:
            sys.exit(REPOSITORY_FAULT)


def _inspected(options: dict[str, Any]) -> Inspection:
    address, bounds = as_address(options["address"], bounds_of_site())
    return inspect_source(
        address,
        options["ref"],
        folder=options["folder"],
        manifest=manifest_given(options),
        mirrors=mirrors_of_site(),
        limits=bounds.source,
        bases=bases_of_site(),
    )


def print_failure(console: Console, failure: Failure) -> None:
    """Why a repository cannot be read, and what to do."""
    console.print(f"[bold red]It cannot be read[/] ({failure.cause})")
    for text in (failure.sentence, failure.hint):
        if text:
            console.print(text, markup=False)
    for line in failure.lines:
        console.print(f"    {line}", markup=False, style="dim")


def print_inspection(console: Console, inspection: Inspection) -> None:
    """Everything that was understood, part by part, and what to do next."""
    console.print(f"{inspection.address} @ {inspection.commit}", markup=False, style="bold")
    for title, lines in _parts(inspection):
        console.print(f"\n{title}", style="bold")
        for line in lines:
            console.print(f"  {line}", markup=False)


def _parts(inspection: Inspection) -> Iterator[tuple[str, list[str]]]:
    plan = inspection.plan
    yield "What was understood", list(_understood(inspection))
    if plan.unsupported:
        yield "It cannot be rebuilt here", [plan.unsupported]
    yield "Environments that would be tried", list(_environments(plan.environments))
    yield "Tests that would be run", list(_tests(plan.tests))
    if plan.proposals:
        yield (
            "Commands that may compute the results: proposals, never run unasked",
            [line for proposal in plan.proposals for line in _proposed(proposal)],
        )
    yield "What is missing", [f"- {line}" for line in inspection.read.missing] or ["nothing"]
    yield "What to do next", list(_next(inspection))


def _understood(inspection: Inspection) -> Iterator[str]:
    """Every field with its value and where it was read."""
    said, read = inspection.description, inspection.read
    for name in _DESCRIBED:
        value = getattr(said, name)
        if value:
            yield _fact(name, _words(value), said.origins.get(name))
    for name, origin in read.origins.items():
        yield _fact(name, _words(_valued(read.manifest, name)), origin)


def _valued(manifest: Manifest, name: str) -> object:
    """The value of a field by its dotted name; of a field of a list's items, all of them."""
    value: object = manifest
    for part in name.split("."):
        parts = [getattr(one, part) for one in value] if isinstance(value, tuple) else None
        value = getattr(value, part) if parts is None else tuple(parts)
    return value


def _fact(name: str, value: str, origin: str | None) -> str:
    return f"{name:<{_WIDTH}} {value}" + (f"  (from {origin})" if origin else "")


def _words(value: object) -> str:
    """A value of a description or a manifest in a line."""
    match value:
        case None:
            return ""
        case tuple():
            return ", ".join(map(_words, value))
        case Person(name=name):
            return name
        case Article(title=title, doi=doi):
            return title or doi
        case Output(path=path, expected=expected):
            return f"{path} (expected: {expected})" if expected else path
        case Input(path=path):
            return path
    return str(value)


def _environments(environments: tuple[PlannedEnvironment, ...]) -> Iterator[str]:
    for number, one in enumerate(environments, start=1):
        python = f", Python {one.python}" if one.python else ""
        yield f"{number}. {one.strategy}{python}" + (f": {one.why}" if one.why else "")
        if one.system_packages:
            yield f"   with {', '.join(one.system_packages)}"
        yield from (f"   {note}" for note in one.notes)
    if not environments:
        yield "none"


def _tests(tests: tuple[PlannedTest, ...]) -> Iterator[str]:
    for number, one in enumerate(tests, start=1):
        yield f"{number}. {shlex.join(one.command)}"
        yield f"   {one.why}"
        if not one.counted:
            yield "   It gives an exit code and no counts, so it is never said to pass."
    if not tests:
        yield "none was found"


def _proposed(proposal: Proposal) -> Iterator[str]:
    yield proposal.why
    yield "To accept it, put this into a file reprise.toml:"
    yield from (f"    {line}" for line in proposal_toml(proposal).splitlines())


def _next(inspection: Inspection) -> Iterator[str]:
    """What to do, by what is missing."""
    manifest, plan = inspection.read.manifest, inspection.plan
    if plan.unsupported:
        yield "Mend what is said above; nothing can be run before."
        return
    if not manifest.run:
        yield "Name the command that computes your results: run and [[outputs]] in reprise.toml."
    elif not all(output.expected for output in manifest.outputs) or not manifest.outputs:
        yield "Commit the values that you published, and name them as expected in reprise.toml."
    yield "Try it: manage.py verify with the same arguments rebuilds and runs it on this machine."
