"""People and a client for each, in a database of their own."""

import pytest
from django.test import Client

from tests.web import scenery


@pytest.fixture
def ada(db):
    return scenery.person("ada", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def bob(db):
    return scenery.person("bob")


def _signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner(ada):
    return _signed_in(ada)


@pytest.fixture
def other(bob):
    return _signed_in(bob)
