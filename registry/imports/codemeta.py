"""CodeMeta 2.0 and 3.0: schema.org terms, each a value, an object or a list of these."""

from collections.abc import Mapping
from typing import Any

from registry.imports import identifiers, plain
from registry.imports.document import Document
from registry.imports.model import ImportedModel, from_description, named
from registry.imports.places import repository_at
from registry.spec.manifest import Article, Description, Person

# Article, issue, volume, periodical.
_ARTICLE_TO_PERIODICAL = 4
_KINDS = ("SoftwareSourceCode", "SoftwareApplication")


def fits(document: Document) -> bool:
    """Whether the document is CodeMeta, by its context or by what it says it is."""
    if document.syntax != "json":
        return False
    contexts = [plain.text(one) for one in plain.several(document.value.get("@context"))]
    kinds = [plain.text(one) for one in plain.several(document.value.get("@type"))]
    return any("codemeta" in one.lower() for one in contexts) or any(
        kind.endswith(_KINDS) for kind in kinds
    )


def read(document: Document, _at: str) -> ImportedModel:
    """The model of a CodeMeta file."""
    meta = document.value
    place = repository_at(named(meta.get("codeRepository")))
    languages = _languages(meta)
    title = plain.text(meta.get("name"), 60)
    return from_description(
        described(meta),
        origin=f"CodeMeta file of {title}" if title else "CodeMeta file",
        licence=_licence(meta),
        page=identifiers.address(meta.get("url")),
        address=place.address or identifiers.address(named(meta.get("codeRepository"))),
        ref=place.ref,
        folder=place.folder,
        archive=identifiers.address(named(meta.get("downloadUrl"))),
        terms={"language": languages} if languages else {},
    )


def _languages(meta: Mapping[str, Any]) -> tuple[str, ...]:
    said = plain.several(meta.get("programmingLanguage"))
    names = (plain.text(plain.mapping(one).get("name") or one, 60) for one in said)
    return tuple(dict.fromkeys(filter(None, names)))


def _licence(meta: Mapping[str, Any]) -> object:
    said = meta.get("license")
    return [named(one) for one in said] if isinstance(said, list) else named(said)


def described(meta: Mapping[str, Any]) -> Description:
    """What a codemeta.json tells a reader of its software."""
    return Description(
        title=plain.text(meta.get("name")),
        summary=plain.text(meta.get("description"), plain.LONG),
        version=plain.text(meta.get("version") or meta.get("softwareVersion"), 100),
        licence=identifiers.spdx(_licence(meta)),
        authors=_people(meta.get("author") or meta.get("creator")),
        article=_article(meta),
        keywords=identifiers.keywords(meta.get("keywords")),
        released=identifiers.date(meta.get("datePublished") or meta.get("dateModified")),
    )


def _article(meta: Mapping[str, Any]) -> Article | None:
    """The reference publication: an object, or only where it is to be found."""
    found = next(iter(plain.several(meta.get("referencePublication"))), None)
    work = plain.mapping(found)
    places = [work.get(key) for key in ("@id", "id", "identifier", "sameAs", "url")]
    told = Article(
        title=plain.text(work.get("name") or work.get("headline"), plain.LONG),
        authors=_people(work.get("author")),
        year=identifiers.year(work.get("datePublished")),
        **_journal(work),
        doi=plain.first(map(identifiers.doi, (found, *map(_valued, places)))),
        url=plain.first(map(identifiers.address, (found, *places))),
    )
    if told.title or told.doi or told.url:
        return told
    return identifiers.known_by_doi([identifiers.doi(meta.get("identifier"))])


def _valued(value: object) -> object:
    """A schema.org PropertyValue by its value; a plain value as it is."""
    return plain.mapping(value).get("value") or value


def _journal(work: Mapping[str, Any]) -> dict[str, str]:
    """Journal, volume and pages: an article is part of an issue, of a volume, of a periodical."""
    parts = [work]
    while len(parts) < _ARTICLE_TO_PERIODICAL and (
        above := plain.several(parts[-1].get("isPartOf"))
    ):
        parts.append(plain.mapping(above[0]))
    outermost_first = parts[:0:-1]
    ends = identifiers.pages(work.get("pageStart"), work.get("pageEnd"))
    return {
        "journal": plain.first(plain.text(part.get("name")) for part in outermost_first),
        "volume": plain.first(plain.text(part.get("volumeNumber"), 50) for part in parts),
        "pages": plain.text(work.get("pagination"), 50) or ends,
    }


def _people(value: object) -> tuple[Person, ...]:
    return identifiers.people(
        identifiers.person(
            given=one.get("givenName"),
            family=one.get("familyName"),
            name=one.get("name"),
            orcid=one.get("@id") or one.get("id"),
            affiliation=plain.mapping(one.get("affiliation")).get("name") or one.get("affiliation"),
        )
        for one in map(plain.mapping, plain.several(value))
    )
