"""The door: whether a comparison is worth drawing, and the files that drawings are kept in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from registry.spec.evidence import Comparison, Figure
from registry.spec.manifest import Output
from runners.compare.finding import Unreadable

# Of one comparison: a reader looks at a few drawings, and a page has to carry them.
MOST_DRAWINGS = 4
MOST_BYTES = 1_000_000
# Of a run: past them, what differs is said in words alone.
MOST_OF_A_RUN = 60
_DRAWABLE = frozenset({"json", "csv", "npy", "hdf5", "image"})
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_STEM = 100


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A drawing that is not yet kept: its bytes, what it is, and what it shows in words."""

    content: bytes
    suffix: str
    caption: str
    alternative: str


def draw(
    output: Output,
    comparison: Comparison,
    *,
    produced: Sequence[Path],
    expected: Sequence[bytes | Path],
    folder: Path,
    stem: str,
) -> tuple[Figure, ...]:
    """Draw a comparison into `folder`, which is the artifacts' "figures"; () where nothing is.

    `produced` and `expected` are the files of one sample each: one, or one a seed. `stem` begins
    the names. A drawing is an SVG, of pictures a PNG, of at most MOST_BYTES. Nothing that a file
    holds raises; OSError passes, since a file of ours that cannot be read or written is our fault.
    """
    if not worth_drawing(comparison) or _count(folder) >= MOST_OF_A_RUN:
        return ()
    # matplotlib takes a second to import: runs that have nothing to draw do without.
    from runners.figures.gallery import drawings  # noqa: PLC0415

    try:
        found = list(islice(drawings(output, comparison, produced, expected), MOST_DRAWINGS))
    except Unreadable:
        return ()
    kept = [drawing for drawing in found if drawing and len(drawing.content) <= MOST_BYTES]
    return tuple(_keep(drawing, folder, f"{stem}-{n}") for n, drawing in enumerate(kept, start=1))


def worth_drawing(comparison: Comparison) -> bool:
    """Whether there is something to see: a difference from the expected values, or a sample.

    That two runs agree needs a sentence alone.
    """
    if comparison.kind not in _DRAWABLE or not comparison.compared:
        return False
    if comparison.against == "repeat":
        return not comparison.agrees
    return comparison.statistic is not None or not comparison.identical


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def _keep(drawing: Drawing, folder: Path, stem: str) -> Figure:
    name = f"{_UNSAFE.sub('-', stem)[-_LONGEST_STEM:]}.{drawing.suffix}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(drawing.content)
    return Figure(name=f"figures/{name}", caption=drawing.caption, alternative=drawing.alternative)
