"""Changes of people."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from registry.models import (
    ApiToken,
    Calculation,
    Follow,
    GroupMember,
    Membership,
    NewsChoice,
    Notification,
    ReviewerLink,
    SavedSearch,
    Transfer,
    TypedForm,
    User,
)
from registry.models.entries import Role
from registry.selectors.people import orcid_confirmed, person_published
from registry.services.audit import audit_record
from registry.services.errors import ServiceError
from registry.services.text import typed
from registry.spec.identifiers import orcid_normalised


def user_update(
    *, user: User, first_name: str, last_name: str, orcid: str, affiliation: str
) -> User:
    """Change what a person says of themselves.

    An ORCID iD that came with a connected ORCID account stays, whatever is typed. Raises
    ServiceError on a wrong one.
    """
    user.first_name = typed(first_name, limit=150, what="given name")
    user.last_name = typed(last_name, limit=150, what="family name")
    user.affiliation = typed(affiliation, limit=300, what="affiliation")
    user.orcid = orcid_confirmed(user) or _orcid(orcid)
    user.save(update_fields=["first_name", "last_name", "affiliation", "orcid"])
    return user


def user_orcid_confirm(*, user: User, orcid: str) -> None:
    """Take the iD that orcid.org itself gave for this person. Raises ServiceError."""
    user.orcid = _orcid(orcid)
    user.save(update_fields=["orcid"])


def account_close(*, user: User) -> None:
    """Close an account for good.

    1. Nobody signs in with it again, and no program: passwords, second factors, tokens, links go.
    2. What is the person's alone goes: addresses, profile, news, searches, follows, memberships.
    3. The user name stays, with the models that were published under it: it stands in citations.
       Drafts stay as they are, seen by those they are shared with.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        kept = person_published(locked).count()
        _forget_keys(locked)
        _forget_traces(locked)
        locked.is_active = locked.is_staff = locked.is_superuser = False
        locked.email = locked.first_name = locked.last_name = ""
        locked.orcid = locked.affiliation = ""
        locked.set_unusable_password()
        locked.save()
        audit_record(
            actor=locked,
            action="account.closed",
            subject=locked.username,
            detail={"published_models": kept},
        )


def _forget_keys(user: User) -> None:
    """End everything by which somebody could act as this person, or see what they shared."""
    now = timezone.now()
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    ReviewerLink.objects.filter(created_by=user, revoked_at=None).update(revoked_at=now)
    open_offers = Transfer.objects.filter(Q(sender=user) | Q(recipient=user), ended_at=None)
    open_offers.update(ended_at=now, accepted=False)
    for model in (EmailAddress, SocialAccount, Authenticator):
        model.objects.filter(user=user).delete()


def _forget_traces(user: User) -> None:
    """Delete what concerns nobody but this person. Rows that say who owns a model stay."""
    for model in (Notification, NewsChoice, Follow, SavedSearch, TypedForm, GroupMember):
        model.objects.filter(user=user).delete()
    Calculation.objects.filter(asked_by=user).delete()
    Membership.objects.filter(user=user).exclude(role=Role.OWNER).delete()


def _orcid(text: str) -> str:
    try:
        return orcid_normalised(text) if text.strip() else ""
    except ValueError as error:
        raise ServiceError(
            "orcid", str(error), "Copy it from your page at orcid.org, or leave it empty."
        ) from error
