"""Reading `reprise.toml`: from its text to a checked Manifest, or to a fault that says the mend."""

import dataclasses
import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import msgspec

from registry.spec.ladder import Origin
from registry.spec.manifest import (
    Claim,
    Determinism,
    Input,
    Kind,
    Manifest,
    Output,
    Resources,
    StatisticalTest,
)
from runners.manifest.checks import check
from runners.manifest.document import MAX_BYTES, Document, Path, parse_json, parse_toml
from runners.tree import Tree

MANIFEST_FILE = "reprise.toml"
_FORM = "The manifest of this entry"
_SEE = "docs/manifest.md lists every field."
_NESTED: Mapping[str, type] = {
    "inputs": Input,
    "outputs": Output,
    "determinism": Determinism,
    "resources": Resources,
}
_WHERE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_WORDS = {
    "str": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}

_FORMS = {
    "system_packages": "must be the name of a Debian package, such as libhdf5-dev",
    "sha256": "must be 64 hexadecimal digits in small letters, as sha256sum prints them",
}
# A form keeps the whole manifest; what it leaves as it was is not declared.
_DEFAULTS: Mapping[str, Any] = msgspec.json.decode(msgspec.json.encode(Manifest()))


@dataclass(frozen=True, kw_only=True)
class OwnManifest:
    """What the model's own manifest says. `whole`: a form wrote it, which leaves nothing open."""

    manifest: Manifest
    origins: dict[str, Origin]
    whole: bool = False


def read_own_manifest(tree: Tree, *, override: bytes | None = None) -> OwnManifest:
    """What `reprise.toml` or `override` declares, with the origin of every declared field.

    `override` replaces the repository's own file: TOML as `reprise.toml`, or the JSON of a
    Manifest, which is how a form keeps it. Raises RepositoryFault that names line and column.
    """
    document, origin = _document(tree, override)
    if document is None:
        return OwnManifest(manifest=Manifest(), origins={})
    _refuse_unknown(document)
    manifest = _converted(document)
    check(tree, manifest, document)
    origins = dict.fromkeys(_declared(document), origin)
    return OwnManifest(manifest=manifest, origins=origins, whole=origin is Origin.FORM)


def _document(tree: Tree, override: bytes | None) -> tuple[Document | None, Origin]:
    if override is not None and override.lstrip().startswith(b"{"):
        return parse_json(_FORM, override), Origin.FORM
    if override is not None:
        return parse_toml("The given manifest", override), Origin.REPRISE_TOML
    if MANIFEST_FILE not in tree:
        return None, Origin.DEFAULT
    data = tree.read(MANIFEST_FILE, limit=MAX_BYTES)
    return parse_toml(MANIFEST_FILE, data), Origin.REPRISE_TOML


def _refuse_unknown(document: Document) -> None:
    """Raise RepositoryFault for the first key that no field has, naming the nearest that exists."""
    for path, kind in _tables(document.value):
        fields = [field.name for field in dataclasses.fields(kind)]
        for key in _table_at(document, path):
            if key not in fields:
                raise _unknown(document, (*path, key), fields)


def _tables(value: Mapping[str, Any]) -> Iterator[tuple[Path, type]]:
    """Every table of a manifest with the type that stands for it."""
    yield (), Manifest
    for name, kind in _NESTED.items():
        for path, table in _tables_at((name,), value.get(name)):
            yield path, kind
            if kind is Output:
                claims = _tables_at((*path, "claims"), table.get("claims"))
                yield from ((below, Claim) for below, _ in claims)


