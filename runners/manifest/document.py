"""The manifest as it was written, so that a fault can name the line and column of its cause."""

import itertools
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.manifest.plain import toml_value

MAX_BYTES = 64_000
_MAX_TRIES = 60
_PROBE = "reprise_probe_"
# A value without brackets, or a bare key.
_WORD = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[^\s,\[\]{}=#\"']+")
_TOML_PLACE = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)$")

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A parsed manifest. `text` is its TOML, empty where a form wrote it."""

    name: str
    text: str
    value: Mapping[str, Any]

    def fault(
        self, path: Path, sentence: str, *, hint: str, cause: Cause = Cause.UNSUPPORTED
    ) -> RepositoryFault:
        """The fault of what stands at `path`, with its place and the line itself."""
        place = locate(self.text, path) if self.text else None
        if place is None:
            return RepositoryFault(cause, f"{self.name}: {sentence}", hint=hint)
        return _fault_at(self.name, self.text, place, sentence, hint=hint, cause=cause)


def parse_toml(name: str, data: bytes) -> Document:
    """A manifest in TOML. Raises RepositoryFault with line and column."""
    text = _decoded(name, data)
    try:
        value = toml_value(text)
    except tomllib.TOMLDecodeError as fault:
        raise _not_toml(name, text, str(fault)) from fault
    except ValueError as fault:
        raise _refused(name, str(fault), "Write it flat.") from fault
    return Document(name=name, text=text, value=value)


def parse_json(name: str, data: bytes) -> Document:
    """A manifest as the publish form keeps it: the JSON of a spec Manifest."""
    try:
        value = json.loads(_decoded(name, data))
    except (ValueError, RecursionError) as fault:
        raise _refused(name, "it is not valid JSON", "Save it as TOML instead.") from fault
    return Document(name=name, text="", value=value)


def locate(text: str, path: Path) -> tuple[int, int] | None:
    """Line and column, from 1, where the last key or element of `path` stands in a TOML text.

    TOML spells one key in many ways (headers, dotted, inline), and Python's parser keeps no
    places. So each occurrence of the key's name is renamed in turn and the text parsed again: the
    right one is where the new name turns up at `path`. An element of a list is found likewise.
    """
    index = path[-1] if path and isinstance(path[-1], int) else None
    while path and isinstance(path[-1], int):
        path = path[:-1]
    starts = list(_starts_of_key(text, path)) if path else []
    if not starts:
        return None
    if index is None:
        return _place(text, starts[0])
    # Each [[header]] is a start of its own; a list in brackets has one for all.
    if index < len(starts) > 1:
        return _place(text, starts[index])
    return _place(text, _element(text, path, starts[0], index))


def _place(text: str, start: int) -> tuple[int, int]:
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def _starts_of_key(text: str, path: Path) -> Iterator[int]:
    """Where the last key of `path` is written."""
    *above, key = path
    found = itertools.islice(re.finditer(re.escape(str(key)), text), _MAX_TRIES)
    for number, match in enumerate(found):
        probe = f"{_PROBE}{number}"
        changed = text[: match.start()] + probe + text[match.end() :]
        value = _at(changed, tuple(above))
        if isinstance(value, Mapping) and probe in value:
            yield match.start()


def _element(text: str, path: Path, start: int, index: int) -> int:
    """Where the element of the list at `path`, which begins at `start`, is written.

    The beginning of the list where it is not found.
    """
    # An element is at least one word, so the earlier ones need no try.
    after = max(start, text.find("=", start))
    words = itertools.islice(_WORD.finditer(text, after), index, index + _MAX_TRIES)
    for number, word in enumerate(words):
        probe = f"{_PROBE}{number}"
        changed = f'{text[: word.start()]}"{probe}"{text[word.end() :]}'
        if _at(changed, (*path, index)) == probe:
            return word.start()
    return start


def _at(text: str, path: Path) -> object:
    """What stands at `path` in a TOML text; None where it does not parse or has no such place."""
    try:
        value: Any = toml_value(text)
        for part in path:
            value = value[part]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    found: object = value
    return found


def _decoded(name: str, data: bytes) -> str:
    if len(data) > MAX_BYTES:
        hint = "Keep only what tells how to run the model."
        raise _refused(name, f"it is larger than {MAX_BYTES // 1000} kB", hint)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        sentence = f"line {line} is not UTF-8 text"
        raise _refused(name, sentence, "Save the file in the encoding UTF-8.") from fault


def _not_toml(name: str, text: str, message: str) -> RepositoryFault:
    hint = 'Text stands in quotes, as in run = "python model.py"; lists in square brackets.'
    match = _TOML_PLACE.match(message)
    if match is None:
        return _refused(name, f"it is not valid TOML: {message}", hint)
    place = int(match["line"]), int(match["column"])
    sentence = f"this is not valid TOML: {match['what']}."
    return _fault_at(name, text, place, sentence, hint=hint, cause=Cause.UNSUPPORTED)


def _refused(name: str, why: str, hint: str) -> RepositoryFault:
    return RepositoryFault(Cause.UNSUPPORTED, f"{name} cannot be read: {why}.", hint=hint)


def _fault_at(
    name: str, text: str, place: tuple[int, int], sentence: str, *, hint: str, cause: Cause
) -> RepositoryFault:
    line, column = place
    shown = text.split("\n")[line - 1].strip()[:200] if text else ""
    return RepositoryFault(
        cause,
        f"{name}, line {line}, column {column}: {sentence}",
        hint=hint,
        lines=(f"{name}:{line}: {shown}",),
    )
