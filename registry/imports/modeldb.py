"""ModelDB: what /api/v1/models/<id> and /api/v1/papers/<id> answer.

Each attribute is {"value": …, "attr_id": …}; a value is text, or a list of {"object_id": …,
"object_name": …}. Read off the portal's own source (github.com/mcdougallab/modeldb).
"""

import re
from collections.abc import Mapping
from typing import Any

from registry.imports import identifiers, plain
from registry.imports.document import Document
from registry.imports.model import ImportedModel, shortened
from registry.imports.prose import as_markdown, as_text
from registry.spec.manifest import Article, Person

SITE = "https://modeldb.science"
CODE = "https://github.com/ModelDBRepository"
# Vocabulary here → attributes there, which changed their names over the years.
VOCABULARIES = {
    "model-type": ("model_type",),
    "region": ("region", "regions", "brainregions"),
    "cell-type": ("neurons", "celltypes"),
    "channel": ("currents", "channels"),
    "receptor": ("receptors", "receptor"),
    "gene": ("gene", "genes"),
    "transmitter": ("neurotransmitters", "transmitters", "transmitter"),
    "simulator": ("modeling_application", "simenvironments"),
    "concept": ("model_concept", "modelconcepts"),
}
_SIGNS = ("modeling_application", "model_concept", "model_paper", "model_type", "implemented_by")
_YEAR = re.compile(r"\(?((?:19|20)\d{2})[a-z]?\)?")
_NOTHING = frozenset({"", "none", "unknown", "other", "no other transmitter"})


def fits(document: Document) -> bool:
    """Whether the document is a model of ModelDB."""
    return "name" in document.value and any(sign in document.value for sign in _SIGNS)


def read(document: Document, _at: str) -> ImportedModel:
    """The model of a record. Its code is in the organisation that ModelDB keeps on GitHub."""
    said = document.value
    number = plain.text(said.get("id"), 12)
    number = number if number.isdecimal() else ""
    return ImportedModel(
        origin=f"ModelDB record {number}".strip(),
        page=f"{SITE}/{number}" if number else "",
        address=f"{CODE}/{number}" if number else "",
        archive=f"{SITE}/download/{number}" if number else "",
        title=plain.text(as_text(said.get("name"))),
        summary=shortened(as_text(_value(said, "notes"))),
        description=_description(said),
        authors=identifiers.people(map(_person, _names(said, ("implemented_by",)))),
        article=_cited(said),
        article_at=_paper_address(said),
        terms=_terms(said),
        left_out=_left_out(said),
    )


def _value(said: Mapping[str, Any], name: str) -> object:
    """The value of an attribute, with or without the object around it."""
    found = said.get(name)
    return plain.mapping(found).get("value") if isinstance(found, Mapping) else found


def _names(said: Mapping[str, Any], attributes: tuple[str, ...]) -> tuple[str, ...]:
    """The names in the first of the attributes that is there."""
    values = next((found for name in attributes if (found := _value(said, name))), ())
    names = (
        plain.text(plain.mapping(one).get("object_name") or one, 200)
        for one in plain.several(values)
    )
    return tuple(dict.fromkeys(name for name in names if name.lower() not in _NOTHING))


def _terms(said: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found = {slug: _names(said, attributes) for slug, attributes in VOCABULARIES.items()}
    return {slug: names for slug, names in found.items() if names}


def _description(said: Mapping[str, Any]) -> str:
    notes = as_markdown(_value(said, "notes"))
    motivation = as_markdown(_value(said, "expmotivation"))
    return f"{notes}\n\n## Experimental motivation\n\n{motivation}" if motivation else notes


def _person(name: str) -> Person:
    """Implementers as "Mainen, Zach [zach at cshl.edu]": the address is left out."""
    return identifiers.person(name=re.sub(r"\s*[\[<(].*$", "", name))


def _cited(said: Mapping[str, Any]) -> Article | None:
    """What the record itself says of its paper: no more than a line, as in "Mainen ZF (1996)"."""
    line = next(iter(_names(said, ("model_paper",))), "")
    title = line or plain.text(said.get("_citation_text"), plain.LONG)
    doi = next(identifiers.dois_in(title), "")
    year = _YEAR.search(title)
    if not title:
        return None
    return Article(title=title, year=int(year[1]) if year else None, doi=doi)


def _paper_address(said: Mapping[str, Any]) -> str:
    paper = plain.mapping(next(iter(plain.several(_value(said, "model_paper"))), None))
    number = plain.text(paper.get("object_id"), 12)
    return f"{SITE}/api/v1/papers/{number}" if number.isdecimal() else ""


def _left_out(said: Mapping[str, Any]) -> tuple[str, ...]:
    papers = _names(said, ("model_paper",))[1:]
    others = _names(said, ("alternative_version", "alternative_versions"))
    sentences = (
        f"Only the first of its papers is kept as the article. The others: {'; '.join(papers)}.",
        f"Versions of it that have records of their own are left there: {'; '.join(others)}.",
        "The submitter's e-mail address is left out.",
    )
    there = (papers, others, said.get("public_submitter_email"))
    return tuple(sentence for sentence, found in zip(sentences, there, strict=True) if found)


def article(document: Document) -> Article | None:
    """The article of a paper's own record; None where it has no title."""
    said = document.value
    pages = (plain.text(_value(said, name), 20) for name in ("first_page", "last_page"))
    told = Article(
        title=plain.text(_value(said, "title"), plain.LONG),
        authors=identifiers.people(map(_paper_person, _names(said, ("authors",)))),
        year=identifiers.year(_value(said, "year")),
        journal=plain.text(_value(said, "journal")),
        volume=plain.text(_value(said, "volume"), 50),
        pages="–".join(filter(None, pages)),
        doi=identifiers.doi(_value(said, "doi")),
        url=identifiers.address(_value(said, "url")),
    )
    return told if told.title else None


def _paper_person(name: str) -> Person:
    """A name as PubMed writes it: the family name, then initials without points."""
    family, _, initials = name.rpartition(" ")
    if family and initials.isupper() and "," not in name:
        return Person(given=" ".join(f"{one}." for one in initials), family=family)
    return identifiers.person(name=name)
