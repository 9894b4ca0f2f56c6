"""CITATION.cff 1.2.0: the file that a repository keeps beside its README."""

import re
from typing import Any

import yaml

from registry.citations.work import CitedWork, has_both_names, line, orcid_address, web_address
from registry.licences import licence_choices
from registry.spec.manifest import Person

_MESSAGE = "If you use this model, please cite it as below."
_DOI = re.compile(r"\A10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+\Z")


def citation_cff(work: CitedWork) -> str:
    """The file for a version, its article among the references.

    A file without authors or title is none: a version without is by the portal's name for it.
    """
    told = {
        "cff-version": "1.2.0",
        "message": _MESSAGE,
        "type": "software",
        **_described(work),
        "version": line(work.version),
        "date-released": work.released,
        "abstract": line(work.summary),
        "keywords": _once(map(line, work.keywords)),
        "license": _licence(work.licence),
        "repository-code": web_address(work.repository),
        "commit": work.commit,
        "identifiers": _identifiers(work),
        "references": [_reference(work.article)] if work.article else [],
    }
    kept = {name: value for name, value in told.items() if value}
    # Safe: every text is quoted where YAML would read something else into it.
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=100)


def _described(work: CitedWork) -> dict[str, Any]:
    doi = line(work.doi)
    return {
        "title": line(work.title) or f"Model {work.accession}",
        "authors": _once(_person(one) for one in work.people) or [{"name": "Unknown"}],
        "doi": doi if _DOI.match(doi) else "",
        "url": web_address(work.url),
    }


def _reference(article: CitedWork) -> dict[str, Any]:
    told = {
        "type": "article",
        **_described(article),
        "title": line(article.title) or f"The article about model {article.accession}",
        "year": article.year,
        "journal": line(article.journal),
        "volume": line(article.volume),
        "notes": line(f"Pages {article.pages}") if article.pages else "",
    }
    return {name: value for name, value in told.items() if value}


def _person(person: Person) -> dict[str, str]:
    """A person of two names, or an entity of one."""
    orcid = orcid_address(person)
    link = {"orcid": orcid} if orcid else {}
    if not has_both_names(person):
        return {"name": line(person.name) or "Unknown", **link}
    told = {
        "family-names": line(person.family),
        "given-names": line(person.given),
        "affiliation": line(person.affiliation),
    }
    return {name: value for name, value in told.items() if value} | link


def _licence(expression: str) -> str | list[str]:
    """One SPDX name, or several of which one may choose; nothing where CFF has no word for it."""
    known = list(licence_choices(expression))
    return known[0] if len(known) == 1 else known


def _identifiers(work: CitedWork) -> list[dict[str, str]]:
    if not work.swhid:
        return []
    return [{"type": "swh", "value": work.swhid, "description": "The files as they were verified"}]


def _once(values: Any) -> list[Any]:  # noqa: ANN401 — texts or dictionaries, which do not hash
    """Each value where it first stands: CFF refuses a list that says something twice."""
    kept: list[Any] = []
    kept.extend(value for value in values if value and value not in kept)
    return kept
