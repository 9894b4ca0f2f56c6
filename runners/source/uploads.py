"""Repositories made of uploaded archives, for people without git: each archive is a commit.

One bare repository for each entry, which can be made anew from the archives at any time, on any
machine, with the same commits: their times are those of the uploads.
"""

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from registry.spec.ladder import Cause
from runners.faults import Check, PlatformFault, RepositoryFault
from runners.limits import SourceLimits
from runners.source import archives, guard
from runners.source.archives import Member
from runners.source.walk import printable

_AUTHOR = "Reprise <reprise@localhost>"
_ALLOWANCE = guard.Allowance(
    seconds=60, memory_bytes=4 * 2**30, file_bytes=2**20, output_bytes=2**16
)
_PIECE_BYTES = 1 << 20
_COMPLAINT_BYTES = 64_000
_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Archive:
    """An uploaded file: the entry's `number`th. `received_at` is in Unix seconds.

    `name` is what the person called it, `sha256` that of its bytes, which `open` gives.
    """

    number: int
    name: str
    sha256: str
    received_at: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What is the same for all archives of one call."""

    repository: Path
    limits: SourceLimits
    deadline: float
    check: Check

    def checked(self) -> None:
        """`check`, and the fault of archives whose time is up."""
        self.check()
        if time.monotonic() > self.deadline:
            raise RepositoryFault(
                Cause.FETCH,
                "This archive was not unpacked in the time that is given to it.",
                hint="Leave large data out of it: they belong in a data archive such as Zenodo.",
            )


class UploadStore:
    """The repositories under the folder `root`, which nothing but this class writes to."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def place(self, number: str) -> Path:
        """Where the repository of `upload:<number>` is, or will be."""
        return self._root / f"{number}.git"

    def lay(
        self, number: str, history: Sequence[Archive], *, limits: SourceLimits, check: Check
    ) -> str:
        """Make `upload:<number>`: a commit of each archive, the first first. The last one's number.

        Each is tagged `upload-<its number>`. What is there already is not made again, and two
        workers may do this at once, since both make the same. Raises RepositoryFault for an archive
        that cannot be read.
        """
        task = _Task(
            repository=self._prepared(number),
            limits=limits,
            deadline=time.monotonic() + limits.seconds,
            check=check,
        )
        commit, chain = "", hashlib.sha256()
        for archive in history:
            chain.update(f"{archive.number} {archive.sha256} {archive.received_at}\n".encode())
            kept = f"refs/archives/{chain.hexdigest()}"
            here = _commit(task.repository, kept)
            commit = here or _made(archive, kept, parent=commit, task=task)
        return commit

    def _prepared(self, number: str) -> Path:
        repository = self.place(number)
        if not (repository / "HEAD").is_file():
            self._root.mkdir(parents=True, exist_ok=True)
            options = ("--bare", "--template=", "--initial-branch=main", "--object-format=sha1")
            _git(repository, "init", "--quiet", *options)
        return repository


def _commit(repository: Path, ref: str) -> str:
    """The commit that `ref` names; empty when it is not there."""
    return _git(repository, "for-each-ref", "--format=%(objectname)", ref).strip()


def _git(repository: Path, *arguments: str) -> str:
    finished = guard.run(
        arguments,
        repository=repository,
        variables=guard.environment(),
        allowance=_ALLOWANCE,
        check=lambda: None,
    )
    if finished.code:
        raise PlatformFault(f"An upload cannot be kept: {finished.complaint[:300]}")
    return finished.output.decode("ascii", "replace")


def _made(archive: Archive, kept: str, *, parent: str, task: _Task) -> str:
    """Make the archive's commit, and set `kept`, its tag and `main` to it."""
    with archives.faults(task.limits), archive.open() as file, _fast_import(task) as to:
        members = archives.members(file, limits=task.limits, check=task.checked)
        lines = list(_write_files(to, members, task.checked))
        _write_commit(to, archive, lines, kept=kept, parent=parent)
    return _commit(task.repository, kept)


