"""The formats in which records are told: Dublin Core, which every harvester knows, and DataCite."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from datacite import schema45
from defusedxml import ElementTree as Reader

from registry.citations import CitedWork
from registry.citations.as_datacite import datacite_json
from registry.citations.head_tags import dublin_core_tags
from registry.citations.work import DOI_ADDRESS, is_doi
from registry.licences import licence_address, licence_choices
from registry.oai.xml import Element, element, plain_text, root

_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True, kw_only=True)
class RecordFormat:
    """A format: where its schema and namespace are, and what writes a work in it."""

    schema: str
    namespace: str
    write: Callable[[CitedWork], Element]


def dublin_core(work: CitedWork) -> Element:
    """A model as unqualified Dublin Core."""
    told = [(name.removeprefix("DC."), text) for name, text in dublin_core_tags(work)]
    form = FORMATS["oai_dc"]
    parts = (
        element(name, text=text, space=_DUBLIN_CORE)
        for name, text in dict.fromkeys([*told, *_further(work)])
        if text
    )
    return root("dc", *parts, space=form.namespace, schema=form.schema)


def _further(work: CitedWork) -> Iterator[tuple[str, str]]:
    """What a page's head says in other words: more names of it, and what it belongs to."""
    yield "identifier", work.url
    yield "identifier", work.swhid
    yield "source", work.repository
    yield "relation", work.whole
    if work.article and is_doi(work.article.doi):
        yield "relation", f"{DOI_ADDRESS}{work.article.doi}"
    for licence in licence_choices(work.licence):
        yield "rights", licence_address(licence)


def datacite(work: CitedWork) -> Element:
    """A model in DataCite's schema 4.5. Where it has no DOI, its address identifies it."""
    record: Element = Reader.fromstring(schema45.tostring(_plain(datacite_json(work))))
    if not is_doi(work.doi):
        named = element(
            "identifier", text=work.url, space=FORMATS["datacite"].namespace, identifierType="URL"
        )
        record.insert(0, named)
    return record


def _plain(value: Any) -> Any:  # noqa: ANN401 — what JSON holds
    """A document with all its text as XML may hold it."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value]


FORMATS = {
    "oai_dc": RecordFormat(
        schema="http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        namespace="http://www.openarchives.org/OAI/2.0/oai_dc/",
        write=dublin_core,
    ),
    "datacite": RecordFormat(
        schema="http://schema.datacite.org/meta/kernel-4.5/metadata.xsd",
        namespace="http://datacite.org/schema/kernel-4",
        write=datacite,
    ),
}
