"""Text and lists taken out of files and answers that may hold anything."""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

_MAX_DOTS = 2_000
# Titles, names and keywords; registry.models keeps no more.
SHORT, LONG = 300, 1000


def toml_value(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises ValueError where it is broken, or made to hurt.

    tomllib takes time that grows with the square of the parts of a dotted key.
    """
    if any(line.count(".") > _MAX_DOTS for line in text.split("\n")):
        raise ValueError("a line has more dots than any sensible one")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("its values are nested too deep") from error


def load_yaml(text: str) -> Mapping[str, Any]:
    """The mapping in a YAML text, empty where it is broken; every scalar stays text as written.

    So version 1.10 is not 1.1, and neither merge keys nor tags are obeyed.
    """
    try:
        return mapping(yaml.BaseLoader(text).get_single_data())
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return {}


def text(value: object, limit: int = SHORT) -> str:
    """A value as one line of printable text, empty unless it is text or a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(clean(str(value)[: 4 * limit]).split())[:limit].strip()


def clean(value: str) -> str:
    """Text without control characters and lone surrogates, which no database keeps."""
    kept = "".join(char for char in value if char in "\n\t" or ord(char) >= ord(" "))
    return kept.encode("utf-8", "ignore").decode()


def mapping(value: object) -> Mapping[str, Any]:
    """A value that is a mapping; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def several(value: object) -> list[Any]:
    """A value as a list: many programs write a list of one as the one. At most 500."""
    if isinstance(value, list | tuple):
        return list(value[:500])
    return [] if value is None else [value]


def first(values: Iterable[str]) -> str:
    """The first text that is not empty."""
    return next(filter(None, values), "")
