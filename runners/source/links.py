"""Which symlinks of a tree stay inside it, when every link on their way is followed."""

import posixpath
from collections.abc import Mapping

# Linux itself gives up after 40 links on one way.
_MOST_HOPS = 40


def leaving(links: Mapping[str, str]) -> frozenset[str]:
    """The paths of those links (path → target) that lead out of the tree, or in a circle."""
    return frozenset(path for path in links if _leaves(path, links))


def _leaves(path: str, links: Mapping[str, str]) -> bool:
    """Whether following `path` climbs above the root.

    Comparing text is not enough: with `x -> .`, the target `x/x/..` reads as inside and is not.
    """
    ahead = path.split("/")[::-1]
    here: list[str] = []
    hops = 0
    while ahead:
        part = ahead.pop()
        if part == ".." and not here:
            return True
        _walk(here, part)
        target = links.get("/".join(here)) if part not in ("", ".", "..") else None
        if target is None:
            continue
        hops += 1
        if hops > _MOST_HOPS or posixpath.isabs(target):
            return True
        here.pop()
        ahead.extend(target.split("/")[::-1])
    return False


def _walk(here: list[str], part: str) -> None:
    """Go from the folder `here` into `part`."""
    if part == "..":
        here.pop()
    elif part not in ("", "."):
        here.append(part)
