"""What a manifest must satisfy beyond its types: paths that stay inside, files that exist."""

import datetime as dt
import hashlib
import math
import re

from registry.spec.ladder import Cause
from registry.spec.manifest import Claim, Input, Kind, Manifest, Output, as_lines
from runners.compare import BadPattern, LinePattern, kind_of, misplaced, too_loose
from runners.manifest.document import Document, Path
from runners.tree import Tree

MAX_INPUT_BYTES = 200_000_000
_PYTHON = re.compile(r"3(\.\d{1,2}(\.\d{1,2})?)?")
_DRIVE = re.compile(r"[A-Za-z]:")
# The kinds that hold numbers by name; the others have no samples to test.
_TESTABLE: tuple[Kind, ...] = ("json", "csv", "npy", "hdf5")


def check(tree: Tree, manifest: Manifest, document: Document) -> None:
    """Raise RepositoryFault for the first thing in a manifest that cannot be right."""
    _check_words(manifest, document)
    _check_commands(manifest, document)
    _check_workdir(tree, manifest, document)
    for place, given in enumerate(manifest.inputs):
        _check_input(tree, manifest, given, ("inputs", place), document)
    for place, output in enumerate(manifest.outputs):
        _check_output(tree, manifest, output, ("outputs", place), document)
    _check_twice(manifest, document)
    _check_seeds(manifest, document)


def _check_words(manifest: Manifest, document: Document) -> None:
    if manifest.python is not None and not _PYTHON.fullmatch(manifest.python):
        raise document.fault(
            ("python",),
            "python must be one version, such as 3.11.",
            hint='Write it in quotes, as in python = "3.11".',
        )
    if manifest.as_of is not None and not _is_date(manifest.as_of):
        raise document.fault(
            ("as_of",),
            "as_of must be a date.",
            hint="Write year, month and day, as in as_of = 2024-05-01.",
        )


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_commands(manifest: Manifest, document: Document) -> None:
    for name, command in (("test", manifest.test), ("run", manifest.run)):
        if command is None:
            continue
        has_empty = not isinstance(command, str) and () in command
        if has_empty or not as_lines(command).replace("''", "").strip():
            raise document.fault(
                (name,),
                f"{name} is empty.",
                hint=f'Write the command as you type it, as in {name} = "python model.py".',
            )
        if "\0" in as_lines(command):
            raise document.fault((name,), f"{name} holds a NUL.", hint="Remove it.")


def _check_workdir(tree: Tree, manifest: Manifest, document: Document) -> None:
    _check_path(manifest.workdir, Manifest(), ("workdir",), document)
    folder = Manifest().from_root(manifest.workdir)
    if folder != "." and not any(e.path.startswith(f"{folder}/") for e in tree.entries):
        raise document.fault(
            ("workdir",),
            f"there is no folder {manifest.workdir} in the repository.",
            hint="Name a folder from the repository's root, or leave workdir out.",
        )


def _check_path(path: str, manifest: Manifest, place: Path, document: Document) -> None:
    """Raise RepositoryFault unless `path` is relative, plain and inside the repository."""
    plain = path.isprintable() and "\\" not in path and not _DRIVE.match(path)
    if not plain or path.startswith(("/", "~")):
        raise document.fault(
            place,
            f"the path “{_printable(path)}” is not relative with forward slashes.",
            hint="Give paths from workdir, as in results/energy.csv.",
        )
    if manifest.from_root(path).split("/")[0] == "..":
        raise document.fault(
            place,
            f"the path {path} leads out of the repository.",
            hint="Reprise sees only the files of the repository: move the file into it.",
        )


def _printable(path: str) -> str:
    return "".join(char if char.isprintable() else "·" for char in path[:80])


def _check_input(
    tree: Tree, manifest: Manifest, given: Input, place: Path, document: Document
) -> None:
    _check_path(given.path, manifest, (*place, "path"), document)
    path = manifest.from_root(given.path)
    if given.sha256 is None:
        _check_without_sha256(tree, path, given, place, document)
        return
    if path not in tree:
        return
    found = hashlib.sha256(tree.read(path, limit=MAX_INPUT_BYTES)).hexdigest()
    if found != given.sha256:
        raise document.fault(
            (*place, "sha256"),
            f"the input {given.path} is not the file that was declared: its sha256 is {found}.",
            hint="Commit the right file; if this one is right, correct sha256.",
            cause=Cause.DATA,
        )


def _check_without_sha256(
    tree: Tree, path: str, given: Input, place: Path, document: Document
) -> None:
    """Only a file of the repository, which the commit fixes, needs no sha256."""
    if given.url is not None:
        raise document.fault(
            (*place, "url"),
            f"the input {given.path} has an address, but no sha256.",
            hint="Add its sha256, which `sha256sum` prints: then no other file can take its place.",
        )
    if path not in tree:
        raise document.fault(
            (*place, "path"),
            f"the input {given.path} is not in the repository.",
            hint=(
                "Commit the file, or correct its path, which is given from workdir; or add its "
                "sha256, and its url unless you upload it."
            ),
            cause=Cause.DATA,
        )


