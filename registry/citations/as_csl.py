"""CSL-JSON, which Zotero, Pandoc and journals' styles read."""

from typing import Any

from registry.citations.work import (
    CitedWork,
    WorkKind,
    citation_key,
    has_both_names,
    line,
    page_range,
)
from registry.spec.manifest import Person

_TYPES: dict[WorkKind, str] = {
    "software": "software",
    "model": "software",
    "article": "article-journal",
    "verification": "report",
}


def csl_json(work: CitedWork) -> dict[str, Any]:
    """The citation as one item; it holds only what is known."""
    item = {
        "id": citation_key(work),
        "type": _TYPES[work.kind],
        "title": line(work.title),
        "author": [_name(person) for person in work.people],
        "issued": {"date-parts": [_date(work)]} if work.year else None,
        "abstract": line(work.summary),
        "keyword": ", ".join(map(line, work.keywords)),
        "version": line(work.version),
        "container-title": line(work.journal),
        "volume": line(work.volume),
        "page": page_range(work.pages, "-"),
        "publisher": line(work.publisher),
        "DOI": line(work.doi),
        "URL": line(work.url),
        "note": line(work.note),
        **_report(work),
    }
    return {name: value for name, value in item.items() if value}


def _date(work: CitedWork) -> list[int]:
    """A verification's day; of all else the year, for no more is told of it."""
    if work.kind == "verification" and work.released:
        return [work.released.year, work.released.month, work.released.day]
    return [work.year] if work.year else []


def _report(work: CitedWork) -> dict[str, str]:
    if work.kind != "verification":
        return {}
    return {"genre": "Verification", "number": str(work.number or "")}


def _name(person: Person) -> dict[str, str]:
    if has_both_names(person):
        return {"family": line(person.family), "given": line(person.given)}
    return {"literal": line(person.name)}
