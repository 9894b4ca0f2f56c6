"""What is in a version, as the hub lists it: files, links as files that say where they point.

Submodules are not listed, for what they hold is not the repository's.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

from registry.sources import Kind, SourceFiles, SourceItem

PAGE = 1000
GIVEN = frozenset({Kind.FILE, Kind.LINK})
Listed = dict[str, Any]


def listed(files: SourceFiles, item: SourceItem) -> Listed | None:
    """An item as clients read it; None for what is not listed."""
    if item.kind is Kind.FOLDER:
        return {"type": "directory", "path": item.path, "oid": item.oid, "size": 0}
    if item.kind not in GIVEN:
        return None
    return {"type": "file", "path": item.path, "oid": item.oid, "size": files.size(item)}


def folder_page(
    files: SourceFiles, path: str, *, recursive: bool, after: str
) -> tuple[list[Listed], str] | None:
    """A page of what lies in a folder, and after which path the next begins ("": there is none).

    None where no folder is. Pages are cut by path, of which a version never gets another.
    """
    lying = files.folder(path)
    if lying is None and path:
        return None
    items = _below(files, path) if recursive else {item.path: item for item in lying or ()}
    paths = sorted(items)
    first = bisect_right(paths, after)
    page = paths[first : first + PAGE]
    found = (items[one] or files.find(one) for one in page)
    shown = [line for item in found if item and (line := listed(files, item))]
    return shown, page[-1] if first + PAGE < len(paths) else ""


def _below(files: SourceFiles, folder: str) -> Mapping[str, SourceItem | None]:
    """Everything below a folder by its path; None for folders, which are looked up when shown."""
    start = f"{folder}/" if folder else ""
    found = {path: item for path, item in files.files().items() if path.startswith(start)}
    folders = {above for path in found for above in _above(path) if above.startswith(start)}
    return dict.fromkeys(folders) | found


def _above(path: str) -> Iterable[str]:
    """The folders that a path lies in."""
    parts = path.split("/")[:-1]
    return ("/".join(parts[: n + 1]) for n in range(len(parts)))


def paths_listed(files: SourceFiles, paths: Iterable[str]) -> list[Listed]:
    """What stands at some paths; nothing for those where nothing does."""
    found = (files.find(path.strip("/")) for path in paths)
    return [line for item in found if item and (line := listed(files, item))]


def siblings(files: SourceFiles, *, blobs: bool) -> list[Listed]:
    """Every file by name; with `blobs` also git's name of its content and its size in bytes."""
    found = sorted(files.files().items())
    if not blobs:
        return [{"rfilename": path} for path, _ in found]
    return [
        {"rfilename": path, "blobId": item.oid, "size": files.size(item)} for path, item in found
    ]
