import json
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.spec.ladder import Origin
from registry.spec.manifest import Article, Description, Person
from runners.manifest import describe, find_readme
from tests.trees import MemoryTree

CFF = """
cff-version: 1.2.0
title: Lotka–Volterra
abstract: Predators and prey in two equations.
version: 1.10
license: MIT
date-released: 2024-05-01
keywords: [ecology, oscillations]
doi: 10.5281/zenodo.1234
authors:
  - given-names: Alfred J.
    family-names: Lotka
    orcid: https://orcid.org/0000-0002-1825-0097
    affiliation: Johns Hopkins University
  - given-names: Vito
    name-particle: de
    family-names: Volterra
    orcid: 0000-0002-1825-0098
  - name: Laboratory of Oscillations, Rome
preferred-citation:
  type: article
  title: Undamped oscillations derived from the law of mass action
  authors:
    - given-names: Alfred J.
      family-names: Lotka
  journal: Journal of the American Chemical Society
  year: 1920
  volume: 42
  start: 1595
  end: 1599
  doi: 10.1021/ja01453a010
"""
README = """---
license: bsd-3-clause
tags: [physics]
---
[![build](https://x.example/b.svg)](https://x.example)

# A *pendulum* of `finite` amplitude

![badge](b.svg)

The period of a pendulum whose amplitude
is [not small](https://doi.org/10.1119/1.2215616).

See https://doi.org/10.5281/zenodo.99 for the code.
"""


def said(files: dict[str, str | bytes]) -> Description:
    return describe(
        MemoryTree(files),
        address="https://example.org/physics/pendulum-period.git",
        commit="830db16" + "0" * 33,
        committed_at="2024-06-07T08:09:10Z",
    )


def test_a_citation_file_is_read_whole():
    found = said({"CITATION.cff": CFF})
    assert found.title == "Lotka–Volterra"
    assert found.summary == "Predators and prey in two equations."
    assert found.version == "1.10"
    assert found.licence == "MIT"
    assert found.released == "2024-05-01"
    assert found.keywords == ("ecology", "oscillations")
    assert found.article == Article(
        title="Undamped oscillations derived from the law of mass action",
        authors=(Person(given="Alfred J.", family="Lotka"),),
        year=1920,
        journal="Journal of the American Chemical Society",
        volume="42",
        pages="1595–1599",
        doi="10.1021/ja01453a010",
    )
    assert found.authors == (
        Person(
            given="Alfred J.",
            family="Lotka",
            orcid="0000-0002-1825-0097",
            affiliation="Johns Hopkins University",
        ),
        Person(given="Vito", family="de Volterra"),
        Person(family="Laboratory of Oscillations, Rome"),
    )
    assert found.origins["title"] is Origin.CITATION_CFF


def test_a_readme_gives_title_summary_description_and_article():
    found = said({"README.md": README})
    assert found.title == "A pendulum of finite amplitude"
    assert found.summary == "The period of a pendulum whose amplitude is not small."
    assert found.description.startswith("[![build]")
    assert found.licence == "BSD-3-Clause"
    assert found.keywords == ("physics",)
    assert found.article == Article(doi="10.1119/1.2215616")
    assert set(found.origins.values()) == {Origin.README, Origin.GIT}


@pytest.mark.parametrize(
    ("paragraph", "summary"),
    [
        ("It walks at random. With the variance 2Dt, where", "It walks at random."),
        ("Two populations, one feeding on the other:", "Two populations, one feeding on the other"),
        ("The energy of the infinite lattice", "The energy of the infinite lattice"),
        ("By Onsager (1944), at T = 2.27 K exactly", "By Onsager (1944), at T = 2.27 K exactly"),
        ("Does it decay? (It does.) And then", "Does it decay? (It does.)"),
        (
            "After Onsager et al. The energy, cf. Fig. 2, of",
            "After Onsager et al. The energy, cf. Fig. 2, of",
        ),
    ],
)
def test_a_summary_ends_with_a_whole_sentence(paragraph, summary):
    assert said({"README.md": f"# A model\n\n{paragraph}\n\n$$x = 1$$\n"}).summary == summary


def test_a_readme_in_restructured_text_is_given_as_it_is():
    text = "Pendulum\n========\n\n.. image:: x.svg\n\nThe period of a pendulum, exactly.\n\nMore.\n"
    found = said({"README.rst": text})
    assert (found.title, found.summary) == ("Pendulum", "The period of a pendulum, exactly.")
    assert found.description == text.strip()


