"""robots.txt, sitemaps and well-known documents: what is asked for before anything else."""

from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

import feedparser
import pytest
from defusedxml import ElementTree
from django.test import Client

from registry.views import harvesting
from tests.harvest.harvest_world import shelf
from tests.registry.registry_helpers import person, published

SITE = "https://reprise.example.org"
MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = SITE


def places(path):
    answer = Client().get(path)
    assert answer.status_code == 200
    document = ElementTree.fromstring(b"".join(answer))
    return document.tag.removeprefix(MAPS), [one.text for one in document.iter(f"{MAPS}loc")]


def test_a_sitemap_holds_the_public_models_whoever_asks(db, tmp_path):
    held = shelf(tmp_path)
    for client in held.viewers().values():
        text = b"".join(client.get("/sitemap.xml")).decode()
        assert f"<loc>{SITE}/models/{held.public.pk}/</loc>" in text
        assert not [entry for entry in held.hidden if f"/models/{entry.pk}/" in text]
    document = ElementTree.fromstring(text)
    [changed] = [one.text for one in document.iter(f"{MAPS}lastmod")]
    known = max(held.public.updated_at, held.run.finished_at)
    assert changed == known.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_more_models_than_one_sitemap_holds_go_into_several(db, monkeypatch):
    ada = person("ada")
    numbers = [published(ada, name=f"model-{number}")[0].pk for number in range(4)]
    monkeypatch.setattr(harvesting, "A_SITEMAP", 3)
    kind, parts = places("/sitemap.xml")
    assert kind == "sitemapindex"
    found = [place for part in parts for place in places(part.removeprefix(SITE))[1]]
    assert [place for place in found if place.startswith(f"{SITE}/models/")][1:] == [
        f"{SITE}/models/{number}/" for number in numbers
    ]
    assert Client().get(f"/sitemap-{len(parts)}.xml").status_code == 404


def test_the_verdicts_on_a_public_model_are_a_feed_and_of_no_other(db, tmp_path):
    held = shelf(tmp_path)
    for client in held.viewers().values():
        for entry in held.hidden:
            assert client.get(f"/models/{entry.pk}/feed.atom").status_code == 404
    read = feedparser.parse(Client().get(f"/models/{held.public.pk}/feed.atom").content)
    assert not read.bozo
    [verdict] = read.entries
    assert verdict.title == "Version 1.0: reproduced"
    assert verdict.link.endswith(f"/runs/{held.run.pk}/")
    page = Client().get(f"/models/{held.public.pk}/").content.decode()
    assert f'href="/models/{held.public.pk}/feed.atom"' in page


def test_robots_are_told_what_to_leave_and_where_the_pages_are(db):
    text = Client().get("/robots.txt").content.decode()
    reader = RobotFileParser()
    reader.parse(text.splitlines())
    assert reader.site_maps() == [f"{SITE}/sitemap.xml"]
    for place in ("/", "/models/", "/models/12/", "/runs/3/", "/rules/", "/statistics/"):
        assert reader.can_fetch("*", SITE + place), place
    for place in ("/api/v1/models/", "/accounts/login/", "/oai?verb=Identify"):
        assert not reader.can_fetch("*", SITE + place), place


def test_a_catalogue_of_interfaces_leads_to_each_and_its_description(db):
    answer = Client().get("/.well-known/api-catalog")
    assert answer["Content-Type"].startswith("application/linkset+json; profile=")
    whole, *each = answer.json()["linkset"]
    assert whole["anchor"] == f"{SITE}/.well-known/api-catalog"
    assert [item["href"] for item in whole["item"]] == [one["anchor"] for one in each]
    for one in each:
        for place in (one["anchor"], one["service-desc"][0]["href"]):
            assert Client().get(place.removeprefix(SITE)).status_code == 200
    assert 'rel="api-catalog"' in Client().head("/.well-known/api-catalog")["Link"]


def test_where_weaknesses_are_reported_is_said_once_it_was_set(db, settings):
    assert Client().get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    text = Client().get("/.well-known/security.txt").content.decode()
    said = dict(line.split(": ", 1) for line in text.splitlines())
    assert said["Contact"] == "mailto:security@example.org"
    assert said["Canonical"] == f"{SITE}/.well-known/security.txt"
    left = datetime.fromisoformat(said["Expires"]) - datetime.now(UTC)
    assert timedelta(days=90) < left < timedelta(days=365)
