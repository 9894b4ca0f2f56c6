"""A folder of a repository as a model of its own: one repository may hold several models."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import PurePosixPath

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.source.objects import Objects
from runners.source.walk import Found, Walked, items

_LONGEST = 500
_NAMED_AT_MOST = 4
_LEAVE_EMPTY = "There is no folder in it at all. Name none, and the model is all of it."
# Comparing words takes long; nobody looks for a folder among more than these.
_COMPARED_AT_MOST = 2_000
# A model without its own README or licence has those of its repository.
_DOCUMENTS = (
    re.compile(r"read[-_ ]?me(?:\.[a-z.]{1,12})?", re.IGNORECASE),
    re.compile(r"(?:(?:un)?licen[cs]e|copying|copyright)(?:[._-][\w.-]{1,30})?", re.IGNORECASE),
)


def check_folder(folder: str) -> str:
    """`folder` as a path from the repository's root, without slashes at its ends; "" is the root.

    Raises RepositoryFault where it cannot name a folder of a repository.
    """
    parts = [part for part in folder.strip().split("/") if part not in ("", ".")]
    path = "/".join(parts)
    if len(path) > _LONGEST or not path.isprintable() or ".." in parts or "\\" in path:
        raise RepositoryFault(
            Cause.FETCH,
            "This is not the path of a folder in a repository.",
            hint="Write it from the repository's root with forward slashes, such as models/a.",
        )
    return path


def find_folder(objects: Objects, root: str, folder: str) -> str | None:
    """The tree object of `folder` below the tree object `root`; None where no folder is there."""
    found = root
    for name in folder.split("/") if folder else ():
        lines = {item.name: item for item in items(objects, found)}
        item = lines.get(name.encode())
        if item is None or not item.is_folder:
            return None
        found = item.oid
    return found


def documents_of(objects: Objects, root: str, walked: Walked) -> list[Found]:
    """README and licence of the root `root`, for a folder of which `walked` has none at its top."""
    top = [found.path for found in walked.files if "/" not in found.path]
    missing = [kind for kind in _DOCUMENTS if not any(map(kind.fullmatch, top))]
    files = [item for item in items(objects, root) if item.is_file]
    named = ((item, item.name.decode("utf-8", "replace")) for item in files)
    return [
        Found(path=name, mode="100644", oid=item.oid)
        for item, name in named
        if name not in top and any(kind.fullmatch(name) for kind in missing)
    ]


def no_folder(folder: str, walked: Walked) -> RepositoryFault:
    """The fault of a folder that the repository does not have, naming some that it has."""
    paths = [found.path for found in walked.files]
    parent = str(PurePosixPath(folder).parent)
    if folder in paths:
        hint = f"It is a file. Its folder is {'the root' if parent == '.' else parent}."
    elif folder in walked.submodules:
        hint = "It is a submodule: give the address of that repository itself."
    else:
        near = _near(folder, _folders(paths))
        hint = f"It has, among others: {', '.join(near)}." if near else _LEAVE_EMPTY
    return RepositoryFault(Cause.FETCH, f"This commit has no folder called “{folder}”.", hint=hint)


def _folders(paths: Iterable[str]) -> list[str]:
    """All folders that hold these files, each once, those nearest the root first."""
    parents = {str(above) for path in paths for above in PurePosixPath(path).parents[:-1]}
    return sorted(parents, key=lambda path: (path.count("/"), path))


def _near(folder: str, folders: list[str]) -> list[str]:
    """Folders that may be meant: with the same last name, then alike, then those at the root."""
    last = folder.rpartition("/")[2].lower()
    same = [path for path in folders if path.lower().rpartition("/")[2] == last]
    alike = get_close_matches(folder, folders[:_COMPARED_AT_MOST], n=_NAMED_AT_MOST)
    outer = [path for path in folders if "/" not in path]
    return list(dict.fromkeys([*same, *alike, *outer]))[:_NAMED_AT_MOST]
