"""How callers are counted: by windows, exactly, by all processes together where there is a Redis.

A Redis that dies, or says nothing, is nobody's fault but its own: no caller ever hears of it.
"""

import logging
import os
import pickle
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http import HTTPStatus

import pytest
import redis
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client, RequestFactory

from ops.services import redis_server
from registry import caching
from registry.rates import counted
from tests.portal import ROOT, wait_for
from tests.registry.registry_helpers import person

CALLED = """
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from registry.rates import counted
for _ in range(3):
    seen = counted(RequestFactory().get("/"), user=AnonymousUser(), scope="pulls")
print(seen.taken)
"""


def called(**more):
    return counted(RequestFactory().get("/"), user=AnonymousUser(), scope="pulls", **more)


@pytest.fixture(autouse=True)
def fresh(settings, monkeypatch):
    settings.API_RATES = settings.API_RATES | {"pulls": "1000/hour"}
    monkeypatch.setattr(caching, "silence", caching._Silence())
    LocMemCache(caching.IN_PLACE, {}).clear()
    cache.clear()


@pytest.fixture
def with_redis(settings):
    """Makes this process one of a site that has the Redis at an address."""

    def use(url):
        shared = {"BACKEND": "registry.caching.SharedCache", "LOCATION": url}
        settings.CACHES = settings.CACHES | {"default": shared}
        cache.clear()

    return use


@pytest.fixture
def of_redis(redis_url, with_redis):
    """The same with a Redis that answers; its address."""
    url = f"{redis_url.rsplit('/', 1)[0]}/11"
    with_redis(url)
    return url


def test_a_window_begins_with_a_call_and_is_followed_by_another(settings):
    settings.API_RATES = settings.API_RATES | {"pulls": "2/second"}
    seen = [called() for _ in range(3)]
    assert [one.taken for one in seen] == [1, 2, 3]
    assert [one.left for one in seen] == [1, 0, 0]
    assert [one.is_exceeded for one in seen] == [False, False, True]
    assert {(one.most, one.window, one.seconds) for one in seen} == {(2, 1, 1)}
    wait_for(lambda: called().taken == 1 or None, seconds=20)


def test_what_is_set_apart_is_counted_apart():
    assert [called().taken, called().taken, called(apart="_7").taken] == [1, 2, 1]


def counted_by_many():
    with ThreadPoolExecutor(8) as callers:
        return sorted(one.taken for one in callers.map(lambda _: called(), range(200)))


def test_no_call_is_lost_when_many_come_at_once():
    assert counted_by_many() == list(range(1, 201))


def test_nor_with_redis(of_redis):
    assert counted_by_many() == list(range(1, 201))


def test_processes_count_together_by_redis(of_redis):
    assert called().taken == 1
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", CALLED]
    environment = os.environ | {
        "REPRISE_CACHE_URL": of_redis,
        "REPRISE_RATE_PULLS": "1000/hour",
    }
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["4"]
    assert called().taken == 5


def test_what_is_kept_is_plain_and_does_not_stay_for_good(of_redis):
    """Whoever can write to it, a build on a worker's machine perhaps, must not run code here."""
    called()
    cache.set("allauth", [1.5, "x"], 60)
    assert cache.get("allauth") == [1.5, "x"]
    there = redis.from_url(of_redis)
    kept = {key: there.get(key) for key in there.scan_iter()}
    assert len(kept) == 3
    assert all(value[:1] in b"0123456789[" for value in kept.values()), kept
    assert all(0 < there.ttl(key) <= 7200 for key in kept)


def test_what_somebody_else_puts_there_is_not_opened(of_redis, caplog):
    called()
    there = redis.from_url(of_redis)
    opened = pickle.dumps(pytest.fail)
    for key in list(there.scan_iter()):
        there.set(key, opened)
    assert called().taken == 1
    assert "none of ours" in caplog.text


def test_when_redis_dies_each_process_counts_by_itself(with_redis, caplog):
    caplog.set_level(logging.INFO, "registry.caching")
    with ExitStack() as alive:
        with_redis(alive.enter_context(redis_server()))
        assert called().taken == 1
        alive.close()
        assert [called().taken for _ in range(3)] == [1, 2, 3]
    assert len(caplog.records) == 1
    assert "Redis cannot be used" in caplog.text


def test_a_redis_that_comes_back_is_used_again(of_redis, caplog):
    caching.silence.begin(redis.ConnectionError("gone"))
    assert called().taken == 1
    assert list(redis.from_url(of_redis).scan_iter()) == []
    caching.silence._until = 1.0  # long ago
    assert called().taken == 1
    assert len(list(redis.from_url(of_redis).scan_iter())) == 2
    assert [record.getMessage()[:12] for record in caplog.records] == [
        "Redis cannot",
        "Redis can be",
    ]


@pytest.fixture
def mute():
    """A Redis that takes every connection and never says a word: `url`, and how many came."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        came = []

        def listen():
            while True:
                try:
                    came.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=listen, daemon=True).start()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0", came
        listening.shutdown(socket.SHUT_RDWR)


def test_a_redis_that_says_nothing_is_waited_for_once(mute, with_redis):
    url, came = mute
    with_redis(url)
    assert [called().taken for _ in range(20)] == list(range(1, 21))
    assert len(came) == 1


@pytest.mark.django_db
def test_no_door_fails_with_redis(with_redis, settings):
    settings.ACCOUNT_RATE_LIMITS = {}
    settings.REGISTRY = "images.example.org"
    with_redis("redis://127.0.0.1:1/0")
    person("ada")
    for address in (
        "/", "/statistics/", "/models/?q=pendulm", "/api/v1/models/", "/oai?verb=Identify",
        "/api/models", "/registry/token?scope=repository:a/b:pull", "/accounts/login/",
    ):  # fmt: skip
        assert Client().get(address).status_code == HTTPStatus.OK, address
    assert Client().get("/a/b.git/info/refs?service=git-upload-pack").status_code == 401
    wrong = {"login": "ada", "password": "no"}
    answers = [Client().post("/accounts/login/", wrong).content.decode() for _ in range(6)]
    assert ["Too many failed" in answer for answer in answers] == [False] * 5 + [True]
