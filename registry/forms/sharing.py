"""What people type to share a model: with whom, as what, for how long."""

from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError

from registry.forms.fields import CODE
from registry.models import ResearchGroup, User
from registry.models.entries import Role, Visibility
from registry.selectors.sharing import people_like, person_named
from registry.services.reviewer_links import DAYS
from registry.services.sharing import GIVEN

_ROLES = {
    Role.MAINTAINER: "Maintainer: may change it and have it verified",
    Role.READER: "Reader: may see it while it is private",
}


class PersonField(forms.CharField):
    """A person by user name, cleaned to the User. Whoever types a name is shown whom it may mean.

    `near` is whom: people whose name holds what was typed. No e-mail address is searched or shown,
    so nobody learns who has an account here by trying addresses.
    """

    near: Sequence[User] = ()

    def clean(self, value: object) -> User:
        """The person. Raises ValidationError, after which `near` says who was perhaps meant."""
        text = super().clean(value)
        found = person_named(text)
        if found is not None:
            return found
        self.near = people_like(text)
        if self.near:
            raise ValidationError(f"Nobody has the user name “{text}”. Did you mean one of these?")
        raise ValidationError(f"Nobody here is called “{text}”. They need an account first.")


def _person_field(help_text: str = "") -> PersonField:
    said = help_text or "Their user name, or part of their name."
    return PersonField(
        label="Person", max_length=200, help_text=said, widget=forms.TextInput(attrs=CODE)
    )


def _role_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="As",
        choices=[(role.value, _ROLES[role]) for role in GIVEN],
        initial=Role.READER,
        coerce=Role,
    )


class MemberForm(forms.Form):
    """Somebody who gets a role."""

    person = _person_field()
    role = _role_field()


class RoleForm(forms.Form):
    """Another role for who has one."""

    role = _role_field()


class InviteForm(forms.Form):
    """Somebody who is asked to join a group."""

    person = _person_field()


class GrantForm(forms.Form):
    """A group that gets a role; only groups that the person belongs to."""

    group = forms.ModelChoiceField(
        label="Group", queryset=ResearchGroup.objects.none(), to_field_name="name", empty_label=None
    )
    role = _role_field()

    def __init__(self, *args: object, groups: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]  # of this one field


class VisibilityForm(forms.Form):
    """Who sees a published model."""

    visibility = forms.TypedChoiceField(
        label="Who sees it",
        choices=[
            (Visibility.PUBLIC.value, "Everybody"),
            (Visibility.PRIVATE.value, "The people, groups and reviewers named here"),
        ],
        coerce=Visibility,
        widget=forms.RadioSelect,
    )


class TransferForm(forms.Form):
    """Who is to own a model."""

    recipient = PersonField(
        label="New owner",
        max_length=200,
        widget=forms.TextInput(attrs=CODE),
        help_text="Their user name, or part of their name. They are asked, and may say no.",
    )
    sender_stays = forms.BooleanField(label="Stay on as a maintainer", required=False, initial=True)


class TransferAnswerForm(forms.Form):
    """The name under which a new owner has a model."""

    name = forms.CharField(
        label="Short name",
        max_length=96,
        widget=forms.TextInput(attrs=CODE),
        help_text="The second half of <em>you/short-name</em>. Addresses with the old one still "
        "lead to the model, and its number stays.",
    )


class ReviewerLinkForm(forms.Form):
    """A link for somebody without an account."""

    label = forms.CharField(
        label="For whom or what",
        max_length=200,
        help_text="For you alone, so that you know which one to revoke: “Journal X, referees”.",
    )
    days = forms.TypedChoiceField(
        label="It ends after",
        choices=[(days, f"{days} days") for days in DAYS],
        initial=90,
        coerce=int,
    )
    is_anonymous = forms.BooleanField(
        label="Hide who made it",
        required=False,
        help_text="Shows the verdict, comparisons, figures, claims and steps on a page of their "
        "own, without authors, owner, repository, article, files and logs. Names that stand in the "
        "title or summary are blacked out; figures are shown as they are.",
    )


class GroupForm(forms.Form):
    """A new group."""

    name = forms.CharField(
        label="Short name",
        max_length=96,
        widget=forms.TextInput(attrs=CODE),
        help_text="Part of its address, as in <em>lattice-group</em>.",
    )
    title = forms.CharField(label="Full name", max_length=300, required=False)
