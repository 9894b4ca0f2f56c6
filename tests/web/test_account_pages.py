"""Signing up and in, profile, tokens."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.test import Client

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


def test_a_token_whose_time_has_run_out_says_so(owner, ada):
    owner.post("/settings/tokens/", {"name": "old", "valid_days": "30"})
    ApiToken.objects.update(expires_at="2001-01-01T00:00:00Z")
    assert "ended" in owner.get("/settings/tokens/").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/change/",
        "/accounts/email/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/no:such:key/",
        "/accounts/password/reset/key/1-no/",
        "/accounts/password/reset/key/done/",
        "/accounts/inactive/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/3rdparty/",
        "/accounts/3rdparty/login/cancelled/",
        "/accounts/3rdparty/login/error/",
        "/accounts/logout/",
    ],
)
def test_every_account_page_looks_like_the_rest(owner, address):
    confirmed(owner)
    page = owner.get(address, follow=True).content.decode()
    assert 'class="site-header"' in page
    assert re.search(r"<title>\S[^<]* · Reprise</title>", page)
    assert page.count("<h1") == 1


# --- Mail about accounts ----------------------------------------------------------------------


def confirmed(client):
    """Signed in, and just asked again for the password."""
    client.post("/accounts/reauthenticate/", {"password": scenery.PASSWORD})
    return client


def link():
    """The first link of the last mail, as a path."""
    return re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)[1]


def test_where_mail_is_sent_an_address_must_be_verified_first(client, db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    reply = client.post("/accounts/signup/", SIGNUP, follow=True)
    assert "Look into your mail" in reply.content.decode()
    refused = client.post("/accounts/login/", {"login": "emmy", "password": scenery.PASSWORD})
    assert refused["Location"] == "/accounts/confirm-email/"
    assert client.get("/settings/profile/").status_code == 302
    assert "emmy@example.org" in client.get(link()).content.decode()
    client.post(link())
    assert EmailAddress.objects.get().verified
    client.post("/accounts/login/", {"login": "emmy", "password": scenery.PASSWORD})
    assert client.get("/settings/profile/").status_code == 200


def test_mail_comes_as_text_and_as_simple_html(client, db):
    client.post("/accounts/signup/", SIGNUP)
    sent = mail.outbox[0]
    html, kind = sent.alternatives[0]
    assert sent.subject == "[Reprise] Verify your e-mail address"
    assert kind == "text/html"
    assert f'<a href="http://testserver{link()}"' in html
    assert "emmy" in sent.body


def test_a_lost_password_is_replaced_by_a_link_that_works_once(client, ada):
    client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    first = link()
    form = client.get(first, follow=True)
    typed = {"password1": "Another horse 9", "password2": "Another horse 9"}
    client.post(form.redirect_chain[-1][0], typed)
    ada.refresh_from_db()
    assert ada.check_password("Another horse 9")
    assert "no longer works" in Client().get(first, follow=True).content.decode()


class Down:
    """A mail server that refuses everybody."""

    def __init__(self, *_, **__):
        pass

    def send_messages(self, _):
        raise ConnectionRefusedError(111, "refused")


def test_a_mail_server_that_is_down_is_said_and_breaks_nothing(client, ada, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    said = []
    for address in ("ada@example.org", "nobody@example.org"):
        reply = client.post("/accounts/password/reset/", {"email": address}, follow=True)
        said.append(re.findall(r'<li class="error">(.*?)</li>', reply.content.decode()))
    assert said[0] == said[1]
    assert "could not be sent" in said[0][0]


# --- Who guesses ------------------------------------------------------------------------------


def shown(reply):
    """A page without what differs at each look."""
    return re.sub(r'value="\w{64}"', "", reply.content.decode())


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(client, ada):
    replies = [
        client.post("/accounts/password/reset/", {"email": address}, follow=True)
        for address in ("ada@example.org", "nobody@example.org")
    ]
    assert shown(replies[0]) == shown(replies[1])
    assert [sent.to for sent in mail.outbox] == [["ada@example.org"], ["nobody@example.org"]]
    assert "No account has this address" in mail.outbox[1].body


def test_signing_up_with_a_known_address_tells_nobody_but_its_owner(ada, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    replies = [
        Client().post(
            "/accounts/signup/", SIGNUP | {"username": name, "email": address}, follow=True
        )
        for name, address in (("new1", "ada@example.org"), ("new2", "new@example.org"))
    ]
    pages = [re.sub(r"new@|ada@", "", shown(reply)) for reply in replies]
    assert pages[0] == pages[1]
    assert mail.outbox[0].subject == "[Reprise] You have an account already"
    assert not User.objects.filter(username="new1").exists()


def test_a_wrong_password_and_an_unknown_name_read_alike(client, ada):
    pages = [
        shown(client.post("/accounts/login/", {"login": name, "password": "no"}))
        for name in ("ada", "eve")
    ]
    assert pages[0].replace("ada", "eve") == pages[1]


@pytest.fixture
def counted(settings):
    """With the limits that hold outside of tests, counted from zero."""
    settings.ACCOUNT_RATE_LIMITS = {}
    cache.clear()
    yield
    cache.clear()


def guess(client, **headers):
    return client.post("/accounts/login/", {"login": "ada", "password": "no"}, **headers)


def test_five_wrong_passwords_close_an_account_to_guesses_for_a_while(counted, client, ada):
    for _ in range(5):
        guess(client)
    right = client.post("/accounts/login/", {"login": "ada", "password": scenery.PASSWORD})
    assert "Too many failed" in right.content.decode()


def test_a_header_gives_nobody_more_guesses(counted, client, ada):
    for number in range(10):
        typed = {"login": f"nobody{number}", "password": "no"}
        client.post("/accounts/login/", typed, headers={"x-forwarded-for": f"192.0.2.{number}"})
    typed = {"login": "somebody", "password": "no"}
    reply = client.post("/accounts/login/", typed, headers={"x-forwarded-for": "192.0.2.99"})
    assert "Too many failed" in reply.content.decode()


def test_behind_a_proxy_each_address_has_its_own_guesses(counted, client, ada, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(11):
        typed = {"login": f"nobody{number}", "password": "no"}
        reply = client.post(
            "/accounts/login/", typed, headers={"x-forwarded-for": f"192.0.2.{number}"}
        )
        assert "Too many failed" not in reply.content.decode()


def test_too_many_tries_have_a_page_that_says_how_long_to_wait(counted, client, db):
    for _ in range(21):
        reply = client.post("/accounts/signup/", {})
    assert reply.status_code == 429
    assert "wait five minutes" in reply.content.decode()


# --- Second factors ---------------------------------------------------------------------------


def code(secret, *, later=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


@pytest.fixture
def two_factors(owner, ada):
    """The key of the authenticator app that ada has set up, and her recovery codes."""
    page = confirmed(owner).get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="totp-secret">(\w+)<', page)[1]
    assert "data:image/svg+xml" in page
    codes = owner.post("/accounts/2fa/totp/activate/", {"code": code(secret)}, follow=True)
    return secret, re.findall(r"^(?:.*>)?(\d{8})$", codes.content.decode(), re.MULTILINE)


def after_password():
    client = Client()
    reply = client.post("/accounts/login/", {"login": "ada", "password": scenery.PASSWORD})
    assert reply["Location"] == "/accounts/2fa/authenticate/"
    return client


def test_a_password_alone_no_longer_signs_in(two_factors):
    client = after_password()
    assert client.get("/settings/profile/").status_code == 302
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "errorlist" in wrong.content.decode()
    assert client.get("/settings/profile/").status_code == 302


def test_a_copy_of_the_database_holds_no_second_factor_that_works(two_factors):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert Authenticator.objects.count() == 2
    assert two_factors[0] not in kept
    assert not re.search(r"\b[0-9a-f]{80}\b", kept)  # the seed of recovery codes


def test_a_code_of_the_app_signs_in(two_factors):
    client = after_password()
    client.post("/accounts/2fa/authenticate/", {"code": code(two_factors[0], later=1)})
    assert client.get("/settings/profile/").status_code == 200


def test_a_recovery_code_signs_in_once(two_factors):
    assert len(two_factors[1]) == 10
    for signs_in in (200, 302):
        client = after_password()
        client.post("/accounts/2fa/authenticate/", {"code": two_factors[1][0]})
        assert client.get("/settings/profile/").status_code == signs_in


def test_what_decides_who_gets_in_asks_for_the_password_again(owner):
    for address in (
        "/accounts/2fa/totp/activate/",
        "/accounts/email/",
        "/settings/close/",
    ):
        asked = owner.post(address, {"email": "new@example.org", "action_add": ""})
        assert asked["Location"].startswith("/accounts/reauthenticate/")


def test_staff_sign_in_by_the_same_door(client):
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/")
