"""The <meta> tags by which Zotero, Google Scholar and library catalogues know a page's model."""

from collections.abc import Iterator

from registry.citations.work import CitedWork, has_both_names, line
from registry.spec.manifest import Person

# Scholar reads the first; a page of 500 authors would be a page of tags.
_AUTHORS_MOST = 100


def scholar_tags(work: CitedWork) -> Iterator[tuple[str, str]]:
    """Names and contents in Highwire's words.

    None that only a report or an article has: Zotero would take the model for one.
    """
    yield "citation_title", line(work.title)
    for person in work.people[:_AUTHORS_MOST]:
        yield "citation_author", _name(person)
        yield "citation_author_institution", line(person.affiliation)
        yield "citation_author_orcid", line(person.orcid or "")
    yield "citation_publication_date", _date(work, "/")
    yield "citation_doi", line(work.doi)
    yield "citation_publisher", line(work.publisher)
    yield "citation_abstract_html_url", line(work.url)
    yield "citation_keywords", "; ".join(map(line, work.keywords))


def dublin_core_tags(work: CitedWork) -> Iterator[tuple[str, str]]:
    """Names and contents in the words of Dublin Core."""
    yield "DC.title", line(work.title)
    for person in work.people[:_AUTHORS_MOST]:
        yield "DC.creator", _name(person)
    yield "DC.date", _date(work, "-")
    yield "DC.type", "Software"
    yield "DC.publisher", line(work.publisher)
    yield "DC.description", line(work.summary)
    yield "DC.identifier", work.address
    yield "DC.rights", line(work.licence)
    for word in work.keywords:
        yield "DC.subject", line(word)


def _name(person: Person) -> str:
    if has_both_names(person):
        return f"{line(person.family)}, {line(person.given)}"
    return line(person.name)


def _date(work: CitedWork, between: str) -> str:
    """The day of release, or the year by which it is cited where no day is known."""
    if work.released:
        return work.released.strftime(f"%Y{between}%m{between}%d")
    return str(work.year or "")
