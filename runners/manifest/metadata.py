"""What files of metadata say of a model: CITATION.cff, codemeta.json, .zenodo.json, packaging.

Each reader gives a Description of what its file holds; a broken file holds nothing.
"""

import ast
import configparser
import re
import warnings
from collections.abc import Mapping
from typing import Any

from registry.imports import identifiers
from registry.spec.manifest import Article, Description, Person
from runners.manifest import plain
from runners.tree import Tree

_CLASSIFIER = "License :: OSI Approved :: "
# setup.cfg may point to where a value stands instead of holding it.
_ELSEWHERE = ("attr:", "file:")
# A citation file may prefer to be cited as what is no article.
_CFF_NO_ARTICLES = ("software", "data")
# Article, issue, volume, periodical.
_ARTICLE_TO_PERIODICAL = 4
_NAME_AND_ADDRESS = re.compile(r"\s*<[^>]*>\s*$")


def read_citation_cff(tree: Tree) -> Description:
    """CITATION.cff: the Citation File Format. The preferred citation is the article."""
    cff = plain.load_yaml(plain.content(tree, "CITATION.cff"))
    return Description(
        title=plain.text(cff.get("title")),
        summary=plain.text(cff.get("abstract"), plain.LONG),
        version=plain.text(cff.get("version"), 100),
        licence=identifiers.spdx(cff.get("license")),
        authors=_cff_people(cff.get("authors")),
        article=_cff_article(cff),
        keywords=_keywords(cff.get("keywords")),
        released=identifiers.date(cff.get("date-released")),
    )


def _pages(first: object, last: object) -> str:
    """A range of pages, or the one page that is known."""
    return "–".join(filter(None, (plain.text(page, 20) for page in (first, last))))


def _cff_people(value: object) -> tuple[Person, ...]:
    return identifiers.people(
        identifiers.person(
            given=one.get("given-names"),
            family=_cff_family(one),
            orcid=one.get("orcid"),
            affiliation=one.get("affiliation"),
        )
        for one in map(plain.mapping, plain.several(value))
    )


def _cff_family(one: Mapping[str, Any]) -> str:
    """The family name with its particle and suffix; an organisation has one name, kept whole."""
    parts = (one.get(key) for key in ("name-particle", "family-names", "name-suffix"))
    return " ".join(filter(None, map(plain.text, parts))) or plain.text(one.get("name"))


def _cff_article(cff: Mapping[str, Any]) -> Article | None:
    """The preferred citation, else the first article among the references, else a bare DOI."""
    preferred = plain.mapping(cff.get("preferred-citation"))
    others = map(plain.mapping, plain.several(cff.get("references")))
    works = [
        *([] if plain.text(preferred.get("type")).startswith(_CFF_NO_ARTICLES) else [preferred]),
        *(one for one in others if one.get("type") == "article"),
    ]
    marked = map(plain.mapping, plain.several(cff.get("identifiers")))
    dois = [cff.get("doi"), *(one.get("value") for one in marked if one.get("type") == "doi")]
    told = filter(None, map(_cff_work, works))
    return next(told, None) or identifiers.known_by_doi(map(identifiers.doi, dois))


def _cff_work(work: Mapping[str, Any]) -> Article | None:
    """A work as the format describes it; None where not even its title or DOI is there.

    The format's own `pages` is their number, but many write the range there.
    """
    pages = plain.text(work.get("pages"), 50)
    told = Article(
        title=plain.text(work.get("title"), plain.LONG),
        authors=_cff_people(work.get("authors")),
        year=identifiers.year(work.get("year") or work.get("date-published")),
        journal=plain.text(work.get("journal") or work.get("collection-title")),
        volume=plain.text(work.get("volume"), 50),
        pages=_pages(work.get("start"), work.get("end")) or ("" if pages.isdecimal() else pages),
        doi=identifiers.doi(work.get("doi")),
        url=identifiers.address(work.get("url")),
    )
    return told if told.title or told.doi else None


def read_codemeta(tree: Tree) -> Description:
    """codemeta.json: schema.org terms, each a value, an object or a list of these."""
    meta = plain.load_json(tree, "codemeta.json")
    return Description(
        title=plain.text(meta.get("name")),
        summary=plain.text(meta.get("description"), plain.LONG),
        version=plain.text(meta.get("version") or meta.get("softwareVersion"), 100),
        licence=identifiers.spdx(_named(meta.get("license"))),
        authors=_codemeta_people(meta.get("author") or meta.get("creator")),
        article=_codemeta_article(meta),
        keywords=_keywords(meta.get("keywords")),
        released=identifiers.date(meta.get("datePublished") or meta.get("dateModified")),
    )


def _codemeta_article(meta: Mapping[str, Any]) -> Article | None:
    """The reference publication: an object, or only where it is to be found."""
    found = next(iter(plain.several(meta.get("referencePublication"))), None)
    work = plain.mapping(found)
    places = [work.get(key) for key in ("@id", "id", "identifier", "sameAs", "url")]
    told = Article(
        title=plain.text(work.get("name") or work.get("headline"), plain.LONG),
        authors=_codemeta_people(work.get("author")),
        year=identifiers.year(work.get("datePublished")),
        **_codemeta_journal(work),
        doi=plain.first(map(identifiers.doi, (found, *map(_valued, places)))),
        url=plain.first(map(identifiers.address, (found, *places))),
    )
    if told.title or told.doi or told.url:
        return told
    return identifiers.known_by_doi([identifiers.doi(meta.get("identifier"))])


def _valued(value: object) -> object:
    """A schema.org PropertyValue by its value; a plain value as it is."""
    return plain.mapping(value).get("value") or value


