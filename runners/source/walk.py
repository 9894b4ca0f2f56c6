"""All paths of a commit's tree, within bounds, from tree objects alone: nothing is checked out."""

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from registry.spec.ladder import Cause
from runners.faults import Check, RepositoryFault
from runners.source import guard
from runners.source.objects import Objects

_DEEPEST = 64
_LONGEST_PATH = 1024  # bytes
_LONGEST_NAME = 255  # bytes, as file systems have it
_LARGEST_TREE = 32 * 2**20  # bytes of one folder's own object
_OID_BYTES = 20
_EXECUTABLE = 0o111
_SUBMODULE = 0o160000

_ITEM = re.compile(rb"(?P<mode>[0-7]{5,6}) (?P<name>[^\0/]+)\0(?P<oid>(?s:.{20}))")
# What git, or another file system, would take for `.git`: letters that count for nothing on
# HFS+, trailing dots and spaces on NTFS, its short name and its streams.
_IGNORED = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
GIT_FOLDER = re.compile(r"(?:\.git|git~1)[ .]*(?::.*)?", re.IGNORECASE)
# Controls, line ends, and the surrogates that stand for bytes that are no UTF-8.
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file or symlink of the tree. `mode` is one of 100644, 100755, 120000."""

    path: str
    mode: str
    oid: str


@dataclass(kw_only=True)
class Walked:
    """What a walk saw: files, and the paths that no file can be made of, safe to print."""

    files: list[Found] = field(default_factory=list)
    submodules: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a folder: git's mode, the name's bytes, the object's name."""

    mode: int
    name: bytes
    oid: str

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, and neither file, link nor submodule."""
        return stat.S_IFMT(self.mode) == stat.S_IFDIR

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_IFMT(self.mode) == stat.S_IFREG


@dataclass(frozen=True, kw_only=True)
class _Folder:
    path: str
    oid: str
    depth: int


def printable(text: str) -> str:
    """`text` with every character that could trick a reader or a terminal spelt out."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def walk(objects: Objects, root: str, *, most_files: int, check: Check) -> Walked:
    """Everything under the tree object `root`. Raises RepositoryFault beyond the bounds.

    Files and folders are counted as they are met, so that a tree of a billion paths in a few
    kilobytes is refused after `most_files` of them.
    """
    walked = Walked()
    met = 0
    known: dict[str, tuple[Item, ...]] = {}
    ahead = [_Folder(path="", oid=root, depth=0)]
    while ahead:
        check()
        folder = ahead.pop()
        if folder.oid not in known:
            known[folder.oid] = items(objects, folder.oid)
        met += len(known[folder.oid])
        if met > most_files:
            _refuse(f"This repository has more than {most_files:,} files and folders.")
        for item in known[folder.oid]:
            _sort_in(item, folder, walked, ahead)
    walked.files.sort(key=lambda found: found.path)
    return walked


def items(objects: Objects, oid: str) -> tuple[Item, ...]:
    """The lines of the tree object `oid`. Raises RepositoryFault on one that git cannot write."""
    try:
        content = objects.read(oid, "tree", most=_LARGEST_TREE)
    except guard.TooMuch:
        _refuse("This repository has a folder with too many files in it.")
    return tuple(_items(content))


def _items(content: bytes) -> Iterator[Item]:
    """The lines of a tree object, each name once."""
    position = 0
    names: set[bytes] = set()
    while position < len(content):
        line = _ITEM.match(content, position)
        if line is None or line["name"] in names:
            _refuse("This repository has a folder that git cannot have written.")
        names.add(line["name"])
        position = line.end()
        yield Item(mode=int(line["mode"], 8), name=line["name"], oid=line["oid"].hex())


def _sort_in(item: Item, folder: _Folder, walked: Walked, ahead: list[_Folder]) -> None:
    """Put one line of a folder where it belongs."""
    name = item.name.decode("utf-8", "surrogateescape")
    path = f"{folder.path}/{name}" if folder.path else name
    refuse_name(name, path)
    kind = stat.S_IFMT(item.mode)
    if kind == _SUBMODULE:
        walked.submodules.append(printable(path))
    elif is_unreadable(name):
        walked.unreadable.append(printable(path))
    elif kind == stat.S_IFDIR:
        _refuse_depth(folder.depth)
        ahead.append(_Folder(path=path, oid=item.oid, depth=folder.depth + 1))
    elif kind == stat.S_IFLNK:
        walked.files.append(Found(path=path, mode="120000", oid=item.oid))
    elif kind == stat.S_IFREG:
        mode = "100755" if item.mode & _EXECUTABLE else "100644"
        walked.files.append(Found(path=path, mode=mode, oid=item.oid))
    else:
        _refuse(f"“{printable(path)}” is neither a file, a folder nor a link.")


def is_unreadable(name: str) -> bool:
    """Whether no page, report or tar could carry the name: control characters, or no UTF-8."""
    return _UNREADABLE.search(name) is not None


def refuse_name(name: str, path: str) -> None:
    """Raise RepositoryFault on what no commit may hold: forbidden names, overlong paths."""
    if name in (".", "..") or GIT_FOLDER.fullmatch(_IGNORED.sub("", name)):
        _refuse(f"This repository holds a file with the forbidden name “{printable(path)}”.")
    too_long = len(name.encode("utf-8", "surrogateescape")) > _LONGEST_NAME
    if too_long or len(path.encode("utf-8", "surrogateescape")) > _LONGEST_PATH:
        _refuse(f"This repository has a file whose path is too long: {printable(path)[:200]}…")


def _refuse_depth(depth: int) -> None:
    if depth >= _DEEPEST:
        _refuse(f"This repository has folders more than {_DEEPEST} deep.")


def _refuse(sentence: str) -> NoReturn:
    raise RepositoryFault(
        Cause.FETCH,
        sentence,
        hint="Rename or remove it, commit, and give the new commit. Large sets of data "
        "belong in a data archive such as Zenodo.",
    )
