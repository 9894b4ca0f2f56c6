"""Files of this machine as an archive that the portal takes."""

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reprise.portal import PortalError

# What tools leave in a folder, and the history, which the portal does not take from an archive.
_LEFT_OUT = frozenset({
    ".git", ".venv", "venv", "__pycache__", ".ipynb_checkpoints", ".pytest_cache", "node_modules",
})  # fmt: skip


@contextmanager
def packed(source: Path) -> Iterator[Path]:
    """An archive of `source`: itself where it is one, else a tar.gz of the folder, for a while.

    Raises PortalError for an empty folder.
    """
    if source.is_file():
        yield source
        return
    names = _files(source)
    if not names:
        raise PortalError(f"{source} holds no files.", "Give the folder that your model is in.")
    with tempfile.TemporaryDirectory(prefix="reprise-") as folder:
        target = Path(folder) / f"{source.resolve().name or 'model'}.tar.gz"
        with tarfile.open(target, "w:gz") as archive:
            for name in names:
                archive.add(source / name, arcname=name, recursive=False)
        yield target


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder) for path in paths)
    return sorted(name.as_posix() for name in names if not _LEFT_OUT.intersection(name.parts))
