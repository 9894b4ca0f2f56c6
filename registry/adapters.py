"""What allauth asks of this site: mail that may fail, and people who come from elsewhere."""

import base64
import logging
from collections.abc import Callable
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import Provider
from allauth.socialaccount.signals import social_account_added, social_account_updated
from cryptography.fernet import Fernet
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from requests import RequestException

from registry.forms.people import username_validators
from registry.models import User
from registry.services.people import user_orcid_confirm

logger = logging.getLogger(__name__)
ORCID = "orcid"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth publishes no types
    """Accounts of this site."""

    def render_mail(self, *args: Any, **kwargs: Any) -> EmailMultiAlternatives:
        """The text that the templates say, and the same as simple HTML."""
        mail: EmailMultiAlternatives = super().render_mail(*args, **kwargs)
        said = render_to_string("mail/plain.html", {"text": mail.body})
        mail.attach_alternative(said, "text/html")
        return mail

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, or say that it could not be sent: what was asked for can be asked for again.

        The sentence is the same whether or not the address has an account.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError):
            logger.exception("Mail %s was not sent", template_prefix)
            messages.error(
                self.request,
                "The mail could not be sent: our mail server does not answer. "
                "Please try again in a few minutes.",
            )


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    """Second factors, of which a copy of the database holds none that works."""

    def encrypt(self, text: str) -> str:
        """The key of an app, or of recovery codes, as it is stored."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The other way. Raises InvalidToken when the site's secret key is another by now."""
        return _box().decrypt(encrypted_text.encode()).decode()


def _box() -> Fernet:
    """Locks and unlocks by a key derived from the site's."""
    key = salted_hmac("registry.second-factor", "", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # as above
    """People who sign in with an account that they have elsewhere."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:  # noqa: ANN401 — allauth's own signature
        """Suggest a user name only where it could be one here; the form asks for another."""
        user: User = super().populate_user(request, sociallogin, data)
        user.username = _possible_name(user.username)
        return user

    def save_user(
        self, request: HttpRequest, sociallogin: SocialLogin, form: object = None
    ) -> User:
        """The new account, with the ORCID iD that it came by."""
        user: User = super().save_user(request, sociallogin, form)
        keep_orcid(sociallogin.account)
        return user

    def on_authentication_error(self, _: HttpRequest, provider: Provider, **said: object) -> None:
        """Note why, for whoever runs the site; the page says what a person can do."""
        logger.warning("Sign-in by %s failed: %s", provider.id, said.get("exception"))


class UnansweredSignIn:
    """Middleware that says so where the site that people sign in at does not answer as it should.

    On the way back allauth does; on the way there it would be an error of ours.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing but what follows."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """The page of a failed sign-in for a fault of the other site's."""
        if not isinstance(fault, RequestException):
            return None
        logger.warning("The site to sign in at did not answer: %s", fault)
        return render(request, "socialaccount/authentication_error.html", status=502)


@receiver([social_account_added, social_account_updated])
def _connected(sociallogin: SocialLogin, **_: object) -> None:
    keep_orcid(sociallogin.account)


def keep_orcid(account: SocialAccount) -> None:
    """Where the account is one of orcid.org, take its iD for this person's, as confirmed."""
    if account.provider == ORCID:
        user_orcid_confirm(user=account.user, orcid=account.uid)


def _possible_name(wanted: str) -> str:
    """`wanted`, without the host of an address, where it could be a user name here; else empty."""
    name = wanted.partition("@")[0]
    try:
        for validator in username_validators:
            validator(name)
    except ValidationError:
        return ""
    return "" if User.objects.filter(username__iexact=name).exists() else name
