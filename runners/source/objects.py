"""Objects of a bare repository, each hashed again as it is read."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from runners.faults import PlatformFault
from runners.source import guard

_PIECE_BYTES = 1 << 20
_HEADER_BYTES = 200
# Longer than any verification; a reader ends by itself with the process that it reads for.
_CPU_SECONDS = 3600
_LIMITS = ("prlimit", f"--as={4 * 2**30}", f"--cpu={_CPU_SECONDS}", "--core=0", "--")


class Objects:
    """Reads objects through one `git cat-file --batch-command`, started when first needed.

    For one thread at a time. An object whose content has another hash than its name, or that is
    missing, is our mirror's damage: PlatformFault.
    """

    def __init__(self, repository: Path) -> None:
        self.repository = repository
        self._process: subprocess.Popen[bytes] | None = None

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """End the reader. Reading again starts a new one."""
        if self._process is not None:
            guard.end(self._process)
            self._process = None

    def chunks(self, oid: str, kind: str, *, most: int) -> Iterator[bytes]:
        """The content of the object in pieces of at most 1 MiB.

        Raises TooMuch when it has over `most` bytes, before any of it is read.
        """
        left = size = self._ask(oid, kind)
        if size > most:
            self.close()
            raise guard.TooMuch
        digest = hashlib.sha1(f"{kind} {size}\0".encode(), usedforsecurity=False)
        whole = False
        try:
            while not whole:
                piece = self._read(min(left, _PIECE_BYTES))
                left -= len(piece)
                digest.update(piece)
                if left == 0:
                    # Before the last piece is given: a reader who counts asks for no more.
                    self._finish(oid, digest.hexdigest())
                    whole = True
                yield piece
        finally:
            if not whole:
                # What is unread would be taken for the next answer.
                self.close()

    def read(self, oid: str, kind: str, *, most: int) -> bytes:
        """The whole content of the object. Raises TooMuch when it has over `most` bytes."""
        return b"".join(self.chunks(oid, kind, most=most))

    def size(self, oid: str, kind: str) -> int:
        """How many bytes the object has by git's own account; none of them is read."""
        return self._ask(oid, kind, command="info")

    def _ask(self, oid: str, kind: str, *, command: str = "contents") -> int:
        """Ask for the object; its size in bytes. Of its contents, all must then be read."""
        process = self._running()
        stdin, stdout = guard.present(process.stdin), guard.present(process.stdout)
        try:
            stdin.write(f"{command} {oid}\n".encode())
            stdin.flush()
        except BrokenPipeError as error:
            self.close()
            raise self._damage("git ended") from error
        answer = stdout.readline(_HEADER_BYTES).decode("ascii", "replace").split()
        if answer[:2] != [oid, kind]:
            self.close()
            raise self._damage(f"{oid} is not there as a {kind}")
        return int(answer[2])

    def _finish(self, oid: str, digest: str) -> None:
        """Read the line's end after an object, and hold its hash to its name."""
        self._read(1)
        if digest != oid:
            raise self._damage(f"the content of {oid} has changed")

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            self._process = guard.start(
                ("cat-file", "--batch-command"),
                repository=self.repository,
                variables=guard.environment(),
                limits=_LIMITS,
                istream=subprocess.PIPE,
            )
        return self._process

    def _read(self, size: int) -> bytes:
        piece = guard.present(self._running().stdout).read(size)
        if len(piece) < size:
            raise self._damage("git ended while it was read")
        return piece

    def _damage(self, what: str) -> PlatformFault:
        return PlatformFault(
            f"The mirror {self.repository} is damaged: {what}. "
            "Remove that folder; the repository is then fetched again."
        )
