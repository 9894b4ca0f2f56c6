"""A version's files read from its archive (source.tar.gz), where the mirror is on another machine.

The archive is the portal's own work, and what it holds is not: it is read in one pass, within
bounds, and nothing of it is written anywhere. Content is named as git names it.
"""

import hashlib
import tarfile
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import IO

from registry.sources import Kind, SourceItem, SourceUnavailableError

MOST_BYTES = 200_000_000  # unpacked
MOST_FILES = 20_000
_PIECE = 1 << 20
_DAMAGE = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError)
_TOO_LARGE = "This version is too large to be looked into here. Its source archive holds all of it."

Opened = Callable[[], IO[bytes]]


class ArchivedFiles:
    """A `registry.sources.SourceFiles` over an archive. `key` is its sha256; `opened` reads it."""

    def __init__(self, opened: Opened, *, key: str) -> None:
        self._opened = opened
        self._items, self._sizes = _index(_Source(opened, key))

    def folder(self, path: str) -> tuple[SourceItem, ...] | None:
        """What lies in a folder, by name; None where no folder is."""
        start = f"{path}/" if path else ""
        below = [item for item in self._items.values() if item.path.startswith(start)]
        within = {item.path[len(start) :].partition("/")[0] for item in below}
        lying = (self._items.get(start + name) or _folder(start + name) for name in within)
        return tuple(sorted(lying, key=lambda item: item.path)) or None

    def find(self, path: str) -> SourceItem | None:
        """What stands at a path."""
        if path in self._items:
            return self._items[path]
        return _folder(path) if path and self.folder(path) else None

    def files(self) -> Mapping[str, SourceItem]:
        """Every file and link by its path."""
        return self._items

    def size(self, item: SourceItem) -> int:
        """The bytes of a file or link."""
        return self._sizes[item.path]

    def pieces(self, item: SourceItem) -> Generator[bytes]:
        """The content of a file or link."""
        with _told(), self._opened() as file, _read(file) as archive:
            for member in archive:
                if _path(member) == item.path:
                    yield from _content(archive, member)
                    return

    def close(self) -> None:
        """Nothing stays open between two reads."""


class _Source:
    """What `_index` remembers an archive by: its hash alone."""

    def __init__(self, opened: Opened, key: str) -> None:
        self.opened, self.key = opened, key

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and other.key == self.key


@lru_cache(maxsize=8)
def _index(source: _Source) -> tuple[dict[str, SourceItem], dict[str, int]]:
    """Every file of an archive, and its size. Raises SourceUnavailableError beyond the bounds."""
    items: dict[str, SourceItem] = {}
    sizes: dict[str, int] = {}
    left = MOST_BYTES
    with _told(), source.opened() as file, _read(file) as archive:
        for member in archive:
            left -= max(member.size, 0)
            if left < 0 or len(items) > MOST_FILES:
                raise SourceUnavailableError(_TOO_LARGE)
            if path := _path(member):
                items[path], sizes[path] = _item(archive, member, path)
    return dict(sorted(items.items())), sizes


def _item(archive: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> tuple[SourceItem, int]:
    size = len(member.linkname.encode()) if member.issym() else member.size
    digest = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    for piece in _content(archive, member):
        digest.update(piece)
    kind = Kind.LINK if member.issym() else Kind.FILE
    return SourceItem(path=path, kind=kind, oid=digest.hexdigest()), size


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    stream = archive.extractfile(member) if member.isfile() else None
    if stream is None:
        yield member.linkname.encode()
        return
    while piece := stream.read(_PIECE):
        yield piece


def _folder(path: str) -> SourceItem:
    return SourceItem(path=path, kind=Kind.FOLDER, oid="")


def _path(member: tarfile.TarInfo) -> str:
    """The path below the archive's one folder; empty for what is neither file nor link."""
    return member.name.partition("/")[2] if member.isfile() or member.issym() else ""


def _read(file: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(fileobj=file, mode="r|gz")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except _DAMAGE as fault:
        raise SourceUnavailableError("The source archive of this version is damaged.") from fault
