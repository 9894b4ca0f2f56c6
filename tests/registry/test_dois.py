"""DOIs of versions: asked for once, told until DataCite says yes or no, hidden with their model."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry import dispatch
from registry.models import AuditEvent, Doi, ModelEntry
from registry.models.entries import Visibility
from registry.models.outside import DoiState
from registry.services.dois import doi_mint, doi_refused, doi_to_tell, doi_told, dois_resend
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.errors import ServiceError
from runners.tasks import mint_doi
from tests.citing.datacite_stand_in import PASSWORD, PREFIX, REPOSITORY, stand_in
from tests.web import scenery

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    with stand_in() as running:
        settings.DATACITE_URL = running.url
        settings.DATACITE_PREFIX, settings.DATACITE_REPOSITORY = PREFIX, REPOSITORY
        settings.DATACITE_PASSWORD = PASSWORD
        yield running


@pytest.fixture
def sent(monkeypatch):
    """The messages that went out, in place of a broker."""
    messages = []
    monkeypatch.setattr(dispatch, "_send", lambda name, args: messages.append((name, *args)) or 1)
    return messages


@pytest.fixture
def model(db):
    entry, _ = scenery.published(scenery.person("ada"))
    return entry


def minted(model):
    doi = doi_mint(version=model.current_version, actor=model.owner)
    mint_doi(doi.pk)
    doi.refresh_from_db()
    return doi


def aged(doi):
    Doi.objects.filter(pk=doi.pk).update(sent_at=timezone.now() - timedelta(hours=1))


def test_a_doi_is_asked_for_sent_after_commit_and_registered(
    server, model, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        doi = doi_mint(version=model.current_version, actor=model.owner)
    assert (doi.doi, doi.state) == (f"10.5072/reprise.{model.pk}.1", DoiState.PENDING)
    assert ("runners.mint_doi", doi.pk) in sent
    assert AuditEvent.objects.get(action="doi.asked").subject == doi.doi
    mint_doi(doi.pk)
    doi.refresh_from_db()
    assert (doi.state, doi.is_findable, doi.failure) == (DoiState.REGISTERED, True, "")
    kept = server.dois[doi.doi]
    assert kept["state"] == "findable"
    assert kept["url"].endswith(f"/models/{model.pk}/v1/")
    assert kept["relatedIdentifiers"][0]["relatedIdentifier"] == "10.1103/PhysRevD.100.034515"


def test_asking_twice_is_one_doi_and_one_registration(server, model):
    first, second = minted(model), minted(model)
    assert first == second
    assert server.asked == ["GET", "POST"]
    assert AuditEvent.objects.filter(action="doi.asked").count() == 1


def test_what_datacite_refuses_fails_with_its_reason_and_can_be_asked_again(server, model):
    server.troubles = [None, 422]
    doi = minted(model)
    assert (doi.state, doi.failure) == (DoiState.FAILED, "DataCite refused it: Trouble.")
    assert minted(model).state == DoiState.REGISTERED


@pytest.mark.parametrize("status", [500, 429])
def test_a_server_in_trouble_leaves_it_waiting_and_reconciling_sends_it_again(
    server, model, sent, django_capture_on_commit_callbacks, status
):
    server.troubles = [None, status]
    doi = minted(model)
    assert doi.state == DoiState.PENDING
    assert dois_resend(resend_after_seconds=120) == 0
    aged(doi)
    with django_capture_on_commit_callbacks(execute=True):
        assert dois_resend(resend_after_seconds=120) == 1
        assert dois_resend(resend_after_seconds=120) == 0
    assert sent == [("runners.mint_doi", doi.pk)]
    assert minted(model).state == DoiState.REGISTERED


def test_nothing_is_sent_again_where_minting_was_turned_off(server, model, settings):
    server.troubles = [500]
    aged(minted(model))
    settings.DATACITE_PREFIX = ""
    assert dois_resend(resend_after_seconds=120) == 0


def test_a_withdrawn_models_doi_stays_registered_and_is_not_found(server, model):
    doi = minted(model)
    aged(doi)
    entry_withdraw(actor=model.owner, entry=model, reason="The data were wrong.")
    assert dois_resend(resend_after_seconds=120) == 1
    mint_doi(doi.pk)
    doi.refresh_from_db()
    assert (doi.state, doi.is_findable) == (DoiState.REGISTERED, False)
    assert server.dois[doi.doi]["state"] == "registered"
    assert doi_to_tell(version_id=doi.pk) is None


def test_a_model_made_private_is_hidden_and_shown_again_with_it(server, model):
    doi = minted(model)
    for visibility, state in ((Visibility.PRIVATE, "registered"), (Visibility.PUBLIC, "findable")):
        entry_update(entry=model, fields=EntryFields(visibility=visibility))
        mint_doi(doi.pk)
        assert server.dois[doi.doi]["state"] == state


def test_a_registered_doi_is_never_failed_by_a_late_answer(server, model):
    doi = minted(model)
    registered_at = doi.registered_at
    doi_refused(version_id=doi.pk, reason="This DOI has already been taken")
    doi_told(version_id=doi.pk, is_findable=True)
    doi.refresh_from_db()
    assert (doi.state, doi.registered_at) == (DoiState.REGISTERED, registered_at)


def test_what_is_not_public_or_names_nobody_gets_no_doi(server, db):
    ada = scenery.person("ada")
    draft = scenery.ready(ada)
    nameless, _ = scenery.published(ada, "https://github.com/ada/nameless", authors=())
    private, _ = scenery.published(ada, "https://github.com/ada/private")
    private = entry_update(entry=private, fields=EntryFields(visibility=Visibility.PRIVATE))
    codes = []
    for entry in (draft, private, nameless):
        with pytest.raises(ServiceError) as refusal:
            doi_mint(version=entry.versions.get(), actor=ada)
        codes.append(refusal.value.code)
    assert codes == ["doi_not_public", "doi_not_public", "doi_no_authors"]
    assert not Doi.objects.exists()


def test_without_an_account_at_datacite_there_are_no_dois(model):
    with pytest.raises(ServiceError) as refusal:
        doi_mint(version=model.current_version, actor=model.owner)
    assert refusal.value.code == "doi_off"


def test_the_frozen_citation_is_as_it_was(server, model):
    before = dict(model.current_version.citation)
    minted(model)
    assert ModelEntry.objects.get(pk=model.pk).current_version.citation == before


def test_the_api_asks_once_it_is_understood_and_says_how_far_it_is(server, model):
    door = f"/api/v1/models/{model.pk}/versions/1/doi/"
    owner = Client()
    owner.force_login(model.owner)
    refused = owner.post(door, {"understood": False}, content_type="application/json")
    assert (refused.status_code, Doi.objects.count()) == (400, 0)
    asked = owner.post(door, {"understood": True}, content_type="application/json")
    assert (asked.status_code, asked.json()["state"]) == (202, "pending")
    mint_doi(model.current_version.pk)
    said = Client().get(door).json()
    assert (said["doi"], said["state"]) == (asked.json()["doi"], "registered")
    assert said["registered_at"]
