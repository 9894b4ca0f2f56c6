"""Files as one zip, written as it is sent: neither disk nor memory holds the whole of it."""

import io
import zipfile
from collections.abc import Callable, Generator, Iterable
from datetime import datetime
from typing import IO

_PIECE = 1 << 18
# Bytes of what a zip holds beside contents and names, as `zipfile` writes to what cannot go back
# (PKWARE's APPNOTE 4.3): before and after a file, in the directory, at the end; with zip64, more.
_AROUND, _IN_DIRECTORY, _END = 30 + 20 + 24, 46, 22
_EXTRA, _EXTRA_FIELD, _END_64 = 4, 8, 56 + 20


class _Sink(io.RawIOBase):
    """What was written since it was last asked."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """It takes, and cannot go back: a zip for such a one needs no second look."""
        return True

    def write(self, piece: object) -> int:
        """Take a piece."""
        taken = bytes(memoryview(piece))  # type: ignore[arg-type]  # typeshed's Buffer has no name at run time in 3.11
        self._pieces.append(taken)
        return len(taken)

    def taken(self) -> bytes:
        """All pieces since the last call."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def zipped(
    files: Iterable[tuple[str, Callable[[], IO[bytes]]]], *, at: datetime
) -> Generator[bytes]:
    """The pieces of a zip of `files`, each opened when its turn comes, all of the moment `at`.

    The same files give the same bytes. Nothing is compressed: what is large in a run is so already.
    When a file cannot be read the zip ends before its directory, and nothing can open it.
    """
    sink = _Sink()
    archive = zipfile.ZipFile(sink, "w")
    for name, opened in files:
        entry = zipfile.ZipInfo(name, at.timetuple()[:6])
        with opened() as source, archive.open(entry, "w", force_zip64=True) as target:
            while piece := source.read(_PIECE):
                target.write(piece)
                yield sink.taken()
    archive.close()
    yield sink.taken()


def zipped_size(files: Iterable[tuple[str, int]]) -> int:
    """The bytes of the zip that `zipped` makes of files with these names and sizes."""
    offset = directory = count = 0
    for name, size in files:
        named = len(name.encode())
        fields = 2 * _is_wide(size) + _is_wide(offset)
        directory += _IN_DIRECTORY + named + (_EXTRA + _EXTRA_FIELD * fields if fields else 0)
        offset += _AROUND + named + size
        count += 1
    wide = count > zipfile.ZIP_FILECOUNT_LIMIT or _is_wide(offset) or _is_wide(directory)
    return offset + directory + _END + (_END_64 if wide else 0)


def _is_wide(number: int) -> bool:
    return number > zipfile.ZIP64_LIMIT
