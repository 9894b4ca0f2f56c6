"""Many models as a table, one a row: CSV as spreadsheets write it."""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from registry.imports import identifiers, plain
from registry.imports.model import ImportedModel
from registry.imports.places import repository_at
from registry.licences import licence_normalised
from registry.spec.identifiers import doi_normalised, name_is_valid, name_parted, orcid_normalised
from registry.spec.manifest import Article, Person

BYTES_MOST = 1_000_000
ROWS_MOST = 500
# Column → what it holds, and an example, for people and for the template.
COLUMNS = {
    "address": (
        "The repository's address, as for git clone. Every row needs one.",
        "https://github.com/you/pendulum",
    ),
    "ref": ("Branch, tag or commit; empty for the newest of the main branch.", "v1.0"),
    "folder": ("The model's folder, if the repository holds several.", "models/pendulum"),
    "name": ("The second half of its name here; empty to make one.", "pendulum"),
    "title": ("What the model is, in a line.", "A damped pendulum"),
    "summary": ("One or two sentences for lists.", "Integrates a damped pendulum."),
    "description": ("Markdown.", ""),
    "version": ("As releases are counted.", "1.0"),
    "licence": ("The licence's SPDX name.", "MIT"),
    "authors": (
        "Family name, given name; parted by semicolons; an ORCID iD in parentheses.",
        "Lovelace, Ada (0000-0002-1825-0097); Babbage, Charles",
    ),
    "keywords": ("Parted by semicolons.", "pendulum; chaos"),
    "doi": ("The DOI of the article.", "10.1103/PhysRevLett.126.032001"),
}
_OTHER_NAMES = {
    "url": "address", "repository": "address", "git": "address", "repo": "address",
    "tag": "ref", "branch": "ref", "commit": "ref", "path": "folder", "directory": "folder",
    "license": "licence", "author": "authors", "creators": "authors", "tags": "keywords",
    "keyword": "keywords", "abstract": "summary", "label": "version",
}  # fmt: skip
_LIMITS = {"address": 2000, "ref": 300, "folder": 500, "title": 300, "summary": 1000,
           "description": 100_000, "version": 100}  # fmt: skip
_ORCID = re.compile(r"\s*\(([^()]+)\)\s*$")
_WEB = re.compile(r"https?://[^\s/@]+/\S+|(?:file://)?/\S+")
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: the model that it describes, or why it describes none. `line` counts from 1."""

    line: int
    model: ImportedModel | None = None
    problem: str = ""


def table_read(content: bytes, *, vocabularies: Collection[str]) -> tuple[Row, ...]:
    """The rows of a table; a vocabulary's slug may be a column. Blank rows count for nothing.

    Raises ValueError with a sentence for people where the table as a whole cannot be read.
    """
    if len(content) > BYTES_MOST:
        raise ValueError("The table is larger than 1 MB. Part it into several.")
    text = _decoded(content)
    records = _records(text)
    _, header = next(records, (0, []))
    columns = _columns(header, vocabularies)
    rows = tuple(_row(line, cells, columns) for line, cells in records if any(cells))
    if not rows:
        raise ValueError("The table has no row below its column names. Add one for each model.")
    if len(rows) > ROWS_MOST:
        raise ValueError(f"The table has more than {ROWS_MOST} rows. Part it into several.")
    return rows


def table_written(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as CSV that a spreadsheet opens: nothing in it is taken for a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([[harmless(str(cell)) for cell in row] for row in (header, *rows)])
    return "\ufeff" + file.getvalue()


def harmless(cell: str) -> str:
    """A cell as text, also where a spreadsheet would take it for a formula and run it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _decoded(content: bytes) -> str:
    """The text, in the encodings that spreadsheets write: UTF-8, UTF-16, and Latin-1 as Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it begins in."""
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(
                f"The table is broken at line {reader.line_num}: {error}. Save it as CSV again."
            ) from error
        yield line, [plain.clean(cell).strip() for cell in cells]
        line = reader.line_num + 1


