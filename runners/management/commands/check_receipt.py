"""`manage.py check-receipt`: who signed a receipt, what the run saw, whether all of it holds."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.markup import escape

from registry.spec.envelope import BadReceipt
from registry.spec.receipt import RECEIPT, REPORT, Receipt
from runners.hashing import sha256_of
from runners.management.arguments import add_inputs, existing_file, inputs_given
from runners.management.receipts import (
    USAGE,
    add_keys,
    bytes_at,
    open_trusted,
    tell,
    tell_receipt,
    tell_rerun,
    trusted_keys,
)
from runners.management.rerunning import nobody, rerun
from runners.management.running import faults_told
from runners.pipeline import kept_files

DOES_NOT_HOLD = 1


class Command(BaseCommand):
    """Check a receipt with a public key, and what it says of other files."""

    help = (
        "Say who signed a receipt and what the run saw, and check the signature, the report and "
        "the files. Exit code: 0 all of it holds, 1 something does not, 2 bad usage, 3 our own "
        "fault in a rerun."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("receipt", metavar="FILE_OR_URL", help="receipt.intoto.jsonl")
        add_keys(parser)
        parser.add_argument(
            "--report", type=existing_file, metavar="FILE", help="check this report.json too"
        )
        parser.add_argument(
            "--artifacts", type=_folder, metavar="DIR", help="check the run's files in here too"
        )
        parser.add_argument(
            "--rerun", action="store_true", help="run it again here and compare (needs Docker)"
        )
        parser.add_argument(
            "--address", help="for --rerun: where the repository is now, if not where it was"
        )
        add_inputs(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check, say what was found, exit by it."""
        console = Console(highlight=False)
        try:
            trusted = trusted_keys(options, options["receipt"])
            receipt = open_trusted(bytes_at(options["receipt"]), trusted)
            tell_receipt(console, receipt, trusted)
            _check_files(console, receipt, options)
            if options["rerun"]:
                _rerun(console, receipt, options)
        except BadReceipt as refusal:
            console.print(f"[bold red]It does not hold.[/] {escape(str(refusal))}", soft_wrap=True)
            sys.exit(DOES_NOT_HOLD)
        console.print("[bold green]It holds.[/]")


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise CommandError(f"There is no folder {text}.", returncode=USAGE)
    return Path(text)


def _check_files(console: Console, receipt: Receipt, options: dict[str, Any]) -> None:
    """Hold the files given against their hashes. Raises BadReceipt at the first that differs."""
    found: dict[str, Path] = kept_files(options["artifacts"]) if options["artifacts"] else {}
    if options["report"]:
        found[REPORT] = options["report"]
    signed = {name: path for name, path in found.items() if name in receipt.files}
    for name, path in signed.items():
        if sha256_of(path) != receipt.files[name]:
            raise BadReceipt(f"{path} is not the file {name} that was signed: it was altered.")
    for name in sorted(found.keys() - signed.keys() - {RECEIPT}):
        tell(console, "not signed", name)
    if found:
        if not signed:
            raise BadReceipt("None of the files given is one that was signed.")
        tell(
            console, "checked", f"{len(signed)} of the {len(receipt.files)} files that were signed"
        )


def _rerun(console: Console, receipt: Receipt, options: dict[str, Any]) -> None:
    with faults_told(console):
        reran = rerun(
            receipt, console, identity=nobody(), address=options["address"],
            input_file=inputs_given(options), show_log=False, keep=False,
        )  # fmt: skip
    if reran.receipt is None or reran.compared is None:
        raise BadReceipt(f"It could not be run again: {reran.report.explanation}")
    tell_rerun(console, receipt, reran.receipt, reran.compared)
    if not reran.compared.agrees:
        raise BadReceipt("The signature does, but the rerun does not bear it out.")
