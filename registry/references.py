"""Articles out of what people paste and registrars answer: BibTeX, RIS and CSL-JSON.

Pure functions. What comes in is text of strangers; what goes out is one line each, bounded.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import rispy
from pybtex.database import InvalidNameString
from pybtex.database import Person as NamedPerson
from pybtex.database.input import bibtex
from pybtex.exceptions import PybtexError
from pybtex.richtext import Text
from pybtex.utils import CaseInsensitiveDict

from registry.imports import identifiers, plain
from registry.spec.identifiers import name_parted
from registry.spec.manifest import Article, Person

TEXT_CHARACTERS = 200_000
WORKS_MOST = 100
_MACRO_CHARACTERS = 1000
_PEOPLE_MOST = 500
_BIBTEX = re.compile(r"@\s*[A-Za-z]+\s*[{(]")
_RIS = re.compile(r"^\s*TY  ?- ", re.MULTILINE)
_RIS_END = "\nER  - \n"
_TAG = re.compile(r"<[^<>]{0,200}>")
_FORMULA = re.compile(r"((?<!\\)\$[^$]{1,500}(?<!\\)\$)")
_FONT = re.compile(
    r"\\(emph|text(it|bf|rm|sc|tt|sf|up|sl)?|mathrm|it|bf|em|rm|sc|tt)(?![A-Za-z])\s*"
)
_BETWEEN_PAGES = re.compile(r"\s*[-‐–—−]+\s*")
_WHOLE = "Paste the whole record, from its first “@” or “TY” to its end."
_NOT_CITABLE = "No title, DOI or address was found in it. " + _WHOLE


def articles_from_text(text: str) -> tuple[Article, ...]:
    """The works in pasted BibTeX or RIS, in their order.

    Raises ValueError with a sentence for people, that says what to do.
    """
    if len(text) > TEXT_CHARACTERS:
        raise ValueError("This is more text than a few records have. Paste only the article's.")
    given = plain.clean(text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff"))
    if not given.strip():
        raise ValueError("Nothing was pasted. Paste BibTeX or RIS, as the journal's page gives it.")
    found = [work for work in _works(given) if work.title or work.doi or work.url]
    if not found:
        raise ValueError(_NOT_CITABLE)
    if len(found) > WORKS_MOST:
        raise ValueError(f"These are more than {WORKS_MOST} records. Paste only the article's.")
    return tuple(found)


def _works(given: str) -> list[Article]:
    if _RIS.search(given):
        return _from_ris(given)
    if _BIBTEX.search(given):
        return _from_bibtex(given)
    raise ValueError(
        "This is neither BibTeX, which begins with “@article{”, nor RIS, which begins with “TY  -”."
        " Paste what the journal's page offers as citation export."
    )


class _Macros(CaseInsensitiveDict):  # type: ignore[misc]  # pybtex has no types
    """The abbreviations of a file, none of them made of others until it fills the memory."""

    def __setitem__(self, name: str, value: str) -> None:
        if len(value) > _MACRO_CHARACTERS:
            raise ValueError(f"The abbreviation “{name[:50]}” is too long. Write it out.")
        super().__setitem__(name, value)


class _Reader(bibtex.Parser):  # type: ignore[misc]  # pybtex has no types
    """Reads BibTeX as people have it: what is said twice counts once, what is undefined is not."""

    def __init__(self) -> None:
        super().__init__(keyless_entries=False)
        self.macros = _Macros(bibtex.month_names)

    def handle_error(self, error: PybtexError) -> None:
        """Pass over what does no harm; raise what leaves a record unread."""
        if not isinstance(error, bibtex.DuplicateField | bibtex.UndefinedMacro):
            raise error

    def flatten_value_list(self, value_list: list[str]) -> str:
        """The parts of a value joined, unless abbreviations made them too much."""
        if sum(map(len, value_list)) > TEXT_CHARACTERS:
            raise ValueError("A field of this record is too long. Paste only the article's.")
        return "".join(value_list)


def _from_bibtex(given: str) -> list[Article]:
    try:
        entries = _Reader().parse_string(given).entries.values()
        return [_bibtex_work(entry.fields, entry.persons) for entry in entries]
    except InvalidNameString as error:
        raise ValueError(
            "An author in this BibTeX has more commas than a name. Write “and” between the authors."
        ) from error
    except PybtexError as error:
        said = plain.text(str(error), 200).rstrip(".")
        raise ValueError(f"This BibTeX cannot be read: {said}. {_WHOLE}") from error
    except RecursionError as error:
        raise ValueError(f"This BibTeX has too many braces within braces. {_WHOLE}") from error


def _bibtex_work(fields: Mapping[str, str], persons: Mapping[str, list[NamedPerson]]) -> Article:
    told = {name: _from_latex(fields.get(name, "")) for name in _BIBTEX_FIELDS}
    preprint = told["eprint"] if told["archiveprefix"].lower() in ("arxiv", "") else ""
    return Article(
        title=plain.text(told["title"], plain.LONG),
        authors=_people(map(_bibtex_person, _named(persons.get("author", [])))),
        year=identifiers.year(told["year"] or told["date"]),
        journal=plain.first(plain.text(told[name]) for name in _BIBTEX_JOURNALS),
        volume=plain.text(told["volume"], 50),
        pages=_pages(told["pages"] or told["eid"] or told["articleno"]),
        doi=identifiers.doi(_verbatim(fields.get("doi", ""))),
        url=identifiers.address(_verbatim(fields.get("url", "")))
        or (f"https://arxiv.org/abs/{preprint}" if _ARXIV.fullmatch(preprint) else ""),
    )


_BIBTEX_JOURNALS = ("journal", "journaltitle", "booktitle", "school", "institution")
_BIBTEX_FIELDS = (
    *_BIBTEX_JOURNALS, "title", "year", "date", "volume", "pages", "eid", "articleno", "eprint",
    "archiveprefix",
)  # fmt: skip
_ARXIV = re.compile(r"\d{4}\.\d{4,5}(v\d+)?|[a-z-]+(\.[A-Z]{2})?/\d{7}(v\d+)?")


def _verbatim(value: str) -> str:
    """A DOI or address: some programs escape in it what TeX would take for a sign."""
    return re.sub(r"\\([_%&#~$])", r"\1", value.strip("{} \t")).removeprefix(r"\url{")


def _from_latex(value: str) -> str:
    """LaTeX as one would read it: accents as letters, no braces; formulas stay as they are."""
    parts = _FORMULA.split(value)
    return "".join(
        part if number % 2 else _letters(part) for number, part in enumerate(parts)
    ).replace("~", " ")


def _letters(value: str) -> str:
    """LaTeX without formulas as text. Where its braces do not fit together, it stays as it is."""
    # The decoder drops the blank after what it takes for the end of a command.
    blank = " " if value[:1].isspace() else ""
    try:
        return blank + str(Text.from_latex(_FONT.sub("", value.lstrip())))
    except (PybtexError, ValueError):
        return value


def _named(people: list[NamedPerson]) -> list[NamedPerson]:
    """All that are people: “and others” is none."""
    return [person for person in people[:_PEOPLE_MOST] if str(person).lower() != "others"]


def _bibtex_person(person: NamedPerson) -> Person:
    """Particle and suffix stand with the family name; a name in braces is kept whole."""
    family = [*person.prelast_names, *person.last_names, *person.lineage_names]
    return Person(
        given=plain.text(_from_latex(" ".join(person.bibtex_first_names)), 200),
        family=plain.text(_from_latex(" ".join(family)), 200),
    )


def _people(found: Iterable[Person]) -> tuple[Person, ...]:
    return identifiers.people(found)


def _pages(value: str) -> str:
    return plain.text(_BETWEEN_PAGES.sub("–", value), 50)


def _from_ris(given: str) -> list[Article]:
    # One blank fewer and a last line left out are common slips.
    lines = (re.sub(r"^\s*([A-Z][A-Z0-9]) {1,2}-", r"\1  -", line) for line in given.split("\n"))
    text = "\n".join(lines)
    records = rispy.loads(text if "\nER  -" in text else text + _RIS_END)
    return [_ris_work(record) for record in records]


def _ris_work(record: Mapping[str, Any]) -> Article:
    first, last = plain.text(record.get("start_page"), 20), plain.text(record.get("end_page"), 20)
    return Article(
        title=_told(record, ("title", "primary_title"), plain.LONG),
        authors=_people(_ris_people(record)),
        year=identifiers.year(_told(record, ("year", "publication_year", "date"))),
        journal=_told(record, _RIS_JOURNALS),
        volume=plain.text(record.get("volume"), 50),
        pages=_pages("–".join(filter(None, (first, last)))),
        doi=identifiers.doi(record.get("doi")),
        url=plain.first(map(identifiers.address, plain.several(record.get("urls")))),
    )


# The whole name of the journal before its short ones.
_RIS_JOURNALS = ("secondary_title", "alternate_title3", "journal_name", "alternate_title2")


def _told(record: Mapping[str, Any], names: tuple[str, ...], limit: int = plain.SHORT) -> str:
    return plain.first(plain.text(record.get(name), limit) for name in names)


def _ris_people(record: Mapping[str, Any]) -> list[Person]:
    """RIS writes people family name first, with the suffix last: "Smith, John, Jr."."""
    names = record.get("authors") or record.get("first_authors")
    people = []
    for name in plain.several(names)[:_PEOPLE_MOST]:
        family, _, rest = plain.text(name).partition(",")
        given, _, suffix = rest.partition(",")
        last = " ".join(filter(None, (family.strip(), suffix.strip())))
        people.append(Person(given=given.strip(), family=last))
    return people


def article_from_csl(item: object) -> Article:
    """The article of a CSL-JSON item, as registrars answer for a DOI.

    Raises ValueError with a sentence for people where nothing of an article is in it.
    """
    said = plain.mapping(item)
    issued = said.get("issued") or said.get("published") or said.get("published-print")
    told = Article(
        title=_without_tags(said.get("title"), plain.LONG),
        authors=_people(map(_csl_person, plain.several(said.get("author"))[:_PEOPLE_MOST])),
        year=_csl_year(issued),
        journal=_without_tags(said.get("container-title")),
        volume=plain.text(said.get("volume"), 50),
        pages=_pages(plain.text(said.get("page") or said.get("article-number"), 50)),
        doi=identifiers.doi(said.get("DOI")),
        url="" if said.get("DOI") else identifiers.address(said.get("URL")),
    )
    if not told.title:
        raise ValueError("The answer does not describe an article: it has no title.")
    return told


def _without_tags(value: object, limit: int = plain.SHORT) -> str:
    """A text in which registrars leave HTML for italics and indices; the first of several."""
    first = next(iter(plain.several(value)), "")
    return plain.text(_TAG.sub("", plain.text(first, 4 * limit)), limit)


def _csl_person(value: object) -> Person:
    one = plain.mapping(value)
    given, family = plain.text(one.get("given"), 200), plain.text(one.get("family"), 200)
    particle = plain.text(one.get("non-dropping-particle") or one.get("dropping-particle"), 50)
    suffix = plain.text(one.get("suffix"), 50)
    whole = plain.text(one.get("literal") or one.get("name"))
    if not given and not family:
        given, family = name_parted(whole) if "," in whole else ("", whole)
    institution = plain.mapping(next(iter(plain.several(one.get("affiliation"))), None))
    return Person(
        given=given,
        family=" ".join(filter(None, (particle, family, suffix))),
        orcid=identifiers.orcid(one.get("ORCID")),
        affiliation=plain.text(institution.get("name")),
    )


def _csl_year(issued: object) -> int | None:
    parts = plain.several(plain.mapping(issued).get("date-parts"))
    first = next(iter(plain.several(parts[0])), None) if parts else None
    return identifiers.year(first) or identifiers.year(plain.mapping(issued).get("raw"))
