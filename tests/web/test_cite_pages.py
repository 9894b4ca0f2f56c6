"""How a model is cited on its pages: the tab, downloads, negotiation, the head, the card, DOIs."""

import io
import json
from datetime import UTC, datetime

import extruct
import pytest
import rispy
from django.test import Client
from django.utils import timezone
from PIL import Image

from registry.models import Doi, ModelEntry
from registry.models.outside import DoiState
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.spec.manifest import Person
from tests.web import scenery

pytestmark = pytest.mark.django_db
BAD_TITLE = "</script><script>alert(1)</script> \u2028 100% {φ⁴} & more"


@pytest.fixture
def model(ada, tmp_path):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    return ModelEntry.objects.get(pk=entry.pk)


def page(model, client=None, at="cite/"):
    return (client or Client()).get(f"/models/{model.pk}/{at}")


def with_doi(model):
    return Doi.objects.create(
        version=model.current_version,
        doi=f"10.5072/reprise.{model.pk}.1",
        state=DoiState.REGISTERED,
        asked_at=timezone.now(),
        sent_at=timezone.now(),
        registered_at=timezone.now(),
        is_findable=True,
    )


def test_the_tab_cites_the_version_the_article_the_verification_and_the_model(model):
    text = page(model).content.decode()
    for heading in ("This version", "The article", "The verification", "The model, all versions"):
        assert heading in text
    assert "Lovelace, A., &amp; Noether, E. (2024). Flow-based sampling" in text
    assert "(Version 1.2.0) [Computer software]" in text
    assert f"/models/{model.pk}/v1/" in text
    assert "Physical Review D, 100, 034515" in text
    assert "reproduced (level 5 of 6)" in text
    assert 'data-copy="software-bibtex"' in text
    assert scenery.SWHID in text


def test_a_model_that_was_not_verified_has_no_verification_to_cite(ada):
    entry, _ = scenery.published(ada)
    text = page(entry).content.decode()
    assert "This version" in text
    assert "The verification" not in text


def test_each_format_is_downloaded_with_its_media_type(model):
    kinds = {
        "bibtex": ("application/x-bibtex", ".bib"),
        "ris": ("application/x-research-info-systems", ".ris"),
        "csl-json": ("application/vnd.citationstyles.csl+json", ".csl.json"),
        "cff": ("application/yaml", "CITATION.cff"),
        "datacite": ("application/vnd.datacite.datacite+json", ".datacite.json"),
        "json-ld": ("application/ld+json", ".jsonld"),
        "nature": ("text/x-bibliography", ".nature.txt"),
    }
    for name, (media_type, ending) in kinds.items():
        response = page(model, at=f"cite/1/{name}")
        assert response["Content-Type"] == f"{media_type}; charset=utf-8"
        assert response["Content-Disposition"].endswith(f'{ending}"')
        assert response.content


def test_a_download_says_of_what_it_is(model):
    read = rispy.loads(page(model, at="cite/1/ris?of=verification").content.decode())
    assert read[0]["title"].startswith("Verification ")
    assert page(model, at="cite/1/cff?of=article").status_code == 404
    assert page(model, at="cite/1/cff?of=everything").status_code == 404
    assert page(model, at="cite/2/ris").status_code == 404
    assert page(model, at="cite/1/endnote").status_code == 404


def test_a_draft_is_cited_by_nobody_else(owner, other, ada):
    entry = scenery.ready(ada)
    for at in ("cite/", "cite/1/", "cite/1/bibtex", "v1/", "card.png"):
        assert page(entry, other, at).status_code == 404
        assert page(entry, Client(), at).status_code == 404
    assert page(entry, owner).status_code == 200
    assert page(entry, owner, "card.png").status_code == 200
    assert "private" in page(entry, owner, "card.png")["Cache-Control"]


