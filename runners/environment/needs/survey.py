"""The files that a repository's authors wrote, within bounds: where every rule begins."""

import itertools
import posixpath
import re

from runners.tree import Entry, Tree

MAX_BYTES = 500_000  # of a file that is read; larger ones are data or generated
MAX_FILES = 500  # that one rule reads
MAX_TOTAL_BYTES = 10_000_000  # of all the files that one rule reads
# Folders of other people's code, of what builds leave behind, and of pages about the model.
_ASIDE = frozenset({
    "vendor", "vendored", "third_party", "thirdparty", "3rdparty", "external", "externals",
    "extern", "node_modules", "site-packages", "venv", "env", "build", "dist", "doc", "docs",
    "cmakefiles", "x86_64", "i686", "arm64", "aarch64", "umac", "__pycache__", "__macosx",
    "renv", "packrat",
})  # fmt: skip
# What may stand in a line of a Dockerfile when it is quoted for the shell.
_PLAIN = re.compile(r"(?!-)[\w .,+@()=/-]{1,300}")
_BUILD_FILES = re.compile(
    r"(?:gnu)?makefile(?:\..+)?|.*\.mk|cmakelists\.txt|meson\.build|sconstruct|configure(?:\.ac)?"
    r"|setup\.(?:py|cfg)|pyproject\.toml|.*\.sh|compile.*|.*\.pro",
    re.IGNORECASE,
)


def own_files(tree: Tree, suffixes: frozenset[str] | None = None) -> tuple[Entry, ...]:
    """Regular files outside the folders set aside; those with one of `suffixes` if given."""
    return tuple(
        entry
        for entry in tree.entries
        if entry.mode != "120000"
        and (suffixes is None or suffix(entry.path) in suffixes)
        and is_own(entry.path)
    )


def is_own(path: str) -> bool:
    """Whether a file stands outside the folders that are set aside."""
    *folders, _ = path.split("/")
    return not any(name.startswith(".") or name.lower() in _ASIDE for name in folders)


def is_plain(path: str) -> bool:
    """Whether a path can be named in a step: no line break, quote or sign that something obeys."""
    return _PLAIN.fullmatch(path) is not None


def suffix(path: str) -> str:
    """The suffix of a path in small letters: ".f90"."""
    return posixpath.splitext(path)[1].lower()


def folder(path: str) -> str:
    """The folder of a file, "." for the root."""
    return posixpath.dirname(path) or "."


def texts(tree: Tree, files: tuple[Entry, ...]) -> tuple[tuple[str, str], ...]:
    """Path and text of the first files that are small enough to have been written by hand."""
    small = [entry for entry in files if entry.size <= MAX_BYTES][:MAX_FILES]
    totals = itertools.accumulate(entry.size for entry in small)
    within = [e.path for e, total in zip(small, totals, strict=True) if total <= MAX_TOTAL_BYTES]
    return tuple((path, tree.text(path, limit=MAX_BYTES)) for path in within if path in tree)


def build_files(tree: Tree) -> tuple[Entry, ...]:
    """Makefiles, CMake lists, set-up files and shell scripts."""
    return tuple(entry for entry in own_files(tree) if _is_build_file(entry.path))


def _is_build_file(path: str) -> bool:
    return _BUILD_FILES.fullmatch(posixpath.basename(path)) is not None
