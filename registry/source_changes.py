"""What changed between two versions of a model, as pages and API tell it."""

from collections.abc import Iterator
from dataclasses import dataclass

from registry.contents.differences import (
    ChangedFile,
    DifferenceLine,
    changed_files,
    difference_lines,
)
from registry.models import ModelVersion
from registry.sources import SourceUnavailableError
from registry.sourcing import place_of, site_sources, source_of

DIFFERENCES_SHOWN = 20
DIFFERENCE_CHARACTERS = 80_000  # of all together


@dataclass(frozen=True, kw_only=True)
class ShownDifference:
    """A changed file with its lines, or a sentence in their place."""

    file: ChangedFile
    lines: tuple[DifferenceLine, ...] = ()
    note: str = ""


def versions_changed(pair: tuple[ModelVersion, ModelVersion]) -> list[ChangedFile]:
    """Every file that is not the same in both. Raises SourceUnavailableError."""
    with source_of(pair[0]) as before, source_of(pair[1]) as after:
        return changed_files(before.files(), after.files())


def differences_shown(
    pair: tuple[ModelVersion, ModelVersion], changed: list[ChangedFile]
) -> Iterator[ShownDifference]:
    """The first changed files with their lines, as many as are shown at once."""
    places, left = (place_of(pair[0]), place_of(pair[1])), DIFFERENCE_CHARACTERS
    both = [one for one in changed if one.older and one.newer]
    for one in both[:DIFFERENCES_SHOWN]:
        if one.older is None or one.newer is None or left <= 0:
            return
        try:
            patch = site_sources().difference(*places, (one.older.oid, one.newer.oid))
        except SourceUnavailableError as fault:
            yield ShownDifference(file=one, note=str(fault))
            continue
        lines = difference_lines(patch)
        left -= sum(len(line.text) + 40 for line in lines)
        yield ShownDifference(file=one, lines=lines, note="" if lines else "It is not text.")
