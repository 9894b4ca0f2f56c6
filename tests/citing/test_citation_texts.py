import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.citations import CitedWork, apa, bibtex, csl_json
from registry.spec.manifest import Person

LOTKA = Person(given="Alfred J.", family="Lotka")
MODEL = CitedWork(
    kind="software",
    title="Lotka–Volterra",
    accession=12,
    authors=(LOTKA, Person(family="Laboratory of Oscillations")),
    year=2024,
    version="830db16",
    url="https://reprise.example/models/12",
    publisher="Reprise",
)
ARTICLE = CitedWork(
    kind="article",
    title="Elements of physical biology",
    accession=12,
    authors=(LOTKA,),
    year=1925,
    journal="Science & Progress",
    volume="21",
    pages="341-343",
    doi="10.1000/182_1",
)
HOSTILE = r"100% {co} \input{/etc/passwd} $x_1$ & #1 ~ ^ <script>alert(1)</script>"


def test_a_model_in_apa():
    assert apa(MODEL) == (
        "Lotka, A. J., & Laboratory of Oscillations. (2024). Lotka–Volterra (Version 830db16) "
        "[Computer software]. Reprise. https://reprise.example/models/12"
    )


def test_an_article_in_apa():
    assert apa(ARTICLE) == (
        "Lotka, A. J. (1925). Elements of physical biology. Science & Progress, 21, 341–343. "
        "https://doi.org/10.1000/182_1"
    )


def test_without_authors_and_year_apa_begins_with_the_title():
    assert apa(CitedWork(kind="article", title="Elements", accession=1)) == "Elements. (n.d.)."


def test_a_model_in_bibtex():
    assert bibtex(MODEL) == (
        "@software{lotka2024reprise12,\n"
        "  title = {{Lotka–Volterra}},\n"
        "  author = {Lotka, Alfred J. and {Laboratory of Oscillations}},\n"
        "  year = {2024},\n"
        "  version = {830db16},\n"
        "  publisher = {Reprise},\n"
        "  url = {https://reprise.example/models/12}\n"
        "}\n"
    )


def test_an_article_has_a_journal_and_its_doi_as_it_is():
    written = bibtex(ARTICLE)
    assert written.startswith("@article{lotka1925reprise12article,")
    assert r"journal = {Science \& Progress}" in written
    assert "volume = {21}" in written
    assert "pages = {341--343}" in written
    assert "doi = {10.1000/182_1}" in written


@pytest.mark.parametrize("typed", ["341-343", "341--343", "341–343", "341 – 343"])
def test_a_range_of_pages_has_the_dash_of_each_format(typed):
    work = replace(ARTICLE, pages=typed)
    assert "pages = {341--343}" in bibtex(work)
    assert ", 21, 341–343. " in apa(work)


def test_of_an_article_known_by_its_doi_alone_no_more_is_said():
    work = CitedWork(kind="article", title="", accession=1, doi="10.1000/182")
    assert apa(work) == "https://doi.org/10.1000/182"
    assert bibtex(work) == "@article{modelreprise1article,\n  doi = {10.1000/182}\n}\n"


def test_keys_differ_between_entries_and_between_model_and_article():
    works = [MODEL, ARTICLE, CitedWork(kind="software", title="", accession=13)]
    works.append(CitedWork(kind="software", title="", accession=14))
    keys = {re.search(r"\{(.+),", bibtex(work))[1] for work in works}
    assert len(keys) == len(works)


def test_signs_of_tex_in_a_title_are_text():
    written = bibtex(CitedWork(kind="software", title=HOSTILE, accession=1))
    assert r"100\% \{co\} \textbackslash{}input\{/etc/passwd\} \$x\_1\$ \& \#1" in written


def test_markup_in_a_title_stays_text_in_apa():
    assert HOSTILE in apa(CitedWork(kind="software", title=HOSTILE, accession=1, authors=(LOTKA,)))


def test_a_name_cannot_add_an_author():
    person = Person(given="A", family="B and Evil, Mallory")
    written = bibtex(CitedWork(kind="software", title="x", accession=1, authors=(person,)))
    assert "author = {{B and Evil, Mallory}, A}" in written


def test_csl_json_holds_only_what_is_known():
    assert csl_json(CitedWork(kind="article", title="Elements", accession=1)) == {
        "id": "modelreprise1article",
        "type": "article-journal",
        "title": "Elements",
    }


TEXT = st.text(max_size=20)
NAMES = ("title", "version", "doi", "url", "publisher", "journal", "volume", "pages")
FIELDS = st.fixed_dictionaries(dict.fromkeys(NAMES, TEXT))


@settings(max_examples=25, deadline=None)
@given(kind=st.sampled_from(["software", "article"]), fields=FIELDS, family=TEXT, first=TEXT)
def test_no_text_breaks_out_of_its_field(kind, fields, family, first):
    authors = (Person(given=first, family=family),)
    work = CitedWork(kind=kind, accession=7, authors=authors, year=2024, **fields)
    written = bibtex(work)
    depth = 0
    for sign in re.sub(r"\\[{}\\]", "", written):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert written.count("\n") == written.rstrip().count("\n") + 1
    assert all(line.startswith(("@", "  ", "}")) for line in written.splitlines())
    assert "\n" not in apa(work)


def test_many_threads_cite_at_once():
    works = [
        CitedWork(kind="software", title=f"Model {i}", accession=i, authors=(LOTKA,))
        for i in range(20)
    ]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(apa, works))
    assert together == [apa(work) for work in works]
