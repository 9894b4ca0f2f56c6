"""`manage.py verify`: the portal's own pipeline on one repository, for a laptop."""

import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.markup import escape

from registry.spec.envelope import BadReceipt, public_pem, secret_key
from registry.spec.evidence import Comparison, Report
from registry.spec.ladder import Level
from registry.spec.receipt import Signer
from runners.configuration import bounds_of_site
from runners.management.arguments import (
    REPOSITORY_FAULT,
    add_inputs,
    add_source,
    as_address,
    existing_file,
    inputs_given,
    manifest_given,
)
from runners.management.receipts import (
    USAGE,
    add_keys,
    bytes_at,
    open_trusted,
    send_to,
    tell_receipt,
    tell_rerun,
    trusted_keys,
)
from runners.management.rerunning import Identity, nobody, rerun
from runners.management.running import faults_told, run_here, run_name
from runners.steps.case import Request

LOWER_THAN_EXPECTED = REPOSITORY_FAULT


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
        "Exit code: 0 at least the expected level, or with --against at least as good as the "
        "receipt, 1 lower, 2 bad usage, 3 our own fault."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        self._parser = parser
        add_source(parser, needed=False)
        add_inputs(parser)
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the report here")
        parser.add_argument("--keep", action="store_true", help="keep the evidence files")
        parser.add_argument("--log", action="store_true", help="show each step's log")
        parser.add_argument(
            "--expect", type=level_named, default=Level.RUNS, metavar="LEVEL",
            help="the level that makes the exit code 0 (default: runs)",
        )  # fmt: skip
        parser.add_argument(
            "--against", metavar="FILE_OR_URL",
            help="rerun what this receipt speaks of, and compare; ADDRESS is then where it is now",
        )  # fmt: skip
        add_keys(parser)
        parser.add_argument(
            "--sign", type=existing_file, metavar="KEY", help="sign a receipt with this secret key"
        )
        parser.add_argument("--site", metavar="NAME", help="what the receipt calls you")
        parser.add_argument("--receipt", type=Path, metavar="FILE", help="write the receipt here")
        parser.add_argument(
            "--send", metavar="URL", help="report the rerun: …/api/v1/runs/<id>/reproductions/"
        )
        parser.add_argument("--token", help="a token of yours with the scope reproductions:write")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the pipeline, print the summary, write what was asked for, exit by the verdict."""
        console = Console(highlight=False)
        if unfit := unfitting(options):
            self._parser.error(unfit)
        try:
            with faults_told(console):
                good = (
                    _against(console, options) if options["against"] else _alone(console, options)
                )
        except BadReceipt as refusal:
            console.print(f"[bold red]It does not hold.[/] {escape(str(refusal))}", soft_wrap=True)
            sys.exit(LOWER_THAN_EXPECTED)
        if not good:
            sys.exit(LOWER_THAN_EXPECTED)


def unfitting(options: dict[str, Any]) -> str:
    """Why these options do not go together, as a sentence; empty when they do."""
    wrong = (
        (not options["address"] and not options["against"], "Give an address, or --against."),
        (bool(options["sign"]) != bool(options["site"]), "--sign and --site go together."),
        (options["send"] and not options["sign"], "--send wants --sign: nobody takes unsigned."),
        (options["send"] and not options["against"], "--send wants --against."),
        (bool(options["send"]) != bool(options["token"]), "--send and --token go together."),
        (options["receipt"] and not options["sign"], "--receipt wants --sign."),
        (
            options["against"] and (options["ref"] or options["folder"] or options["manifest"]),
            "The receipt says which commit, folder and manifest: leave --ref and the like out.",
        ),
    )
    return next((sentence for is_so, sentence in wrong if is_so), "")


def _alone(console: Console, options: dict[str, Any]) -> bool:
    """Verify a repository; whether it reached the expected level."""
    address, bounds = as_address(options["address"], bounds_of_site())
    request = Request(
        address=address,
        ref=options["ref"],
        folder=options["folder"],
        manifest=manifest_given(options),
        input_file=inputs_given(options),
    )
    run, identity = run_name(), _identity(options)
    signer = Signer(key=identity.key, site=identity.site, run=f"urn:reprise:run:{run}")
    done = run_here(
        request, bounds, console, run=run, show_log=options["log"], keep=options["keep"],
        signer=signer if options["sign"] else None,
    )  # fmt: skip
    _finish(console, options, done.report, done.receipt, done.folder)
    return bool(done.report.level >= options["expect"])


def _against(console: Console, options: dict[str, Any]) -> bool:
    """Run what a receipt speaks of again; whether it is borne out."""
    trusted = trusted_keys(options, options["against"])
    earlier = open_trusted(bytes_at(options["against"]), trusted)
    tell_receipt(console, earlier, trusted)
    reran = rerun(
        earlier, console, identity=_identity(options), address=options["address"],
        input_file=inputs_given(options), show_log=options["log"], keep=options["keep"],
    )  # fmt: skip
    _finish(console, options, reran.report, reran.data, reran.folder)
    if reran.receipt is None or reran.compared is None or reran.data is None:
        return False
    console.print()
    tell_rerun(console, earlier, reran.receipt, reran.compared)
    good = reran.compared.agrees
    said = "It agrees with the receipt." if good else "It does not agree with the receipt."
    console.print(said, style="bold green" if good else "bold red")
    if options["send"]:
        pem = public_pem(_identity(options).key.public_key)
        body = {"receipt": reran.data.decode(), "public_key": pem}
        console.print(send_to(options["send"], body, token=options["token"]), markup=False)
    return good


def _identity(options: dict[str, Any]) -> Identity:
    if not options["sign"]:
        return nobody()
    try:
        return Identity(site=options["site"], key=secret_key(options["sign"].read_bytes()))
    except BadReceipt as refusal:
        raise CommandError(f"{options['sign']}: {refusal}", returncode=USAGE) from refusal


def _finish(
    console: Console,
    options: dict[str, Any],
    report: Report,
    receipt: bytes | None,
    folder: Path | None,
) -> None:
    """Print the summary, and write the files that were asked for."""
    print_summary(console, report)
    if folder:
        console.print(f"Evidence kept in {folder}", soft_wrap=True)
    if options["json"]:
        whole = msgspec.json.format(msgspec.json.encode(report), indent=2)
        options["json"].write_bytes(whole + b"\n")
    if options["receipt"] and receipt:
        options["receipt"].write_bytes(receipt)


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
