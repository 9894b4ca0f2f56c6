"""Take one file out of a tar stream that hostile code had a hand in."""

import io
import shutil
import stat
import tarfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, cast


class Refused(Exception):
    """The output exists but is not taken; the message says why, in a few plain words."""


def refusal(mode: int, size: int, room: int) -> str | None:
    """Why a file of this kind and size is not taken, or None. `mode` is POSIX's st_mode."""
    if stat.S_ISLNK(mode):
        return "it is a symbolic link, not a file"
    if stat.S_ISDIR(mode):
        return "it is a folder, not a file"
    if not stat.S_ISREG(mode):
        return "it is a special file"
    if size > room:
        return f"it is {size:,} bytes, more than the {room:,} that are left for outputs"
    return None


def save_only_member(stream: Iterable[bytes], target: Path, *, room: int, deadline: float) -> int:
    """Write the tar stream's first member to `target`; its size in bytes.

    `deadline` is on the monotonic clock. Raises Refused when the member is anything but a regular
    file of at most `room` bytes, or is not read in time; `target` is gone then.
    """
    source = cast("IO[bytes]", _Stream(stream, deadline))  # "r|" asks for nothing but read()
    with tarfile.open(fileobj=source, mode="r|") as archive:
        member = archive.next()
        content = archive.extractfile(member) if member and member.isreg() else None
        if member is None or content is None:
            raise Refused("it is not a regular file")
        if member.size > room:
            raise Refused(refusal(stat.S_IFREG, member.size, room) or "")
        try:
            _copy(content, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    return member.size


def write_inject_tar(target: IO[bytes], files: Mapping[str, bytes | Path], owner: int) -> None:
    """Write a tar of `files` and the folders above them, all owned by user and group `owner`.

    Files that lie on this machine are read piece by piece.
    """
    with tarfile.open(fileobj=target, mode="w") as archive:
        for folder in _folders(files):
            archive.addfile(_header(folder, owner, tarfile.DIRTYPE, 0o755, 0))
        for path, source in sorted(files.items()):
            with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as content:
                size = content.seek(0, io.SEEK_END)
                content.seek(0)
                archive.addfile(_header(path, owner, tarfile.REGTYPE, 0o644, size), content)


def _folders(paths: Iterable[str]) -> list[str]:
    above = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    return sorted(above - {"."})


def _header(path: str, owner: int, kind: bytes, mode: int, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(path)
    header.type, header.mode, header.size = kind, mode, size
    header.uid = header.gid = owner
    header.mtime = int(time.time())
    return header


def _copy(content: IO[bytes], target: Path) -> None:
    with target.open("xb") as file:
        target.chmod(0o600)
        shutil.copyfileobj(content, file)


class _Stream:
    """Pieces of bytes as what tarfile's streaming mode reads from; late ones are refused."""

    def __init__(self, pieces: Iterable[bytes], deadline: float) -> None:
        self._pieces = iter(pieces)
        self._deadline = deadline

    def read(self, size: int, /) -> bytes:  # noqa: ARG002 — tarfile takes longer and shorter pieces
        """The next piece, empty at the end."""
        if time.monotonic() > self._deadline:
            raise Refused("reading it took too long")
        return next(self._pieces, b"")
