"""What differs between two versions of a repository, file by file."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.markup import clean_text
from registry.sources import SourceItem

LINES = 300  # of one file's difference
LONGEST = 400  # characters of a line
_TONES = {"+": "added", "-": "removed", "@": "place", "\\": "note"}


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """A file that is not the same in both. `older` or `newer` is None where it is missing."""

    path: str
    older: SourceItem | None
    newer: SourceItem | None

    @property
    def change(self) -> str:
        """In one word what became of it."""
        if self.older and self.newer:
            return "changed"
        return "added" if self.newer else "removed"


@dataclass(frozen=True, kw_only=True)
class DifferenceLine:
    """A line of a unified diff; `tone` is its class."""

    text: str
    tone: str


def changed_files(
    older: Mapping[str, SourceItem], newer: Mapping[str, SourceItem]
) -> list[ChangedFile]:
    """Every file that differs, by its path."""
    return [
        ChangedFile(path=path, older=older.get(path), newer=newer.get(path))
        for path in sorted(older.keys() | newer.keys())
        if _oid(older.get(path)) != _oid(newer.get(path))
    ]


def difference_lines(patch: str) -> tuple[DifferenceLine, ...]:
    """The lines of a file's hunks, as many as are shown."""
    lines = clean_text(patch).removesuffix("\n").split("\n")[:LINES] if patch else []
    return tuple(
        DifferenceLine(text=line[:LONGEST], tone=_TONES.get(line[:1], "same")) for line in lines
    )


def _oid(item: SourceItem | None) -> str:
    return item.oid if item else ""
