"""Making a repository of a folder, for files that are in none: the examples, later uploads."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from git import Actor, Repo

# Fixed, so that the same files are the same commit wherever they are committed.
_AUTHOR = Actor("Reprise", "reprise@localhost")
_DATE = datetime(2026, 11, 1, tzinfo=UTC)


def repository_from_folder(source: Path, target: Path) -> Path:
    """A repository at `target` whose newest commit holds the files of `source`; `target` itself.

    Made anew unless it is there already and holds the same files.
    """
    files = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    if _holds(target, source, files):
        return target
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    repository = Repo.init(target, initial_branch="main")
    try:
        repository.index.add(sorted(path.as_posix() for path in files))
        repository.index.commit(
            "Publish the model.", author=_AUTHOR, committer=_AUTHOR,
            author_date=_DATE, commit_date=_DATE,
        )  # fmt: skip
    finally:
        repository.close()
    return target


def _holds(target: Path, source: Path, files: set[Path]) -> bool:
    held = {path.relative_to(target) for path in target.rglob("*") if path.is_file()}
    held = {path for path in held if path.parts[0] != ".git"}
    same = held == files and (target / ".git").is_dir()
    return same and all((target / f).read_bytes() == (source / f).read_bytes() for f in files)
