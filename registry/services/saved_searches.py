"""Changes of saved searches, and the news of what newly fits them."""

import secrets
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from registry.models import ModelEntry, SavedSearch, User
from registry.models.news import NewsKind
from registry.selectors.finding import Wanted
from registry.selectors.saved_searches import matches_since
from registry.services.errors import ServiceError
from registry.services.news import news_tell
from registry.services.text import typed

MOST_SEARCHES, NAME_CHARACTERS, QUERY_CHARACTERS = 100, 200, 2000
# So many titles are named in one piece of news; how many there are is said in any case.
NAMED, COUNTED = 5, 100


def search_save(*, user: User, name: str, wanted: Wanted, notify: bool) -> SavedSearch:
    """Keep a search under a name. Raises ServiceError."""
    if SavedSearch.objects.filter(user=user).count() >= MOST_SEARCHES:
        raise ServiceError(
            "searches_many", f"You keep {MOST_SEARCHES} searches already.", "Delete one first."
        )
    query, now = wanted.query(), timezone.now()
    if len(query) > QUERY_CHARACTERS:
        raise ServiceError("search_long", "This search is too long to keep.", "Choose less.")
    return _named(
        name,
        SavedSearch(
            user=user,
            query=query,
            notify=notify,
            feed_key=secrets.token_urlsafe(32),
            created_at=now,
            seen_at=now,
        ),
    )


def search_change(*, search: SavedSearch, name: str, notify: bool) -> SavedSearch:
    """Another name, news or none. What came while there were none is no news."""
    if notify and not search.notify:
        search.seen_at = timezone.now()
    search.notify = notify
    return _named(name, search)


def search_delete(*, search: SavedSearch) -> None:
    """Forget a search; its feed ends."""
    search.delete()


def _named(name: str, search: SavedSearch) -> SavedSearch:
    search.name = typed(name, limit=NAME_CHARACTERS, what="name")
    if not search.name:
        raise ServiceError("name_missing", "A saved search needs a name.", "Write one.")
    try:
        with transaction.atomic():
            search.save()
    except IntegrityError as error:
        raise ServiceError(
            "name_taken", f"You already keep a search called “{search.name}”.", "Choose another."
        ) from error
    return search


def searches_news() -> int:
    """Tell people what newly fits the searches of which they want news; the number of searches.

    Each search is looked through and marked in one transaction, so that nothing is told twice.
    """
    told = 0
    wanted = SavedSearch.objects.filter(notify=True, user__is_active=True)
    for pk in wanted.values_list("pk", flat=True):
        with transaction.atomic():
            search = SavedSearch.objects.select_for_update().filter(pk=pk, notify=True).first()
            told += bool(search and _tell(search))
    return told


def _tell(search: SavedSearch) -> bool:
    now, found = timezone.now(), list(matches_since(search)[:COUNTED])
    SavedSearch.objects.filter(pk=search.pk).update(seen_at=now)
    if found:
        news_tell(
            users=[search.user],
            kind=NewsKind.SEARCH,
            cause=f"search-{search.pk}-model-{found[0].pk}-of-{len(found)}",
            sentence=_sentence(search, len(found)),
            address=f"{reverse('entry_list')}?{search.query}",
            **_what(found),
        )
    return bool(found)


def _sentence(search: SavedSearch, count: int) -> str:
    said = "A new model matches" if count == 1 else f"{count} new models match"
    return f"{said} your search “{search.name}”."


def _what(found: Sequence[ModelEntry]) -> dict[str, Any]:
    """The models themselves: one to lead to, or titles to be named."""
    titles = [entry.title or entry.name for entry in found[:NAMED]]
    return {"entry": found[0] if len(found) == 1 else None, "detail": "\n".join(titles)}