def _tables_at(path: Path, nested: object) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The table at a path, or each of a list of them."""
    if isinstance(nested, Mapping):
        yield path, nested
    elif isinstance(nested, list):
        tables = ((place, one) for place, one in enumerate(nested) if isinstance(one, Mapping))
        yield from (((*path, place), one) for place, one in tables)


def _unknown(document: Document, path: Path, fields: list[str]) -> Exception:
    key = str(path[-1])
    near = difflib.get_close_matches(key, fields, n=1)
    table = _name(path[:-1]) or "a manifest"
    guess = f"; did you mean “{near[0]}”?" if near else "."
    hint = f"Rename it to {near[0]}. {_SEE}" if near else f"Known here: {', '.join(fields)}. {_SEE}"
    return document.fault(path, f"“{key[:60]}” is not a field of {table}{guess}", hint=hint)


def _converted(document: Document) -> Manifest:
    plain = {key: _plain(key, given) for key, given in document.value.items()}
    try:
        return msgspec.convert(plain, Manifest)
    except msgspec.ValidationError as fault:
        match = _WHERE.match(str(fault))
        path = _path(match["path"] or "") if match else ()
        raise _wrong(document, path, match["what"] if match else str(fault)) from fault


def _plain(key: str, given: object) -> object:
    """TOML has dates of its own, kept as text, year first; version 1 and "1" are the same."""
    if key == "version" and isinstance(given, int):
        return str(given)
    return given.isoformat() if isinstance(given, dt.date) else given


def _wrong(document: Document, path: Path, what: str) -> Exception:
    """The fault for a value that msgspec refused, in a reader's words."""
    missing = re.search(r"missing required field `(\w+)`", what)
    if missing:
        sentence = f"{_name(path)} has no {missing[1]}, which every one needs."
        inside = next(iter(_table_at(document, path)), None)
        place = (*path, inside) if inside else path
        return document.fault(place, sentence, hint=f"Add {missing[1]} = … to it. {_SEE}")
    return document.fault(path, f"{_name(path)} {_must(path, what)}.", hint=_hint(path, what))


def _hint(path: Path, what: str) -> str:
    key = str(path[-1]) if path else ""
    if "Expected `array" in what and "got `object`" in what:
        return f"Write [[{key}]] with two brackets on each side, once for each file. {_SEE}"
    if "Expected `str" in what and ("got `int`" in what or "got `float`" in what):
        return f"Put the value in quotes. {_SEE}"
    return _SEE


def _must(path: Path, what: str) -> str:
    if path[-1:] == ("rtol",) and "<=" in what:
        return "may be at most 0.01: with a looser tolerance, anything would count as reproduced"
    bound = re.search(r"Expected `\w+`(?: of length)? (<=|>=|>|<) (\S+)", what)
    if bound:
        words = {"<=": "at most", ">=": "at least", ">": "more than", "<": "less than"}
        length = "have a length of " if "length" in what else "be "
        return f"must {length}{words[bound[1]]} {bound[2]}"
    if "matching regex" in what:
        return _FORMS.get(
            str(next((p for p in path[::-1] if isinstance(p, str)), "")), "has an unusual form"
        )
    if "enum value" in what:
        known = get_args(StatisticalTest if path[-1:] == ("test",) else Kind)
        return f"must be one of {', '.join(known)}"
    return f"must be {_types(what)}"


def _types(what: str) -> str:
    """The types that msgspec wanted, and the one it got, in words: "a list, not text in quotes"."""
    wanted, _, got = what.partition(", got ")
    names = [_WORDS.get(name, name) for name in re.findall(r"\w+", wanted)[1:] if name != "null"]
    was = _WORDS.get(got.strip("`"), got.strip("`"))
    return " or ".join(names) + (f", not {was}" if was else "")


def _path(text: str) -> Path:
    return tuple(int(index) if index else key for key, index in _STEP.findall(text))


def _name(path: Path) -> str:
    """A path in words: "rtol of output 2"."""
    if not path:
        return ""
    *above, last = path
    if isinstance(last, int):
        group = str(above[-1]) if above else ""
        if group in _NESTED:
            return f"{group.removesuffix('s')} {last + 1}"
        if group == "claims":
            return f"claim {last + 1} of {_name(tuple(above[:-1]))}"
        return f"item {last + 1} of {_name(tuple(above))}"
    return f"{last} of {_name(tuple(above))}" if above else last


def _table_at(document: Document, path: Path) -> Mapping[str, Any]:
    """The table at a path that msgspec or `_tables` named."""
    value: Any = document.value
    for part in path:
        value = value[part]
    return value if isinstance(value, Mapping) else {}


def _declared(document: Document) -> Iterator[str]:
    """The fields that a manifest sets: tables by their keys, all others by their name."""
    for key, given in document.value.items():
        if not document.text and given == _DEFAULTS.get(key):
            continue
        if isinstance(given, Mapping):
            yield from (f"{key}.{inner}" for inner, one in given.items() if one is not None)
        else:
            yield key
