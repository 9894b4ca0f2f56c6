"""Answers in the shape that is asked for; what there is not is refused by naming what there is."""

import pytest
from django.test import Client

from registry.models import ModelEntry
from tests.api.world import API, client_of, problem_of


@pytest.fixture
def doors(world):
    model, run = world.public.pk, world.runs["public"].pk
    return {
        "models": "/models/",
        "model": f"/models/{model}/",
        "versions": f"/models/{model}/versions/",
        "version": f"/models/{model}/versions/1/",
        "runs": f"/runs/?model={model}",
        "run": f"/runs/{run}/",
    }


def first(body):
    return body["results"][0] if "results" in body else body


def asked(door, **query):
    return Client().get(f"{API}{door}", query)


@pytest.mark.parametrize(
    ("door", "fields", "names"),
    [
        ("models", "accession,title", {"accession", "title"}),
        ("model", "version.authors.family,version.number", {"version"}),
        ("model", "version.number,version", {"version"}),
        ("versions", "number,plan.tests", {"number", "plan"}),
        ("version", "authors.given", {"authors"}),
        ("runs", "id", {"id"}),
        ("run", "steps.state,progress.fraction", {"steps", "progress"}),
    ],
)
def test_only_what_is_named_is_given(doors, door, fields, names):
    whole, sparse = (
        first(asked(doors[door]).json()),
        first(asked(doors[door], fields=fields).json()),
    )
    assert set(sparse) == names
    for name in names:
        held_within(sparse[name], whole[name])
    for path in fields.split(","):
        assert all(name in str(sparse) for name in path.split("."))


def held_within(sparse, whole):
    """Every value is the one of the whole answer."""
    if isinstance(sparse, dict):
        for name, value in sparse.items():
            held_within(value, whole[name])
    elif isinstance(sparse, list):
        assert len(sparse) == len(whole)
        for one, other in zip(sparse, whole, strict=True):
            held_within(one, other)
    else:
        assert sparse == whole


@pytest.mark.parametrize(
    ("door", "names"),
    [
        ("models", "owner,current_version,verdict"),
        ("model", "owner,current_version,verdict"),
        ("versions", "model,verdict"),
        ("version", "model,verdict"),
        ("runs", "model,version"),
        ("run", "model,version"),
    ],
)
def test_what_is_named_comes_whole(world, doors, door, names):
    whole = first(asked(doors[door]).json())
    shown = first(asked(doors[door], expand=names).json())
    told = shown.pop("expanded")
    assert shown.keys() == whole.keys()
    assert ",".join(told) == names
    keys = {"owner": ("username", "ada"), "model": ("accession", world.public.pk)}
    keys |= {"current_version": ("number", 1), "version": ("number", 1)}
    keys |= {"verdict": ("id", world.runs["public"].pk)}
    for name, thing in told.items():
        member, value = keys[name]
        assert thing[member] == value


@pytest.mark.parametrize("door", ["models", "model", "versions", "version", "runs", "run"])
@pytest.mark.parametrize(
    "query", [{"fields": "password"}, {"fields": "url.x"}, {"expand": "runs.log"}]
)
def test_what_there_is_not_is_refused(doors, door, query):
    error = problem_of(asked(doors[door], **query), 400)["errors"][0]
    assert error["pointer"] == f"#/{next(iter(query))}"
    assert ("url" in error["detail"]) == ("fields" in query)


def test_nothing_hidden_is_expanded(world):
    ModelEntry.objects.filter(pk=world.public.pk).update(current_version=None)
    seen = asked(f"/models/{world.public.pk}/", expand="current_version,verdict").json()
    assert seen["expanded"] == {"current_version": None, "verdict": None}
    gone = asked(f"/models/{world.withdrawn.pk}/", expand="current_version,verdict").json()
    assert gone["expanded"] == {"current_version": None, "verdict": None}
    only = asked(f"/models/{world.withdrawn.pk}/", fields="title").json()
    assert set(only) == {"title"}


def test_a_draft_is_expanded_for_its_editors_alone(world):
    door = f"{API}/models/{world.draft.pk}/?fields=draft_version.number&expand=owner"
    assert Client().get(door).status_code == 404
    assert client_of("ada", world).get(door).json()["draft_version"] == {"number": 1}


def test_a_long_list_takes_no_query_for_each_row(world, django_assert_max_num_queries):
    path = f"{API}/models/?expand=current_version,verdict,owner&fields=accession"
    with django_assert_max_num_queries(12):
        assert Client().get(path).status_code == 200
