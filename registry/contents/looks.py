"""How a file is shown, by its name and its first bytes."""

import codecs
import posixpath
from enum import StrEnum

HEAD = 8_000  # bytes by which text is told from anything else


class Look(StrEnum):
    """The ways to show a file."""

    CODE = "code"
    MARKDOWN = "markdown"
    NOTEBOOK = "notebook"
    TABLE = "table"
    ARRAY = "array"
    PICTURE = "picture"
    BINARY = "binary"


_BY_SUFFIX = {
    ".md": Look.MARKDOWN,
    ".markdown": Look.MARKDOWN,
    ".ipynb": Look.NOTEBOOK,
    ".csv": Look.TABLE,
    ".tsv": Look.TABLE,
}
_BINARY = {".npy": Look.ARRAY, ".npz": Look.ARRAY}
PICTURE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
_LANGUAGES = {
    ".py": "python", ".pyi": "python", ".sh": "bash", ".bash": "bash", ".json": "json",
    ".yaml": "yaml", ".yml": "yaml", ".cff": "yaml", ".toml": "toml", ".ini": "ini", ".cfg": "ini",
    ".c": "c", ".h": "c", ".cpp": "cpp", ".cc": "cpp", ".hpp": "cpp", ".f90": "fortran",
    ".f95": "fortran", ".f": "fortran", ".jl": "julia", ".r": "r", ".m": "matlab", ".rs": "rust",
    ".go": "go", ".js": "javascript", ".tex": "latex", ".bib": "latex", ".diff": "diff",
    ".patch": "diff", ".sql": "sql", ".mk": "make",
}  # fmt: skip
_LANGUAGES_BY_NAME = {"dockerfile": "docker", "makefile": "make"}


def suffix_of(path: str) -> str:
    """The last suffix of a path, in small letters."""
    return posixpath.splitext(path)[1].lower()


def language_of(path: str) -> str:
    """The language by whose rules a file is coloured; empty for none."""
    name = posixpath.basename(path).lower()
    return _LANGUAGES_BY_NAME.get(name) or _LANGUAGES.get(suffix_of(path), "")


def look_of(path: str, head: bytes) -> Look:
    """How to show the file that begins with `head`."""
    suffix = suffix_of(path)
    if suffix in PICTURE_TYPES:
        return Look.PICTURE
    if suffix in _BINARY:
        return _BINARY[suffix]
    return _BY_SUFFIX.get(suffix, Look.CODE) if is_text(head) else Look.BINARY


def is_text(head: bytes) -> bool:
    """Whether a file that begins so is text: UTF-8 or nearly so, without NUL."""
    start = head[:HEAD]
    if b"\0" in start:
        return False
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(start)
    return text.count("\ufffd") <= len(text) // 20


def text_of(content: bytes) -> str:
    """The text of a file, whatever its bytes."""
    return content.decode("utf-8-sig", "replace")
