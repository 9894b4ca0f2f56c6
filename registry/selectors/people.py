"""What is shown of people: who they are, what they publish, and what is known for certain."""

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db.models import QuerySet

from registry.models import ApiToken, Collection, ModelEntry, User
from registry.models.entries import Visibility
from registry.selectors.entries import Viewer
from registry.selectors.finding import LISTED
from registry.spec.identifiers import name_is_valid


def person_get(username: str) -> User | None:
    """Somebody by their user name, whatever its case; None when there is nobody."""
    if not name_is_valid(username):
        return None  # a NUL, for one, is an error to PostgreSQL
    return User.objects.filter(username__iexact=username).first()


def orcid_is_confirmed(user: User) -> bool:
    """Whether the person's ORCID iD came with a sign-in at orcid.org, and was not just typed."""
    return bool(user.orcid) and orcid_confirmed(user) == user.orcid


def orcid_confirmed(user: User) -> str:
    """The iD of the ORCID account that is connected; empty when none is."""
    accounts = SocialAccount.objects.filter(user=user, provider="orcid")
    return str(accounts.values_list("uid", flat=True).first() or "")


def has_verified_address(user: User) -> bool:
    """Whether mail reaches the person: an address of theirs was confirmed."""
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def person_entries(person: User) -> QuerySet[ModelEntry]:
    """The public models that a person owns, the newest first."""
    own = ModelEntry.objects.filter(owner=person, visibility=Visibility.PUBLIC)
    return own.select_related("owner", "current_version").only(*LISTED).order_by("-accession")


def person_collections(*, person: User, viewer: Viewer) -> QuerySet[Collection]:
    """A person's collections: the public ones, and all of them to the person."""
    own = Collection.objects.filter(owner=person)
    return own if viewer == person else own.filter(is_public=True)


def person_published(person: User) -> QuerySet[ModelEntry]:
    """The models of a person that have a published version: these outlive the account."""
    own = ModelEntry.objects.filter(owner=person, versions__published_at__isnull=False)
    return own.distinct().order_by("-accession")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """A person's tokens that are not revoked, the newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at")
