"""What the commands about receipts share: fetching one, whose keys to believe, telling it."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError
from rich.console import Console
from securesystemslib.signer import SSlibKey

from registry.markup import clean_text
from registry.selectors.keys import keys_document
from registry.spec.agreement import Agreement, Rerun
from registry.spec.envelope import FILE_BYTES, BadReceipt, public_key
from registry.spec.receipt import Receipt, receipt_open
from registry.spec.statements import SeenOutput

WELL_KNOWN = "/.well-known/reprise-keys.json"
USAGE = 2
_SECONDS = 30
_HOME = {"127.0.0.1", "localhost", "::1"}
_LABEL = 12


@dataclass(frozen=True, kw_only=True)
class TrustedKeys:
    """The keys to believe, and when those were retired that are."""

    keys: dict[str, SSlibKey]
    retired: dict[str, datetime]


def add_keys(parser: CommandParser) -> None:
    """Declare whose signature is believed."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--key", metavar="PEM", help="file of the public key that must have signed")
    which.add_argument(
        "--keys",
        metavar="FILE_OR_URL",
        help=(
            "a portal's reprise-keys.json (default: of the portal that the receipt is fetched "
            "from, else of this one's database)"
        ),
    )


def bytes_at(place: str) -> bytes:
    """What a file or a web address holds. Raises CommandError."""
    try:
        if "://" not in place:
            return _bounded(Path(place).open("rb").read)
        _refuse_unsafe(place)
        with urllib.request.urlopen(place, timeout=_SECONDS) as reply:  # noqa: S310 — looked at above
            return _bounded(reply.read)
    except (OSError, ValueError) as error:
        raise CommandError(f"{place} cannot be read: {error}", returncode=USAGE) from error