def _write_files(to: IO[bytes], members: Iterator[Member], check: Check) -> Iterator[bytes]:
    """Write each file for `git fast-import`; the lines by which a commit names them."""
    marks: dict[str, int] = {}
    for member in members:
        if member.same_as:
            marks[member.path] = _mark_of(member, marks)
        else:
            marks[member.path] = len(marks) + 1
            to.write(b"blob\nmark :%d\n" % marks[member.path])
            _write_content(to, member, check)
        named = (member.mode.encode(), marks[member.path], _quoted(member.path))
        yield b"M %s :%d %s\n" % named


def _mark_of(member: Member, marks: dict[str, int]) -> int:
    if member.same_as in marks:
        return marks[member.same_as]
    raise RepositoryFault(
        Cause.FETCH,
        f"In this archive, “{printable(member.path)}” is a link to a file that is not in it.",
        hint="Pack the folder again with all its files.",
    )


def _write_content(to: IO[bytes], member: Member, check: Check) -> None:
    """The member's bytes, as many as it has said. Raises EOFError when there are others."""
    to.write(b"data %d\n" % member.size)
    content, left = member.read(), member.size
    while left:
        check()
        piece = content.read(min(left, _PIECE_BYTES))
        if not piece:
            raise EOFError
        left -= len(piece)
        to.write(piece)
    if content.read(1):  # At its end, a zip's checksum is looked at.
        raise EOFError
    to.write(b"\n")


def _quoted(path: str) -> bytes:
    """A path as fast-import reads it, whatever bytes it has."""
    raw = path.encode("utf-8", "surrogateescape")
    return b'"' + b"".join(b"\\%03o" % byte for byte in raw) + b'"'


def _write_commit(
    to: IO[bytes], archive: Archive, lines: list[bytes], *, kept: str, parent: str
) -> None:
    mark = len(lines) + 1
    message = f"Upload {archive.number}: {printable(archive.name)[:_LONGEST_NAME]}\n".encode()
    to.write(f"commit {kept}\nmark :{mark}\n".encode())
    to.write(f"committer {_AUTHOR} {archive.received_at} +0000\n".encode())
    to.write(b"data %d\n%s" % (len(message), message))
    to.write(f"from {parent}\ndeleteall\n".encode() if parent else b"")
    to.writelines(lines)
    for ref in (f"refs/tags/upload-{archive.number}", "refs/heads/main"):
        to.write(f"reset {ref}\nfrom :{mark}\n\n".encode())
    to.write(b"done\n")


@contextmanager
def _fast_import(task: _Task) -> Iterator[IO[bytes]]:
    """A guarded `git fast-import` to write to. Nothing is kept of it unless all went well."""
    before = _scraps(task.repository)
    process = guard.start(
        ("fast-import", "--quiet", "--done", "--force", "--date-format=raw"),
        repository=task.repository,
        variables=guard.environment(),
        limits=_hard_limits(task.limits),
        istream=subprocess.PIPE,
    )
    stream = guard.present(process.stdin)
    try:
        yield stream
        stream.close()
        complaint = guard.present(process.stderr).read(_COMPLAINT_BYTES)
        if process.wait():
            raise PlatformFault(f"An upload cannot be kept: {_safe(complaint)}")
    except BrokenPipeError as error:
        raise PlatformFault("An upload cannot be kept: git ended while it was written.") from error
    finally:
        guard.end(process)
        for scrap in _scraps(task.repository) - before:
            scrap.unlink(missing_ok=True)


def _hard_limits(limits: SourceLimits) -> tuple[str, ...]:
    """More than an archive may have, so that it is refused before git is ended."""
    seconds = str(2 * int(limits.seconds) + 1)
    memory, size = _ALLOWANCE.memory_bytes, 2 * limits.bytes + _ALLOWANCE.file_bytes
    guards = ("prlimit", f"--as={memory}", f"--fsize={size}", f"--cpu={seconds}", "--core=0", "--")
    return (*guards, "timeout", "--signal=KILL", seconds)


def _scraps(repository: Path) -> set[Path]:
    """What git was writing when it was ended."""
    return {*repository.glob("objects/pack/tmp_*"), *repository.glob("fast_import_crash_*")}


def _safe(complaint: bytes) -> str:
    return printable(complaint.decode("utf-8", "replace"))[:300]
