"""What is cited, whatever the format: a version of a model, the model, its article, a verification.

What comes in was written by strangers and is text; what goes out is text too, to be escaped by
whatever shows it.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from registry.spec.manifest import Person

WorkKind = Literal["software", "model", "article", "verification"]
PEOPLE_MOST = 500
DOI_ADDRESS = "https://doi.org/"
ORCID_ADDRESS = "https://orcid.org/"
_ORCID = re.compile(r"\A\d{4}-\d{4}-\d{4}-\d{3}[\dX]\Z")
_WEB = re.compile(r"\Ahttps?://[^\s<>\"{}|\\^`]+\Z")
_DOI = re.compile(r"\A10\.\d{4,9}/\S+\Z")
# Between the first and the last page people write a hyphen, two, or a dash.
_RANGE = re.compile(r"\s*[-‐–—−]+\s*")


@dataclass(frozen=True, kw_only=True)
class CitedWork:
    """What is cited: one version ("software"), all of a model, its article, or a verification.

    `accession` is the entry's number in this portal. `journal`, `volume` and `pages` are an
    article's; `number` is that of a version or of a verification. `released` is the day to which
    `year` belongs, where it is known; `available` the one on which the portal published a version,
    `modified` the one on which what it says of the model was last changed. `licence` is an SPDX
    expression, `repository` an https address, `whole` the address of the model of a version.
    `note` is a sentence that goes along where a format has a place for one.
    """

    kind: WorkKind
    title: str
    accession: int
    authors: tuple[Person, ...] = ()
    year: int | None = None
    version: str = ""
    doi: str = ""
    url: str = ""
    publisher: str = ""
    journal: str = ""
    volume: str = ""
    pages: str = ""
    number: int | None = None
    released: date | None = None
    available: date | None = None
    modified: date | None = None
    summary: str = ""
    keywords: tuple[str, ...] = ()
    licence: str = ""
    commit: str = ""
    swhid: str = ""
    repository: str = ""
    whole: str = ""
    note: str = ""
    article: "CitedWork | None" = None

    @property
    def people(self) -> tuple[Person, ...]:
        """The authors that a citation names; of more than PEOPLE_MOST the first."""
        return self.authors[:PEOPLE_MOST]

    @property
    def address(self) -> str:
        """Where a reader finds it: its DOI's address, else its own; empty when neither is known."""
        return f"{DOI_ADDRESS}{self.doi}" if is_doi(self.doi) else web_address(self.url)

    @property
    def only_address(self) -> bool:
        """Whether nothing but where it is found is known, as of an article given by its DOI."""
        told = (self.title, self.authors, self.year, self.journal, self.volume, self.pages)
        return not any(told)


def line(text: str) -> str:
    """Text as one line without control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def is_doi(text: str) -> bool:
    """Whether a text has the form of a bare DOI, for formats that refuse any other."""
    return bool(_DOI.match(text))


def orcid_address(person: Person) -> str:
    """The address of a person's ORCID iD; empty without one."""
    return f"{ORCID_ADDRESS}{person.orcid}" if _ORCID.match(person.orcid or "") else ""


def web_address(text: str) -> str:
    """The text where it is an address on the web, else nothing."""
    return text if _WEB.match(text) else ""


def page_range(pages: str, dash: str) -> str:
    """Pages from and to with the dash that a format wants between them."""
    return line(_RANGE.sub(dash, pages))


def has_both_names(person: Person) -> bool:
    """Whether a name can be parted; one that cannot is kept whole, as an organisation's is."""
    return bool(line(person.given) and line(person.family))


def citation_key(work: CitedWork) -> str:
    """A key that is unique in this portal: first author, year, accession, and what of it."""
    first = work.authors[0] if work.authors else Person(family="model")
    plain = unicodedata.normalize("NFKD", first.family or first.given)
    name = re.sub(r"[^a-z]", "", plain.lower())[:30] or "model"
    return f"{name}{work.year or ''}reprise{work.accession}{_key_end(work)}"


def _key_end(work: CitedWork) -> str:
    if work.kind == "article":
        return "article"
    if work.number is None:
        return ""
    return f"{'run' if work.kind == 'verification' else 'v'}{work.number}"
