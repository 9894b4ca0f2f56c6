"""A version's files as pages read them: values, and the protocol of whoever reads them.

The registry knows no git. Settings name the class that reads the site's mirrors (SOURCE_READER);
where there is no mirror, the archive of a version serves in its place (registry.archived). Who
opens one or the other for a page is registry.sourcing.
"""

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What stands at a path."""

    FOLDER = "folder"
    FILE = "file"
    LINK = "link"
    SUBMODULE = "submodule"


@dataclass(frozen=True, kw_only=True)
class SourcePlace:
    """Whose files: a commit of a repository as versions name it. `folder` is the model's."""

    address: str
    commit: str
    folder: str = ""


@dataclass(frozen=True, kw_only=True)
class SourceItem:
    """Something at a path, from the model's folder. `oid` is git's name of its content."""

    path: str
    kind: Kind
    oid: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class SourceUnavailableError(Exception):
    """The files cannot be read here; the message is a sentence for people."""


class SourceFiles(Protocol):
    """The files of one place, read without running anything. For one thread; close it at the end.

    Every method raises SourceUnavailableError when what it reads is damaged or gone.
    """

    def folder(self, path: str) -> tuple[SourceItem, ...] | None:
        """What lies in a folder ("" is the top), by name; None where no folder is."""
        ...

    def find(self, path: str) -> SourceItem | None:
        """What stands at a path."""
        ...

    def files(self) -> Mapping[str, SourceItem]:
        """Every file and link by its path."""
        ...

    def size(self, item: SourceItem) -> int:
        """The bytes of a file or link."""
        ...

    def pieces(self, item: SourceItem) -> Generator[bytes]:
        """The content of a file or link, in pieces of at most 1 MiB."""
        ...

    def close(self) -> None:
        """End whatever reads."""
        ...


class SourceReader(Protocol):
    """Opens places. The class that settings name takes the folder of the mirrors."""

    def open(self, place: SourcePlace) -> SourceFiles:
        """The files of a place. Raises SourceUnavailableError when they are not here."""
        ...

    def difference(self, older: SourcePlace, newer: SourcePlace, oids: tuple[str, str]) -> str:
        """What changed between two contents, as the hunks of a unified diff; empty for binaries.

        The first of `oids` is of the older place. Raises SourceUnavailableError, also where the
        difference is too long to be shown.
        """
        ...


def head_of(files: SourceFiles, item: SourceItem, *, most: int) -> bytes:
    """The first `most` bytes of a file, or all of it when it has fewer."""
    head = b""
    with closing(files.pieces(item)) as pieces:
        for piece in pieces:
            head += piece
            if len(head) >= most:
                break
    return head[:most]
