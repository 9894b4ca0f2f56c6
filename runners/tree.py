"""A commit's files as a value: what the steps read, wherever the files lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of a tree. `mode` is git's: 100644, 100755 or 120000 (a symlink)."""

    path: str
    mode: str
    size: int


class Tree(Protocol):
    """The files of one commit. Paths are relative, with forward slashes; nothing is ever run."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every file and symlink, in path order."""
        ...

    def __contains__(self, path: object) -> bool:
        """Whether a regular file stands at `path`."""
        ...

    def read(self, path: str, *, limit: int = 1_000_000) -> bytes:
        """The bytes of a regular file. Raises KeyError if absent, RepositoryFault if over limit."""
        ...

    def text(self, path: str, *, limit: int = 1_000_000) -> str:
        """The file as text, undecodable bytes replaced and NUL removed."""
        ...

    def write_tar(self, target: Path, *, without: frozenset[str], extra: dict[str, bytes]) -> None:
        """Write the files as a tar: same input, same bytes. `extra` adds or replaces files."""
        ...
