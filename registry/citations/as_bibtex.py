"""BibTeX. `@software` is biblatex's; plain BibTeX sets it as @misc."""

import re

from registry.citations.work import (
    CitedWork,
    WorkKind,
    citation_key,
    has_both_names,
    line,
    page_range,
)
from registry.spec.manifest import Person

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
_TYPES: dict[WorkKind, str] = {
    "software": "software", "model": "software", "article": "article", "verification": "techreport",
}  # fmt: skip


def bibtex(work: CitedWork) -> str:
    """A BibTeX entry."""
    fields = {
        # Doubled braces keep the title's capitals, single ones an organisation's name whole.
        "title": f"{{{_tex(work.title)}}}" if work.title else "",
        "author": " and ".join(map(_name, work.people)),
        "year": str(work.year or ""),
        "version": _tex(work.version),
        "journal": _tex(work.journal),
        "volume": _tex(work.volume),
        "pages": _tex(page_range(work.pages, "--")),
        **_publisher(work),
        "doi": _verbatim(work.doi),
        "url": _verbatim(work.url),
        "note": _tex(_note(work)),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{_TYPES[work.kind]}{{{citation_key(work)},\n" + ",\n".join(lines) + "\n}\n"


def _publisher(work: CitedWork) -> dict[str, str]:
    """Who stands behind it: of a report its institution, with the report's kind and number."""
    publisher = _tex(work.publisher)
    if work.kind != "verification":
        return {"publisher": publisher}
    number = "" if work.number is None else str(work.number)
    return {"institution": publisher, "type": "Verification", "number": number}


def _note(work: CitedWork) -> str:
    """The commit or the identifier of what is kept, by which a version is found without us."""
    return work.note or (f"Archived as {work.swhid}" if work.swhid else "")


def _name(person: Person) -> str:
    if has_both_names(person):
        return f"{_name_part(person.family)}, {_name_part(person.given)}"
    return f"{{{_tex(person.name)}}}"


def _name_part(text: str) -> str:
    """A part of a name. Commas and the word "and" mean something to BibTeX: braces hide them."""
    escaped = _tex(text)
    return f"{{{escaped}}}" if "," in text or " and " in f" {text.lower()} " else escaped


def _tex(text: str) -> str:
    return line(text).translate(_TEX)


def _verbatim(text: str) -> str:
    """A DOI or address: BibTeX sets these as they stand, so only what could end the field goes."""
    return re.sub(r"[\\{}\s]", lambda sign: f"%{ord(sign[0]):02X}", line(text))
