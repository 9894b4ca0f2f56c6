"""DataCite's metadata, schema 4.5, as JSON: what is downloaded, and what a DOI is minted with."""

from collections.abc import Iterator
from typing import Any

from registry.citations.work import (
    CitedWork,
    has_both_names,
    is_doi,
    line,
    orcid_address,
    web_address,
)
from registry.licences import NONE, licence_address, licence_choices
from registry.spec.manifest import Person

_SCHEMA = "http://datacite.org/schema/kernel-4"
_UNKNOWN = "(:unav)"  # DataCite's own word for a value that is not available
_SPDX = {"rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/"}


def datacite_json(work: CitedWork) -> dict[str, Any]:
    """The metadata of a version or of a model; `doi` is there once there is one."""
    told = {
        "doi": work.doi if is_doi(work.doi) else "",
        "url": line(work.url),
        "types": {"resourceType": "Computational model", "resourceTypeGeneral": "Software"},
        "creators": [_creator(person) for person in work.people] or [{"name": _UNKNOWN}],
        "titles": [{"title": line(work.title) or f"Model {work.accession}"}],
        "publisher": {"name": line(work.publisher)},
        "publicationYear": _year(work),
        "version": line(work.version),
        "subjects": [{"subject": word} for word in dict.fromkeys(map(line, work.keywords)) if word],
        "dates": _dates(work),
        "descriptions": _descriptions(work),
        "rightsList": _rights(work.licence),
        "alternateIdentifiers": list(_alternate(work)),
        "relatedIdentifiers": list(_related(work)),
        "schemaVersion": _SCHEMA,
    }
    return {name: value for name, value in told.items() if value}


def _year(work: CitedWork) -> str:
    """The year by which it is cited; of a draft that knows none, nothing."""
    year = work.year or (work.available.year if work.available else None)
    return f"{year:04}" if year else ""


def _creator(person: Person) -> dict[str, Any]:
    told: dict[str, Any] = {"name": line(person.name) or _UNKNOWN}
    if has_both_names(person):
        given, family = line(person.given), line(person.family)
        told = {
            "name": f"{family}, {given}",
            "nameType": "Personal",
            "givenName": given,
            "familyName": family,
        }
    if orcid_address(person):
        told["nameIdentifiers"] = [
            {
                "nameIdentifier": orcid_address(person),
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    if line(person.affiliation):
        told["affiliation"] = [{"name": line(person.affiliation)}]
    return told


def _dates(work: CitedWork) -> list[dict[str, str]]:
    days = {
        "Issued": work.released.isoformat() if work.released else _year(work),
        "Available": work.available.isoformat() if work.available else "",
    }
    return [{"date": day, "dateType": kind} for kind, day in days.items() if day]


def _descriptions(work: CitedWork) -> list[dict[str, str]]:
    texts = {"Abstract": line(work.summary), "TechnicalInfo": ""}
    if work.commit:
        texts["TechnicalInfo"] = f"Git commit {work.commit}"
    return [{"description": text, "descriptionType": kind} for kind, text in texts.items() if text]


def _rights(expression: str) -> list[dict[str, str]]:
    if not expression:
        return []
    if expression == NONE:
        return [{"rights": "No licence is granted"}]
    known = licence_choices(expression)
    if not known:
        return [{"rights": line(expression)}]
    return [
        {"rights": name, "rightsIdentifier": name, "rightsUri": licence_address(name), **_SPDX}
        for name in known
    ]


def _alternate(work: CitedWork) -> Iterator[dict[str, str]]:
    yield _identifier("Reprise accession", str(work.accession))
    if work.swhid:
        yield _identifier("SWHID", work.swhid)


def _identifier(kind: str, value: str) -> dict[str, str]:
    return {"alternateIdentifier": value, "alternateIdentifierType": kind}


def _related(work: CitedWork) -> Iterator[dict[str, str]]:
    """The article that describes it, the repository that it came from, the model it is one of."""
    article = work.article
    if article and is_doi(article.doi):
        yield _relation(article.doi, "DOI", "IsDescribedBy")
    elif article and web_address(article.url):
        yield _relation(article.url, "URL", "IsDescribedBy")
    if work.repository:
        yield _relation(work.repository, "URL", "IsDerivedFrom")
    if work.whole:
        yield _relation(work.whole, "URL", "IsVersionOf")


def _relation(value: str, kind: str, relation: str) -> dict[str, str]:
    return {
        "relatedIdentifier": value, "relatedIdentifierType": kind, "relationType": relation
    }  # fmt: skip
