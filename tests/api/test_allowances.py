"""Every answer says what is left of the caller's allowances, and a refusal when to come back."""

import re

import pytest
from django.test import Client
from huggingface_hub.utils._http import parse_ratelimit_headers

from tests.api.world import API, client_of, problem_of, send


def test_reading_counts_once_and_a_change_twice(world, settings):
    settings.API_RATES = {"anonymous": "5/minute", "known": "9/hour", "changes": "2/minute"}
    stranger = Client().get(f"{API}/models/")
    assert stranger["RateLimit-Policy"] == '"calls";q=5;w=60'
    assert re.fullmatch(r'"calls";r=4;t=60', stranger["RateLimit"])
    owner = client_of("models", world)
    assert owner.get(f"{API}/models/")["RateLimit-Policy"] == '"calls";q=9;w=3600'
    change = send(owner, "patch", f"/models/{world.public.pk}/", {"title": "Again"})
    assert change["RateLimit-Policy"] == '"calls";q=9;w=3600, "changes";q=2;w=60'
    left = re.fullmatch(r'"calls";r=7;t=\d+, "changes";r=1;t=60', change["RateLimit"])
    assert left, change["RateLimit"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/models/", 200),
        ("/models/?x=1", 400),
        ("/models/999/", 404),
        ("/users/me/", 401),
        ("/nothing/", 404),
        ("/schema/", 200),
        ("/docs/", 200),
    ],
)
def test_every_answer_says_it(world, path, status):
    answer = Client().get(API + path)
    assert answer.status_code == status
    assert answer["RateLimit"].startswith('"calls";r=')


def test_not_modified_says_it_too(world):
    etag = Client().get(f"{API}/models/")["ETag"]
    answer = Client().get(f"{API}/models/", headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert answer["RateLimit"].startswith('"calls";r=')


def test_too_many_calls_are_told_when_to_come_back(world, settings):
    settings.API_RATES = {"anonymous": "2/minute", "known": "9/minute", "changes": "9/minute"}
    for _ in range(2):
        assert Client().get(f"{API}/models/").status_code == 200
    refused = Client().get(f"{API}/models/")
    assert problem_of(refused, 429)["type"] == "urn:reprise:problem:throttled"
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert refused["RateLimit"].startswith('"calls";r=0;t=')
    # A client that knows these headers reads them.
    read = parse_ratelimit_headers(dict(refused.items()))
    assert (read.remaining, read.limit, read.window_seconds) == (0, 2, 60)
