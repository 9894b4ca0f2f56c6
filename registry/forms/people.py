"""What people type of themselves, and of the programs that speak for them."""

from collections.abc import Callable

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from registry.forms.fields import orcid_field
from registry.models import User
from registry.models.people import validate_name
from registry.services.people import user_update
from registry.services.tokens import SCOPES

# First parts of the site's own addresses: as a user name they would hide a person's models.
RESERVED_NAMES = frozenset({
    "about", "accounts", "admin", "api", "badges", "blobs", "collections", "datasets", "docs",
    "favicon.ico", "feeds", "health", "help", "hf", "hooks", "login", "logout", "metrics", "models",
    "oai", "people", "publish", "reprise", "robots.txt", "root", "rules", "runs", "search",
    "searches", "settings", "signup", "sitemap.xml", "spaces", "static", "support", "terms", "tokens",
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


class SignupForm(AllauthSignupForm):  # type: ignore[misc]  # allauth publishes no types
    """Name, e-mail address and password; ORCID iD and affiliation where somebody has them."""

    orcid = orcid_field(ORCID_HELP)
    affiliation = forms.CharField(max_length=300, required=False)
    field_order = ("username", "email", "password1", "password2", "orcid", "affiliation")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"
        self.fields["username"].help_text = USERNAME_HELP
        self.fields["email"].label = "E-mail address"
        self.fields["email"].help_text = "For a lost password. Never shown to anybody."
        self.fields["affiliation"].widget.attrs["autocomplete"] = "organization"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

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


class ProfileForm(forms.Form):
    """What a person says of themselves. The user name stays: addresses and citations hold it."""

    first_name = forms.CharField(label="Given name", max_length=150, required=False)
    last_name = forms.CharField(label="Family name", max_length=150, required=False)
    orcid = orcid_field(ORCID_HELP)
    affiliation = forms.CharField(max_length=300, required=False)


_SCOPE_WORDS = {
    "models:write": "publish and change your models",
    "runs:write": "start and cancel verifications",
    "reproductions:write": "report reproductions of anybody’s verifications",
}


class TokenForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(
        max_length=100, help_text="Where it is used, so that you know which one to revoke."
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope, _SCOPE_WORDS[scope]) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Without any it can only read, which needs no token for public models.",
    )
    expires_at = forms.DateTimeField(
        label="Valid until",
        required=False,
        help_text="Left empty: until you revoke it.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
