"""Files as one zip, written as it is sent: neither disk nor memory holds the whole of it."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO

_PIECE = 1 << 18


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
) -> Iterator[bytes]:
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
