"""A tree held in memory, for tests of whatever reads a commit's files."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.source import links, tar
from runners.tree import Entry


class MemoryTree:
    """A `runners.tree.Tree` of `files` (path → content; text is written as UTF-8).

    `symlinks` maps paths to targets; those that lead out of the tree are left out, as they are
    from a real commit. Held to the same contract as GitTree by tests/source/test_tree_contract.py.
    """

    def __init__(
        self,
        files: Mapping[str, bytes | str],
        *,
        symlinks: Mapping[str, str] | None = None,
        executables: frozenset[str] = frozenset(),
        modified_at: int = 0,
    ) -> None:
        given = symlinks or {}
        self._files = {p: c.encode() if isinstance(c, str) else c for p, c in files.items()}
        self._links = {p: t for p, t in given.items() if p not in links.leaving(given)}
        self._executables = executables
        self._modified_at = modified_at

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every file and symlink, in path order."""
        files = [Entry(path=p, mode=self._mode(p), size=len(c)) for p, c in self._files.items()]
        linked = [Entry(path=p, mode="120000", size=len(t)) for p, t in self._links.items()]
        return tuple(sorted(files + linked, key=lambda entry: entry.path))

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def read(self, path: str, *, limit: int = 1_000_000) -> bytes:
        """The bytes of a regular file."""
        content = self._files[path]
        if len(content) > limit:
            raise RepositoryFault(Cause.FETCH, f"{path} is too large to be read.")
        return content

    def text(self, path: str, *, limit: int = 1_000_000) -> str:
        """The file as text, undecodable bytes replaced and NUL removed."""
        return self.read(path, limit=limit).decode("utf-8-sig", "replace").replace("\0", "")

    def write_tar(self, target: Path, *, without: frozenset[str], extra: dict[str, bytes]) -> None:
        """Write the files as a tar: same input, same bytes."""
        contents = tar.Contents(
            entries=self.entries,
            open=lambda entry: BytesIO(self._files[entry.path]),
            links=self._links,
            modified_at=self._modified_at,
        )
        with target.open("wb") as stream:
            tar.write(stream, contents, without=without, extra=extra)

    def _mode(self, path: str) -> str:
        return "100755" if path in self._executables else "100644"
