"""What people type of themselves, and of the programs that speak for them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SetPasswordForm as AllauthSetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.socialaccount.forms import SignupForm as AllauthSocialSignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from registry.forms.fields import CODE, orcid_field
from registry.models import NewsChoice, User
from registry.models.news import MailChoice, NewsKind
from registry.models.people import validate_name
from registry.services.news import DEFAULTS
from registry.services.people import user_update
from registry.services.tokens import SCOPES

# First parts of the site's own addresses: as a user name they would hide a person's models.
RESERVED_NAMES = frozenset({
    "about", "accounts", "admin", "api", "badges", "blobs", "collections", "curation",
    "datasets", "docs", "exports", "favicon.ico", "feeds", "groups", "health", "help", "hf",
    "hooks", "login", "logout", "me", "metrics", "models", "news", "oai", "people", "publish",
    "reprise", "review", "robots.txt", "root", "rules", "runs", "search", "searches", "settings",
    "signup", "sitemap.xml", "spaces", "static", "support", "terms", "tokens", "transfers",
    "users", "v2", "versions", "vocabularies", "webhooks", ".well-known",
})  # fmt: skip
USERNAME_HELP = (
    "The first half of your models' names, as in <em>ada/lattice-phi4</em>. Letters, digits, “-”, "
    "“_” and “.”. It appears in citations and cannot be changed later."
)
ORCID_HELP = "Your sixteen digits at orcid.org, as in 0000-0002-1825-0097. Shown beside your name."


def refuse_reserved_name(name: str) -> None:
    """Keep the site's own addresses free. Raises ValidationError."""
    if name.lower() in RESERVED_NAMES:
        raise ValidationError(f"“{name}” is an address of this site. Choose another user name.")


username_validators: list[Callable[[str], None]] = [validate_name, refuse_reserved_name]


# What allauth's forms call their fields, in the words of this site.
_LABELS = {
    "login": "User name or e-mail address",
    "email": "E-mail address",
    "oldpassword": "Your password until now",
    "password": "Password",
    "password1": "New password",
    "password2": "Password (again)",
    "code": "Code",
}


def _speak_plainly(fields: Mapping[str, forms.Field]) -> None:
    """Give allauth's fields labels of ours, and no placeholder that repeats a label."""
    for name, field in fields.items():
        field.label = _LABELS.get(name, field.label)
        field.widget.attrs.pop("placeholder", None)


def _explain_names(fields: Mapping[str, forms.Field]) -> None:
    """Say of a user name and an e-mail address what both ways of signing up say of them."""
    _speak_plainly(fields)
    fields["username"].label = "User name"
    fields["username"].help_text = USERNAME_HELP
    fields["email"].help_text = "For a lost password, and for news if you like. Shown to nobody."


class _Plainly(forms.Form):
    """A form of allauth's with labels of ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak_plainly(self.fields)


class LoginForm(_Plainly, AllauthLoginForm):  # type: ignore[misc]  # allauth publishes no types
    """User name or address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class AddEmailForm(_Plainly, AllauthAddEmailForm):  # type: ignore[misc]  # as above
    """A further address."""


class ChangePasswordForm(_Plainly, AllauthChangePasswordForm):  # type: ignore[misc]  # as above
    """The old password and a new one."""


class SetPasswordForm(_Plainly, AllauthSetPasswordForm):  # type: ignore[misc]  # as above
    """A first password, for who came with an account elsewhere."""


class ResetPasswordForm(_Plainly, AllauthResetPasswordForm):  # type: ignore[misc]  # as above
    """Where the link to a new password is to go."""


class ResetPasswordKeyForm(_Plainly, AllauthResetPasswordKeyForm):  # type: ignore[misc]  # as above
    """A new password, by a link."""


class ReauthenticateForm(_Plainly, AllauthReauthenticateForm):  # type: ignore[misc]  # as above
    """The password once more, before something that matters."""


