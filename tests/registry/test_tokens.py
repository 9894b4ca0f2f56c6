"""Tokens: shown once, kept as a digest, ended in many ways."""

import hashlib
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from registry_helpers import person

from registry.models import ApiToken, User
from registry.services.errors import ServiceError
from registry.services.people import user_update
from registry.services.tokens import SCOPES, token_authenticate, token_create, token_revoke

pytestmark = pytest.mark.django_db


def made(**changes):
    arguments = {"name": "laptop", "scopes": SCOPES, "expires_at": None} | changes
    return token_create(user=person(), **arguments)


def test_a_token_authenticates_its_user_with_its_scopes():
    token, plaintext = made(scopes=["runs:write"])
    known = token_authenticate(plaintext)
    assert (known, known.user.username, known.scopes) == (token, "ada", ["runs:write"])


def test_a_dump_of_the_database_holds_no_usable_token():
    token, plaintext = made()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registry_apitoken")
        row = " ".join(map(str, cursor.fetchone()))
    assert plaintext not in row
    assert hashlib.sha256(plaintext.encode()).hexdigest() in row
    assert plaintext.startswith(token.prefix)
    assert len(plaintext) - len(token.prefix) >= 32
    assert token_authenticate(token.digest) is None


@pytest.mark.parametrize("text", ["", "reprise_", "\0", "\ud800", "ü" * 10_000])
def test_what_is_no_token_authenticates_nobody(text):
    made()
    assert token_authenticate(text) is None


def test_a_revoked_token_is_dead_for_good():
    token, plaintext = made()
    token_revoke(token=token)
    first = ApiToken.objects.get().revoked_at
    token_revoke(token=token)
    assert ApiToken.objects.get().revoked_at == first
    assert token_authenticate(plaintext) is None


def test_an_expired_token_and_that_of_a_closed_account_are_dead():
    token, plaintext = made(expires_at=timezone.now() + timedelta(days=1))
    assert token_authenticate(plaintext) == token
    User.objects.update(is_active=False)
    assert token_authenticate(plaintext) is None
    User.objects.update(is_active=True)
    ApiToken.objects.update(expires_at=timezone.now())
    assert token_authenticate(plaintext) is None


def test_use_is_noted_without_a_write_for_each_request(django_assert_num_queries):
    _, plaintext = made()
    token_authenticate(plaintext)
    assert ApiToken.objects.get().last_used_at is not None
    with django_assert_num_queries(1):
        token_authenticate(plaintext)


@pytest.mark.parametrize(
    "changes",
    [
        {"scopes": ["admin"]},
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"name": "x" * 101},
    ],
)
def test_a_token_that_makes_no_sense_is_refused(changes):
    with pytest.raises(ServiceError):
        made(**changes)


def test_a_profile_keeps_the_orcid_in_its_normal_form():
    ada = person()
    said = {"first_name": "Ada", "last_name": "Lovelace", "affiliation": "London"}
    user_update(user=ada, orcid="https://orcid.org/0000-0002-1825-0097", **said)
    assert (User.objects.get().orcid, User.objects.get().name) == (
        "0000-0002-1825-0097",
        "Ada Lovelace",
    )
    with pytest.raises(ServiceError, match="last digit"):
        user_update(user=ada, orcid="0000-0002-1825-0098", **said)
    user_update(user=ada, orcid=" ", **said)
    assert User.objects.get().orcid == ""


@pytest.mark.parametrize("username", ["a/b", "a--b", "-a", "a b", "x.git", "", "é"])
def test_a_username_that_cannot_be_a_namespace_is_refused(username):
    with pytest.raises(ValidationError):
        User(username=username, email="a@example.org", password="x").full_clean()


def test_a_wrong_check_digit_is_refused_by_validation():
    wrong = User(username="a", password="x", orcid="0000-0002-1825-0098")
    with pytest.raises(ValidationError, match="last digit"):
        wrong.full_clean()
