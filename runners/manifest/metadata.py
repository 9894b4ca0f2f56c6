"""What files of metadata say of a model: CITATION.cff, codemeta.json, .zenodo.json, packaging.

Each reader gives a Description of what its file holds; a broken file holds nothing.
"""

import ast
import configparser
import re
import warnings
from collections.abc import Mapping
from typing import Any

from registry.imports import codemeta, identifiers, zenodo
from registry.spec.manifest import Article, Description, Person
from runners.manifest import plain
from runners.tree import Tree

_CLASSIFIER = "License :: OSI Approved :: "
# setup.cfg may point to where a value stands instead of holding it.
_ELSEWHERE = ("attr:", "file:")
# A citation file may prefer to be cited as what is no article.
_CFF_NO_ARTICLES = ("software", "data")
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
        keywords=identifiers.keywords(cff.get("keywords")),
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
        pages=identifiers.pages(work.get("start"), work.get("end"))
        or ("" if pages.isdecimal() else pages),
        doi=identifiers.doi(work.get("doi")),
        url=identifiers.address(work.get("url")),
    )
    return told if told.title or told.doi else None


def read_codemeta(tree: Tree) -> Description:
    """codemeta.json: schema.org terms."""
    return codemeta.described(plain.load_json(tree, "codemeta.json"))


def read_zenodo(tree: Tree) -> Description:
    """.zenodo.json: what Zenodo is told at a release."""
    return zenodo.described(plain.load_json(tree, ".zenodo.json"))


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
        keywords=identifiers.keywords(found.get("keywords")),
    )
