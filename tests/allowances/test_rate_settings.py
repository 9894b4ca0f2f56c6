"""What an operator writes for allowances is read at the start, or names its variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import env
from portal.settings import _caches

NAME = "REPRISE_RATE_PULLS"


@pytest.mark.parametrize("written", ["1/s", "300/minute", "12000/h", "5/day"])
def test_a_rate_is_so_many_in_a_time(monkeypatch, written):
    monkeypatch.setenv(NAME, written)
    assert env.rate(NAME, "1/s") == written


@pytest.mark.parametrize("written", ["300", "0/minute", "-1/s", "3/fortnight", "many/day", "3/5m"])
def test_what_is_no_rate_stops_the_start(monkeypatch, written):
    monkeypatch.setenv(NAME, written)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME}=.*write it as in 300/minute"):
        env.rate(NAME, "1/s")


def test_processes_share_a_cache_where_there_is_a_redis_and_only_there():
    assert "locmem" in _caches("")["default"]["BACKEND"]
    found = _caches("redis://10.0.0.5:6379/1")
    assert (found["default"]["LOCATION"], found["default"]["BACKEND"]) == (
        "redis://10.0.0.5:6379/1",
        "registry.caching.SharedCache",
    )
    # What is no plain value stays in the memory of the process that made it.
    assert "locmem" in found["process"]["BACKEND"]


def test_an_address_of_something_else_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="REPRISE_CACHE_URL"):
        _caches("http://10.0.0.5/")