def send_to(place: str, body: dict[str, str], *, token: str) -> str:
    """POST JSON with a token; what came back, in words. Raises CommandError for a refusal."""
    _refuse_unsafe(place)
    request = urllib.request.Request(  # noqa: S310 — looked at above
        place,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as reply:  # noqa: S310 — as above
            return "It is on the page now." if reply.status != _SEEN_BEFORE else "It was there."
    except urllib.error.HTTPError as refusal:
        raise CommandError(f"{place} refused it: {_detail(refusal)}") from refusal
    except OSError as error:
        raise CommandError(f"{place} could not be reached: {error}") from error


def trusted_keys(options: dict[str, Any], receipt: str) -> TrustedKeys:
    """The keys that the options name; else those of where the receipt came from, else our own.

    Raises CommandError, BadReceipt.
    """
    if options["key"]:
        key = public_key(bytes_at(options["key"]))
        return TrustedKeys(keys={key.keyid: key}, retired={})
    if options["keys"] or "://" in receipt:
        place = options["keys"] or urljoin(receipt, WELL_KNOWN)
        return _keys_in(bytes_at(place))
    return _own_keys()


def open_trusted(data: bytes, trusted: TrustedKeys) -> Receipt:
    """The receipt, signed by one of the keys and not after that was retired. Raises BadReceipt."""
    receipt = receipt_open(data, trusted.keys)
    retired = trusted.retired.get(receipt.keyid)
    if retired and receipt.when.started_on > retired:
        raise BadReceipt(
            f"It says that the run began on {_day(receipt.when.started_on)}, after its key was "
            f"retired on {_day(retired)}."
        )
    return receipt


def tell_receipt(console: Console, receipt: Receipt, trusted: TrustedKeys) -> None:
    """Say in plain words who signed what, and what the run saw."""
    for label, value in _facts(receipt, trusted):
        tell(console, label, value)


def tell(console: Console, label: str, value: str) -> None:
    """A line of a report; whoever wrote the value, nothing of it steers the terminal."""
    console.print(f"{label:<{_LABEL}} {clean_text(value)}", markup=False, soft_wrap=True)


def tell_rerun(console: Console, earlier: Receipt, now: Receipt, rerun: Rerun) -> None:
    """Hold a rerun beside the receipt, line by line."""
    for output in rerun.outputs:
        good = output.agreement in {Agreement.SAME, Agreement.WITHIN}
        tell(
            console, "✓ output" if good else "✗ output", f"{output.path}: {output.agreement.words}"
        )
    levels = f"{now.seen.level} ({now.seen.level_name}), receipt {earlier.seen.level}"
    tell(console, "✓ level" if rerun.level_held else "✗ level", levels)
    if earlier.seen.tests:
        tell(
            console,
            "✓ tests" if rerun.tests_held else "✗ tests",
            f"{_tests(now)}; receipt: {_tests(earlier)}",
        )


_SEEN_BEFORE = 200


def _refuse_unsafe(place: str) -> None:
    """Only https, or this very machine."""
    parts = urlsplit(place)
    if parts.scheme != "https" and (parts.scheme, parts.hostname in _HOME) != ("http", True):
        raise CommandError(f"{place} is no https address.", returncode=USAGE)


def _bounded(read: Callable[[int], bytes]) -> bytes:
    data = read(FILE_BYTES + 1)
    if len(data) > FILE_BYTES:
        raise ValueError(f"it is larger than {FILE_BYTES:,} bytes")
    return data


def _detail(refusal: urllib.error.HTTPError) -> str:
    try:
        return clean_text(str(json.loads(refusal.read(FILE_BYTES))["detail"]))
    except (ValueError, LookupError, TypeError):
        return str(refusal)


def _keys_in(document: bytes) -> TrustedKeys:
    try:
        said: dict[str, Any] = json.loads(document)["keys"]
        keys = [public_key(key["pem"]) for key in said.values()]
        retired = {
            keyid: datetime.fromisoformat(key["retired_at"])
            for keyid, key in said.items()
            if key["retired_at"]
        }
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadReceipt(f"The list of keys cannot be read: {error}.") from error
    # By the id that follows from the key itself, whatever the list calls it.
    return TrustedKeys(keys={key.keyid: key for key in keys}, retired=retired)


def _own_keys() -> TrustedKeys:
    try:
        document = keys_document()
    except DatabaseError:
        document = {"keys": {}}
    if not document["keys"]:
        raise CommandError(
            "Say whose signature is to be believed: --key PEM or --keys FILE_OR_URL.",
            returncode=USAGE,
        )
    return _keys_in(json.dumps(document).encode())


def _facts(receipt: Receipt, trusted: TrustedKeys) -> Iterator[tuple[str, str]]:
    seen, asked, when = receipt.seen, receipt.asked, receipt.when
    retired = trusted.retired.get(receipt.keyid)
    late = f" (retired on {_day(retired)}; it signed this before)" if retired else ""
    place = f"{asked.folder} in {asked.address}" if asked.folder else asked.address
    yield "signed by", f"key {receipt.keyid}{late}"
    yield "site", f"{seen.site}, as it calls itself; run {seen.run}"
    yield "source", f"{place} @ {asked.commit}"
    yield from ((_subject(digest), f"{digest}") for digest in _subjects(receipt))
    yield "when", f"{when.started_on:%Y-%m-%d %H:%M:%S} to {when.finished_on:%H:%M:%S} UTC"
    yield "machine", f"{seen.host.cpu_model}, {seen.host.engine}, network: {seen.network}"
    yield "level", f"{seen.level}: {seen.level_name}" + (f" ({seen.cause})" if seen.cause else "")
    yield "", seen.explanation
    if seen.tests:
        yield "tests", f"the repository's tests report {_tests(receipt)}"
    yield from (("output", _output(output)) for output in seen.outputs)
    yield from (
        ("claim", f"{claim.label}: {'met' if claim.agrees else 'not met'} ({claim.seen})")
        for claim in seen.claims
    )
    yield "files", f"{len(receipt.files)} by their sha256"


def _subjects(receipt: Receipt) -> list[str]:
    return [":".join(item) for thing in receipt.test.subject[1:] for item in thing.digest.items()]


def _subject(digest: str) -> str:
    return "files" if digest.startswith("gitTree") else "image"


def _tests(receipt: Receipt) -> str:
    tests = receipt.seen.tests
    if tests is None:
        return "none"
    counts = f"{tests.passed} passed, {tests.failed} failed, {tests.errors} errors"
    return f"{counts}, {tests.skipped} skipped"


def _output(output: SeenOutput) -> str:
    said = {True: "equals the expected values", False: "differs from the expected values"}
    written = ", ".join(dict.fromkeys(output.sha256)) or "not written"
    compared = said[output.expected] if output.expected is not None else "not compared"
    return f"{output.path}: {compared}; sha256 {written}"


def _day(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M} UTC"
