"""The site's mirrors as pages read them (registry.sources): one object after another, bounded.

A verification hashes all of a commit first; a page reads only the folders on the way to a file.
"""

import logging
import stat
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from registry.sources import Kind, SourceItem, SourcePlace, SourceUnavailableError
from registry.spec.identifiers import COMMIT
from runners.faults import PlatformFault, RepositoryFault
from runners.source import guard
from runners.source.folder import documents_of, find_folder
from runners.source.mirror import MirrorStore
from runners.source.objects import Objects
from runners.source.snapshot import read_commit
from runners.source.walk import Found, Item, Walked, is_unreadable, items, walk

_MOST_FILES = 100_000
_MOST_BYTES = 2**34  # a stream of pieces holds one at a time
_DIFFERENCE = guard.Allowance(
    seconds=10, memory_bytes=2**31, file_bytes=2**20, output_bytes=400_000
)
_DIFF = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--unified=3")
_KINDS = {
    stat.S_IFDIR: Kind.FOLDER,
    stat.S_IFREG: Kind.FILE,
    stat.S_IFLNK: Kind.LINK,
    0o160000: Kind.SUBMODULE,
}
logger = logging.getLogger(__name__)


class SiteSources:
    """A `registry.sources.SourceReader` over the mirrors in the folder `root`."""

    def __init__(self, root: Path) -> None:
        self._store = MirrorStore(root)

    def open(self, place: SourcePlace) -> "MirroredFiles":
        """The files of a place. Raises SourceUnavailableError when they are not here."""
        with _told():
            objects = self._objects(place)
            try:
                return MirroredFiles(objects, place)
            except BaseException:
                objects.close()
                raise

    def difference(self, older: SourcePlace, newer: SourcePlace, oids: tuple[str, str]) -> str:
        """The hunks of a unified diff between two contents, each from its own mirror."""
        with _told():
            ours, theirs = (self._objects(place).repository for place in (older, newer))
            # Each commit has a repository of its own: one is shown the other's objects as well.
            beside = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(theirs / "objects")}
            finished = guard.run(
                (*_DIFF, *oids),
                repository=ours,
                variables=guard.environment() | beside,
                allowance=_DIFFERENCE,
                check=lambda: None,
            )
        _, hunk, rest = finished.output.decode("utf-8", "replace").partition("\n@@ ")
        return (hunk + rest).lstrip("\n")

    def _objects(self, place: SourcePlace) -> Objects:
        if not COMMIT.fullmatch(place.commit):
            raise PlatformFault("There is no commit to be read.")
        return self._store.objects(place.address, place.commit)


class MirroredFiles:
    """A `registry.sources.SourceFiles` over one mirrored commit."""

    def __init__(self, objects: Objects, place: SourcePlace) -> None:
        self._objects = objects
        self._top, _ = read_commit(objects, place.commit)
        root = find_folder(objects, self._top, place.folder)
        if root is None:
            raise PlatformFault(f"{place.commit} has no folder {place.folder}")
        self._root = root
        self._inside = bool(place.folder)
        self._known: dict[str, tuple[SourceItem, ...] | None] = {}

    def folder(self, path: str) -> tuple[SourceItem, ...] | None:
        """What lies in a folder, by name; None where no folder is."""
        if path not in self._known:
            with _told():
                self._known[path] = self._listed(path)
        return self._known[path]

    def find(self, path: str) -> SourceItem | None:
        """What stands at a path."""
        beside = self.folder(path.rpartition("/")[0]) or ()
        return next((item for item in beside if item.path == path), None)

    def files(self) -> Mapping[str, SourceItem]:
        """Every file and link by its path."""
        with _told():
            walked = walk(self._objects, self._root, most_files=_MOST_FILES, check=_go_on)
            found = [*walked.files, *self._inherited(walked)]
        return {each.path: _item_found(each) for each in found}

    def size(self, item: SourceItem) -> int:
        """The bytes of a file or link."""
        with _told():
            return self._objects.size(item.oid, "blob")

    def pieces(self, item: SourceItem) -> Generator[bytes]:
        """The content of a file or link, hashed as it is read."""
        with _told():
            yield from self._objects.chunks(item.oid, "blob", most=_MOST_BYTES)

    def close(self) -> None:
        """End the reader of objects."""
        self._objects.close()

    def _listed(self, path: str) -> tuple[SourceItem, ...] | None:
        if not path.isprintable():
            return None  # no folder is shown under such a name
        oid = find_folder(self._objects, self._root, path)
        if oid is None:
            return None
        lines = [_item(path, line) for line in items(self._objects, oid)]
        known = [item for item in lines if item]
        if not path:
            files = [Found(path=item.path, mode="", oid=item.oid) for item in known]
            known += map(_item_found, self._inherited(Walked(files=files)))
        return tuple(sorted(known, key=lambda item: item.path))

    def _inherited(self, walked: Walked) -> list[Found]:
        """README and licence of the repository, where the model's folder has none of its own."""
        return documents_of(self._objects, self._top, walked) if self._inside else []


def _item(folder: str, line: Item) -> SourceItem | None:
    """A line of a folder; None for what no page can name, as in a verification."""
    name = line.name.decode("utf-8", "surrogateescape")
    kind = _KINDS.get(stat.S_IFMT(line.mode))
    if kind is None or is_unreadable(name):
        return None
    return SourceItem(path=f"{folder}/{name}" if folder else name, kind=kind, oid=line.oid)


def _item_found(found: Found) -> SourceItem:
    kind = Kind.LINK if found.mode == "120000" else Kind.FILE
    return SourceItem(path=found.path, kind=kind, oid=found.oid)


def _go_on() -> None:
    """The check of something that nobody can stop."""


@contextmanager
def _told() -> Iterator[None]:
    """Faults as what pages may say of them; the operator reads the whole of it in the log."""
    try:
        yield
    except (guard.TooMuch, guard.OutOfTime) as fault:
        raise SourceUnavailableError("This is too long to be shown.") from fault
    except (PlatformFault, RepositoryFault, OSError) as fault:
        logger.warning("A page could not read a mirror: %s", fault)
        sentence = "The files of this version are not on the machine that serves this page."
        raise SourceUnavailableError(sentence) from fault
