"""FAIR Signposting, as the parser of its own community reads it."""

import warnings

import pytest
import requests
from django.test import Client
from signposting import (
    find_signposting_http,
    find_signposting_http_link,
    find_signposting_linkset,
)

from registry.models import Doi
from tests.harvest.harvest_world import shelf


@pytest.fixture
def held(db, tmp_path, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    return shelf(tmp_path)


def targets(signposts):
    return {str(one.target): str(one.type or "") for one in signposts}


def all_links(signposting):
    """(from where, relation, to what, of which type) of each link."""
    return {
        (str(one.context), str(one.rel), str(one.target), str(one.type or ""))
        for one in signposting.signposts
    }


@pytest.mark.django_db(transaction=True)
def test_a_program_finds_from_the_landing_page_all_that_there_is_and_back(held, live_server):
    site, accession = live_server.url, held.public.pk
    for page in (f"/models/{accession}/", f"/models/{accession}/v1/"):
        found = find_signposting_http(site + page)
        assert str(found.citeAs.target) == f"{site}/models/{accession}/v1/"
        assert str(found.license.target) == "https://spdx.org/licenses/MIT.html"
        assert targets(found.authors) == {"https://orcid.org/0000-0002-1825-0097": ""}
        assert targets(found.types).keys() == {
            "https://schema.org/AboutPage",
            "https://schema.org/SoftwareSourceCode",
        }
        for place, kind in targets({*found.describedBy, *found.items}).items():
            answer = requests.get(place, timeout=20)
            assert answer.ok
            assert answer.headers["Content-Type"].partition(";")[0] == kind, place
        assert set(targets(found.items).values()) == {"application/gzip", "application/zip"}
        assert set(targets(found.linksets).values()) == {
            "application/linkset+json",
            "application/linkset",
        }
        _both_linksets_say_the_same(found)
    for place in targets(found.describedBy):
        back = find_signposting_http(place)
        assert targets(back.describes) == {f"{site}/models/{accession}/v1/": "text/html"}
    for place in targets(found.items):
        back = find_signposting_http(place)
        assert targets({back.collection}) == {f"{site}/models/{accession}/v1/": "text/html"}


def _both_linksets_say_the_same(found):
    as_json, as_text = (
        find_signposting_linkset(str(one.target), acceptType=one.type)
        for one in sorted(found.linksets, key=lambda one: str(one.type), reverse=True)
    )
    assert all_links(as_json) == all_links(as_text)
    items = {target for _, rel, target, _ in all_links(as_json) if rel == "item"}
    assert targets(found.items).keys() < items, "the files of the run stand in the linkset alone"
    backs = {anchor for anchor, rel, _, _ in all_links(as_json) if rel == "collection"}
    assert backs == items


@pytest.mark.django_db(transaction=True)
def test_a_tombstone_says_how_it_was_cited_and_offers_nothing(held, live_server):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the parser warns of every tombstone
        found = find_signposting_http(f"{live_server.url}/models/{held.withdrawn.pk}/")
    assert str(found.citeAs.target) == f"{live_server.url}/models/{held.withdrawn.pk}/v1/"
    assert found.describedBy
    assert not found.items


def test_no_doi_and_no_media_type_ends_a_link_before_its_end(db, tmp_path, settings):
    settings.PUBLIC_URL = "https://reprise.example.org"
    held = shelf(tmp_path)
    at = held.public.updated_at
    Doi.objects.create(
        version=held.public.current_version, doi='10.5072/a>;rel="item",<https://evil.example/x\u0130',
        state="registered", asked_at=at, sent_at=at, registered_at=at,
    )  # fmt: skip
    page = f"https://reprise.example.org/models/{held.public.pk}/"
    answer = Client().get(f"/models/{held.public.pk}/")
    found = find_signposting_http_link([answer["Link"]], page)
    assert str(found.citeAs.target).startswith("https://doi.org/10.5072/a%3E")
    assert not [place for place in targets(found.items) if "evil" in place]


@pytest.mark.parametrize("which", ["draft", "private", "withdrawn", "public"])
def test_a_linkset_is_where_its_page_is(db, tmp_path, which):
    held = shelf(tmp_path)
    number = getattr(held, which).pk
    clients = held.viewers()
    for place in ("linkset.json", "linkset.txt", "v1/linkset.json", "v1/linkset.txt"):
        statuses = {
            role: client.get(f"/models/{number}/{place}").status_code
            for role, client in clients.items()
        }
        hidden = which in {"draft", "private"}
        assert statuses == {"stranger": 404 if hidden else 200, "owner": 200, "staff": 200}
    assert Client().get(f"/models/{number}/v9/linkset.json").status_code == 404


def test_a_licence_with_a_choice_is_none_that_stands_alone(db, tmp_path):
    held = shelf(tmp_path)
    held.draft.versions.update(licence="MIT OR Apache-2.0")
    client = held.viewers()["owner"]
    said = client.get(f"/models/{held.draft.pk}/v1/linkset.json").json()["linkset"][0]
    assert "license" not in said
