"""Archives that people send, read as if by an enemy: nothing is ever unpacked to a disk.

What is in an archive becomes objects of git, and what walks a commit afterwards (names, links,
limits) holds for it as for any repository. Here is what only archives can do wrong: sizes that lie,
headers without end, passwords, paths that lead out, one name twice.
"""

import bz2
import gzip
import io
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO, NoReturn

from registry.spec import archives
from registry.spec.ladder import Cause
from runners.faults import Check, RepositoryFault
from runners.limits import SourceLimits
from runners.source.tar import Readable
from runners.source.tree import too_large
from runners.source.walk import GIT_FOLDER, printable, refuse_name

# For each file that may be there, what a zip's directory holds of it; a longer one is refused
# unread, because it would be kept in memory.
_ZIP_DIRECTORY_BYTES = 150
# Between two files of a tar: longest names, and what else pax may say. Kept in memory as well.
_HEADER_BYTES = 1 << 18
_XZ_MEMORY_BYTES = 128 * 2**20
_PIECE_BYTES = 1 << 16
_EXECUTABLE = 0o111
_PASSWORD = 0x1
# What operating systems add on their own.
_LITTER = re.compile(r"__MACOSX|\.DS_Store|\._.*|Thumbs\.db|desktop\.ini")
# A folder around everything that is more than a wrapper: without it, imports would fail.
_MEANT = re.compile(r"src|lib")
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError,
    ValueError, OverflowError, IndexError,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file or link of an archive. `mode` is git's.

    `read` gives the content, of `size` bytes, and only until the next member is asked for.
    `same_as` is the path of an earlier member whose content this one shares (a hard link).
    """

    path: str
    mode: str
    size: int
    read: Callable[[], Readable]
    same_as: str = ""


def members(file: BinaryIO, *, limits: SourceLimits, check: Check) -> Iterator[Member]:
    """The files of an archive, checked, by their paths from the model's root, in its own order.

    It is read twice: names first, so that nothing is given of one that is refused for its names.
    Raises RepositoryFault, and within `faults` nothing else.
    """
    names, total = [], 0
    for member in _counted(file, limits, check):
        names.append(member.path)
        total += member.size
        if total > limits.bytes:
            raise too_large(limits.bytes)
    _refuse_clashes(names)
    top = _wrapper(names)
    for member in _counted(file, limits, check):
        same = member.same_as[len(top) :]
        yield replace(member, path=member.path[len(top) :], same_as=same)


def _counted(file: BinaryIO, limits: SourceLimits, check: Check) -> Iterator[Member]:
    """The members that are wanted, with clean paths; never more than are allowed."""
    for number, member in enumerate(_all(file, limits)):
        check()
        if number >= limits.files:
            _refuse(f"This archive has more than {limits.files:,} files and folders.")
        path = _clean(member.path)
        if path and not _is_left_out(path) and member.mode:
            same = _clean(member.same_as) if member.same_as else ""
            yield replace(member, path=path, same_as=same)


def _all(file: BinaryIO, limits: SourceLimits) -> Iterator[Member]:
    file.seek(0)
    head = file.read(archives.HEAD_BYTES)
    file.seek(0)
    kind = archives.kind_of(head)
    if archives.refused(head):
        _refuse(archives.refused(head))
    return _zipped(file, limits) if kind == archives.ZIP else _tarred(_OPENED[kind](file))


# --- Zip --------------------------------------------------------------------------------------


def _zipped(file: BinaryIO, limits: SourceLimits) -> Iterator[Member]:
    meter = _SeekableMeter(file, limits.files * _ZIP_DIRECTORY_BYTES + _HEADER_BYTES)
    with zipfile.ZipFile(meter) as zipped:
        for info in zipped.infolist():
            meter.left = info.compress_size + _HEADER_BYTES
            yield _zip_member(zipped, info)


def _zip_member(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    """The member with a mode; without one for a folder."""
    if info.flag_bits & _PASSWORD:
        _refuse("This archive is protected by a password.", "Pack it again without one.")
    # Windows programs leave the mode out, and some set backslashes between folders.
    path, mode = info.filename.replace("\\", "/"), info.external_attr >> 16
    kind = "" if info.is_dir() or path.endswith("/") else _git_mode(mode, path)
    return Member(path=path, mode=kind, size=info.file_size, read=lambda: zipped.open(info))


def _git_mode(mode: int, path: str) -> str:
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        return "120000"
    if kind not in (0, stat.S_IFREG):
        _refuse_kind(path)
    return "100755" if mode & _EXECUTABLE else "100644"


# --- Tar --------------------------------------------------------------------------------------


def _tarred(file: Readable) -> Iterator[Member]:
    meter = _Meter(file, _HEADER_BYTES)
    with tarfile.open(fileobj=meter, mode="r|") as tar:  # type: ignore[call-overload]  # it reads
        while info := tar.next():
            # Its content, and the headers of the next: a header that is longer is refused.
            meter.left = max(info.size, 0) + _HEADER_BYTES
            yield _tar_member(tar, info)
        # A damaged header looks like the end to tarfile: after the true one there are zeros only.
        meter.left += _HEADER_BYTES
        while tar.fileobj and (rest := tar.fileobj.read(_PIECE_BYTES)):
            if rest.strip(b"\0"):
                raise tarfile.TarError


def _tar_member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    member = Member(path=info.name, mode="", size=0, read=io.BytesIO)
    if info.isdir():
        return member
    if info.issym():
        target = info.linkname.encode("utf-8", "surrogateescape")
        return replace(member, mode="120000", size=len(target), read=lambda: io.BytesIO(target))
    mode = "100755" if info.mode & _EXECUTABLE else "100644"
    if info.islnk():
        return replace(member, mode=mode, same_as=info.linkname)
    if not info.isreg() or info.issparse():
        _refuse_kind(info.name)
    return replace(member, mode=mode, size=info.size, read=lambda: _content(tar, info))


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Readable:
    content = tar.extractfile(info)
    if content is None:
        raise tarfile.TarError(f"{info.name} has no content")
    return content


class _Meter:
    """A file that gives `left` bytes and no more, so that no reader can be made to hold them."""

    def __init__(self, file: Readable, left: int) -> None:
        self._file = file
        self.left = left

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes. Raises _TooMuch when there are more, and more than are left."""
        piece = self._file.read(size if 0 <= size <= self.left else self.left + 1)
        self.left -= len(piece)
        if self.left < 0:
            raise _TooMuch
        return piece


