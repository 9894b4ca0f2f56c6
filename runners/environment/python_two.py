"""Sources in Python 2, of which no part can run here. Nothing is run to tell."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from runners.environment.syntax import unreadable_line
from runners.manifest.plain import mapping, several
from runners.tree import Tree

_MAX_BYTES = 300_000
_MAX_FILES = 500
# A tree with a little Python 3 in it is mixed: somebody may have ported what matters.
_SHARE = 0.9
_NAMED = 3
# Other languages that can be run: the Python may be there for the figures only.
_OTHER = {".hoc", ".c", ".cc", ".cpp", ".cxx", ".f", ".f90", ".f95", ".jl", ".r"}
# Statements that no Python 3 can read. The plain ones may as well be words of a docstring: they
# count where Python 3 stops reading.
_START = r"^[ \t]{0,80}(?:[^\n#]{0,120}[:;][ \t]{0,8})?"
_SIGN = re.compile(
    _START + r"(?:print[ \t]+[\"']|print[ \t]*>>|except[ \t]+\w[\w. ]{0,80},[ \t]*\w{1,80}[ \t]*:"
    r"|except[ \t]*\([^()\n]{1,200}\)[ \t]*,[ \t]*\w{1,80}[ \t]*:)",
    re.MULTILINE,
)
_PLAIN_SIGN = re.compile(
    _START + r"(?:print[ \t]+[\w%\[{`-]|raise[ \t]+[\w.]{1,80}[ \t]*,|exec[ \t]+[\w\"'])"
)
_MAGIC = re.compile(r"^[ \t]*[%!?][^\n]*$|^[^\n]*\?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class _Sources:
    """The bytes of Python in a tree that Python 2 alone can read, and of the rest, by path."""

    two: dict[str, int]
    other: dict[str, int]


def python_two(tree: Tree) -> str | None:
    """One sentence when essentially all sources of `tree` are Python 2; None for any other tree."""
    if any(PurePosixPath(entry.path).suffix.lower() in _OTHER for entry in tree.entries):
        return None
    found = _sources(tree)
    two, other = sum(found.two.values()), sum(found.other.values())
    if not two or two < _SHARE * (two + other):
        return None
    return f"The sources are in Python 2 ({_some(found.two)}), and only Python 3 is at hand."


def python_two_note(tree: Tree) -> str | None:
    """One sentence that names the Python 2 files of a tree; None where there are none."""
    two = _sources(tree).two
    if not two:
        return None
    verb = "is" if len(two) == 1 else "are"
    return f"{_some(two)} {verb} in Python 2 and cannot run here."


def _some(paths: dict[str, int]) -> str:
    names = ", ".join(list(paths)[:_NAMED])
    more = len(paths) - _NAMED
    return f"{names} and {more} more" if more > 0 else names


def _sources(tree: Tree) -> _Sources:
    files = [e for e in tree.entries if e.path.endswith((".py", ".ipynb")) and e.path in tree]
    read = {e.path: _source(tree, e.path) for e in files[:_MAX_FILES] if e.size <= _MAX_BYTES}
    two = {path: len(source) for path, source in read.items() if _is_two(source)}
    # What is too large to be read, or too much of it, may be in Python 3.
    unread = {entry.path: entry.size for entry in files if entry.path not in read}
    other = {path: len(source) for path, source in read.items() if path not in two}
    return _Sources(two=two, other=other | unread)


def _is_two(source: str) -> bool:
    line = unreadable_line(source)
    return line is not None and bool(_PLAIN_SIGN.search(line) or _SIGN.search(source))


def _source(tree: Tree, path: str) -> str:
    text = tree.text(path, limit=_MAX_BYTES)
    return "\n".join(_cells(text)) if path.endswith(".ipynb") else text


def _cells(notebook: str) -> Iterator[str]:
    """The code of a notebook's cells, of either format, without what only IPython reads."""
    try:
        document = mapping(json.loads(notebook))
    except (ValueError, RecursionError):
        return
    sheets = [document, *(mapping(sheet) for sheet in several(document.get("worksheets")))]
    cells = [mapping(cell) for sheet in sheets for cell in several(sheet.get("cells"))]
    for cell in cells:
        if cell.get("cell_type") == "code":
            lines = several(cell.get("source", cell.get("input")))
            yield _MAGIC.sub("", "".join(map(str, lines)))
