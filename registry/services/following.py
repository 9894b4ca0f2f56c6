"""Following: who wants news of a model."""

from django.utils import timezone

from registry.models import Follow, ModelEntry, ModelVersion, User
from registry.models.news import NewsKind
from registry.selectors.news import followers_of
from registry.services.news import news_tell


def entry_follow(*, user: User, entry: ModelEntry) -> None:
    """Tell this person from now on what becomes of the model. Doing it twice changes nothing."""
    Follow.objects.get_or_create(user=user, entry=entry, defaults={"created_at": timezone.now()})


def entry_unfollow(*, user: User, entry: ModelEntry) -> None:
    """Tell this person no more."""
    Follow.objects.filter(user=user, entry=entry).delete()


def followers_tell_version(*, entry: ModelEntry, version: ModelVersion, publisher: User) -> None:
    """Tell those who follow a model, but for whoever published it, that it has a new version."""
    label = f" ({version.label})" if version.label else ""
    news_tell(
        users=[user for user in followers_of(entry) if user.pk != publisher.pk],
        kind=NewsKind.VERSION,
        cause=f"version-{version.pk}-published",
        sentence=f"{entry.title or entry.name} has a new version: {version.number}{label}.",
        address=f"/models/{entry.pk}/",
        entry=entry,
    )
