"""What the commands for a laptop take alike."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandParser

from runners.hashing import sha256_of
from runners.limits import Bounds

# Exit codes; 2 is argparse's, for bad usage.
REPOSITORY_FAULT, PLATFORM_FAULT, INTERRUPTED = 1, 3, 130


def add_source(parser: CommandParser, *, needed: bool = True) -> None:
    """Declare which repository, and which manifest instead of its own."""
    parser.add_argument(
        "address",
        metavar="ADDRESS_OR_PATH",
        nargs=None if needed else "?",
        help="https address or folder",
    )
    parser.add_argument("--ref", help="branch, tag or commit (default: the default branch)")
    parser.add_argument(
        "--folder", default="", help="the model's folder in the repository (default: its root)"
    )
    parser.add_argument(
        "--manifest", type=existing_file, help="use this file as the repository's reprise.toml"
    )


def add_inputs(parser: CommandParser) -> None:
    """Declare the files that the model reads and its repository does not hold."""
    parser.add_argument(
        "--input",
        type=existing_file,
        action="append",
        default=[],
        metavar="FILE",
        help="a file that reprise.toml names by its sha256; may be given several times",
    )


def inputs_given(options: dict[str, Any]) -> Callable[[str], IO[bytes] | None]:
    """From sha256 to the file that was given and has it."""
    known: dict[str, Path] = {sha256_of(path): path for path in options["input"]}
    return lambda sha256: known[sha256].open("rb") if sha256 in known else None


def existing_file(text: str) -> Path:
    """The file at `text`, for argparse."""
    if not Path(text).is_file():
        raise ArgumentTypeError(f"There is no file {text}.")
    return Path(text)


def manifest_given(options: dict[str, Any]) -> bytes | None:
    """The bytes of the file given as --manifest."""
    return options["manifest"].read_bytes() if options["manifest"] else None


def as_address(text: str, bounds: Bounds) -> tuple[str, Bounds]:
    """A folder of this machine as an address that the bounds allow; an address as it is."""
    if not Path(text).is_dir():
        return text, bounds
    source = replace(bounds.source, allow=bounds.source.allow | {"file"})
    return str(Path(text).resolve()), replace(bounds, source=source)
