"""One comparison from start to end: read within bounds, compare by kind, say it in a sentence."""

import io
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from registry.spec.evidence import Comparison, WorstRow
from registry.spec.manifest import ATOL_CAP_RELATIVE, Kind, Output
from runners.compare.as_bytes import compare_bytes
from runners.compare.as_csv import compare_csv
from runners.compare.as_hdf5 import compare_hdf5
from runners.compare.as_image import compare_image
from runners.compare.as_json import compare_json
from runners.compare.as_notebook import compare_notebook
from runners.compare.as_npy import compare_npy
from runners.compare.as_text import compare_text
from runners.compare.finding import Difference, File, Finding, Rules, Unreadable

# Larger files are compared only when they are equal byte for byte; that takes no memory.
LIMIT_BYTES = 64 * 2**20
_CHUNK = 2**20
# A tolerance of exactly the cap must pass whatever the last bit of the product is.
_ROUNDING = 1 + 1e-9

_KINDS: Mapping[str, Kind] = {
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".npy": "npy",
    ".npz": "npy",
    ".ipynb": "notebook",
    **dict.fromkeys((".h5", ".hdf5", ".he5"), "hdf5"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif"), "image"),
    **dict.fromkeys((".txt", ".md", ".rst", ".log", ".dat", ".out"), "text"),
}
_COMPARATORS: Mapping[Kind, Callable[[File, File, Rules], Finding]] = {
    "json": compare_json,
    "csv": compare_csv,
    "npy": compare_npy,
    "hdf5": compare_hdf5,
    "image": compare_image,
    "notebook": compare_notebook,
    "text": compare_text,
    "bytes": compare_bytes,
}
_NOUNS: Mapping[Kind, str] = {
    "json": "values",
    "csv": "cells",
    "npy": "numbers",
    "hdf5": "numbers",
    "image": "values of pixels",
    "notebook": "lines and values",
    "text": "lines and numbers",
    "bytes": "bytes",
}


def kind_of(path: str) -> Kind:
    """The kind that a file's suffix stands for; `bytes` for any other."""
    return _KINDS.get(PurePosixPath(path).suffix.lower(), "bytes")


def compare(
    output: Output,
    *,
    produced: bytes | Path,
    expected: bytes | Path,
    against: Literal["expected", "repeat"],
    limit: int = LIMIT_BYTES,
) -> Comparison:
    """Hold `produced` against `expected` by the rules that `output` declares.

    Whatever the files hold, the answer is a Comparison: a file that is no sound json, csv or npy,
    or larger than `limit` bytes, agrees only with the same bytes. OSError passes: a file of ours
    that cannot be read is our fault.
    """
    kind = output.kind or kind_of(output.path)
    rules = Rules(
        rtol=output.rtol, atol=output.atol, ppm=output.max_mismatch_ppm, ignore=output.ignore
    )
    identical = _same_bytes(produced, expected)
    try:
        ours = read(f"the produced {output.path}", produced, limit)
        theirs = read(_expected_name(output, against), expected, limit)
        finding = _COMPARATORS[kind](ours, theirs, rules)
        flaw = _flaw(finding, rules)
    except Unreadable as fault:
        finding, flaw = Finding(), "" if identical else _sentence(str(fault))
    return Comparison(
        path=output.path,
        against=against,
        kind=kind,
        identical=identical,
        agrees=not flaw and _allowed(finding, rules),
        rtol=output.rtol,
        atol=output.atol,
        compared=finding.compared,
        mismatched=finding.mismatched,
        max_absolute_error=finding.max_absolute_error,
        max_relative_error=finding.max_relative_error,
        where=finding.worst[0].where if finding.mismatched else None,
        message=flaw or _message(finding, rules, identical=identical, noun=_NOUNS[kind]),
        worst=() if identical else tuple(map(_row, finding.worst)),
    )


def _expected_name(output: Output, against: str) -> str:
    return (
        f"the first run's {output.path}"
        if against == "repeat"
        else f"the expected {output.expected or output.path}"
    )


def _flaw(finding: Finding, rules: Rules) -> str:
    """Why a comparison says nothing, however it ended; empty where it does say something."""
    if not finding.compared:
        ignored = " once `ignore` is applied" if rules.ignore else ""
        return f"There is nothing to compare{ignored}, so nothing can be said."
    largest = finding.largest_expected
    if largest is None or rules.atol <= ATOL_CAP_RELATIVE * largest * _ROUNDING:
        return ""
    cap = ATOL_CAP_RELATIVE * largest
    return (
        f"The tolerance atol = {rules.atol:g} is too loose to mean anything: the largest expected "
        f"number is {largest:.6g}, so atol may be at most 1% of it, {cap:.3g}."
    )


def _allowed(finding: Finding, rules: Rules) -> bool:
    """Whether all agrees but a few finite numbers, no more than the rules allow."""
    only_numbers = finding.mismatched == finding.beyond
    return only_numbers and finding.beyond * 1_000_000 <= rules.ppm * finding.numbers


def _message(finding: Finding, rules: Rules, *, identical: bool, noun: str) -> str:
    if identical:
        return "The files are equal byte for byte."
    if not finding.mismatched:
        error = finding.max_absolute_error
        largest = f"; the largest difference is {error:.3g}" if error else ""
        return f"All {finding.compared} {noun} agree{largest}."
    return f"{_count(finding, rules, noun)}; {_worst(finding)}."


def _count(finding: Finding, rules: Rules, noun: str) -> str:
    if not _allowed(finding, rules):
        return f"{finding.mismatched} of {finding.compared} {noun} differ"
    lie = "lies" if finding.beyond == 1 else "lie"
    return (
        f"{finding.beyond} of {finding.numbers} numbers {lie} beyond the tolerance, "
        "which max_mismatch_ppm allows"
    )


def _worst(finding: Finding) -> str:
    place = finding.worst[0]
    rank = "the first" if math.isinf(place.excess) else "the worst"
    return f"{f'{rank} is' if finding.mismatched > 1 else 'it is'} {place.where}: {place.words}"


def _row(difference: Difference) -> WorstRow:
    return WorstRow(
        where=difference.where,
        produced=difference.produced,
        expected=difference.expected,
        absolute_error=difference.error,
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def read(name: str, source: bytes | Path, limit: int = LIMIT_BYTES) -> File:
    """The content of one side. Raises Unreadable when it is over `limit` bytes."""
    with _opened(source) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise Unreadable(f"{name} is larger than {limit // 2**20} MB, too large to compare.")
    return File(name=name, data=data)


def _same_bytes(produced: bytes | Path, expected: bytes | Path) -> bool:
    with _opened(produced) as ours, _opened(expected) as theirs:
        pairs = zip(_chunks(ours), _chunks(theirs), strict=True)
        return all(mine == wanted for mine, wanted in pairs)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Pieces of a stream, with an empty one for its end, so that a longer stream differs there."""
    while piece := stream.read(_CHUNK):
        yield piece
    yield b""


def _opened(source: bytes | Path) -> AbstractContextManager[IO[bytes]]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
