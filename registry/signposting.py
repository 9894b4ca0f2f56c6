"""FAIR Signposting: typed links by which programs find their way around a model.

Level 1 is a Link header on landing pages, on what describes a model and on what is downloaded of
it; level 2 the same and more as a linkset (RFC 9264). See https://signposting.org/FAIR/
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.http.response import HttpResponseBase
from django.urls import reverse

from registry.citations import FORMATS, CitedWork
from registry.citations.work import is_doi, orcid_address
from registry.licences import licence_address, licence_choices
from registry.models import ModelEntry, ModelVersion, VerificationRun
from registry.models.entries import Visibility
from registry.selectors.citations import version_cited
from registry.selectors.runs import verdict_run
from registry.selectors.sources import ARCHIVE
from registry.spec.receipt import REPORT

Answer = TypeVar("Answer", bound=HttpResponseBase)
LINKSET_JSON, LINKSET_TEXT = "application/linkset+json", "application/linkset"
_HTML = "text/html"
_TYPES = ("https://schema.org/AboutPage", "https://schema.org/SoftwareSourceCode")
_CRATE = "https://w3id.org/ro/crate"
_PROFILES = {"datacite": "http://datacite.org/schema/kernel-4", "json-ld": "https://schema.org/"}
_DESCRIBING = ("datacite", "json-ld", "cff", "bibtex", "ris", "csl-json")
# A header has little room; a model of 500 authors names them in its metadata.
_AUTHORS_MOST = 20
_FILES_MOST = 100


@dataclass(frozen=True, kw_only=True)
class Link:
    """What stands in which relation to a page. Addresses are absolute."""

    rel: str
    href: str
    type: str = ""
    profile: str = ""

    @property
    def attributes(self) -> dict[str, str]:
        """What is said of the target besides its address."""
        told = {"type": self.type, "profile": self.profile}
        return {name: value for name, value in told.items() if value}


def signposted(
    response: Answer,
    entry: ModelEntry,
    version: ModelVersion,
    *,
    run: VerificationRun | None,
    number: int | None = None,
) -> Answer:
    """A landing page with its links: of the version `number`, or of the model as it now is.

    `run` is the one with the verdict in force. One query.
    """
    links = landing_links(entry, version, run)
    add_links(response, [*links, *_linksets(entry, number)])
    return response


def belongs(response: Answer, entry: ModelEntry, version: ModelVersion, *, rel: str) -> Answer:
    """An answer that leads back to a version: `collection` of what is downloaded of it.

    `describes` is the relation of its metadata.
    """
    back = Link(rel=rel, href=landing(entry, version.number), type=_HTML)
    add_links(response, [back, *_linksets(entry, version.number)])
    return response


def add_links(response: HttpResponseBase, links: Iterable[Link]) -> None:
    """Put links into the header of an answer, after those that are there."""
    before = [response["Link"]] if response.has_header("Link") else []
    response["Link"] = ", ".join([*before, *map(_written, links)])


def landing(entry: ModelEntry, number: int | None) -> str:
    """The permanent address of a version; of the model as a whole without a number."""
    return _absolute(*_named("version_page" if number else "entry_page", entry, number))


def landing_links(
    entry: ModelEntry, version: ModelVersion, run: VerificationRun | None
) -> tuple[Link, ...]:
    """Everything about a version that a landing page links to. Of a tombstone no downloads."""
    work = version_cited(entry=entry, version=version)
    links = [
        Link(rel="cite-as", href=_cited(work)),
        *(Link(rel="type", href=kind) for kind in _TYPES),
        *_authors(work),
        *_licence(work),
        *_descriptions(entry, version),
    ]
    if run is not None and entry.visibility != Visibility.WITHDRAWN:
        links += _items(entry, version, run)
    return tuple(links)


def linkset(entry: ModelEntry, version: ModelVersion, *, page: str) -> dict[str, list[Link]]:
    """The links of a landing page, and those back to it from all that they lead to, by anchor."""
    withdrawn = entry.visibility == Visibility.WITHDRAWN
    run = None if withdrawn else verdict_run(version)
    links = landing_links(entry, version, run)
    anchors = {page: [*links, *(_files(run) if run else ())]}
    for link in anchors[page]:
        if link.rel == "item":
            anchors[link.href] = [Link(rel="collection", href=page, type=_HTML)]
        elif link.rel == "describedby":
            anchors[link.href] = [Link(rel="describes", href=page, type=_HTML)]
    return anchors


def linkset_json(anchors: dict[str, list[Link]]) -> dict[str, Any]:
    """A linkset as JSON."""
    contexts = []
    for anchor, links in anchors.items():
        context: dict[str, Any] = {"anchor": anchor}
        for link in links:
            context.setdefault(link.rel, []).append({"href": link.href, **link.attributes})
        contexts.append(context)
    return {"linkset": contexts}


def linkset_text(anchors: dict[str, list[Link]]) -> str:
    """A linkset in the form of a Link header, a line a link."""
    lines = [
        f'{_written(link)}; anchor="{anchor}"'
        for anchor, links in anchors.items()
        for link in links
    ]
    return ",\n".join(lines) + "\n"


def _written(link: Link) -> str:
    said = {"rel": link.rel, **link.attributes}
    return f"<{link.href}>" + "".join(f'; {name}="{value}"' for name, value in said.items())


def _linksets(entry: ModelEntry, number: int | None) -> Iterator[Link]:
    for name, kind in (("linkset_json", LINKSET_JSON), ("linkset_text", LINKSET_TEXT)):
        yield Link(rel="linkset", href=_absolute(*_named(name, entry, number)), type=kind)


def _cited(work: CitedWork) -> str:
    """Its DOI's address, written so that no character of it ends a header's link; else its own."""
    return f"https://doi.org/{quote(work.doi, safe='/')}" if is_doi(work.doi) else work.url


def _authors(work: CitedWork) -> Iterator[Link]:
    known = [address for person in work.people if (address := orcid_address(person))]
    for address in dict.fromkeys(known[:_AUTHORS_MOST]):
        yield Link(rel="author", href=address)


def _licence(work: CitedWork) -> Iterator[Link]:
    """The one licence; where there is a choice, or more than a name says, none stands alone."""
    choices = licence_choices(work.licence)
    if len(choices) == 1:
        yield Link(rel="license", href=licence_address(choices[0]))


def _descriptions(entry: ModelEntry, version: ModelVersion) -> Iterator[Link]:
    for name in _DESCRIBING:
        yield Link(
            rel="describedby",
            href=_absolute("cite_file", entry.accession, version.number, name),
            type=FORMATS[name].media_type,
            profile=_PROFILES.get(name, ""),
        )


def _items(entry: ModelEntry, version: ModelVersion, run: VerificationRun) -> Iterator[Link]:
    """What can be downloaded whole: the source, and all files of the verification in force."""
    held = run.artifacts.filter(name__in=(ARCHIVE, REPORT)).values_list("name", flat=True)
    known = set(held)
    if ARCHIVE in known:
        place = _absolute("api:version-archive", entry.accession, version.number)
        yield Link(rel="item", href=place, type="application/gzip")
    if known:
        place = _absolute("api:run-crate", run.pk)
        yield Link(rel="item", href=place, type="application/zip", profile=_CRATE)


def _files(run: VerificationRun) -> Iterator[Link]:
    """The single files of a verification; a header has no room for them."""
    for artifact in run.artifacts.order_by("name")[:_FILES_MOST]:
        place = _absolute("api:run-artifact", run.pk, artifact.name)
        yield Link(rel="item", href=place, type=artifact.media_type)


def _named(name: str, entry: ModelEntry, number: int | None) -> tuple[Any, ...]:
    return (name, entry.accession, number) if number else (name, entry.accession)


def _absolute(name: str, *args: object) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=args)
