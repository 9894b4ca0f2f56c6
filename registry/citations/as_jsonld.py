"""What search engines read of a model: schema.org's words, as JSON-LD."""

from collections.abc import Iterator
from typing import Any

from registry.citations.work import CitedWork, has_both_names, line, orcid_address, web_address
from registry.licences import licence_address, licence_choices
from registry.spec.manifest import Person

CONTEXT = "https://schema.org"


def json_ld(work: CitedWork) -> dict[str, Any]:
    """A version of a model as SoftwareSourceCode."""
    told = {
        "@context": CONTEXT,
        "@type": "SoftwareSourceCode",
        "@id": work.address,
        "name": line(work.title),
        "description": line(work.summary),
        "url": web_address(work.url),
        "identifier": list(_identifiers(work)),
        "author": [_author(person) for person in work.people],
        "publisher": {"@type": "Organization", "name": line(work.publisher)},
        "version": line(work.version),
        "datePublished": work.released.isoformat() if work.released else str(work.year or ""),
        "sdDatePublished": work.modified.isoformat() if work.modified else "",
        "dateModified": work.modified.isoformat() if work.modified else "",
        "keywords": [line(word) for word in work.keywords],
        "license": list(map(licence_address, licence_choices(work.licence))) or line(work.licence),
        "codeRepository": work.repository,
        "isPartOf": {"@id": work.whole} if work.whole else None,
        "citation": _article(work.article) if work.article else None,
    }
    return {name: value for name, value in told.items() if value}


def _identifiers(work: CitedWork) -> Iterator[dict[str, str]]:
    known = {
        "Reprise accession": str(work.accession),
        "DOI": line(work.doi),
        "SWHID": work.swhid,
        "commit": work.commit,
    }
    for name, value in known.items():
        if value:
            yield {"@type": "PropertyValue", "propertyID": name, "value": value}


def _author(person: Person) -> dict[str, Any]:
    """A person, or the group that a name without parts may be."""
    orcid = orcid_address(person)
    is_person = has_both_names(person) or bool(orcid)
    told: dict[str, Any] = {
        "@type": "Person" if is_person else "Organization",
        "@id": orcid,
        "name": line(person.name),
        "givenName": line(person.given) if is_person else "",
        "familyName": line(person.family) if is_person else "",
    }
    if line(person.affiliation):
        told["affiliation"] = {"@type": "Organization", "name": line(person.affiliation)}
    return {name: value for name, value in told.items() if value}


def _article(work: CitedWork) -> dict[str, Any]:
    told = {
        "@type": "ScholarlyArticle",
        "@id": work.address,
        "name": line(work.title),
        "author": [_author(person) for person in work.people],
        "datePublished": str(work.year or ""),
        "isPartOf": {"@type": "Periodical", "name": line(work.journal)} if work.journal else None,
    }
    return {name: value for name, value in told.items() if value}
