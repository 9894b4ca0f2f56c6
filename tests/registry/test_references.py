"""Articles out of what people paste and registrars answer."""

import time

import pytest

from registry.references import TEXT_CHARACTERS, article_from_csl, articles_from_text
from registry.spec.manifest import Article, Person

BIBTEX = r"""
@string{prl = "Physical Review Letters"}
@comment{nothing}
@article{albergo2021,
  title = {Flow-based sampling of {G}\"odel's $\phi^4$ --- \emph{on} the \'{E}tude \& more},
  author = {M{\"u}ller, Hans and {ATLAS Collaboration} and Ludwig van Beethoven and
            Smith, Jr., John Q. and others},
  journal = prl, month = jan, year = 2021, volume = {126}, pages = {1--20},
  doi = {https://doi.org/10.1103/PhysRevLett.126.032001},
  year = {1999}, note = undefined
}
"""
RIS = """TY  - JOUR
AU  - Hodgkin, A. L.
AU  - Huxley, A. F., Jr.
PY  - 1952/08/28
TI  - A quantitative description of membrane current
T2  - The Journal of Physiology
VL  - 117
SP  - 500
EP  - 544
DO  - 10.1113/jphysiol.1952.sp004764
ER  -
"""
HODGKIN = Article(
    title="A quantitative description of membrane current",
    authors=(
        Person(given="A. L.", family="Hodgkin"),
        Person(given="A. F.", family="Huxley Jr."),
    ),
    year=1952,
    journal="The Journal of Physiology",
    volume="117",
    pages="500–544",
    doi="10.1113/jphysiol.1952.sp004764",
)


def test_bibtex_is_read_as_one_would_read_its_print():
    assert articles_from_text(BIBTEX) == (
        Article(
            title="Flow-based sampling of Gödel's $\\phi^4$ — on the Étude & more",
            authors=(
                Person(given="Hans", family="Müller"),
                Person(family="ATLAS Collaboration"),
                Person(given="Ludwig", family="van Beethoven"),
                Person(given="John Q.", family="Smith Jr."),
            ),
            year=2021,
            journal="Physical Review Letters",
            volume="126",
            pages="1–20",
            doi="10.1103/PhysRevLett.126.032001",
        ),
    )


def test_a_preprint_is_known_by_its_address():
    text = '@misc{x, title="Deep", eprint={2101.12345}, archivePrefix={arXiv}, year=2021}'
    assert articles_from_text(text)[0].url == "https://arxiv.org/abs/2101.12345"


@pytest.mark.parametrize(
    "text",
    [RIS, RIS.replace("\n", "\r\n"), "\ufeff" + RIS, RIS.replace("ER  -\n", ""),
     RIS.replace("  -", " -")],
    ids=["plain", "windows", "mark", "no-end", "one-blank"],
)  # fmt: skip
def test_ris_is_read_however_it_was_saved(text):
    assert articles_from_text(text) == (HODGKIN,)


def test_several_records_are_given_in_their_order():
    found = articles_from_text("@book{a, title={One}}\n@book{b, title={Two}}")
    assert [article.title for article in found] == ["One", "Two"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Nothing was pasted"),
        ("https://doi.org/10.1000/182", "neither BibTeX"),
        ("@article{x, title={a}", "Paste the whole record"),
        ("@article{x, author={A, B, C, D}, title={t}}", "Write “and” between the authors"),
        ("TY  - JOUR\nER  - \n", "No title, DOI or address"),
        ("@book{a, title={" + "{" * 200 + "}" * 200 + "}}", "cannot be read"),
        ("x" * (TEXT_CHARACTERS + 1), "more text"),
        ("@misc{a%d, title={t}}", "more than 100 records"),
    ],
    ids=["empty", "address", "cut-off", "commas", "no-title", "braces", "long", "many"],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(text, said):
    if "%d" in text:
        text = "\n".join(text % number for number in range(101))
    with pytest.raises(ValueError, match=said):
        articles_from_text(text)


def test_abbreviations_that_double_fill_no_memory():
    doubling = '@string{a="0123456789"}' + "@string{a = a # a}" * 60
    with pytest.raises(ValueError, match="too long"):
        articles_from_text(doubling + "@misc{x, title=a}")
    many = '@string{a="' + "x" * 1000 + '"}' + "@misc{x, title=" + " # ".join(["a"] * 500) + "}"
    with pytest.raises(ValueError, match="too long"):
        articles_from_text(many)


@pytest.mark.parametrize(
    "text",
    [
        "@article{a, author={" + "A and " * 30_000 + "B}, title={x}}",
        "@article{a, title={" + r"\'" * 90_000 + "}}",
        "@article{a, title={" + "{a}" * 60_000 + "}}",
        "TY  - JOUR\nTI  - a\n" + "x\n" * 90_000,
    ],
    ids=["authors", "accents", "braces", "lines"],
)
def test_text_made_to_take_long_is_done_in_seconds(text):
    began = time.monotonic()
    assert len(articles_from_text(text)) == 1
    assert time.monotonic() - began < 20


def test_what_a_registrar_answers_is_an_article():
    item = {
        "type": "article-journal",
        "title": "A <i>quantitative</i> description of membrane current",
        "author": [
            {
                "given": "A. L.",
                "family": "Hodgkin",
                "ORCID": "http://orcid.org/0000-0002-1825-0097",
            },
            {"given": "A. F.", "family": "Huxley", "suffix": "Jr."},
            {"literal": "ATLAS Collaboration"},
        ],
        "issued": {"date-parts": [[1952, 8, 28]]},
        "container-title": ["The Journal of Physiology"],
        "volume": "117",
        "page": "500-544",
        "DOI": "10.1113/jphysiol.1952.sp004764",
        "URL": "http://dx.doi.org/10.1113/jphysiol.1952.sp004764",
    }
    found = article_from_csl(item)
    assert found.title == HODGKIN.title
    assert (found.year, found.journal, found.pages) == (1952, HODGKIN.journal, HODGKIN.pages)
    assert found.authors == (
        Person(given="A. L.", family="Hodgkin", orcid="0000-0002-1825-0097"),
        Person(given="A. F.", family="Huxley Jr."),
        Person(family="ATLAS Collaboration"),
    )
    assert (found.doi, found.url) == (HODGKIN.doi, "")


@pytest.mark.parametrize("item", [None, [], {}, {"title": ""}, {"title": []}, "text"])
def test_an_answer_without_an_article_is_refused(item):
    with pytest.raises(ValueError, match="has no title"):
        article_from_csl(item)
