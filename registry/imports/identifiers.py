"""Identifiers and people as they stand in files: DOI, ORCID iD, SPDX licence, dates."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from registry.imports import plain
from registry.spec.identifiers import doi_normalised, name_parted, orcid_normalised
from registry.spec.manifest import Article, Person

_DOI_IN_TEXT = re.compile(r"\b10\.\d{4,9}/[^\s\"'<>{}|\\^`\[\]]{1,200}")
# Zenodo, figshare and OSF name software and data; an article's DOI is worth more to a reader.
_NOT_ARTICLES = ("10.5281/", "10.6084/", "10.17605/", "10.48321/", "10.4121/")
_WEB = re.compile(r"https?://\S+$")
_YEAR = re.compile(r"[1-9][0-9]{3}(?![0-9])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# How people write licences where no SPDX identifier was asked for.
_SPOKEN = {
    "mit license": "MIT",
    "mit-license": "MIT",
    "the mit license": "MIT",
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd-3": "BSD-3-Clause",
    "3-clause bsd": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd 2-clause": "BSD-2-Clause",
    "bsd-2": "BSD-2-Clause",
    "gplv2": "GPL-2.0",
    "gplv3": "GPL-3.0",
    "gplv3+": "GPL-3.0-or-later",
    "gpl-3": "GPL-3.0",
    "gnu gplv3": "GPL-3.0",
    "gnu general public license v2 (gplv2)": "GPL-2.0",
    "gnu general public license v3 (gplv3)": "GPL-3.0",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "lgplv3": "LGPL-3.0",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0",
    "gnu affero general public license v3": "AGPL-3.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "isc license (iscl)": "ISC",
    "cc-by-4": "CC-BY-4.0",
    "cc by 4.0": "CC-BY-4.0",
    "cc0": "CC0-1.0",
    "cc-zero": "CC0-1.0",
    "the unlicense (unlicense)": "Unlicense",
    "european union public licence 1.2 (eupl 1.2)": "EUPL-1.2",
}


def spdx(value: object) -> str:
    """The SPDX expression that a metadata field stands for; empty for what is none.

    A list is read as "any of these", which is how CITATION.cff means it.
    """
    if isinstance(value, list):
        found = [spdx(one) for one in value[:10]]
        return " OR ".join(found) if found and all(found) else ""
    written = plain.text(value).removesuffix("/").removesuffix(".html")
    written = re.sub(r"^https?://(www\.)?spdx\.org/licenses/", "", written)
    written = _SPOKEN.get(written.lower(), written)
    try:
        return str(canonicalize_license_expression(written))
    except InvalidLicenseExpression:
        return ""


def doi(value: object) -> str:
    """The DOI in a field, bare ("10.1000/182"); empty when it is none."""
    try:
        return doi_normalised(plain.text(value))
    except ValueError:
        return ""


def dois_in(text: str) -> Iterator[str]:
    """Every DOI in running text, bare, in order."""
    return (_trimmed(match) for match in _DOI_IN_TEXT.findall(text))


def known_by_doi(found: Iterable[str]) -> Article | None:
    """The article of which only the DOI is known: the first that names no software or data."""
    articles = (one for one in found if one and not one.startswith(_NOT_ARTICLES))
    return next((Article(doi=one) for one in articles), None)


def address(value: object) -> str:
    """The web address in a field; empty when it is none, or only repeats a DOI."""
    written = plain.text(value, 2000)
    return written if _WEB.match(written) and not doi(written) else ""


def year(value: object) -> int | None:
    """The year in a field that holds a year or a date that begins with it."""
    match = _YEAR.match(plain.text(value))
    return int(match[0]) if match else None


def _trimmed(found: str) -> str:
    """A DOI out of running text, without the sentence's own signs and a badge's suffix."""
    found = found.rstrip(".,;:!?*_")
    found = re.sub(r"\.svg$", "", found)
    while found.endswith(")") and found.count("(") < found.count(")"):
        found = found[:-1].rstrip(".,;:")
    return found


def orcid(value: object) -> str | None:
    """The ORCID iD in a field, normalised; None where it is absent or mistyped."""
    try:
        return orcid_normalised(plain.text(value))
    except ValueError:
        return None


def date(value: object) -> str:
    """The day in a field as year-month-day; empty when it is none."""
    match = _DATE.match(plain.text(value))
    try:
        return dt.date.fromisoformat(match[0]).isoformat() if match else ""
    except ValueError:
        return ""


def person(*, given: object = "", family: object = "", name: object = "", **more: object) -> Person:
    """An author from the fields of a file; one `name` is parted at a comma or the last blank."""
    first, last = plain.text(given), plain.text(family)
    if not first and not last:
        first, last = name_parted(plain.text(name))
    return Person(
        given=first,
        family=last,
        orcid=orcid(more.get("orcid")),
        affiliation=plain.text(more.get("affiliation")),
    )


def people(found: Iterable[Person]) -> tuple[Person, ...]:
    """All that have a name, each once, in their order."""
    return tuple(dict.fromkeys(one for one in found if one.name))


def pages(first: object, last: object) -> str:
    """A range of pages, or the one page that is known."""
    return "–".join(filter(None, (plain.text(page, 20) for page in (first, last))))


def keywords(value: object) -> tuple[str, ...]:
    """Keywords from a list, or from one text parted by commas; each once, at most 50."""
    values = value.split(",") if isinstance(value, str) else plain.several(value)
    words = (plain.text(one, 100) for one in values)
    return tuple(dict.fromkeys(filter(None, words)))[:50]
