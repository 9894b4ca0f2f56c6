"""Signing in with accounts elsewhere, against a site that speaks as they do."""

import urllib.request
from urllib.error import HTTPError

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from registry.models import User
from registry.selectors.people import orcid_is_confirmed
from tests.web import scenery
from tests.web.identity import ORCID, identity_site, offered_by

START = {
    "oidc": "/accounts/oidc/oidc/login/",
    "github": "/accounts/github/login/",
    "orcid": "/accounts/orcid/login/",
}


@pytest.fixture
def elsewhere(settings, monkeypatch):
    with identity_site() as site:
        offered_by(site, settings, monkeypatch)
        yield site


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_, **__):
        return None


def through(client, way, *, process="login"):
    """Go there by the button, agree, and come back: where one is led next."""
    begun = client.post(f"{START[way]}?process={process}")
    try:
        urllib.request.build_opener(_Stay).open(begun["Location"])
    except HTTPError as answer:
        back = answer.headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def signed_up(client, way, **typed):
    assert through(client, way)["Location"] == "/accounts/3rdparty/signup/"
    said = {"username": "ada", "email": "ada@institute.example"} | typed
    return client.post("/accounts/3rdparty/signup/", said)


def test_only_what_is_set_up_is_offered(client, db, elsewhere, settings):
    page = client.get("/accounts/login/").content.decode()
    assert [f'action="{address}' in page for address in START.values()] == [True] * 3
    settings.SOCIALACCOUNT_PROVIDERS = {}
    page = client.get("/accounts/login/").content.decode()
    assert "Or with a password" not in page


@pytest.mark.parametrize("way", sorted(START))
def test_a_first_sign_in_asks_for_a_name_and_the_next_asks_nothing(client, db, elsewhere, way):
    assert signed_up(client, way).status_code == 302
    assert client.get("/settings/profile/").status_code == 200
    user = User.objects.get()
    assert (user.username, user.has_usable_password()) == ("ada", False)
    again = Client()
    through(again, way)
    assert again.get("/settings/profile/").status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize(("way", "suggested"), [("oidc", "ada.l"), ("github", "ada.l")])
def test_the_name_there_is_suggested_here(client, db, elsewhere, way, suggested):
    through(client, way)
    page = client.get("/accounts/3rdparty/signup/").content.decode()
    assert f'value="{suggested}"' in page
    assert 'value="ada@institute.example"' in page


@pytest.mark.parametrize("name", ["models", "Admin", "a b", "é", "-x", "taken"])
def test_a_name_that_cannot_be_had_here_is_neither_suggested_nor_taken(client, db, elsewhere, name):
    scenery.person("taken")
    elsewhere.person["preferred_username"] = name
    through(client, "oidc")
    assert f'value="{name}"' not in client.get("/accounts/3rdparty/signup/").content.decode()
    typed = {"username": name, "email": "new@institute.example"}
    reply = client.post("/accounts/3rdparty/signup/", typed)
    assert "errorlist" in reply.content.decode()
    assert User.objects.count() == 1


def test_an_address_that_was_verified_there_is_verified_here(client, db, elsewhere):
    signed_up(client, "oidc")
    assert EmailAddress.objects.get().verified


def test_an_address_that_was_not_verified_there_is_not_verified_here(client, db, elsewhere):
    elsewhere.person["email_verified"] = False
    signed_up(client, "oidc")
    assert not EmailAddress.objects.get().verified


def test_an_address_that_somebody_has_here_gives_nobody_that_account(client, ada, elsewhere):
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    elsewhere.person["email"] = "ada@example.org"
    through(client, "github")
    reply = client.post(
        "/accounts/3rdparty/signup/", {"username": "eve", "email": "ada@example.org"}
    )
    assert "An account already exists" in reply.content.decode()
    assert client.get("/settings/profile/").status_code == 302
    assert not SocialAccount.objects.exists()


# --- ORCID ------------------------------------------------------------------------------------


def test_signing_up_by_orcid_confirms_the_id(client, db, elsewhere):
    signed_up(client, "orcid")
    user = User.objects.get()
    assert user.orcid == ORCID
    assert orcid_is_confirmed(user)
    assert "confirmed by orcid.org" in client.get("/people/ada/").content.decode()


def test_connecting_orcid_replaces_what_was_typed(owner, ada, elsewhere):
    User.objects.filter(pk=ada.pk).update(orcid="0000-0001-5109-3700")
    owner.post("/accounts/reauthenticate/", {"password": scenery.PASSWORD})
    through(owner, "orcid", process="connect")
    ada.refresh_from_db()
    assert ada.orcid == ORCID
    assert orcid_is_confirmed(ada)
    page = owner.get("/accounts/3rdparty/").content.decode()
    assert ORCID in page
    owner.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    ada.refresh_from_db()
    assert (ada.orcid, orcid_is_confirmed(ada)) == (ORCID, False)


def test_other_accounts_confirm_no_orcid(client, db, elsewhere):
    signed_up(client, "github")
    assert User.objects.get().orcid == ""


def test_the_only_way_in_is_not_disconnected(client, db, elsewhere):
    signed_up(client, "github")
    page = client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert "no password" in page.content.decode()
    assert SocialAccount.objects.exists()


# --- What goes wrong --------------------------------------------------------------------------


def test_turning_back_there_says_so_here(client, db, elsewhere):
    elsewhere.refuses = True
    reply = through(client, "github")
    assert reply["Location"] == "/accounts/3rdparty/login/cancelled/"


def test_an_answer_that_was_not_asked_for_signs_nobody_in(client, db, elsewhere):
    reply = client.get("/accounts/github/login/callback/?code=abc&state=forged")
    assert "The sign-in did not work" in reply.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "{site}/nothing"], ids=["down", "404"])
def test_a_site_that_does_not_answer_is_said(client, db, elsewhere, settings, address):
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    apps[0]["settings"]["server_url"] = address.format(site=elsewhere.url)
    reply = client.post(START["oidc"])
    assert reply.status_code == 502
    assert "The sign-in did not work" in reply.content.decode()
