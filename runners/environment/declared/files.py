"""Files of a repository as text or tables: in any encoding, and never more than is sensible."""

import codecs
from collections.abc import Iterator, Mapping
from typing import Any

from runners.faults import RepositoryFault
from runners.manifest.plain import clean, toml_value
from runners.tree import Tree

MAX_BYTES = 1_000_000
MAX_LINES = 2_000
# Set-up files are short; to read a long one as Python takes many times its size.
MAX_SETUP_BYTES = 300_000
# Lock files name every file of every package.
MAX_LOCK_BYTES = 4_000_000
# Folders whose files speak of something else than the model, or of none that is to be run.
ASIDE = frozenset({"doc", "docs", "example", "examples", "benchmark", "benchmarks", "third_party",
                   "vendor", "external", "extern", "node_modules", "site-packages"})  # fmt: skip
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(tree: Tree, path: str, *, limit: int = MAX_BYTES) -> str:
    """The text of a file, lines ended by a newline; empty where it is absent or too large.

    PowerShell writes `pip freeze > requirements.txt` as UTF-16.
    """
    if path not in tree:
        return ""
    try:
        data = tree.read(path, limit=limit)
    except RepositoryFault:
        return ""
    return clean(data.decode(_encoding(data), "replace"))


def is_too_large(tree: Tree, path: str) -> bool:
    """Whether a file is there, but larger than is read."""
    return any(entry.path == path and entry.size > MAX_BYTES for entry in tree.entries)


def _encoding(data: bytes) -> str:
    marked = (encoding for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark))
    unmarked = "utf-16-le" if data[1:8:2] == b"\0\0\0\0" else "utf-8"
    return next(marked, unmarked)


def toml_of(tree: Tree, path: str) -> Mapping[str, Any]:
    """The tables of a TOML file; empty where there is none. Raises ValueError if it is broken."""
    limit = MAX_LOCK_BYTES if path.endswith(".lock") else MAX_BYTES
    return toml_value(text_of(tree, path, limit=limit))


def toml_or_nothing(tree: Tree, path: str) -> Mapping[str, Any]:
    """The tables of a TOML file; empty where there is none or it is broken."""
    try:
        return toml_of(tree, path)
    except ValueError:
        return {}


def paths_of(tree: Tree) -> Iterator[str]:
    """The regular files that may declare something, those nearest to the root first."""
    paths = [entry.path for entry in tree.entries if entry.mode != "120000"]
    yield from sorted(filter(_speaks, paths), key=lambda path: (path.count("/"), path))


def _speaks(path: str) -> bool:
    return not ASIDE.intersection(path.lower().split("/")[:-1])


def folder_of(path: str) -> str:
    """The folder that a file stands in, empty for the root."""
    return path.rpartition("/")[0]