def _check_output(
    tree: Tree, manifest: Manifest, output: Output, place: Path, document: Document
) -> None:
    _check_path(output.path, manifest, (*place, "path"), document)
    if output.expected is not None:
        _check_path(output.expected, manifest, (*place, "expected"), document)
        _check_expected(tree, manifest, output, place, document)
    _check_rules(output, place, document)


def _check_expected(
    tree: Tree, manifest: Manifest, output: Output, place: Path, document: Document
) -> None:
    if output.expected and manifest.from_root(output.expected) not in tree:
        raise document.fault(
            (*place, "expected"),
            f"the expected values {output.expected} are not in the repository.",
            hint="Commit the file as you published it, or correct its path, given from workdir.",
            cause=Cause.DATA,
        )


def _check_rules(output: Output, place: Path, document: Document) -> None:
    if not math.isfinite(output.atol):
        raise document.fault(
            (*place, "atol"),
            "atol must be a finite number.",
            hint="It may be at most 1% of the largest expected value.",
        )
    kind = output.kind or kind_of(output.path)
    if kind == "bytes" and (output.rtol or output.atol or output.ignore or output.max_mismatch_ppm):
        raise document.fault(
            (*place, "path"),
            f"{output.path} is compared byte for byte, where a tolerance or ignore has no meaning.",
            hint='Say how to read it, as in kind = "csv" or kind = "text".',
        )
    if kind in ("text", "notebook"):
        _check_patterns(output, place, document)
    if output.test is not None and kind not in _TESTABLE:
        raise document.fault(
            (*place, "test"),
            f"{output.path} is read as {kind}, which has no numbers that could be tested.",
            hint=f"Write the samples to a file of the kind {', '.join(_TESTABLE)}.",
        )
    for number, claim in enumerate(output.claims):
        _check_claim(kind, claim, (*place, "claims", number), document)


def _check_claim(kind: Kind, claim: Claim, place: Path, document: Document) -> None:
    for name, number in (("value", claim.value), ("tolerance", claim.tolerance)):
        if not math.isfinite(number):
            raise document.fault(
                (*place, name),
                f"the {name} of a claim must be a finite number.",
                hint="Write it as the article states it.",
            )
    if too_loose(claim):
        raise document.fault(
            (*place, "tolerance"),
            f"the tolerance {claim.tolerance:g} is too loose for a value of {claim.value:g}.",
            hint="It may be at most half of the value: with more, anything would be reproduced.",
        )
    flaw = misplaced(kind, claim.at)
    if flaw:
        raise document.fault(
            (*place, "at"), flaw.rstrip("."), hint="docs/manifest.md shows how a place is named."
        )


def _check_patterns(output: Output, place: Path, document: Document) -> None:
    for pattern in output.ignore:
        try:
            LinePattern(pattern)
        except BadPattern as fault:
            hint = "docs/manifest.md shows what a line pattern may hold."
            raise document.fault((*place, "ignore"), str(fault), hint=hint) from fault


def _check_seeds(manifest: Manifest, document: Document) -> None:
    """Seeds are for tests and tests are for seeds: one without the other says nothing."""
    tested = [place for place, output in enumerate(manifest.outputs) if output.test is not None]
    seeds = manifest.determinism.seeds
    if tested and seeds is None:
        raise document.fault(
            ("outputs", tested[0], "test"),
            "a statistical test needs samples over several seeds, and none are declared.",
            hint="Add [determinism] with seeds, as in seeds = 8.",
        )
    if seeds is not None and not tested:
        raise document.fault(
            ("determinism", "seeds"),
            f"{seeds} seeds are declared, and no output has a test that would compare them.",
            hint='Add a test to an output, as in test = "kolmogorov-smirnov", or leave seeds out.',
        )


def _check_twice(manifest: Manifest, document: Document) -> None:
    """A path stands once, among the inputs or among the outputs."""
    inputs = [("inputs", place, each.path) for place, each in enumerate(manifest.inputs)]
    outputs = [("outputs", place, each.path) for place, each in enumerate(manifest.outputs)]
    seen: dict[str, str] = {}
    for kind, place, path in (*inputs, *outputs):
        before = seen.setdefault(manifest.from_root(path), f"{kind}{place}")
        if before == f"{kind}{place}":
            continue
        one, both = kind.removesuffix("s"), not before.startswith(kind)
        raise document.fault(
            (kind, place, "path"),
            f"{path} is declared as an input and as an output."
            if both
            else f"the {one} {path} is declared twice.",
            hint="Let `run` write another file." if both else f"Keep one [[{kind}]] for each file.",
        )