def test_codemeta_is_read_whole():
    meta = {
        "name": "Pendulum",
        "description": "The period.",
        "version": "2.0",
        "license": "https://spdx.org/licenses/Apache-2.0",
        "author": {
            "@type": "Person",
            "@id": "https://orcid.org/0000-0002-1825-0097",
            "givenName": "Josiah",
            "familyName": "Carberry",
            "affiliation": {"@type": "Organization", "name": "Brown"},
        },
        "referencePublication": [
            {
                "@id": "https://doi.org/10.1000/182",
                "name": "On pendulums",
                "author": [{"givenName": "Christiaan", "familyName": "Huygens"}],
                "datePublished": "1673-05-01",
                "pageStart": 1,
                "pageEnd": "9",
                "isPartOf": {
                    "@type": "PublicationVolume",
                    "volumeNumber": 3,
                    "isPartOf": {"@type": "Periodical", "name": "Horologium"},
                },
            }
        ],
        "keywords": "physics, clocks",
        "datePublished": "2023-01-02",
    }
    found = said({"codemeta.json": json.dumps(meta)})
    assert found.licence == "Apache-2.0"
    assert found.article == Article(
        title="On pendulums",
        authors=(Person(given="Christiaan", family="Huygens"),),
        year=1673,
        journal="Horologium",
        volume="3",
        pages="1–9",
        doi="10.1000/182",
    )
    assert found.authors == (
        Person(given="Josiah", family="Carberry", orcid="0000-0002-1825-0097", affiliation="Brown"),
    )
    assert found.keywords == ("physics", "clocks")
    assert found.origins["released"] is Origin.CODEMETA


def test_zenodo_is_read_whole():
    meta = {
        "title": "Pendulum",
        "description": "<p>The <b>period</b>.</p>",
        "license": {"id": "MIT"},
        "creators": [{"name": "Huygens, Christiaan", "affiliation": "Leiden"}],
        "related_identifiers": [{"identifier": "10.1000/183", "relation": "isSupplementTo"}],
        "publication_date": "2022-02-03",
    }
    found = said({".zenodo.json": json.dumps(meta)})
    assert found.summary == "The period."
    assert found.authors == (Person(given="Christiaan", family="Huygens", affiliation="Leiden"),)
    assert (found.licence, found.released) == ("MIT", "2022-02-03")
    assert found.article == Article(doi="10.1000/183")


PREFERRED = "preferred-citation:\n  type: {}\n  title: {}\n"
REFERENCES = "references:\n  - {type: software, title: S}\n  - {type: article, title: A}\n"
ARTICLES = [
    (PREFERRED.format("article", "P") + REFERENCES, Article(title="P")),
    (PREFERRED.format("conference-paper", "P"), Article(title="P")),
    (PREFERRED.format("software", "P") + REFERENCES, Article(title="A")),
    (PREFERRED.format("article", "P") + "  start: 7\n", Article(title="P", pages="7")),
    (PREFERRED.format("article", "P") + "  pages: 7-9\n", Article(title="P", pages="7-9")),
    (PREFERRED.format("article", "P") + "  pages: 12\n", Article(title="P")),
    (PREFERRED.format("article", "P") + "  year: soon\n", Article(title="P")),
    (PREFERRED.format("article", "P") + "  url: javascript:x\n", Article(title="P")),
    (
        PREFERRED.format("article", "P") + "  url: https://x.example/p\n",
        Article(title="P", url="https://x.example/p"),
    ),
    ("doi: 10.21105/joss.01\n", Article(doi="10.21105/joss.01")),
    ("doi: 10.5281/zenodo.1\n", None),
    ("preferred-citation: 7\nreferences: {type: article}\n", None),
]


@pytest.mark.parametrize(("text", "article"), ARTICLES)
def test_a_citation_file_names_the_article_and_not_the_software(text, article):
    assert said({"CITATION.cff": text}).article == article


PUBLICATIONS = [
    ("https://doi.org/10.1000/182", Article(doi="10.1000/182")),
    ("https://arxiv.org/abs/1", Article(url="https://arxiv.org/abs/1")),
    ({"identifier": {"propertyID": "doi", "value": "10.1000/1"}}, Article(doi="10.1000/1")),
    ({"headline": "H", "isPartOf": [{"name": "J"}]}, Article(title="H", journal="J")),
    ({"headline": "H", "pagination": "3-4"}, Article(title="H", pages="3-4")),
    ("Huygens, 1673", None),
    ([[]], None),
]


@pytest.mark.parametrize(("written", "article"), PUBLICATIONS)
def test_codemeta_names_the_article_in_any_usual_form(written, article):
    meta = {"referencePublication": written, "identifier": "10.5281/zenodo.1"}
    assert said({"codemeta.json": json.dumps(meta)}).article == article


def test_an_article_is_taken_whole_from_the_first_file_that_names_one():
    found = said({"CITATION.cff": PREFERRED.format("article", "P"), "README.md": README})
    assert found.article == Article(title="P")
    assert found.origins["article"] is Origin.CITATION_CFF


def test_the_archive_of_the_software_is_not_its_article():
    assert said({"README.md": "See https://doi.org/10.5281/zenodo.99."}).article is None


