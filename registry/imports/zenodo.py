"""Zenodo: a record of its API, what its pages export as JSON, and what a deposit is told.

The two former hold what the latter says below `metadata`, partly in the words of InvenioRDM.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from registry.imports import identifiers, plain
from registry.imports.document import Document
from registry.imports.model import ImportedModel, from_description, shortened
from registry.imports.places import Place, repository_at
from registry.imports.prose import as_markdown, as_text
from registry.spec.manifest import Description, Person

SITE = "https://zenodo.org"
# The surest first.
_ABOUT = ("issupplementto", "isdescribedby", "isdocumentedby", "iscitedby", "cites")
_CODE_OF = ("issupplementto", "isderivedfrom", "isidenticalto", "isversionof", "isdocumentedby")
_ARCHIVE = re.compile(r".*\.(zip|tar(\.(gz|bz2|xz))?|tgz)", re.IGNORECASE)


def fits(document: Document) -> bool:
    """Whether the document is a record or a deposit."""
    meta = _metadata(document.value)
    return document.syntax == "json" and "title" in meta and "creators" in meta


def read(document: Document, _at: str) -> ImportedModel:
    """The model of a record. Its code is where the record says that it supplements it."""
    record, meta = document.value, _metadata(document.value)
    number = plain.text(record.get("id"), 12)
    number = number if number.isdecimal() else ""
    place, said = _code(meta), described(meta)
    return from_description(
        Description(
            title=said.title,
            summary=shortened(as_text(meta.get("description"))),
            version=said.version,
            authors=said.authors,
            article=said.article,
            keywords=said.keywords,
        ),
        origin=f"Zenodo record {number}" if number else "Zenodo deposit",
        licence=_licence(meta),
        page=f"{SITE}/records/{number}" if number else "",
        address=place.address,
        ref=place.ref,
        folder=place.folder,
        archive=_archive(record),
        description=as_markdown(meta.get("description")),
    )


def described(meta: Mapping[str, Any]) -> Description:
    """What a .zenodo.json tells a reader, or a record's metadata."""
    return Description(
        title=plain.text(meta.get("title")),
        summary=plain.text(as_text(meta.get("description")), plain.LONG),
        version=plain.text(meta.get("version"), 100),
        licence=identifiers.spdx(_licence(meta)),
        authors=identifiers.people(
            map(_person, map(plain.mapping, plain.several(meta.get("creators"))))
        ),
        article=identifiers.known_by_doi(identifiers.doi(one) for _, one in _related(meta, _ABOUT)),
        keywords=identifiers.keywords(meta.get("keywords") or _subjects(meta)),
        released=identifiers.date(meta.get("publication_date")),
    )


def _metadata(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return plain.mapping(record.get("metadata")) or record


def _person(creator: Mapping[str, Any]) -> Person:
    """A creator, written family name first; exports keep names and identifiers apart."""
    one = plain.mapping(creator.get("person_or_org")) or creator
    marked = map(plain.mapping, plain.several(one.get("identifiers")))
    orcid = next((each.get("identifier") for each in marked if each.get("scheme") == "orcid"), None)
    affiliations = plain.several(creator.get("affiliations") or creator.get("affiliation"))
    first = next(iter(affiliations), "")
    return identifiers.person(
        given=one.get("given_name"),
        family=one.get("family_name"),
        name=one.get("name"),
        orcid=orcid or creator.get("orcid"),
        affiliation=plain.mapping(first).get("name") or first,
    )


def _licence(meta: Mapping[str, Any]) -> object:
    rights = plain.mapping(next(iter(plain.several(meta.get("rights"))), None))
    said = meta.get("license") or rights.get("id") or plain.mapping(rights.get("title")).get("en")
    return plain.mapping(said).get("id") or said


def _subjects(meta: Mapping[str, Any]) -> list[object]:
    return [plain.mapping(one).get("subject") for one in plain.several(meta.get("subjects"))]


def _related(meta: Mapping[str, Any], relations: tuple[str, ...]) -> list[tuple[str, object]]:
    """The identifiers in these relations to it, in the order of `relations`."""
    found = [
        (relation, one.get("identifier"))
        for one in map(plain.mapping, plain.several(meta.get("related_identifiers")))
        if (relation := _relation(one)) in relations
    ]
    return sorted(found, key=lambda pair: relations.index(pair[0]))


def _relation(one: Mapping[str, Any]) -> str:
    kind = plain.mapping(one.get("relation_type")).get("id") or one.get("relation")
    return plain.text(kind, 50).lower()


def _code(meta: Mapping[str, Any]) -> Place:
    """Where its code is developed, by what the record says of its relations."""
    custom = plain.mapping(meta.get("custom")) or plain.mapping(meta.get("custom_fields"))
    written = [custom.get("code:codeRepository"), *(one for _, one in _related(meta, _CODE_OF))]
    places = (repository_at(one) for one in written)
    return max(places, key=lambda place: bool(place.address) + bool(place.ref), default=Place())


def _archive(record: Mapping[str, Any]) -> str:
    """The first file of the record that is an archive."""
    return next((link for name, link in _files(record) if _ARCHIVE.fullmatch(name)), "")


def _files(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    files = record.get("files")
    entries = plain.mapping(plain.mapping(files).get("entries")).values() or plain.several(files)
    for one in map(plain.mapping, entries):
        links = plain.mapping(one.get("links"))
        content = links.get("content") or links.get("self") or links.get("download")
        yield plain.text(one.get("key") or one.get("filename")), identifiers.address(content)
