"""OAI-PMH: what it says, its errors, and a real harvester that comes back for what changed."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from defusedxml import ElementTree
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from oaipmh_scythe import HTTPConfig, RetryConfig, Scythe

from registry.models import AuditEvent, Doi, ModelEntry
from registry.models.entries import Visibility
from registry.oai import door
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.sharing import visibility_set
from tests.harvest.harvest_world import shelf
from tests.registry.registry_helpers import person, published

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
DATACITE = "{http://datacite.org/schema/kernel-4}"
SECOND = "%Y-%m-%dT%H:%M:%SZ"


@pytest.fixture
def held(db, tmp_path, settings):
    settings.PUBLIC_URL = "https://reprise.example.org"
    return shelf(tmp_path)


def asked(query="", client=None, **said):
    answer = (client or Client()).get(f"/oai?{query or urlencode(said)}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def error(document):
    [found] = document.iter(f"{OAI}error")
    return found.get("code")


def texts(document, name, space=OAI):
    return [found.text for found in document.iter(f"{space}{name}")]


def named(entry):
    return f"oai:reprise.example.org:models/{entry.pk}"


def told(document):
    """Identifier → whether it is told as deleted."""
    return {
        header.find(f"{OAI}identifier").text: header.get("status") == "deleted"
        for header in document.iter(f"{OAI}header")
    }


def test_each_of_the_six_questions_by_get_and_by_post(held):
    identity = asked(verb="Identify")
    assert texts(identity, "baseURL") == ["https://reprise.example.org/oai"]
    assert texts(identity, "deletedRecord") == ["persistent"]
    assert texts(identity, "earliestDatestamp") <= [held.public.updated_at.strftime(SECOND)]
    assert texts(asked(verb="ListMetadataFormats"), "metadataPrefix") == ["oai_dc", "datacite"]
    assert {"level-runs", "subject-classical-mechanics"} <= set(
        texts(asked(verb="ListSets"), "setSpec")
    )
    said = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    by_post = ElementTree.fromstring(Client().post(
        "/oai", urlencode(said), content_type="application/x-www-form-urlencoded"
    ).content)  # fmt: skip
    deleted = {named(held.private): True, named(held.withdrawn): True}
    everything = {named(held.public): False} | deleted
    assert told(by_post) == told(asked(**said)) == everything
    assert told(asked(verb="ListIdentifiers", metadataPrefix="datacite")) == everything
    one = asked(verb="GetRecord", metadataPrefix="oai_dc", identifier=named(held.public))
    assert texts(one, "title", DC) == ["A pendulum"]
    assert texts(one, "creator", DC) == ["Lovelace, Ada"]
    assert f"https://reprise.example.org/models/{held.public.pk}/" in texts(one, "relation", DC)
    assert "level-reproduced" in texts(one, "setSpec")
    assert "subject-classical-mechanics" in texts(one, "setSpec")


def test_datacite_names_the_doi_where_there_is_one_and_the_address_before(held):
    said = {"verb": "GetRecord", "metadataPrefix": "datacite", "identifier": named(held.public)}
    [before] = asked(**said).iter(f"{DATACITE}identifier")
    assert before.get("identifierType") == "URL"
    assert before.text == f"https://reprise.example.org/models/{held.public.pk}/v1/"
    later = timezone.now() + timedelta(hours=1)
    Doi.objects.create(
        version=held.public.current_version, doi="10.5072/reprise.1", state="registered",
        asked_at=later, sent_at=later, registered_at=later,
    )  # fmt: skip
    record = asked(**said)
    [after] = record.iter(f"{DATACITE}identifier")
    assert (after.text, after.get("identifierType")) == ("10.5072/reprise.1", "DOI")
    # A harvester learns of it: the record is of that moment.
    assert texts(record, "datestamp") == [later.strftime(SECOND)]


@pytest.mark.parametrize("role", ["stranger", "owner", "staff"])
def test_whoever_asks_is_told_what_everybody_is_told(held, role):
    client = held.viewers()[role]
    for verb in ("ListRecords", "ListIdentifiers"):
        found = told(asked(client=client, verb=verb, metadataPrefix="oai_dc"))
        assert named(held.draft) not in found
        assert [deleted for name, deleted in found.items() if name != named(held.public)] == [
            True,
            True,
        ]
    for entry in (held.draft.pk, 999_999):
        identifier = f"oai:reprise.example.org:models/{entry}"
        for said in (
            {"verb": "GetRecord", "metadataPrefix": "oai_dc"},
            {"verb": "ListMetadataFormats"},
        ):
            answer = asked(client=client, identifier=identifier, **said)
            assert error(answer) == "idDoesNotExist"
    gone = asked(
        client=client, verb="GetRecord", metadataPrefix="oai_dc", identifier=named(held.private)
    )
    assert [part.tag for part in next(gone.iter(f"{OAI}record"))] == [f"{OAI}header"]
    assert not texts(gone, "setSpec")


def test_what_is_done_to_a_model_in_private_shows_in_no_date(held):
    hidden = AuditEvent.objects.get(accession=held.private.pk, action="entry.visibility")
    later = timezone.now() + timedelta(days=3)
    ModelEntry.objects.filter(pk=held.private.pk).update(updated_at=later, verified_at=later)
    said = {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": named(held.private)}
    assert texts(asked(**said), "datestamp") == [hidden.at.strftime(SECOND)]


def test_a_withdrawn_draft_was_never_a_record(held):
    entry_withdraw(entry=held.draft, actor=held.ada, reason="A mistake.")
    said = {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": named(held.draft)}
    assert error(asked(**said)) == "idDoesNotExist"


LIST = "verb=ListRecords&metadataPrefix=oai_dc"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("x=1", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=listrecords", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        (f"{LIST}&metadataPrefix=oai_dc", "badArgument"),
        (f"{LIST}&from=2026-02-30", "badArgument"),
        (f"{LIST}&from=2026-1-1", "badArgument"),
        (f"{LIST}&from=2026-01-01T00:00:60Z", "badArgument"),
        (f"{LIST}&from=2026-01-01T00:00:00", "badArgument"),
        (f"{LIST}&from=2026-01-02&until=2026-01-01", "badArgument"),
        (f"{LIST}&from=2026-01-01&until=2026-01-02T00:00:00Z", "badArgument"),
        (f"{LIST}&set=%00", "badArgument"),
        (f"{LIST}&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%00%ff%EF%BF%BF", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=1", "idDoesNotExist"),
        (f"{LIST}&until=2001-01-01", "noRecordsMatch"),
        (f"{LIST}&from=9999-12-31", "noRecordsMatch"),
        (f"{LIST}&set=level-none&until=2001-01-01", "noRecordsMatch"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=%FF%00", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=W10=", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=" + "W1tbW1tb" * 300, "badResumptionToken"),
    ],
)  # fmt: skip
def test_each_refusal_has_its_code(db, query, code):
    document = asked(query)
    assert error(document) == code
    # The question is repeated, but for arguments that are none.
    repeated = document.find(f"{OAI}request").attrib
    assert bool(repeated) == (code not in {"badVerb", "badArgument"})


def test_a_body_of_another_kind_is_a_refusal_and_not_a_crash(db):
    answer = Client().post("/oai", {"verb": "Identify"})
    assert error(ElementTree.fromstring(answer.content)) == "badVerb"


def test_a_token_goes_on_with_its_own_question_alone(held, monkeypatch):
    monkeypatch.setattr(door, "PAGE", 1)
    [token] = texts(asked(LIST), "resumptionToken")
    for verb, code in (("ListIdentifiers", "badResumptionToken"), ("Identify", "badArgument")):
        assert error(asked(verb=verb, resumptionToken=token)) == code
    assert told(asked(verb="ListRecords", resumptionToken=token))


def test_sets_hold_what_they_say_and_deleted_records_are_told_in_each(held):
    deleted = {named(held.private), named(held.withdrawn)}
    for spec, inside in (
        ("level-reproduced", True), ("level-sustained", False),
        ("subject-classical-mechanics", True),
        ("subject-quantum-physics", False), ("reproduced", False),
    ):  # fmt: skip
        found = told(asked(f"{LIST}&set={spec}"))
        assert set(found) == deleted | ({named(held.public)} if inside else set()), spec


def test_hostile_text_is_told_as_text(held):
    nasty = "<script>\x00\x1b[31m\u202e]]>&amp;\ud7ff\ufffe\x0b\x85 \U0001f600"
    ModelEntry.objects.filter(pk=held.public.pk).update(
        summary=nasty.replace("\x00", ""), keywords=["a\x1fb", "<!DOCTYPE x>"]
    )
    for prefix in ("oai_dc", "datacite"):
        document = asked(verb="ListRecords", metadataPrefix=prefix)
        whole = " ".join(text for text in document.itertext() if text)
        assert "<script>" in whole
        assert "\U0001f600" in whole
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\ufffe]", whole)


# --- A real harvester --------------------------------------------------------------------------


@pytest.fixture
def portal(live_server, settings):
    settings.PUBLIC_URL = live_server.url
    return f"{live_server.url}/oai"


def harvested(portal, method="GET", **said):
    """Identifier → (datestamp, deleted), as oaipmh-scythe sees it; the number of its records."""
    with Scythe(portal, http_config=HTTPConfig(http_method=method)) as harvester:
        records = list(harvester.list_records(**said))
    found = {one.header.identifier: (one.header.datestamp, one.header.deleted) for one in records}
    assert len(found) == len(records)
    return found


@pytest.mark.django_db(transaction=True)
def test_a_real_harvester_walks_pages_and_comes_back_for_what_changed(portal, monkeypatch):
    monkeypatch.setattr(door, "PAGE", 2)
    ada = person("ada")
    entries = [published(ada, name=f"model-{number}")[0] for number in range(5)]
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    ModelEntry.objects.update(created_at=begun, updated_at=begun)
    first = harvested(portal, metadata_prefix="datacite")
    assert len(first) == 5
    assert harvested(portal, "POST") == first
    with Scythe(portal) as harvester:
        assert len(list(harvester.list_identifiers())) == 5
        assert harvester.identify().deletedRecord == "persistent"
        assert {one.setSpec for one in harvester.list_sets()} >= {"level-reproduced"}
        record = harvester.get_record(next(iter(first)), metadata_prefix="oai_dc")
        assert record.metadata["title"] == ["A pendulum"]

    since = "2026-01-01T00:00:01Z"
    entry_update(entry=entries[0], fields=EntryFields(title="Another"), actor=ada)
    entry_withdraw(entry=entries[1], actor=ada, reason="It was somebody else's.")
    visibility_set(actor=ada, entry=entries[2], visibility=Visibility.PRIVATE)
    again = harvested(portal, from_=since)
    numbers = {name.rpartition("/")[2]: gone for name, (_, gone) in again.items()}
    assert numbers == {
        str(entries[0].pk): False, str(entries[1].pk): True, str(entries[2].pk): True
    }  # fmt: skip
    assert len(harvested(portal, until="2026-01-01T00:00:00Z")) == 2


@pytest.mark.django_db(transaction=True)
def test_a_list_goes_on_while_models_come_and_change(portal, monkeypatch):
    monkeypatch.setattr(door, "PAGE", 2)
    ada = person("ada")
    entries = [published(ada, name=f"model-{number}")[0] for number in range(4)]
    with Scythe(portal) as harvester:
        records = iter(harvester.list_records())
        seen = [next(records).header.identifier]
        entry_update(entry=entries[0], fields=EntryFields(title="Another"), actor=ada)
        published(ada, name="late")
        seen += [record.header.identifier for record in records]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.django_db(transaction=True)
def test_a_harvester_that_asks_too_often_waits_as_the_protocol_says(portal, monkeypatch, settings):
    monkeypatch.setattr(door, "PAGE", 1)
    settings.API_RATES = settings.API_RATES | {"anonymous": "2/second"}
    cache.clear()
    ada = person("ada")
    for number in range(5):
        published(ada, name=f"model-{number}")
    with Scythe(portal, retry_config=RetryConfig(max_retries=9)) as harvester:
        assert len(list(harvester.list_records())) == 5
    settings.API_RATES = settings.API_RATES | {"anonymous": "1/hour"}
    refused = [Client().get("/oai?verb=Identify") for _ in range(2)][1]
    cache.clear()
    assert (refused.status_code, refused["Retry-After"]) == (503, "3600")
    assert refused["Content-Type"] == "text/plain; charset=utf-8"