PROJECT = """
name = "pend"
description = "A period."
version = "1.2"
license = "MIT"
keywords = ["clocks"]
"""
SETUP_CFG = """
[metadata]
name = pend
description = A period.
version = 1.2
author = Christiaan Huygens
classifiers =
    License :: OSI Approved :: MIT License
keywords = clocks
"""
SETUP_PY = """
import os, setuptools
os.abort()
setuptools.setup(name='pend', description='A period.', version='1.2', license='MIT',
                 author='Christiaan Huygens', keywords='clocks', ext_modules=extensions())
"""
PACKAGING = [
    (
        "pyproject.toml",
        "[project]" + PROJECT + 'authors = [{name = "Christiaan Huygens", email = "c@x.example"}]',
        Origin.PYPROJECT,
    ),
    (
        "pyproject.toml",
        "[tool.poetry]" + PROJECT + 'authors = ["Christiaan Huygens <c@x.example>"]',
        Origin.PYPROJECT,
    ),
    ("setup.cfg", SETUP_CFG, Origin.SETUP_CFG),
    ("setup.py", SETUP_PY, Origin.SETUP_PY),
]


@pytest.mark.parametrize(("path", "text", "origin"), PACKAGING)
def test_packaging_files_are_read_and_never_run(path, text, origin):
    found = said({path: text})
    assert (found.title, found.summary, found.version) == ("pend", "A period.", "1.2")
    assert (found.licence, found.keywords) == ("MIT", ("clocks",))
    assert found.authors == (Person(given="Christiaan", family="Huygens"),)
    assert {found.origins[name] for name in ("title", "version", "authors", "licence")} == {origin}


def test_each_field_comes_from_the_first_file_that_says_it():
    files = {
        "CITATION.cff": "title: From CFF",
        "codemeta.json": '{"name": "From codemeta", "version": "2"}',
        "pyproject.toml": '[project]\nname = "p"\nversion = "3"\ndescription = "From pyproject."',
        "README.md": "# From the README\n\nA first paragraph of some length.",
        "LICENSE": "This is free and unencumbered software released into the public domain.",
    }
    found = said(files)
    assert (found.title, found.version, found.summary) == ("From CFF", "2", "From pyproject.")
    assert found.origins == {
        "title": Origin.CITATION_CFF,
        "version": Origin.CODEMETA,
        "summary": Origin.PYPROJECT,
        "description": Origin.README,
        "licence": Origin.LICENCE_FILE,
        "released": Origin.GIT,
    }


def test_git_says_what_nothing_else_does():
    found = said({"model.py": ""})
    assert (found.title, found.version, found.released) == (
        "pendulum period",
        "830db16",
        "2024-06-07",
    )
    assert set(found.origins.values()) == {Origin.GIT}


PLACES = (
    "CITATION.cff",
    "codemeta.json",
    ".zenodo.json",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "README.md",
    "LICENSE",
)
HOSTILE = {
    "not-text": b"\xff\xfe\x00\x01" * 100,
    "deep-list": "[" * 100_000,
    "deep-json": '{"a":' * 50_000,
    "deep-calls": "f(" * 50_000,
    "tabs": "a:\n\t- b: [",
    "aliases": "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(9)),
    "bomb": 'a: &a ["lol","lol"]\n'
    + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(15)
    )
    + "title: *p\nkeywords: *p\nauthors: *p\n",
    "loop": "authors: &a [*a]\ntitle: &t {x: *t}\n",
    "wrong-types": json.dumps(
        {key: {"a": [{}]} for key in ("title", "name", "authors", "author", "license", "keywords")}
        | {key: [None, 7] for key in ("creators", "identifiers", "related_identifiers", "version")}
    ),
    "surrogates": r'{"title": "\ud800\u0000x", "name": "\ud800\u0000x", "version": "\u0000"}',
    "quotes": "> " * 100_000,
    "stars": "*" * 100_000,
    "brackets": "![" * 50_000,
    "dois": "10.1234/" + "(" * 100_000 + ")" * 100_000,
    "tags": '{"description": "' + "<" * 100_000 + '"}',
    "large": "x" * 5_000_000,
    "sections": "[metadata]\n" * 1000 + "%(x)s = 1\n",
    "escapes": "setup(name='\\d', version='1' * 10**9)",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_broken_and_hostile_files_are_passed_over_in_time(name):
    started = time.monotonic()
    found = said(dict.fromkeys(PLACES, HOSTILE[name]))
    assert time.monotonic() - started < 20
    assert len(found.title) <= 300
    assert len(found.keywords) <= 50
    written = msgspec.json.encode(found).decode()
    assert "\x00" not in written


@settings(deadline=None)
@given(st.sampled_from(PLACES), st.binary(max_size=200) | st.text(max_size=200))
def test_no_content_makes_a_description_raise(path, content):
    said({path: content}).title.encode()


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["README.rst", "README.md"], "README.md"),
        (["Readme", "docs/README.md"], "Readme"),
        (["docs/readme.txt", ".github/README.md"], "docs/readme.txt"),
        (["readme.html"], "readme.html"),
        (["README.zh.md", "README.txt"], "README.txt"),
        (["src/README.md", "READMEnot.md"], None),
        ([], None),
    ],
)
def test_the_readme_is_found_in_any_usual_spelling(files, found):
    assert find_readme(MemoryTree(dict.fromkeys(files, "x"))) == found
