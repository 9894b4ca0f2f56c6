"""Archives of a version's files made from its source.tar.gz, one file at a time in memory.

The same files give the same bytes: paths in the order of the source, its times, no others, and
one thread for each compression. What lies in the archive is a repository's, and nothing of it is
written to a disk here.
"""

import gzip
import stat
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import IO

import zstandard

_Members = Iterator[tarfile.TarInfo]
_PIECE = 1 << 18
# Half as fast as level 3 and a tenth smaller; a version is packed once and pulled many times.
_ZSTD_LEVEL = 9
_GZIP_LEVEL = 6
# The times that a zip can hold, in Unix seconds.
_ZIP_TIMES = (315_532_800, 4_354_819_198)
_FOLDER_FLAG = 0x10  # MS-DOS's, which readers of zips ask for beside the mode


class Form(StrEnum):
    """The kinds of archive, as their names end."""

    TAR_GZ = "tar.gz"
    TAR_ZST = "tar.zst"
    ZIP = "zip"


MEDIA_TYPES: Mapping[Form, str] = {
    Form.TAR_GZ: "application/gzip",
    Form.TAR_ZST: "application/zstd",
    Form.ZIP: "application/zip",
}


def measured(source: IO[bytes], *, folder: str) -> int | None:
    """The bytes of all files in a folder ("" is the top), unpacked; None where there is none.

    No slash stands at either end of `folder`.
    """
    with _opened(source) as given:
        sizes = [member.size for member in _members(given, folder)]
    return sum(sizes) if sizes else None


def written(source: IO[bytes], target: IO[bytes], *, form: Form, folder: str) -> None:
    """Write the archive of a folder to `target`, with the paths that the whole one has."""
    with _opened(source) as given:
        _WRITERS[form](given, _members(given, folder), target)


def _opened(source: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(fileobj=source, mode="r|gz")


def _members(source: tarfile.TarFile, folder: str) -> _Members:
    """What lies in a folder, in the order of the source: below its one top folder."""
    start = f"{folder}/" if folder else ""
    for member in source:
        path = member.name.partition("/")[2]
        if path.startswith(start) or (path == folder and member.isdir()):
            yield member


def _write_gzip(given: tarfile.TarFile, members: _Members, target: IO[bytes]) -> None:
    with gzip.GzipFile("", "wb", _GZIP_LEVEL, target, mtime=0) as packed:
        _write_tar(given, members, packed)


def _write_zstd(given: tarfile.TarFile, members: _Members, target: IO[bytes]) -> None:
    compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
    with compressor.stream_writer(target, closefd=False) as packed:
        _write_tar(given, members, packed)


def _write_tar(
    given: tarfile.TarFile, members: _Members, target: IO[bytes] | gzip.GzipFile
) -> None:
    with tarfile.open(
        fileobj=target, mode="w|", format=tarfile.PAX_FORMAT, encoding="utf-8"
    ) as tar:
        for member in members:
            tar.addfile(member, given.extractfile(member) if member.isfile() else None)


def _write_zip(given: tarfile.TarFile, members: _Members, target: IO[bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=_GZIP_LEVEL) as packed:
        for member in members:
            entry = _zip_entry(member)
            if member.isdir():
                packed.writestr(entry, b"")
                continue
            with packed.open(entry, "w") as file:
                for piece in _content(given, member):
                    file.write(piece)


def _zip_entry(member: tarfile.TarInfo) -> zipfile.ZipInfo:
    """The entry as Unix writes one: a mode, and a link whose content is where it leads."""
    earliest, latest = _ZIP_TIMES
    at = time.gmtime(min(max(int(member.mtime), earliest), latest))
    entry = zipfile.ZipInfo(member.name + "/" * member.isdir(), at[:6])
    kind = stat.S_IFDIR if member.isdir() else stat.S_IFLNK if member.issym() else stat.S_IFREG
    entry.external_attr = (kind | member.mode) << 16 | _FOLDER_FLAG * member.isdir()
    entry.create_system = 3  # Unix, wherever this runs
    entry.compress_type = zipfile.ZIP_DEFLATED if member.isfile() else zipfile.ZIP_STORED
    entry.file_size = member.size
    return entry


def _content(given: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    stream = given.extractfile(member) if member.isfile() else None
    if stream is None:
        yield member.linkname.encode()
        return
    while piece := stream.read(_PIECE):
        yield piece


_WRITERS: Mapping[Form, Callable[[tarfile.TarFile, _Members, IO[bytes]], None]] = {
    Form.TAR_GZ: _write_gzip,
    Form.TAR_ZST: _write_zstd,
    Form.ZIP: _write_zip,
}
