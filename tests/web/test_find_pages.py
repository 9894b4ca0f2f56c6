"""Finding models on the pages: facets, chips, spelling, ways on, vocabularies, kept searches."""

import re
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from registry.caching import process_cache
from registry.models import AuditEvent, ModelEntry, SavedSearch, Term
from registry.services.vocabularies import terms_write, vocabularies_load
from registry.spec.ladder import Origin
from tests.web import scenery

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def laid(db):
    process_cache.clear()
    vocabularies_load()


@pytest.fixture
def curator():
    client = Client()
    client.force_login(scenery.person("curator", is_staff=True))
    return client


def published(owner, name, *subjects, **columns):
    entry, _ = scenery.published(owner, f"https://github.com/ada/{name}", title=f"The {name}")
    terms_write(entry=entry, terms={"subject": subjects}, origin=Origin.FORM)
    ModelEntry.objects.filter(pk=entry.pk).update(**columns)
    return entry


def text_of(reply):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))


def test_the_front_page_says_what_this_is_and_leads_on(client, ada, tmp_path):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    terms_write(entry=entry, terms={"subject": ["Lattice field theory"]}, origin=Origin.FORM)
    page = client.get("/").content.decode()
    for shown in ("Verified last", "Flow-based sampling", "Particle physics", 'name="q"'):
        assert shown in page
    assert "Worth a look" not in page
    ModelEntry.objects.filter(pk=entry.pk).update(featured_at=entry.created_at)
    assert "Worth a look" in client.get("/").content.decode()


def test_a_row_names_authors_subjects_verdict_and_cost(client, ada):
    published(ada, "vortex", "Turbulence", run_seconds=42, image_mb=1536, needs_gpu=True)
    page = text_of(client.get("/models/"))
    assert "ran in 42.0 s · image of 1.5 GB · asks for a GPU" in page
    assert "Turbulence" in page
    assert "not verified yet" in page


def test_facets_narrow_without_a_script_and_chips_widen_again(client, ada):
    published(ada, "vortex", "Turbulence", licence="MIT")
    published(ada, "spin", "Lattice spin models", licence="GPL-3.0-only")
    page = client.get("/models/?subject=fluid-dynamics&licence=MIT").content.decode()
    assert "The vortex" in page
    assert "The spin" not in page
    assert 'href="/models/?licence=MIT"' in page
    assert 'href="/models/?subject=fluid-dynamics"' in page
    assert re.search(r'name="licence"\s+value="MIT"\s+checked', page)
    assert re.search(
        r'rel="canonical"\s+href="/models/\?licence=MIT&amp;subject=fluid-dynamics"', page
    )


def test_htmx_gets_facets_and_rows_and_the_canonical_address(client, ada):
    published(ada, "vortex", "Turbulence")
    query = "q=vortex&order=&subject=fluid-dynamics&licence="
    reply = client.get(f"/models/?{query}", headers={"HX-Request": "true"})
    assert reply["HX-Push-Url"] == "/models/?q=vortex&subject=fluid-dynamics"
    assert b"<html" not in reply.content
    assert b'id="found"' in reply.content


def test_another_spelling_is_used_and_said_and_can_be_refused(client, ada):
    published(ada, "vortex")
    page = text_of(client.get("/models/?q=vortxe"))
    assert "Showing results for vortex instead of “vortxe”." in page
    assert "The vortex" in page
    refused = text_of(client.get("/models/?q=vortxe&exact=1"))
    assert "Nothing matches" in refused
    assert "The vortex" not in refused


def test_words_of_others_drafts_are_not_offered(client, ada):
    scenery.ready(ada, title="Zirconium whisker")
    page = text_of(client.get("/models/?q=zirconum"))
    assert "Zirconium" not in page
    assert "zirconium" not in page


def test_few_hits_offer_another_spelling_beside_them(client, ada):
    published(ada, "latice")
    for number in range(3):
        published(ada, f"lattice{number}")
    page = text_of(client.get("/models/?q=latice"))
    assert "The latice" in page
    assert "Showing results" not in page


def test_what_was_typed_and_sent_leads_to_the_model_itself(client, ada):
    entry = published(ada, "vortex")
    assert client.get(f"/models/?q={entry.pk}")["Location"] == f"/models/{entry.pk}/"
    live = client.get(f"/models/?q={entry.pk}", headers={"HX-Request": "true"})
    assert f"Model {entry.pk}:" in text_of(live)
    assert client.get(f"/models/?q={entry.pk}&exact=1").status_code == 200


def test_an_empty_list_says_what_to_leave_out_and_what_it_would_give(client, ada):
    published(ada, "vortex", "Turbulence")
    page = text_of(client.get("/models/?q=vortex&subject=chemistry"))
    assert "Nothing matches. These searches find something:" in page
    assert "Without “Chemistry” : 1 model" in page


