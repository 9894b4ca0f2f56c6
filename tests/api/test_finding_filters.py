"""The list of models is narrowed by the page's filters, of the same names and meaning."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import ModelEntry
from registry.selectors.finding import FIXED_FACETS
from registry.services.vocabularies import (
    terms_write,
    vocabularies_load,
    vocabularies_shipped,
)
from registry.spec.ladder import Origin
from tests.api.world import API, problem_of
from tests.registry.registry_helpers import person, published


@pytest.fixture
def two(db):
    vocabularies_load()
    ada = person()
    for name, subject, columns in (
        ("flow", "Turbulence", {"licence": "MIT", "run_seconds": 20, "needs_gpu": True}),
        ("spin", "Lattice spin models", {"licence": "GPL-3.0-only", "run_seconds": 900}),
    ):
        entry, _ = published(ada, name=name)
        terms_write(entry=entry, terms={"subject": [subject]}, origin=Origin.FORM)
        ModelEntry.objects.filter(pk=entry.pk).update(**columns)


QUERIES = [
    ("subject=fluid-dynamics", ["flow"]),
    ("subject=fluid-dynamics&subject=statistical-mechanics", ["spin", "flow"]),
    ("licence=MIT&licence=GPL-3.0-only", ["spin", "flow"]),
    ("time=hour", ["spin"]),
    ("gpu=yes", ["flow"]),
    ("verified=never&gpu=no", ["spin"]),
    ("order=cheapest", ["flow", "spin"]),
    ('q="a pendulum"&time=minute', ["flow"]),
]


@pytest.mark.parametrize(("query", "names"), QUERIES)
def test_page_and_api_list_the_same(two, query, names):
    rows = Client().get(f"{API}/models/?{query}").json()["results"]
    assert [row["name"] for row in rows] == names
    page = Client().get(f"/models/?{query}").context["entries"]
    assert [entry.name for entry in page] == names


# A value or more of every parameter that the schema names; what each lists is the page's to say.
EVERY = {
    "q": ["pendulum", '"a pendulum"', "flow", "nothing-like-it"],
    "exact": ["1"],
    "owner": ["ada", "ADA", "nobody"],
    "order": ["relevance", "newest", "updated", "verified", "level", "cheapest"],
    "licence": ["MIT", "GPL-3.0-only", "none"],
    "subject": ["fluid-dynamics", "statistical-mechanics"],
} | {facet.name: [choice.value for choice in facet.choices] for facet in FIXED_FACETS.values()}


@pytest.fixture
def many(two):
    """Models that differ in all that a list is narrowed to and ordered by."""
    ada = ModelEntry.objects.first().owner
    for number in range(4):
        entry, _ = published(ada, name=f"more-{number}")
        past = timezone.now() - timedelta(days=(3, 40, 200, 700)[number])
        verdict = {"outcome": ("reproduced", "not_reproduced")[number % 2], "verified_at": past}
        ModelEntry.objects.filter(pk=entry.pk).update(
            level=number,
            updated_at=past,
            run_seconds=(5, 50, 5000, 50000)[number],
            peak_memory_mb=(100, 3000, 10_000, 90_000)[number],
            image_mb=(100, 900, 3000, 9000)[number],
            needs_download=bool(number % 2),
            **verdict,
        )


def listed_by_page(query):
    """What the pages list, all of them in order."""
    found, number = [], 1
    while True:
        page = Client().get(f"/models/?{query}&page={number}")
        if page.status_code == 302:  # what was typed means one model
            return None
        found += [entry.pk for entry in page.context["entries"]]
        if not page.context["next_address"]:
            return found
        number += 1


def test_every_parameter_lists_the_same_by_page_and_api(many):
    schema = Client().get(f"{API}/schema/?format=json").json()
    doors = schema["paths"]["/api/v1/models/"]["get"]["parameters"]
    beside = {"cursor", "page_size", "fields", "expand"}
    named = {one["name"] for one in doors} - beside
    assert set(EVERY) <= named
    assert named - set(EVERY) <= set(vocabularies_shipped())
    told_apart = set()
    for name, values in EVERY.items():
        for value in values:
            query = urlencode({name: value})
            rows = Client().get(f"{API}/models/?{query}&page_size=100").json()["results"]
            listed = [row["accession"] for row in rows]
            assert listed == listed_by_page(query), query
            told_apart |= {name} if len(listed) < 6 or listed != sorted(listed)[::-1] else set()
    assert told_apart >= set(EVERY) - {"exact"}


def test_facets_count_what_the_page_counts(many):
    for query in ("", "q=pendulum", "licence=MIT", "level=2&order=level", "outcome=reproduced"):
        told = Client().get(f"{API}/models/facets/?{query}").json()
        page = Client().get(f"/models/?{query}")
        shown = [
            (facet.name, choice.value, choice.count)
            for facet in page.context["facets"]
            for choice in facet.choices
        ]
        assert shown == [
            (facet["name"], choice["value"], choice["count"])
            for facet in told["facets"]
            for choice in facet["choices"]
        ]
        rows = Client().get(f"{API}/models/?{query}&page_size=100").json()["results"]
        assert (told["count"], told["counted_all"]) == (len(rows), True)


def test_a_count_that_was_cut_says_so(many, monkeypatch):
    monkeypatch.setattr("registry.api.facets.CANDIDATES", 2)
    told = Client().get(f"{API}/models/facets/").json()
    assert (told["count"], told["counted_all"]) == (2, False)
    problem_of(Client().get(f"{API}/models/facets/?page_size=3"), 400)


@pytest.mark.parametrize("order", ["verified", "cheapest", "relevance"])
def test_the_pages_of_every_order_go_together(two, order):
    first = Client().get(f"{API}/models/?q=pendulum&order={order}&page_size=1").json()
    second = Client().get(first["next"]).json()
    assert {row["name"] for body in (first, second) for row in body["results"]} == {"flow", "spin"}


@pytest.mark.parametrize(
    "query", ["subject=nothing", "time=never", "verified=x", "colour=red", "sub%00ject=a", "gpu=1"]
)
def test_what_is_no_filter_or_no_choice_is_refused(two, query):
    assert problem_of(Client().get(f"{API}/models/?{query}"), 400)["errors"]


def test_the_schema_names_every_filter(two):
    schema = Client().get(f"{API}/schema/?format=json").json()
    named = {one["name"] for one in schema["paths"]["/api/v1/models/"]["get"]["parameters"]}
    assert {"q", "subject", "framework", "cell-type", "licence", "verified", "network"} <= named
