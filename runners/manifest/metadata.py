"""What files of metadata say of a model: CITATION.cff, codemeta.json, .zenodo.json, packaging.

Each reader gives a Description of what its file holds; a broken file holds nothing.
"""

import ast
import configparser
import re
import warnings
from collections.abc import Mapping
from typing import Any

from registry.spec.manifest import Description, Person
from runners.manifest import identifiers, plain
from runners.tree import Tree

_CLASSIFIER = "License :: OSI Approved :: "
# setup.cfg may point to where a value stands instead of holding it.
_ELSEWHERE = ("attr:", "file:")
_NAME_AND_ADDRESS = re.compile(r"\s*<[^>]*>\s*$")


def read_citation_cff(tree: Tree) -> Description:
    """CITATION.cff: the Citation File Format. The preferred citation is the article."""
    cff = plain.load_yaml(plain.content(tree, "CITATION.cff"))
    preferred = plain.mapping(cff.get("preferred-citation"))
    known = plain.several(cff.get("identifiers"))
    marked = [one.get("value") for one in map(plain.mapping, known) if one.get("type") == "doi"]
    return Description(
        title=plain.text(cff.get("title")),
        summary=plain.text(cff.get("abstract"), plain.LONG),
        version=plain.text(cff.get("version"), 100),
        licence=identifiers.spdx(cff.get("license")),
        authors=_cff_people(cff.get("authors")),
        doi=plain.first(map(identifiers.doi, (preferred.get("doi"), cff.get("doi"), *marked))),
        article=plain.text(preferred.get("title"), plain.LONG),
        keywords=_keywords(cff.get("keywords")),
        released=identifiers.date(cff.get("date-released")),
    )


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


def read_codemeta(tree: Tree) -> Description:
    """codemeta.json: schema.org terms, each a value, an object or a list of these."""
    meta = plain.load_json(tree, "codemeta.json")
    article = plain.mapping(next(iter(plain.several(meta.get("referencePublication"))), None))
    named = article.get("@id") or article.get("identifier") or meta.get("referencePublication")
    return Description(
        title=plain.text(meta.get("name")),
        summary=plain.text(meta.get("description"), plain.LONG),
        version=plain.text(meta.get("version") or meta.get("softwareVersion"), 100),
        licence=identifiers.spdx(_named(meta.get("license"))),
        authors=_codemeta_people(meta.get("author") or meta.get("creator")),
        doi=plain.first(map(identifiers.doi, (named, meta.get("identifier")))),
        article=plain.text(article.get("name") or article.get("headline"), plain.LONG),
        keywords=_keywords(meta.get("keywords")),
        released=identifiers.date(meta.get("datePublished") or meta.get("dateModified")),
    )


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
    articles = [one.get("identifier") for one in related if one.get("relation") in _ABOUT]
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
        doi=plain.first(map(identifiers.doi, articles)),
        keywords=_keywords(meta.get("keywords")),
        released=identifiers.date(meta.get("publication_date")),
    )


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
