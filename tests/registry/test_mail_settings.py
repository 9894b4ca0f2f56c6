"""Mail and sign-in elsewhere, as the environment sets them up."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import env
from portal.settings import _mail, _origins_of, _sign_in_elsewhere

NOBODY = ("", "")


def test_without_a_server_mail_is_printed():
    assert _mail("") == {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}


@pytest.mark.parametrize(
    ("url", "read"),
    [
        (
            "smtp://u:p%40s@mail.example:2525/?tls=1",
            {"HOST": "mail.example", "PORT": 2525, "HOST_USER": "u", "HOST_PASSWORD": "p@s",
             "USE_TLS": True, "USE_SSL": False},
        ),
        (
            "smtp://mail.example",
            {"PORT": 587, "HOST_USER": "", "USE_TLS": False, "USE_SSL": False, "TIMEOUT": 10},
        ),
        ("smtps://u:p@mail.example", {"PORT": 465, "USE_TLS": False, "USE_SSL": True}),
    ],
    ids=["starttls", "plain", "tls"],
)  # fmt: skip
def test_an_address_sets_a_server_up(url, read):
    settings = _mail(url)
    assert {name: settings[f"EMAIL_{name}"] for name in read} == read


@pytest.mark.parametrize("url", ["mail.example:25", "http://mail.example", "smtp://"])
def test_what_is_no_mail_server_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured, match="REPRISE_EMAIL_URL"):
        _mail(url)


def test_a_word_that_is_not_known_stops_the_start(monkeypatch):
    monkeypatch.setenv("REPRISE_EMAIL_VERIFICATION", "sometimes")
    with pytest.raises(ImproperlyConfigured, match="REPRISE_EMAIL_VERIFICATION"):
        env.choice("REPRISE_EMAIL_VERIFICATION", ("mandatory", "optional"), "optional")


def test_only_sites_with_a_client_are_offered_and_led_to():
    providers = _sign_in_elsewhere(
        orcid=("a", "b"), github=NOBODY, oidc=("c", "d"), oidc_issuer="https://id.example/x",
        oidc_name="Institute",
    )  # fmt: skip
    assert set(providers) == {"orcid", "openid_connect"}
    assert _origins_of(providers) == ["https://orcid.org", "https://id.example"]
    none = _sign_in_elsewhere(
        orcid=NOBODY, github=NOBODY, oidc=NOBODY, oidc_issuer="", oidc_name=""
    )
    assert (none, _origins_of(none)) == ({}, [])
