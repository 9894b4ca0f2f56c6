"""One commit as it was mirrored: what it is, what is in it, and what was left out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from registry.spec.ladder import Cause
from runners.faults import Check, RepositoryFault
from runners.source import guard
from runners.source.folder import documents_of, find_folder, no_folder
from runners.source.objects import Objects
from runners.source.tree import GitTree, Survey, survey
from runners.source.walk import Walked, printable, walk
from runners.tree import Tree

_LARGEST_COMMIT = 2**20
_LARGEST_LIST = 100_000  # bytes of .gitmodules
_TREE = re.compile(rb"tree ([0-9a-f]{40})\n")
_COMMITTER = re.compile(rb"^committer [^\n]*? (\d{1,11}) [+-]\d{4}$", re.MULTILINE)
_NAMED_AT_MOST = 5


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The files of one commit. `files` and `bytes` count what `tree` holds.

    `committed_at` is ISO 8601 in UTC. `warnings` say in plain words what of the commit is not in
    `tree`; `tree_swhid` names the whole of it, hashed again object by object. `pointers` are the
    Git LFS pointers in `tree`, whose files are elsewhere.

    With a `folder`, `tree` and `tree_swhid` are that folder's. `inherited` are the README and the
    licence of the repository's root, which stand in `tree` where the folder has none of its own.
    """

    address: str
    ref: str | None
    folder: str = ""
    commit: str
    tree_swhid: str
    committed_at: str
    tree: Tree
    files: int
    bytes: int
    warnings: tuple[str, ...] = ()
    inherited: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Caps:
    """How much one commit may hold: files with folders, and bytes of all files."""

    files: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A commit, or a folder of it, walked and hashed within its caps."""

    commit: str
    folder: str
    root: str
    committed_at: int
    walked: Walked
    inherited: tuple[str, ...]
    survey: Survey


def list_commit(
    objects: Objects, commit: str, *, folder: str = "", caps: Caps, check: Check
) -> Listing:
    """Walk and hash everything that `commit`, or a folder of it, holds.

    Raises RepositoryFault beyond the caps, and where the folder is not there or is empty.
    """
    top, committed_at = read_commit(objects, commit)
    root = find_folder(objects, top, folder)
    if root is None:
        raise no_folder(folder, walk(objects, top, most_files=caps.files, check=check))
    walked = walk(objects, root, most_files=caps.files, check=check)
    walked.submodules.extend(_promised(objects, walked))
    inherited = documents_of(objects, top, walked) if folder else []
    walked.files = sorted([*walked.files, *inherited], key=lambda found: found.path)
    if not walked.files:
        raise _no_files(walked)
    return Listing(
        commit=commit,
        folder=folder,
        root=root,
        committed_at=committed_at,
        walked=walked,
        inherited=tuple(found.path for found in inherited),
        survey=survey(objects, walked, most_bytes=caps.bytes, check=check),
    )


def _promised(objects: Objects, walked: Walked) -> list[str]:
    """Submodules of which only their line in .gitmodules is there: archives leave them out."""
    lists = [found.oid for found in walked.files if found.path == ".gitmodules"]
    try:
        content = objects.read(lists[0], "blob", most=_LARGEST_LIST) if lists else b""
    except guard.TooMuch:
        return []
    lines = (line.partition("=") for line in content.decode("utf-8", "replace").splitlines())
    paths = {value.strip() for key, _, value in lines if key.strip() == "path"}
    here = {str(above) for found in walked.files for above in PurePosixPath(found.path).parents}
    return sorted(printable(path) for path in paths - here if path not in walked.submodules)


def tree(listing: Listing, objects: Objects) -> GitTree:
    """The files of the commit, read from `objects`."""
    return GitTree(objects, listing.walked.files, listing.survey, modified_at=listing.committed_at)


def snapshot(listing: Listing, objects: Objects, *, address: str, ref: str | None) -> Snapshot:
    """The value that the other steps read, with its tree over `objects`."""
    files = tree(listing, objects)
    moment = datetime.fromtimestamp(listing.committed_at, UTC)
    return Snapshot(
        address=address,
        ref=ref,
        folder=listing.folder,
        commit=listing.commit,
        tree_swhid=f"swh:1:dir:{listing.root}",
        committed_at=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        tree=files,
        files=len(files.entries),
        bytes=sum(entry.size for entry in files.entries),
        warnings=tuple(_warnings(listing)),
        inherited=listing.inherited,
        pointers=listing.survey.pointers,
    )


def _no_files(walked: Walked) -> RepositoryFault:
    submodules = ", ".join(walked.submodules[:_NAMED_AT_MOST])
    return RepositoryFault(
        Cause.FETCH,
        "There is no file in it.",
        hint=f"It holds submodules alone: {submodules}. Give the address of one of those."
        if submodules
        else "Commit and push the model's files, and give the new commit.",
    )


def read_commit(objects: Objects, commit: str) -> tuple[str, int]:
    """The commit's root tree, and when it was committed in Unix seconds."""
    try:
        content = objects.read(commit, "commit", most=_LARGEST_COMMIT)
    except guard.TooMuch:
        content = b""
    root, moment = _TREE.match(content), _COMMITTER.search(content.split(b"\n\n", 1)[0])
    if root is None or moment is None:
        raise RepositoryFault(
            Cause.FETCH,
            f"The commit {commit} is not written as git writes commits.",
            hint="Make a new commit with an ordinary git, and give that one.",
        )
    return root[1].decode(), int(moment[1])


def _warnings(listing: Listing) -> list[str]:
    walked, seen = listing.walked, listing.survey
    said = [
        _sentence(
            walked.submodules,
            "Submodules (other repositories inside this one) are left out: {}. If the model "
            "needs their files, copy them into the repository.",
        ),
        _sentence(
            seen.pointers,
            "Only pointers are here, not the files themselves, which Git LFS keeps elsewhere: "
            "{}. If the model needs them, commit them without LFS.",
        ),
        _sentence(
            seen.outside,
            f"Links that lead out of the {'folder' if listing.folder else 'repository'} are left "
            "out: {}.",
        ),
        _sentence(
            walked.unreadable,
            "Files whose names hold unreadable characters are left out: {}.",
        ),
    ]
    return [sentence for sentence in said if sentence]


def _sentence(paths: Sequence[str], pattern: str) -> str:
    """`pattern` with some of the paths named and the others counted; empty without any."""
    named = ", ".join(printable(path) for path in paths[:_NAMED_AT_MOST])
    others = len(paths) - _NAMED_AT_MOST
    return pattern.format(f"{named} and {others} more" if others > 0 else named) if paths else ""
