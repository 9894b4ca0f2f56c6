"""Every door: who is not signed in changes nothing, and what it does not do it says."""

import re

import pytest
from django.test import Client

from registry.services.tokens import SCOPES
from tests.api.world import API, problem_of, token_of

# What strangers may send, as on the page of the same thing.
OPEN_TO_STRANGERS = {("post", "/models/{accession}/reports/")}
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def doors(world):
    """The methods of each address, with real numbers in it."""
    schema = Client().get(f"{API}/schema/?format=json").json()
    known = {"accession": world.public.pk, "run_id": world.runs["public"].pk}

    def filled(path):
        return re.sub(r"\{(\w+)\}", lambda name: str(known.get(name[1], 1)), path)

    return {
        path: (filled(path), set(said) & set(METHODS)) for path, said in schema["paths"].items()
    }


def test_strangers_change_nothing(doors):
    changes = 0
    for template, (path, methods) in doors.items():
        for method in methods - {"get"}:
            if (method, template.removeprefix(API)) in OPEN_TO_STRANGERS:
                continue
            answer = getattr(Client(), method)(path, {}, content_type="application/json")
            assert problem_of(answer, 401), (method, template)
            assert answer["WWW-Authenticate"].startswith("Bearer"), template
            changes += 1
    assert changes > 60


def test_what_a_door_does_not_do_is_said(world, doors):
    client = Client(headers={"Authorization": f"Bearer {token_of(world.ada, *SCOPES)}"})
    for template, (path, methods) in doors.items():
        for method in set(METHODS) - methods:
            answer = getattr(client, method)(path, {}, content_type="application/json")
            assert problem_of(answer, 405), (method, template)
            allowed = {one.strip().lower() for one in answer["Allow"].split(",")}
            assert allowed & set(METHODS) == methods, template
