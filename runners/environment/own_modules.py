"""Where in a repository its own modules lie."""

from pathlib import PurePosixPath

from runners.tree import Tree


def folders_of_modules(tree: Tree) -> dict[str, str]:
    """For each module of the repository's own the folder in which Python has to look for it.

    Where several have one name, the one nearest to the root; "." is the root itself.
    """
    found: dict[str, str] = {}
    paths = [PurePosixPath(entry.path) for entry in tree.entries if entry.path.endswith(".py")]
    for path in sorted(paths, key=lambda path: (len(path.parts), path)):
        place = path.parent if path.name == "__init__.py" else path
        found.setdefault(place.stem, str(place.parent))
    return found