def _codemeta_journal(work: Mapping[str, Any]) -> dict[str, str]:
    """Journal, volume and pages: an article is part of an issue, of a volume, of a periodical."""
    parts = [work]
    while len(parts) < _ARTICLE_TO_PERIODICAL and (
        above := plain.several(parts[-1].get("isPartOf"))
    ):
        parts.append(plain.mapping(above[0]))
    outermost_first = parts[:0:-1]
    ends = _pages(work.get("pageStart"), work.get("pageEnd"))
    return {
        "journal": plain.first(plain.text(part.get("name")) for part in outermost_first),
        "volume": plain.first(plain.text(part.get("volumeNumber"), 50) for part in parts),
        "pages": plain.text(work.get("pagination"), 50) or ends,
    }


def _named(value: object) -> object:
    """An object by its identifier, address or name; a plain value as it is."""
    found = plain.mapping(value)
    return found.get("@id") or found.get("url") or found.get("name") or value


def _codemeta_people(value: object) -> tuple[Person, ...]:
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


def read_zenodo(tree: Tree) -> Description:
    """.zenodo.json: what Zenodo is told at a release. Creators are written family name first."""
    meta = plain.load_json(tree, ".zenodo.json")
    related = map(plain.mapping, plain.several(meta.get("related_identifiers")))
    near = sorted(
        (one for one in related if one.get("relation") in _ABOUT),
        key=lambda one: _ABOUT.index(one["relation"]),
    )
    licence = plain.mapping(meta.get("license")).get("id") or meta.get("license")
    return Description(
        title=plain.text(meta.get("title")),
        summary=plain.text(_without_tags(meta.get("description")), plain.LONG),
        version=plain.text(meta.get("version"), 100),
        licence=identifiers.spdx(licence),
        authors=identifiers.people(
            identifiers.person(**{key: one.get(key) for key in ("name", "orcid", "affiliation")})
            for one in map(plain.mapping, plain.several(meta.get("creators")))
        ),
        article=identifiers.known_by_doi(identifiers.doi(one.get("identifier")) for one in near),
        keywords=_keywords(meta.get("keywords")),
        released=identifiers.date(meta.get("publication_date")),
    )


# The surest first.
_ABOUT = ("isSupplementTo", "isDescribedBy", "isDocumentedBy", "isCitedBy", "cites")


def _without_tags(value: object) -> str:
    """Zenodo's descriptions are HTML; a summary is plain text."""
    return re.sub(r"<[^<>]{0,200}>", " ", value[:20_000]) if isinstance(value, str) else ""


def read_pyproject(tree: Tree) -> Description:
    """pyproject.toml: the standard [project] table, else Poetry's."""
    document = plain.load_toml(tree, "pyproject.toml")
    poetry = plain.mapping(plain.mapping(document.get("tool")).get("poetry"))
    project = plain.mapping(document.get("project")) or poetry
    licence = plain.mapping(project.get("license")).get("text") or project.get("license")
    return _package(
        {**project, "license": licence},
        authors=identifiers.people(map(_package_person, plain.several(project.get("authors")))),
    )


def _package_person(value: object) -> Person:
    """{name, email} as [project] has it, or "Name <address>" as Poetry has it."""
    named = plain.mapping(value).get("name") or value
    return identifiers.person(name=_NAME_AND_ADDRESS.sub("", plain.text(named)))


def read_setup_cfg(tree: Tree) -> Description:
    """setup.cfg: its [metadata] section."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(plain.content(tree, "setup.cfg"))
    except configparser.Error:
        return Description()
    section = parser["metadata"] if parser.has_section("metadata") else {}
    said = {key: value for key, value in section.items() if not value.startswith(_ELSEWHERE)}
    lists = {key: _lines(said.get(key, "")) for key in ("classifiers", "keywords")}
    return _package({**said, **lists}, authors=_listed_people(said.get("author")))


def _lines(value: str) -> list[str]:
    return [part.strip() for part in re.split(r"[\n,]", value)]


def read_setup_py(tree: Tree) -> Description:
    """setup.py: the literal arguments of its call of setup(). Nothing of it is run."""
    found = _setup_arguments(plain.content(tree, "setup.py"))
    return _package(found, authors=_listed_people(found.get("author")))


def _setup_arguments(source: str) -> Mapping[str, Any]:
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.Call) and _called(node.func) == "setup":
            pairs = ((one.arg, _literal(one.value)) for one in node.keywords)
            return {name: value for name, value in pairs if name and value is not None}
    return {}


def _parsed(source: str) -> ast.AST:
    try:
        with warnings.catch_warnings():  # of old spellings in the author's code
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _listed_people(value: object) -> tuple[Person, ...]:
    """Authors that stand in one text: "A. Lotka, V. Volterra and others"."""
    names = re.split(r",|;|\band\b|&", plain.text(value))
    return identifiers.people(identifiers.person(name=name.strip()) for name in names)


def _package(found: Mapping[str, Any], *, authors: tuple[Person, ...]) -> Description:
    """What every packaging file names alike."""
    classifiers = [plain.text(one) for one in plain.several(found.get("classifiers"))]
    licences = [one.removeprefix(_CLASSIFIER) for one in classifiers if one.startswith(_CLASSIFIER)]
    return Description(
        title=plain.text(found.get("name")),
        summary=plain.text(found.get("description"), plain.LONG),
        version=plain.text(found.get("version"), 100),
        licence=plain.first(map(identifiers.spdx, (found.get("license"), *licences))),
        authors=authors,
        keywords=_keywords(found.get("keywords")),
    )


def _keywords(value: object) -> tuple[str, ...]:
    """Keywords from a list, or from one text parted by commas; each once, at most 50."""
    values = value.split(",") if isinstance(value, str) else plain.several(value)
    words = (plain.text(one, 100) for one in values)
    return tuple(dict.fromkeys(filter(None, words)))[:50]
