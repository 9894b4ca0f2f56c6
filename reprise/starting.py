"""A folder to begin a model in: where things stand by Cookiecutter Data Science's habit.

What is laid are the files of reprise/starter, which compute what their expected values say.
"""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_TITLED = frozenset({"README.md", "CITATION.cff"})
# Under its own name it would hide files of this repository from git.
_RENAMED = {"gitignore": ".gitignore"}


def starter_written(folder: Path, *, title: str) -> list[Path]:
    """Write the files into `folder`, which is made; their paths. `title` is text for people."""
    said = title.replace('"', "'").replace("\n", " ")
    written = []
    for name, content in _contents(files("reprise") / "starter"):
        path = folder / _RENAMED.get(name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        titled = name in _TITLED
        path.write_bytes(content.replace(b"{title}", said.encode()) if titled else content)
        written.append(path)
    return sorted(written)


def _contents(folder: Traversable, before: str = "") -> Iterator[tuple[str, bytes]]:
    for item in folder.iterdir():
        if item.is_dir() and item.name != "__pycache__":
            yield from _contents(item, f"{before}{item.name}/")
        elif item.is_file():
            yield before + item.name, item.read_bytes()
