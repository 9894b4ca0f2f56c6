"""What a person is told: the list, how much of it is new, and how they want it."""

from collections.abc import Iterable, Mapping

from django.db.models import Count, Q, QuerySet

from registry.models import Follow, ModelEntry, NewsChoice, Notification, User
from registry.models.entries import Visibility
from registry.models.news import NewsKind
from registry.selectors.entries import Viewer, entries_visible_to


def news_of(user: User) -> QuerySet[Notification]:
    """A person's news, unread first, then the newest."""
    shown = Notification.objects.filter(user=user, on_site=True)
    return shown.alias(is_read=Q(read_at__isnull=False)).order_by("is_read", "-id")


def news_unread_count(user: User) -> int:
    """How many pieces of news a person has not read; one look into an index."""
    return Notification.objects.filter(user=user, read_at=None, on_site=True).count()


def news_choices(user: User) -> Mapping[NewsKind, NewsChoice]:
    """What a person chose, kind by kind; nothing for kinds they left as they are."""
    return {NewsKind(choice.kind): choice for choice in NewsChoice.objects.filter(user=user)}


def follows_of(user: User) -> QuerySet[ModelEntry]:
    """The models that a person follows and may still see, the last followed first."""
    followed = entries_visible_to(user).filter(followers__user=user)
    return followed.select_related("owner", "current_version").order_by("-followers__created_at")


def follows(*, user: Viewer, entry: ModelEntry) -> bool:
    """Whether a person follows an entry."""
    return user.is_authenticated and Follow.objects.filter(user=user, entry=entry).exists()


def followers_count(entry: ModelEntry) -> int:
    """How many people follow an entry."""
    return Follow.objects.filter(entry=entry, user__is_active=True).count()


def followers_counted(entries: Iterable[ModelEntry]) -> dict[int, int]:
    """Accession → how many people follow the entry, of those that anybody follows. One query."""
    follows = Follow.objects.filter(entry__in=list(entries), user__is_active=True)
    return dict(follows.values_list("entry").annotate(Count("pk")))


def followers_of(entry: ModelEntry) -> list[User]:
    """The people who follow an entry and may see it."""
    followers = User.objects.filter(follows__entry=entry, is_active=True)
    if entry.visibility == Visibility.PUBLIC:
        return list(followers)
    return [user for user in followers if entries_visible_to(user).filter(pk=entry.pk).exists()]
