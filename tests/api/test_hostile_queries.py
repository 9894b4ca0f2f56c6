"""Whatever stands in a query, the answer is a reply or a refusal, never a fault of ours."""

from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.api.pagination import Cursor, cursor_encoded
from tests.api.world import API, problem_of
from tests.registry.registry_helpers import person, published

LISTS = ("/models/", "/runs/")
LOOSE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = st.sampled_from(
    ["q", "level", "owner", "outcome", "order", "cursor", "page_size", "model", "state", "after"]
)
HARD = st.sampled_from(
    [
        *("\0", "a\0b", "-1", "0", "1e9", "٣", "9" * 400, "NaN", "' OR 1=1 --", '"', "*", '"a"*'),
        *("NEAR(", "a AND", ":*", "&|!", "\ud83d", "%00", "é" * 300, "-accession", "[]", "{}"),
    ]
)
VALUES = HARD | st.text(max_size=40) | st.integers().map(str)


@pytest.fixture
def entry(db):
    return published(person())[0]


@pytest.mark.parametrize(
    "query",
    [
        "ordering=password",
        "order=password",
        "order=owner__password",
        "owner__password__startswith=pbkdf2",
        "owner__email=ada@example.org",
        "visibility=draft",
        "is_superuser=1",
        "level=7",
        "level=-1",
        "level=٣",
        "level=" + "9" * 5000,
        "outcome=errored",
        "owner=%00",
        "q=%00",
        "q=" + "a" * 201,
        "page_size=0",
        "page_size=101",
        "page_size=-5",
        "page_size=٣",
        "page_size=" + "9" * 5000,
        "cursor=nonsense",
        "cursor=%00",
        "cursor=" + "A" * 5000,
        "format=html",
    ],
)
def test_what_no_list_knows_is_refused_in_words(entry, query):
    response = Client().get(f"{API}/models/?{query}")
    if query.startswith("format"):
        problem_of(response, 404)
        return
    assert problem_of(response, 400)["errors"]


@pytest.mark.parametrize(
    "query", ["model=0", "model=x", f"model={10**30}", "state=done", "outcome=good", "user=1"]
)
def test_what_the_list_of_runs_does_not_know_is_refused(entry, query):
    problem_of(Client().get(f"{API}/runs/?{query}"), 400)


@pytest.mark.parametrize("query", ["after=-1", f"after={10**30}", "after=x", "step=nap", "limit=9"])
def test_what_a_log_does_not_know_is_refused(entry, query):
    run = entry.current_version.runs.get()
    problem_of(Client().get(f"{API}/runs/{run.pk}/logs/?{query}"), 400)


@LOOSE
@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), st.sampled_from(LISTS))
def test_no_query_whatever_is_a_fault_of_ours(entry, query, path):
    encoded = urlencode({name: value.encode("utf-8", "replace") for name, value in query.items()})
    response = Client().get(f"{API}{path}?{encoded}")
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        problem_of(response, 400)


@LOOSE
@given(
    st.sampled_from(["newest", "updated", "level"]),
    st.lists(st.integers() | st.text(max_size=30) | st.floats(), min_size=1, max_size=2),
    st.sampled_from(["after", "before"]),
)
def test_no_cursor_whatever_is_a_fault_of_ours(entry, order, values, direction):
    columns = {
        "newest": ("-accession",),
        "updated": ("-updated_at", "-accession"),
        "level": ("-level", "-accession"),
    }[order]
    cursor = cursor_encoded(Cursor(direction=direction, order=columns, values=tuple(values)))
    response = Client().get(f"{API}/models/?order={order}&cursor={quote(cursor)}")
    assert response.status_code in {200, 400}


@LOOSE
@given(st.text(max_size=60))
def test_no_path_whatever_is_a_fault_of_ours(entry, text):
    path = quote(text.encode("utf-8", "replace"))
    for prefix in ("/models/", "/runs/", "/runs/1/artifacts/", "/"):
        response = Client().get(f"{API}{prefix}{path}/", follow=True)
        assert response.status_code in {200, 400, 404}


@LOOSE
@given(st.binary(max_size=40))
def test_no_bytes_in_a_query_are_a_fault_of_ours(entry, raw):
    assert Client().get(f"{API}/models/?q={quote(raw)}").status_code in {200, 400}