class _SeekableMeter(_Meter):
    """The same over a file in which `zipfile` may move about."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        super().__init__(file, left)
        self.seekable, self.tell, self.seek = file.seekable, file.tell, file.seek


class _TooMuch(Exception):
    """A reader asked for more than the archive may make it hold."""


class _Xz:
    """The content of an xz file. `lzma.LZMAFile` knows no bound on the memory that a file wants."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, empty at the end."""
        piece = b""
        while not piece and not self._decompressor.eof:
            more = self._file.read(_PIECE_BYTES) if self._decompressor.needs_input else b""
            if self._decompressor.needs_input and not more:
                raise EOFError
            piece = self._decompressor.decompress(more, size if size >= 0 else _PIECE_BYTES)
        return piece


_OPENED: dict[str, Callable[[BinaryIO], Readable]] = {
    archives.TAR: lambda file: file,
    archives.GZIP: lambda file: gzip.GzipFile(fileobj=file),
    archives.BZIP2: bz2.BZ2File,
    archives.XZ: _Xz,
}


# --- Names ------------------------------------------------------------------------------------


def _clean(path: str) -> str:
    """The path without “./”; "" for the archive's root. Raises RepositoryFault if it leads out."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:/", path):
        _refuse(f"This archive holds a path that leads out of it: “{printable(path)[:200]}”.")
    return "/".join(parts)


def _is_left_out(path: str) -> bool:
    """Whether git, or somebody's operating system, keeps its own things there."""
    parts = path.split("/")
    if any(GIT_FOLDER.fullmatch(part) or _LITTER.fullmatch(part) for part in parts):
        return True
    for part in parts:
        refuse_name(part, path)
    return False


def _refuse_clashes(paths: list[str]) -> None:
    """Refuse one name for two things: programs disagree on which of them it means."""
    files: set[str] = set()
    for path in paths:
        if path in files:
            _refuse(f"This archive holds “{printable(path)}” twice.")
        files.add(path)
    folders = {str(above) for path in paths for above in PurePosixPath(path).parents}
    for path in folders & files:
        _refuse(f"In this archive, “{printable(path)}” is both a file and a folder.")


def _wrapper(paths: list[str]) -> str:
    """The folder around everything, which the model itself does not know of: "model-1.0/".

    Some programs set one of the same name into it; one of another name is the model's own.
    """
    top, outer = "", ""
    while True:
        inner = {path[len(top) :].split("/", 1)[0] for path in paths}
        name = inner.pop() if len(inner) == 1 else ""
        within = f"{top}{name}/"
        meant = _MEANT.fullmatch(name) or f"{within}__init__.py" in paths
        whole = name and all(path.startswith(within) for path in paths)
        if meant or not whole or outer not in ("", name):
            return top
        top, outer = within, name


# --- Faults -----------------------------------------------------------------------------------


@contextmanager
def faults(limits: SourceLimits) -> Iterator[None]:
    """What the libraries raise for broken and hostile archives, as RepositoryFaults."""
    try:
        yield
    except _TooMuch:
        _refuse(f"This archive has headers that are too long, or more than {limits.files:,} files.")
    except NotImplementedError:
        _refuse("This archive is packed by a method that is not read here.")
    except _DAMAGE:
        _refuse("This archive is damaged, or was not sent whole.")


def _refuse_kind(path: str) -> NoReturn:
    _refuse(f"In this archive, “{printable(path)[:200]}” is neither a file, a folder nor a link.")


def _refuse(sentence: str, hint: str = archives.WAY_OUT) -> NoReturn:
    raise RepositoryFault(Cause.FETCH, sentence, hint=hint)