def _columns(header: list[str], vocabularies: Collection[str]) -> list[str]:
    """What each column holds. Raises ValueError for one that is unknown or there twice."""
    known = [*COLUMNS, *vocabularies]
    names = [_column(name) for name in header]
    unknown = [name for name in names if name and name not in known]
    if unknown:
        near = get_close_matches(unknown[0], [*known, *_OTHER_NAMES], 1)
        hint = f"Did you mean “{near[0]}”?" if near else f"Known are: {', '.join(known)}."
        raise ValueError(f"The column “{unknown[0][:50]}” is not known. {hint}")
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise ValueError(f"The column “{twice[0]}” is there twice. Keep one.")
    if "address" not in names:
        raise ValueError(
            "There is no column “address”. The first line names the columns; the template has "
            "them all."
        )
    return names


def _column(name: str) -> str:
    plain_name = re.sub(r"[\s_]+", "-", name.strip().lower())
    return _OTHER_NAMES.get(plain_name, plain_name)


def _row(line: int, cells: list[str], columns: list[str]) -> Row:
    if any(cells[len(columns) :]):
        return Row(line=line, problem="It has more cells than there are columns: quote the commas.")
    said = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell}
    try:
        return Row(line=line, model=_model(said))
    except ValueError as error:
        return Row(line=line, problem=str(error))


def _model(said: Mapping[str, str]) -> ImportedModel:
    """The model of a row. Raises ValueError with what to correct."""
    for name, limit in _LIMITS.items():
        if len(said.get(name, "")) > limit:
            raise ValueError(f"The {name} has more than {limit} characters. Shorten it.")
    read: dict[str, Any] = {
        name: reader(said[name]) for name, reader in _READERS.items() if name in said
    }
    place = repository_at(said.get("address", ""))
    return ImportedModel(
        origin="a table",
        address=place.address or _address(said.get("address", "")),
        ref=said.get("ref", place.ref),
        folder=said.get("folder", place.folder),
        title=said.get("title", ""),
        summary=said.get("summary", ""),
        description=said.get("description", ""),
        label=said.get("version", ""),
        article=read.pop("doi", None),
        terms={name: _list(cell) for name, cell in said.items() if name not in COLUMNS},
        **read,
    )


def _address(cell: str) -> str:
    if not cell:
        raise ValueError("It has no address. Give the one that you would give to git clone.")
    if not _WEB.fullmatch(cell):
        raise ValueError(f"“{cell[:80]}” is no web address. It begins with https://.")
    return cell


def _name(cell: str) -> str:
    if not name_is_valid(cell):
        raise ValueError(f"“{cell[:80]}” cannot be a name: use letters, digits, “-”, “_” and “.”.")
    return cell


def _licence(cell: str) -> str:
    return licence_normalised(identifiers.spdx(cell) or cell)


def _article(cell: str) -> Article:
    return Article(doi=doi_normalised(cell))


def _list(cell: str) -> tuple[str, ...]:
    """What is parted by semicolons, each once."""
    return tuple(dict.fromkeys(part.strip() for part in cell.split(";") if part.strip()))


def _keywords(cell: str) -> tuple[str, ...]:
    return _list(cell if ";" in cell else cell.replace(",", ";"))


def _authors(cell: str) -> tuple[Person, ...]:
    return tuple(map(_person, _list(cell)))


def _person(text: str) -> Person:
    found = _ORCID.search(text)
    given, family = name_parted(_ORCID.sub("", text))
    orcid = orcid_normalised(found[1]) if found else None
    return Person(given=plain.text(given, 200), family=plain.text(family, 200), orcid=orcid)


_READERS: dict[str, Callable[[str], object]] = {
    "name": _name,
    "licence": _licence,
    "doi": _article,
    "keywords": _keywords,
    "authors": _authors,
}
