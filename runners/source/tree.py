"""A commit's files, read from a bare repository: nothing is checked out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from registry.spec.ladder import Cause
from runners.faults import Check, PlatformFault, RepositoryFault
from runners.source import guard, links, tar
from runners.source.objects import Objects
from runners.source.walk import Found, Walked
from runners.tree import Entry

_LONGEST_TARGET = 4096
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What all blobs of a walk amount to, each of them hashed.

    `sizes` maps object names to bytes, `targets` the links that stay inside to what they point
    at. `outside` and `pointers` are paths: links that lead out, and Git LFS pointers.
    """

    sizes: Mapping[str, int]
    targets: Mapping[str, str]
    outside: tuple[str, ...]
    pointers: tuple[str, ...]


class GitTree:
    """A `runners.tree.Tree` over the objects of a bare repository. For one thread at a time.

    Every content is hashed as it is read, so a damaged mirror is a PlatformFault and no other
    result.
    """

    def __init__(
        self, objects: Objects, files: list[Found], survey: Survey, *, modified_at: int
    ) -> None:
        kept = [found for found in files if found.path not in survey.outside]
        self._objects = objects
        self._oids = {found.path: found.oid for found in kept}
        self._links = survey.targets
        self._modified_at = modified_at
        self._entries = tuple(
            Entry(path=found.path, mode=found.mode, size=survey.sizes[found.oid]) for found in kept
        )
        self._sizes = {e.path: e.size for e in self._entries if e.mode != tar.LINK_MODE}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every file and symlink, in path order."""
        return self._entries

    def __contains__(self, path: object) -> bool:
        return path in self._sizes

    def read(self, path: str, *, limit: int = 1_000_000) -> bytes:
        """The bytes of a regular file. Raises KeyError if absent, RepositoryFault if over limit."""
        size = self._sizes[path]
        if size > limit:
            raise RepositoryFault(
                Cause.FETCH,
                f"{path} has {size:,} bytes, and is read up to {limit:,} only.",
                hint="Make it smaller, or move what is large in it to a file of its own.",
            )
        return self._objects.read(self._oids[path], "blob", most=limit)

    def text(self, path: str, *, limit: int = 1_000_000) -> str:
        """The file as text, undecodable bytes replaced, byte-order mark and NUL removed."""
        return self.read(path, limit=limit).decode("utf-8-sig", "replace").replace("\0", "")

    def write_tar(self, target: Path, *, without: frozenset[str], extra: dict[str, bytes]) -> None:
        """Write the files as a tar: same input, same bytes. Source of the rules: tar.write."""

        def write(stream: tar.Sink) -> None:
            tar.write(stream, self._contents(), without=without, extra=extra)

        written(target, write)

    def write_archive(self, stream: tar.Sink, *, prefix: str) -> None:
        """Write all files as a tar for readers, every path under `prefix`."""
        tar.write(stream, self._contents(), prefix=prefix)

    def close(self) -> None:
        """End the reader of objects. Reading again starts a new one."""
        self._objects.close()

    def _contents(self) -> tar.Contents:
        return tar.Contents(
            entries=self._entries,
            open=lambda entry: _Stream(
                self._objects.chunks(self._oids[entry.path], "blob", most=entry.size)
            ),
            links=self._links,
            modified_at=self._modified_at,
        )


def written(target: Path, write: Callable[[tar.Sink], None]) -> None:
    """Call `write` with the new file `target`. Raises PlatformFault when the disk will not."""
    try:
        with target.open("wb") as stream:
            write(stream)
    except OSError as error:
        raise PlatformFault(f"{target} could not be written: {error.strerror}.") from error


class _Stream:
    """The pieces of a blob as something with `read`."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """At least one byte and at most `size` (all of the next piece for -1); empty at the end."""
        while size < 0 or len(self._rest) < size:
            piece = next(self._pieces, b"")
            self._rest += piece
            if not piece:
                break
        end = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:end], self._rest[end:]
        return taken


def survey(objects: Objects, walked: Walked, *, most_bytes: int, check: Check) -> Survey:
    """Read and hash every blob of a walk. Raises RepositoryFault when all files exceed the bound.

    A blob counts as often as a path names it, as it would if the files were written.
    """
    sizes: dict[str, int] = {}
    pointers: set[str] = set()
    left = most_bytes
    for found in walked.files:
        if found.oid not in sizes:
            sizes[found.oid], is_pointer = _measure(objects, found.oid, left, check)
            pointers |= {found.oid} if is_pointer else set()
        left -= sizes[found.oid]
        if left < 0:
            raise too_large(most_bytes)
    linked = {
        found.path: _target(objects, found.oid, sizes[found.oid])
        for found in walked.files
        if found.mode == tar.LINK_MODE
    }
    outside = links.leaving(linked)
    return Survey(
        sizes=sizes,
        targets={path: target for path, target in linked.items() if path not in outside},
        outside=tuple(sorted(outside)),
        pointers=tuple(found.path for found in walked.files if found.oid in pointers),
    )


def too_large(most_bytes: int) -> RepositoryFault:
    """The fault of a repository that exceeds the bound on bytes."""
    return RepositoryFault(
        Cause.FETCH,
        f"This repository is larger than the {most_bytes / 1e6:,.0f} MB that are fetched here.",
        hint="Move large data to a data archive such as Zenodo, and keep code, small inputs and "
        "expected outputs in the repository.",
    )


def _measure(objects: Objects, oid: str, most: int, check: Check) -> tuple[int, bool]:
    """A blob's size, and whether it is a Git LFS pointer."""
    size, is_pointer = 0, False
    try:
        for piece in objects.chunks(oid, "blob", most=most):
            check()
            is_pointer = is_pointer or (size == 0 and piece.startswith(_LFS_POINTER))
            size += len(piece)
    except guard.TooMuch:
        # The caller, who knows the bound, sees it exceeded.
        return most + 1, False
    return size, is_pointer


def _target(objects: Objects, oid: str, size: int) -> str:
    """Where a link points; "/" (outside) for what cannot be a path."""
    if not 0 < size <= _LONGEST_TARGET:
        return "/"
    target = objects.read(oid, "blob", most=size).decode("utf-8", "replace")
    return target if target.isprintable() and "\ufffd" not in target else "/"
