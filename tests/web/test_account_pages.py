"""Signing up and in, profile, tokens."""

import re

import pytest

from registry.models import ApiToken, User
from registry.services.tokens import token_authenticate
from tests.web import scenery

SIGNUP = {
    "username": "emmy",
    "email": "emmy@example.org",
    "password1": scenery.PASSWORD,
    "password2": scenery.PASSWORD,
}


def test_signing_up_needs_no_more_than_name_mail_and_password(client, db):
    assert client.post("/accounts/signup/", SIGNUP).status_code == 302
    assert User.objects.get().username == "emmy"
    assert b"Publish" in client.get("/").content


def test_signing_up_keeps_orcid_and_affiliation(client, db):
    typed = {"orcid": "https://orcid.org/0000-0002-1825-0097", "affiliation": "Göttingen"}
    client.post("/accounts/signup/", SIGNUP | typed)
    user = User.objects.get()
    assert (user.orcid, user.affiliation) == ("0000-0002-1825-0097", "Göttingen")


@pytest.mark.parametrize("name", ["models", "API", "-x", "a b", "a/b", "a..b", "x.git", "é", ""])
def test_names_that_cannot_stand_in_an_address_are_refused(client, db, name):
    reply = client.post("/accounts/signup/", SIGNUP | {"username": name})
    assert reply.status_code == 200
    assert b"errorlist" in reply.content
    assert not User.objects.exists()


def test_a_mistyped_orcid_is_named_and_nothing_typed_is_lost(client, db):
    typed = {"orcid": "0000-0002-1825-0098", "affiliation": "Göttingen"}
    page = client.post("/accounts/signup/", SIGNUP | typed).content.decode()
    assert "mistyped" in page
    assert 'value="Göttingen"' in page
    assert 'aria-invalid="true"' in page


def test_posting_more_than_the_form_asks_gives_no_rights(client, db):
    client.post("/accounts/signup/", SIGNUP | {"is_superuser": "on", "is_staff": "on"})
    user = User.objects.get()
    assert not user.is_staff
    assert not user.is_superuser


def test_signing_in_works_by_name_and_leads_only_within_the_site(client, ada):
    typed = {"login": "ada", "password": scenery.PASSWORD, "next": "https://evil.example/"}
    reply = client.post("/accounts/login/", typed)
    assert reply["Location"] == "/"


def test_a_wrong_password_is_refused(client, ada):
    reply = client.post("/accounts/login/", {"login": "ada", "password": "no"})
    assert reply.status_code == 200
    assert b"errorlist" in reply.content


def test_signing_out_takes_a_press_of_a_button(owner):
    assert owner.get("/accounts/logout/").status_code == 200
    assert b"Sign out" in owner.get("/").content
    owner.post("/accounts/logout/")
    assert b"Sign in" in owner.get("/").content


def test_the_profile_can_be_changed(owner, ada):
    typed = {"first_name": "Augusta", "last_name": "King", "orcid": "", "affiliation": "London"}
    assert owner.post("/settings/profile/", typed).status_code == 302
    ada.refresh_from_db()
    assert (ada.name, ada.affiliation) == ("Augusta King", "London")
    assert b"Saved." in owner.get("/settings/profile/").content


def test_a_wrong_orcid_in_the_profile_changes_nothing(owner, ada):
    page = owner.post("/settings/profile/", {"first_name": "X", "orcid": "12"}).content.decode()
    assert "0000-0002-1825-0097" in page
    ada.refresh_from_db()
    assert ada.first_name == "Ada"


def test_a_token_is_shown_once_works_and_can_be_revoked(owner, ada):
    reply = owner.post("/settings/tokens/", {"name": "laptop", "scopes": ["models:write"]})
    secret = re.search(r"reprise_[\w-]{20,}", reply.content.decode())
    assert secret
    assert token_authenticate(secret[0])
    assert "no-store" in reply["Cache-Control"]
    again = owner.get("/settings/tokens/").content.decode()
    assert "laptop" in again
    assert secret[0] not in again
    owner.post(f"/settings/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert token_authenticate(secret[0]) is None


def test_scopes_and_spans_that_do_not_exist_are_refused(owner):
    for wrong in ({"scopes": ["admin"]}, {"valid_days": "-1"}):
        page = owner.post("/settings/tokens/", {"name": "x"} | wrong).content.decode()
        assert "errorlist" in page
    assert not ApiToken.objects.exists()


def test_nobody_revokes_the_token_of_another(owner, other):
    owner.post("/settings/tokens/", {"name": "laptop"})
    token = ApiToken.objects.get()
    assert other.post(f"/settings/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


@pytest.mark.parametrize(
    "address", ["/accounts/password/reset/", "/accounts/password/change/", "/accounts/email/"]
)
def test_the_other_account_pages_look_like_the_rest(owner, address):
    page = owner.get(address).content.decode()
    assert 'class="site-header"' in page
    assert "<label" in page