def test_a_withdrawn_model_goes_on_being_cited_and_its_tab_leads_to_the_tombstone(model):
    entry_withdraw(actor=model.owner, entry=model, reason="The data were wrong.")
    assert page(model).status_code == 302
    assert b"@software{" in page(model, at="cite/1/bibtex").content


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/x-bibtex", "application/x-bibtex"),
        ("application/vnd.citationstyles.csl+json", "application/vnd.citationstyles.csl+json"),
        ("application/vnd.datacite.datacite+json", "application/vnd.datacite.datacite+json"),
        ("application/x-research-info-systems", "application/x-research-info-systems"),
        ("application/ld+json, text/html;q=0.5", "application/ld+json"),
        ("text/x-bibliography; style=ieee", "text/x-bibliography"),
    ],
)
def test_a_version_answers_in_the_format_that_is_accepted(model, accept, kind):
    response = Client().get(f"/models/{model.pk}/v1/", headers={"accept": accept})
    assert response.status_code == 200
    assert response["Content-Type"] == f"{kind}; charset=utf-8"
    assert "Accept" in response["Vary"]


def test_a_style_that_is_asked_for_is_given_and_apa_else(model):
    def said(accept):
        response = Client().get(f"/models/{model.pk}/v1/", headers={"accept": accept})
        return response.content.decode()

    assert said("text/x-bibliography; style=ieee").startswith("A. Lovelace and E. Noether")
    assert said("text/x-bibliography").startswith("Lovelace, A.")
    assert said("text/x-bibliography; style=../../etc/passwd").startswith("Lovelace, A.")


@pytest.mark.parametrize("accept", ["text/html", "*/*", "", "image/png", "text/html, */*;q=0.8"])
def test_a_browser_is_led_to_the_page_of_the_version(model, accept):
    response = Client().get(f"/models/{model.pk}/v1/", headers={"accept": accept})
    assert response.status_code == 302
    assert response["Location"] == f"/models/{model.pk}/cite/1/"


def test_a_doi_shows_in_every_citation_and_the_frozen_one_stays(model):
    frozen = dict(model.current_version.citation)
    doi = with_doi(model).doi
    assert f"https://doi.org/{doi}" in page(model).content.decode()
    for name in ("bibtex", "ris", "csl-json", "cff", "datacite", "json-ld", "apa"):
        assert doi in page(model, at=f"cite/1/{name}").content.decode()
    assert ModelEntry.objects.get(pk=model.pk).current_version.citation == frozen


def test_the_api_cites_in_every_format(model):
    def said(query):
        return Client().get(f"/api/v1/models/{model.pk}/citation/?{query}")

    items = json.loads(said("format=csl-json").content)
    assert [item["type"] for item in items] == ["software", "article-journal"]
    assert b"TY  - RPRT" in said("format=ris&of=verification").content
    assert b"cff-version: 1.2.0" in said("format=cff&version=1").content
    assert said("format=cff&version=9").status_code == 404
    assert said("format=endnote").status_code == 400


