"""NEURON: models in hoc or Python, and membrane mechanisms in NMODL that must be compiled.

`nrnivmodl` writes a library into a folder named for the machine, such as x86_64; NEURON loads the
one of the folder that it starts in, and refuses a mechanism that is loaded twice.
"""

import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

from runners.environment.imports import imports_of
from runners.environment.needs.need import Needs
from runners.environment.needs.survey import folder, is_plain, own_files, suffix, texts
from runners.tree import Tree

# The last release that compiles mechanisms as C; wheels for Python 3.6 to 3.13.
LAST_IN_C = "neuron==8.2.7"
COMPILERS = ("gcc", "g++", "make", "python3-dev")
MAX_LINKS = MAX_PLACES = 20

_BLOCK = re.compile(r"^[ \t]*NEURON\s{0,20}\{", re.MULTILINE)
_NAME = re.compile(r"\b(?:SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL|JUNCTION_PROCESS)\s+(\w+)")
_GUARD = "NRN_VERSION_GTEQ"
_LOADED = re.compile(
    r"^(?![ \t]*(?:#|//))[^\n]*?\b(?:load_mechanisms|nrn_load_dll)\("
    r"\s*[rfu]?[\"']([^\"'\n]{1,200})",
    re.MULTILINE,
)
_LIBRARY = re.compile(r"/?(?:x86_64|i686)(?:/.*)?$")
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+neuron\b", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class _Mechanism:
    """An NMODL file and the name by which models insert it."""

    path: str
    name: str
    old_c: bool


def neuron_mechanisms(tree: Tree) -> Needs | None:
    """Mechanisms compiled where the model looks for them, and NEURON itself.

    Mechanisms with unguarded C of their own are tried first with the NEURON that compiles C,
    the others with the newest, which compiles C++; the other one is the alternative.
    """
    mechanisms = _mechanisms(tree)
    if not mechanisms:
        return Needs(requirements=("neuron",)) if _uses_neuron(tree) else None
    steps = tuple(_steps(tree, mechanisms))
    newest = Needs(
        requirements=("neuron",),
        system_packages=COMPILERS,
        steps=steps,
        notes=(f"{len(mechanisms)} NEURON mechanisms are compiled with nrnivmodl",),
    )
    in_c = Needs(
        requirements=(LAST_IN_C,),
        system_packages=COMPILERS,
        steps=steps,
        notes=(*newest.notes, "NEURON 8.2, the last that compiles mechanisms as C"),
    )
    first, second = (in_c, newest) if any(m.old_c for m in mechanisms) else (newest, in_c)
    return replace(first, alternatives=(second,))


def _uses_neuron(tree: Tree) -> bool:
    """Whether a hoc program, or a Python one that imports NEURON, stands in the tree."""
    return bool(own_files(tree, frozenset({".hoc"}))) or "neuron" in imports_of(tree).all


def _mechanisms(tree: Tree) -> tuple[_Mechanism, ...]:
    """The NMODL files by content: .mod is also what Fortran, AMPL and music call theirs."""
    files = texts(tree, own_files(tree, frozenset({".mod"})))
    return tuple(
        _Mechanism(path=path, name=name.group(1).lower(), old_c=_has_old_c(text))
        for path, text in files
        if is_plain(path) and _BLOCK.search(text) and (name := _NAME.search(text))
    )


def _has_old_c(text: str) -> bool:
    return "VERBATIM" in text and _GUARD not in text


def _steps(tree: Tree, mechanisms: tuple[_Mechanism, ...]) -> Iterator[str]:
    """One call of nrnivmodl for each folder that NEURON will start in or load from.

    1. Folders that a script loads by name are compiled there, and nowhere else.
    2. The others are compiled in the root, and found from the folders of the scripts by a link.
    3. Where two models have mechanisms of the same name, each is compiled for itself.
    """
    loaded = dict(_loaded(tree, mechanisms))
    free = tuple(m for m in mechanisms if m.path not in loaded)
    homes = _homes(tree)
    apart = len({m.name for m in free}) < len(free)
    places = loaded | {m.path: _home(m.path, homes) if apart else "." for m in free}
    files = tuple(entry.path for entry in own_files(tree, frozenset({".mod"})))
    for place in sorted(set(places.values()))[:MAX_PLACES]:
        yield _compile(files, place, [m for m in mechanisms if places[m.path] == place])
    if free and not apart:
        yield from (
            _link(home) for home in sorted(homes - {"."} - set(places.values()))[:MAX_LINKS]
        )


def _loaded(tree: Tree, mechanisms: tuple[_Mechanism, ...]) -> Iterator[tuple[str, str]]:
    """Mechanisms with the folder from which a script loads them by name."""
    places = set(_named_folders(tree)) - {"."}
    for mechanism in mechanisms:
        above = [place for place in places if f"{mechanism.path}/".startswith(f"{place}/")]
        if above:
            yield mechanism.path, max(above, key=len)
        elif folder(mechanism.path).endswith("mechanisms/modfiles"):
            # The layout of the Brain Modeling ToolKit, which loads from the folder above.
            yield mechanism.path, posixpath.dirname(folder(mechanism.path))


def _named_folders(tree: Tree) -> Iterator[str]:
    """Folders that load_mechanisms and nrn_load_dll name, from the root and from the script."""
    for path, text in texts(tree, own_files(tree, frozenset({".py", ".hoc"}))):
        for named in _LOADED.findall(text):
            place = _LIBRARY.sub("", named) or "."
            yield posixpath.normpath(place)
            yield posixpath.normpath(posixpath.join(folder(path), place))


def _homes(tree: Tree) -> frozenset[str]:
    """Folders with programs that start NEURON."""
    files = texts(tree, own_files(tree, frozenset({".py", ".hoc"})))
    return frozenset(
        folder(path)
        for path, text in files
        if is_plain(path) and (suffix(path) == ".hoc" or _IMPORT.search(text))
    )


def _home(path: str, homes: frozenset[str]) -> str:
    """The nearest folder at or above a file that is one of `homes`; the file's own if none is."""
    above = folder(path)
    while above not in homes and above != ".":
        above = folder(above)
    return above if above in homes else folder(path)


def _compile(files: tuple[str, ...], place: str, mechanisms: list[_Mechanism]) -> str:
    """`nrnivmodl` in a folder: over whole folders, or over files where some must be left out."""
    chosen = list({m.name: m for m in reversed(mechanisms)}.values())[::-1]
    paths = {m.path for m in chosen}
    held = {folder(m.path) for m in chosen}
    whole = all(path in paths for path in files if folder(path) in held)
    given = sorted(posixpath.relpath(path, place) for path in (held if whole else paths))
    command = shlex.join(["nrnivmodl", *([] if given == ["."] else given)])
    return command if place == "." else f"cd {shlex.quote(place)} && {command}"


def _link(home: str) -> str:
    """A link in a folder of scripts to the library in the root."""
    upwards = "/".join([".."] * len(home.split("/")))
    quoted = shlex.quote(home)
    return f'ln -sfn {upwards}/"$(uname -m)" {quoted}/"$(uname -m)"'
