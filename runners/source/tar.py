"""Tars of our own making: the same files give the same bytes, whoever writes them and when."""

import gzip
import tarfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Protocol

from runners.tree import Entry

LINK_MODE = "120000"
_MODES = {"100644": 0o644, "100755": 0o755, LINK_MODE: 0o777}
# The user that containers run as; see runners/containers.
_OWNER = 1000
_PIECE_BYTES = 1 << 20

Sink = BinaryIO | gzip.GzipFile
"""What a tar is written to."""


class Readable(Protocol):
    """What `tarfile` wants of a file's content."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        ...


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The files to write: their entries, their content, where links point, and one time for all.

    `modified_at` is in Unix seconds. Every entry with the mode of a link stands in `links`.
    """

    entries: Iterable[Entry]
    open: Callable[[Entry], Readable]
    links: Mapping[str, str]
    modified_at: int


def write(
    stream: Sink,
    contents: Contents,
    *,
    without: frozenset[str] = frozenset(),
    extra: Mapping[str, bytes] | None = None,
    prefix: str = "",
) -> None:
    """Write a tar of `contents` to `stream`, sorted by path, one file at a time in memory.

    A path in `without` names a file, or a folder with all that is in it. `extra` adds or replaces
    files. `prefix` ("name-1.0/") is set before every path.
    """
    added = dict(extra or {})
    taken = added.keys() | _folders(added)
    kept = {
        entry.path: entry
        for entry in contents.entries
        if entry.path not in taken and without.isdisjoint([entry.path, *_above(entry.path)])
    }
    # PAX holds any length and any name; the library writes no time of its own into it.
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as tar:
        for path in sorted(kept.keys() | added.keys() | _folders([*kept, *added])):
            header = tarfile.TarInfo(prefix + path)
            header.mtime, header.uid, header.gid = contents.modified_at, _OWNER, _OWNER
            if path in added:
                _add_bytes(tar, header, added[path])
            elif path in kept:
                _add_entry(tar, header, kept[path], contents)
            else:
                header.type, header.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(header)


def _above(path: str) -> list[str]:
    """The folders that `path` lies in, the outermost first."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _folders(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(folder for path in paths for folder in _above(path))


def _add_bytes(tar: tarfile.TarFile, header: tarfile.TarInfo, content: bytes) -> None:
    header.mode, header.size = 0o644, len(content)
    tar.addfile(header, BytesIO(content))


def _add_entry(
    tar: tarfile.TarFile, header: tarfile.TarInfo, entry: Entry, contents: Contents
) -> None:
    header.mode = _MODES[entry.mode]
    if entry.mode == LINK_MODE:
        header.type, header.linkname = tarfile.SYMTYPE, contents.links[entry.path]
        tar.addfile(header)
        return
    header.size = entry.size
    tar.addfile(header, contents.open(entry))