def test_the_head_of_the_tab_is_read_by_others_parsers(model):
    with_doi(model)
    html = page(model).content.decode()
    read = extruct.extract(html, syntaxes=["json-ld", "opengraph", "dublincore"], uniform=True)
    (code,) = read["json-ld"]
    assert code["@type"] == "SoftwareSourceCode"
    assert code["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert code["@id"] == f"https://doi.org/10.5072/reprise.{model.pk}.1"
    (card,) = read["opengraph"]
    assert card["og:image"].endswith(f"/models/{model.pk}/card.png")
    (dublin,) = read["dublincore"]
    assert dublin["@type"] == "Software"
    said = [one["content"] for one in dublin["elements"] if one["name"] == "DC.creator"]
    assert said == ["Lovelace, Ada", "Noether, Emmy"]


def test_scholar_and_zotero_find_what_they_look_for(model):
    tags = tags_of(page(model).content.decode())
    assert tags["citation_title"] == [model.title]
    assert tags["citation_author"] == ["Lovelace, Ada", "Noether, Emmy"]
    assert tags["citation_publication_date"] == ["2024/05/06"]
    assert tags["citation_author_orcid"] == ["0000-0002-1825-0097"]


def tags_of(html):
    from lxml.html import document_fromstring

    found = {}
    for tag in document_fromstring(html).iterfind(".//meta[@name]"):
        found.setdefault(tag.get("name"), []).append(tag.get("content"))
    return found


def test_a_hostile_title_stays_in_its_tag(ada):
    entry, _ = scenery.published(ada, title=BAD_TITLE)
    html = page(entry).content.decode()
    assert "<script>alert(1)" not in html
    (code,) = extruct.extract(html, syntaxes=["json-ld"])["json-ld"]
    assert code["name"].startswith("</script><script>alert(1)</script>")


def test_only_a_public_model_names_its_authors_in_its_head(ada, owner):
    entry, _ = scenery.published(ada)
    entry_update(entry=entry, fields=EntryFields(visibility="private"))
    assert "citation_author" not in page(entry, owner).content.decode()


def test_a_page_of_500_authors_stays_small(ada):
    crowd = tuple(Person(given=f"Name {n}", family=f"Family {n}") for n in range(500))
    entry, _ = scenery.published(ada, authors=crowd)
    response = page(entry)
    assert b"Too long to show" in response.content
    assert len(page(entry, at="cite/1/ris").content.decode().split("AU  - ")) == 501


def test_a_card_says_what_was_seen_and_is_fetched_once(model):
    response = page(model, at="card.png")
    picture = Image.open(io.BytesIO(response.content))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    etag = response["ETag"]
    again = Client().get(f"/models/{model.pk}/card.png", headers={"if-none-match": etag})
    assert again.status_code == 304
    entry_withdraw(actor=model.owner, entry=model, reason="Wrong.")
    assert page(model, at="card.png")["ETag"] != etag


def test_the_site_has_a_card():
    response = Client().get("/card.png")
    assert Image.open(io.BytesIO(response.content)).size == (1200, 630)


@pytest.fixture
def datacite(settings):
    settings.DATACITE_PREFIX, settings.DATACITE_REPOSITORY = "10.5072", "REPRISE.TEST"


def ask(model, client, **fields):
    return client.post(f"/models/{model.pk}/cite/1/doi/", fields, follow=True)


def test_an_owner_registers_a_doi_once_they_say_that_it_is_for_good(model, owner, datacite):
    assert b"Register a DOI" in page(model, owner).content
    assert b"Tick that you understand" in ask(model, owner).content
    assert not Doi.objects.exists()
    response = ask(model, owner, understood="on")
    doi = Doi.objects.get()
    assert doi.doi == f"10.5072/reprise.{model.pk}.1"
    assert f"{doi.doi} is being registered".encode() in response.content
    assert b"Register a DOI" not in response.content
    assert doi.doi not in page(model, at="cite/1/bibtex").content.decode()


def test_what_was_refused_is_said_and_can_be_tried_again(model, owner, datacite):
    ask(model, owner, understood="on")
    Doi.objects.update(state=DoiState.FAILED, failure="DataCite refused it: bad prefix.")
    text = page(model, owner).content.decode()
    assert "could not be registered: DataCite refused it: bad prefix." in text
    assert "Try again" in text
    ask(model, owner, understood="on")
    assert Doi.objects.get().state == DoiState.PENDING


def test_nobody_else_registers_a_doi_and_nobody_where_it_is_off(model, owner, other, settings):
    assert b"Register a DOI" not in page(model, owner).content
    assert b"registers no DOIs" in ask(model, owner, understood="on").content
    settings.DATACITE_PREFIX, settings.DATACITE_REPOSITORY = "10.5072", "REPRISE.TEST"
    assert b"Register a DOI" not in page(model, other).content
    assert ask(model, other, understood="on").status_code == 404
    assert ask(model, Client(), understood="on").redirect_chain[0][0].startswith("/account")
    assert not Doi.objects.exists()


def test_how_complete_a_model_is_counts_what_is_told(model):
    # Without a subject (10) and claims (5), with plan and manifest as the scenery has them.
    assert 0 < model.completeness <= 85
    before = model.completeness
    entry_update(entry=model, fields=EntryFields(summary="Short."))
    assert ModelEntry.objects.get(pk=model.pk).completeness == before - 8


def test_dates_are_those_of_the_release(model):
    told = json.loads(page(model, at="cite/1/datacite").content)
    assert told["publicationYear"] == "2024"
    assert {"date": "2024-05-06", "dateType": "Issued"} in told["dates"]
    available = next(one["date"] for one in told["dates"] if one["dateType"] == "Available")
    assert abs(datetime.fromisoformat(available).replace(tzinfo=UTC) - timezone.now()).days <= 1