def test_any_search_has_a_feed_of_what_is_public(client, owner, ada):
    published(ada, "vortex", "Turbulence")
    published(ada, "spin", "Lattice spin models")
    scenery.ready(ada, title="Secret vortex")
    for reader in (client, owner):
        feed = reader.get("/models/feed.atom?subject=fluid-dynamics")
        assert feed["Content-Type"].startswith("application/atom+xml")
        titles = [
            one.findtext(f"{ATOM}title") for one in ET.fromstring(feed.content).iter(f"{ATOM}entry")
        ]
        assert titles == ["The vortex"]


def test_a_search_is_kept_renamed_fed_and_deleted(client, owner, other, ada):
    published(ada, "vortex", "Turbulence")
    assert client.get("/searches/").status_code == 302
    form = owner.get("/searches/new/?q=vortex&subject=fluid-dynamics")
    assert "“vortex”, Fluid dynamics" in text_of(form)
    owner.post("/searches/new/?q=vortex&subject=fluid-dynamics", {"name": "Eddies", "notify": "on"})
    search = SavedSearch.objects.get()
    assert (search.query, search.notify) == ("q=vortex&subject=fluid-dynamics", True)
    page = owner.get("/searches/").content.decode()
    assert "/models/?q=vortex&amp;subject=fluid-dynamics" in page
    feed = client.get(f"/searches/{search.feed_key}/feed.atom")
    assert b"The vortex" in feed.content
    assert feed["Cache-Control"] == "private, no-store"
    assert other.post(f"/searches/{search.pk}/", {"name": "Mine"}).status_code == 404
    owner.post(f"/searches/{search.pk}/", {"name": "Whirls"})
    search.refresh_from_db()
    assert (search.name, search.notify) == ("Whirls", False)
    owner.post(f"/searches/{search.pk}/delete/")
    assert client.get(f"/searches/{search.feed_key}/feed.atom").status_code == 404


def test_a_name_that_is_taken_is_said_beside_what_was_typed(owner, ada):
    for _ in range(2):
        reply = owner.post("/searches/new/?q=x", {"name": "Eddies"})
    assert reply.status_code == 200
    assert "already keep a search called “Eddies”" in text_of(reply)
    assert 'value="Eddies"' in reply.content.decode()


def test_readers_browse_a_tree_with_counts_that_lead_to_lists(client, ada):
    published(ada, "vortex", "Turbulence")
    assert "Model concept" in text_of(client.get("/vocabularies/"))
    page = client.get("/vocabularies/subject/").content.decode()
    assert 'href="/models/?subject=fluid-dynamics%2Fturbulence"' in page
    assert "Add a term" not in page
    assert client.get("/vocabularies/nothing/").status_code == 404


def test_type_ahead_answers_with_names_and_paths(client):
    reply = client.get("/vocabularies/subject/suggest?q=turbu")
    assert reply.json() == [{"name": "Turbulence", "path": "fluid-dynamics/turbulence"}]
    assert client.get("/vocabularies/nothing/suggest?q=a").status_code == 404


def test_curators_add_rename_move_and_merge_terms_and_nobody_else(curator, owner, client, ada):
    chemistry = Term.objects.get(vocabulary="subject", path="chemistry")
    edit = f"/vocabularies/subject/terms/{chemistry.pk}/"
    assert owner.get(edit).status_code == 404
    assert owner.post("/vocabularies/subject/", {"name": "X"}).status_code == 404
    assert client.post(edit, {"do": "rename"}).status_code == 302
    curator.post("/vocabularies/subject/", {"name": "Aerosols", "parent": chemistry.pk})
    added = Term.objects.get(path="chemistry/aerosols")
    curator.post(edit, {"do": "rename", "name": "Chemical physics", "synonyms": "molecules\n"})
    here = f"/vocabularies/subject/terms/{added.pk}/"
    curator.post(here, {"do": "move", "parent": ""})
    curator.post(here, {"do": "merge", "into": chemistry.pk})
    chemistry.refresh_from_db()
    assert chemistry.name == "Chemical physics"
    assert chemistry.synonyms == ["molecules", "Aerosols"]
    done = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert [*done] == ["term.added", "term.renamed", "term.moved", "term.merged"]
    again = curator.post("/vocabularies/subject/", {"name": "Chemistry"})
    assert "There is a term “Chemical physics” already" in text_of(again)


def test_hostile_words_in_facets_and_searches_are_shown_as_text(owner, ada):
    hostile = "<script>alert(1)</script>"
    entry, _ = scenery.published(ada)
    ModelEntry.objects.filter(pk=entry.pk).update(licence=hostile)
    owner.post(f"/searches/new/?q={hostile}", {"name": hostile})
    for address in (
        "/models/",
        f"/models/?licence={hostile}",
        "/searches/",
        f"/models/?q={hostile}",
    ):
        assert hostile.encode() not in owner.get(address).content
