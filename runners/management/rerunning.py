"""Running again what a receipt speaks of, and holding the two side by side."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import msgspec
from rich.console import Console
from securesystemslib.signer import CryptoSigner

from registry.spec.agreement import Rerun, rerun_compared
from registry.spec.envelope import BadReceipt, new_secret_key
from registry.spec.evidence import Report
from registry.spec.receipt import Receipt, Signer, receipt_open
from registry.spec.statements import Reproduces
from runners.configuration import bounds_of_site
from runners.management.arguments import as_address
from runners.management.running import run_here, run_name
from runners.steps.case import Request


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who reruns: what they call themselves, and the key that they sign with."""

    site: str
    key: CryptoSigner


@dataclass(frozen=True, kw_only=True)
class Reran:
    """A rerun, its own receipt, and what it makes of the earlier one.

    `receipt` and what follows from it are None where not even the commit could be fetched.
    """

    report: Report
    data: bytes | None
    receipt: Receipt | None
    compared: Rerun | None
    folder: Path | None


def nobody() -> Identity:
    """A key of the moment, for a rerun that is shown to nobody else."""
    return Identity(site="a rerun that nobody signed for", key=new_secret_key())


def rerun(
    earlier: Receipt,
    console: Console,
    *,
    identity: Identity,
    address: str | None,
    input_file: Callable[[str], IO[bytes] | None],
    show_log: bool,
    keep: bool,
) -> Reran:
    """Run the commit, folder and manifest of a receipt again. Raises PlatformFault, BadReceipt.

    `address` is where the repository is now; only one that a person typed may be a local folder.
    `input_file` opens the file that has a sha256: what was uploaded for the entry is not handed on.
    """
    run, bounds = run_name(), bounds_of_site()
    place = earlier.asked.address
    if address is not None:
        place, bounds = as_address(address, bounds)
    done = run_here(
        replace(request_of(earlier, place), input_file=input_file), bounds, console,
        run=run, show_log=show_log, keep=keep, signer=_signer(earlier, identity, run),
    )  # fmt: skip
    if done.receipt is None:
        return Reran(report=done.report, data=None, receipt=None, compared=None, folder=done.folder)
    public = identity.key.public_key
    now = receipt_open(done.receipt, {public.keyid: public})
    if now.asked.manifest_digest != earlier.asked.manifest_digest:
        raise BadReceipt("The manifest in the receipt is not the one that its hash is of.")
    return Reran(
        report=done.report,
        data=done.receipt,
        receipt=now,
        compared=rerun_compared(earlier.seen, now.seen),
        folder=done.folder,
    )


def request_of(earlier: Receipt, address: str) -> Request:
    """What to ask for so that a receipt's run is made again."""
    asked = earlier.asked
    return Request(
        address=address,
        ref=asked.commit,
        folder=asked.folder,
        manifest=msgspec.json.encode(asked.manifest),
    )


def _signer(earlier: Receipt, identity: Identity, run: str) -> Signer:
    named = Reproduces(receipt=earlier.sha256, run=earlier.when.invocation_id)
    return Signer(
        key=identity.key, site=identity.site, run=f"urn:reprise:run:{run}", reproduces=named
    )
