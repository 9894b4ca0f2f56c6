"""The list of models is narrowed by the page's filters, of the same names and meaning."""

import pytest
from django.test import Client

from registry.models import ModelEntry
from registry.services.vocabularies import terms_write, vocabularies_load
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
