"""Requirements files, in all the forms in which people write them."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from runners.environment.declared import addresses, conda, installs
from runners.environment.declared.files import MAX_LINES, folder_of, is_too_large, text_of
from runners.environment.declared.items import Item, Kind
from runners.environment.declared.packages import requirement_items
from runners.tree import Tree

_MAX_DEPTH, _MAX_LENGTH, _MAX_ITEMS = 10, 20_000, 5_000


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a line stands, and the files that were read already on the way to it."""

    tree: Tree
    folder: str = ""
    depth: int = 0
    read: set[str] = field(default_factory=set)


def file_items(tree: Tree, path: str) -> Iterator[Item]:
    """What the requirements file at `path` says, with the files that it names."""
    yield from islice(_file(_Place(tree=tree), path), _MAX_ITEMS)


def line_items(tree: Tree, line: str, *, folder: str = "") -> Iterator[Item]:
    """What one line says that stands in a file of `folder`."""
    yield from _line(_Place(tree=tree, folder=folder), line)


def _file(place: _Place, path: str) -> Iterator[Item]:
    if path in place.read:
        return
    place.read.add(path)
    lines = logical_lines(text_of(place.tree, path))
    inside = _Place(tree=place.tree, folder=folder_of(path), depth=place.depth + 1, read=place.read)
    for line in islice(lines, MAX_LINES):
        yield from _line(inside, line)
    if next(lines, None) is not None or is_too_large(place.tree, path):
        yield Item(Kind.TOO_LONG, path)


def logical_lines(text: str) -> Iterator[str]:
    """Lines without comments, with continuations joined and blanks made one."""
    for line in text.replace("\\\n", " ").split("\n"):
        plain = f" {' '.join(line.split())}".partition(" #")[0].strip()
        if plain:
            yield plain


def _line(place: _Place, line: str) -> Iterator[Item]:
    line = _BULLET.sub("", line[:_MAX_LENGTH]).rstrip(",; ")
    if line[:1] in {"'", '"'}:
        line = line.strip("'\"")
    forms = ((read, form.match(line)) for form, read in _FORMS)
    read, match = next((read, match) for read, match in forms if match)
    yield from read(place, match)


# ---- The forms of a line: each reads the match of its pattern. ----


def _nested(place: _Place, match: re.Match[str]) -> Iterator[Item]:
    path = _beside(place, match[1])
    if path is None or place.depth >= _MAX_DEPTH:
        yield Item(Kind.MISSING, match[1])
    else:
        yield from _file(place, path)


def _constraints(place: _Place, match: re.Match[str]) -> Iterator[Item]:
    for item in _nested(place, match):
        is_line = item.kind is Kind.REQUIREMENT
        yield Item(Kind.CONSTRAINT, item.text) if is_line else item


def _beside(place: _Place, name: str) -> str | None:
    """The file called `name` from where the line stands, or from the root."""
    paths = (posixpath.normpath(posixpath.join(base, name)) for base in (place.folder, ""))
    return next((path for path in paths if path in place.tree), None)


def _editable(place: _Place, match: re.Match[str]) -> Iterator[Item]:
    target = match[1].strip("'\" ")
    if addresses.is_address(target):
        yield from addresses.address_items(target)
    else:
        yield from addresses.local_items(place.tree, place.folder, target, editable=True)


def _other_index(_place: _Place, match: re.Match[str]) -> Iterator[Item]:
    yield Item(Kind.INDEX, match[0][:100])


def _pre_releases(_place: _Place, match: re.Match[str]) -> Iterator[Item]:
    yield Item(Kind.PRE, match[0])


def _direct(_place: _Place, match: re.Match[str]) -> Iterator[Item]:
    yield from addresses.address_items(match[2], name=match[1])


def _nothing(_place: _Place, _match: re.Match[str]) -> Iterator[Item]:
    yield from ()


def _pip_install(place: _Place, match: re.Match[str]) -> Iterator[Item]:
    for line in installs.requirement_lines(match[0]):
        yield from _line(place, line)


def _of_conda(_place: _Place, match: re.Match[str]) -> Iterator[Item]:
    yield from conda.spec_items(match[0], exported=True)


def _conda_address(_place: _Place, match: re.Match[str]) -> Iterator[Item]:
    yield from conda.address_items(match[0])


def _python(_place: _Place, match: re.Match[str]) -> Iterator[Item]:
    yield from conda.spec_items(match[0])


def _other(place: _Place, match: re.Match[str]) -> Iterator[Item]:
    text = match[0]
    if addresses.is_address(text):
        yield from addresses.address_items(text)
    elif addresses.is_local(text):
        yield from addresses.local_items(place.tree, place.folder, text, editable=False)
    else:
        yield from requirement_items(text)


_BULLET = re.compile(r"^[-*•] ")
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}(?:\[[\w, .-]{0,200}\])?"
_BUILD = r"(?:py\w*|h[0-9a-f]{7}\w*|pypi|conda_\w+|main|mkl|\w*_\d+|\d)"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[_Place, re.Match[str]], Iterator[Item]]], ...] = (
    (re.compile(r"(?:-r|--requirements?)[ =]?\s*['\"]?([^'\" ]+)"), _nested),
    (re.compile(r"(?:-c|--constraints?)[ =]?\s*['\"]?([^'\" ]+)"), _constraints),
    (re.compile(r"(?:-e|--editable)(?:[ =]|(?=\.))(.+)"), _editable),
    (
        re.compile(r"(?:-i|-f|--(?:(?:extra-)?index-url|find-links|no-index))\b.*"),
        _other_index,
    ),
    (re.compile(r"--pre\b"), _pre_releases),
    (re.compile(r"-|@EXPLICIT|Package Version|={3,}|$"), _nothing),
    (re.compile(r"(?:\S+ (?:-m )?)?pip3? install .+$"), _pip_install),
    (re.compile(r"https?://\S+\.(?:conda|tar\.bz2)(?:#\w+)?$"), _conda_address),
    (re.compile(r"\w[\w.-]*=[\w.!+]+=[\w.]+$"), _of_conda),
    (re.compile(rf"\w[\w.-]* \d[\w.!+]* {_BUILD}(?: \S+)?$"), _of_conda),
    (re.compile(rf"({_NAME}) ?@ ?((?:git\+|ssh:|git:|https?:).+)$"), _direct),
    (re.compile(r"[Pp]ython *(?:[=<>~! ].*)?$"), _python),
    (re.compile(r".*"), _other),
)
