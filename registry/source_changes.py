"""What changed between versions of a model, as pages and API tell it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import QuerySet

from registry.contents.differences import (
    ChangedFile,
    DifferenceLine,
    changed_files,
    difference_lines,
)
from registry.models import ModelVersion
from registry.sources import Kind, SourceUnavailableError
from registry.sourcing import place_of, site_sources, source_of

VERSIONS_LOOKED_AT = 30
DIFFERENCES_SHOWN = 20
DIFFERENCE_CHARACTERS = 80_000  # of all together
NO_VERSION_HAS_IT = f"None of the newest {VERSIONS_LOOKED_AT + 1} versions has such a file."


@dataclass(frozen=True, kw_only=True)
class ShownDifference:
    """A changed file with its lines, or a sentence in their place."""

    file: ChangedFile
    lines: tuple[DifferenceLine, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Touched:
    """A version, what it did with a file, and which version was before it.

    `oid` is git's name of the file's content as of then, empty where the version removed it.
    """

    version: ModelVersion
    change: str
    oid: str
    before: int | None


@dataclass(frozen=True, kw_only=True)
class FileHistory:
    """The versions that changed a file, the newest first.

    `since` is the oldest version whose changes were looked for, None where no older one is.
    """

    touched: tuple[Touched, ...]
    since: int | None


def file_history(versions: QuerySet[ModelVersion], path: str) -> FileHistory | None:
    """What each of the newest versions did with a file; None where none of them has it.

    `versions` are the newest first. Raises SourceUnavailableError.
    """
    seen: list[ModelVersion | None] = list(versions[: VERSIONS_LOOKED_AT + 1])
    if len(seen) <= VERSIONS_LOOKED_AT:
        seen.append(None)
    oids = [(version, _oid_in(version, path) if version else "") for version in seen]
    if not any(oid for _, oid in oids):
        return None
    earliest, (oldest, _) = oids[-2][0], oids[-1]
    return FileHistory(
        touched=tuple(_touched(oids)), since=earliest.number if earliest and oldest else None
    )


def _touched(oids: list[tuple[ModelVersion | None, str]]) -> Iterator[Touched]:
    for (version, oid), (before, was) in pairwise(oids):
        if version and oid != was:
            change = "added" if not was else "changed" if oid else "removed"
            number = before.number if before else None
            yield Touched(version=version, change=change, oid=oid, before=number)


def _oid_in(version: ModelVersion, path: str) -> str:
    with source_of(version) as files:
        item = files.find(path)
        return item.oid if item and item.kind is not Kind.FOLDER else ""


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