class SignupForm(AllauthSignupForm):  # type: ignore[misc]  # allauth publishes no types
    """Name, e-mail address and password; ORCID iD and affiliation where somebody has them."""

    orcid = orcid_field(ORCID_HELP)
    affiliation = forms.CharField(max_length=300, required=False)
    field_order = ("username", "email", "password1", "password2", "orcid", "affiliation")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        _explain_names(self.fields)
        self.fields["password1"].label = "Password"
        self.fields["affiliation"].widget.attrs["autocomplete"] = "organization"

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Keep what allauth itself does not know."""
        super().custom_signup(request, user)
        said = self.cleaned_data
        user_update(
            user=user,
            first_name="",
            last_name="",
            orcid=said["orcid"],
            affiliation=said["affiliation"],
        )


class SocialSignupForm(AllauthSocialSignupForm):  # type: ignore[misc]  # as above
    """The user name and address of somebody who comes with an account elsewhere."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        _explain_names(self.fields)


class ProfileForm(forms.Form):
    """What a person says of themselves. The user name stays: addresses and citations hold it."""

    first_name = forms.CharField(label="Given name", max_length=150, required=False)
    last_name = forms.CharField(label="Family name", max_length=150, required=False)
    orcid = orcid_field(ORCID_HELP)
    affiliation = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, orcid_confirmed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"
        self.fields["affiliation"].widget.attrs["autocomplete"] = "organization"
        if orcid_confirmed:
            self.fields["orcid"].disabled = True
            self.fields[
                "orcid"
            ].help_text = (
                "Confirmed by orcid.org. To change it, disconnect your ORCID account first."
            )


class CloseAccountForm(forms.Form):
    """The person's own user name, typed: nobody closes an account by a slip."""

    username = forms.CharField(label="Your user name, to be sure", widget=forms.TextInput(CODE))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = user.username

    def clean_username(self) -> str:
        """The name as it is. Raises ValidationError for any other."""
        typed = str(self.cleaned_data["username"]).strip()
        if typed != self._name:
            raise ValidationError(f"This is not your user name. Type “{self._name}”.")
        return typed


class NewsForm(forms.Form):
    """How a person wants each kind of news: a row a kind, one box and one choice each."""

    def __init__(self, *args: Any, choices: Mapping[NewsKind, NewsChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in NewsKind:
            chosen = choices.get(kind)
            self.fields[f"{kind}-site"] = forms.BooleanField(
                required=False,
                initial=chosen.on_site if chosen else True,
                label=f"{kind.label}: on this site",
            )
            self.fields[f"{kind}-mail"] = forms.ChoiceField(
                choices=MailChoice.choices,
                initial=chosen.mail if chosen else DEFAULTS[kind],
                label=f"{kind.label}: by mail",
            )

    def rows(self) -> list[tuple[NewsKind, forms.BoundField, forms.BoundField]]:
        """Each kind with its two fields, as the table shows them."""
        return [(kind, self[f"{kind}-site"], self[f"{kind}-mail"]) for kind in NewsKind]

    def chosen(self) -> dict[NewsKind, tuple[bool, MailChoice]]:
        """What was ticked and chosen, kind by kind."""
        said = self.cleaned_data
        return {kind: (said[f"{kind}-site"], MailChoice(said[f"{kind}-mail"])) for kind in NewsKind}


_VALID_DAYS = {"30": "30 days", "90": "90 days", "365": "a year", "": "until you revoke it"}


class TokenForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(
        max_length=100, help_text="Where it is used, so that you know which one to revoke."
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope, f"{words} ({scope})") for scope, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Without any it can only read what you can read yourself. "
        "Public models need no token.",
    )
    valid_days = forms.ChoiceField(
        label="Valid for", choices=_VALID_DAYS.items(), initial="90", required=False
    )

    def clean(self) -> dict[str, Any]:
        """With the moment at which the token ends, or None."""
        said: dict[str, Any] = super().clean() or {}
        days = said.pop("valid_days", "")
        said["expires_at"] = timezone.now() + timedelta(days=int(days)) if days else None
        return said
