"""Telling those whose model it is what others do with it."""

from django.urls import reverse
from django.utils import timezone

from registry.models import ModelEntry, User
from registry.models.entries import Role
from registry.models.news import NewsKind
from registry.services.news import news_tell


def editors_tell(
    *,
    entry: ModelEntry,
    sentence: str,
    kind: NewsKind = NewsKind.CURATION,
    address: str = "",
    detail: str = "",
) -> None:
    """Tell an entry's owner and maintainers, in the transaction in which it happens.

    The moment is part of the cause: what a curator does again is news again.
    """
    roles = (Role.OWNER, Role.MAINTAINER)
    news_tell(
        users=User.objects.filter(memberships__entry=entry, memberships__role__in=roles),
        kind=kind,
        cause=f"{kind.value}-{entry.pk}-{timezone.now().timestamp()}",
        sentence=sentence,
        address=address or reverse("entry_page", args=[entry.pk]),
        entry=entry,
        detail=detail,
    )
