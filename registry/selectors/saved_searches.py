"""Queries about the searches that people keep."""

from django.db.models import QuerySet
from django.http import QueryDict

from registry.models import ModelEntry, SavedSearch, User
from registry.selectors.finding import Wanted, entries_fitting, wanted_read


def searches_of(user: User) -> QuerySet[SavedSearch]:
    """A person's searches, by name."""
    return SavedSearch.objects.filter(user=user).order_by("name")


def search_by_key(key: str) -> SavedSearch | None:
    """The search whose feed has this key, while the account of its owner is open."""
    searches = SavedSearch.objects.select_related("user").filter(user__is_active=True)
    return searches.filter(feed_key=key).first()


def wanted_of_search(search: SavedSearch) -> Wanted:
    """What a search looks for, as its query reads today: a term may have been merged since."""
    return wanted_read(QueryDict(search.query))[0]


def matches_since(search: SavedSearch) -> QuerySet[ModelEntry]:
    """The public models that fit a search and were first published since it was last looked at."""
    entries = entries_fitting(user=search.user, wanted=wanted_of_search(search))
    first = entries.filter(versions__number=1, versions__published_at__gt=search.seen_at)
    return first.order_by("-pk")
