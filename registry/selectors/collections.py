"""Queries about collections: who sees which, and what is in them."""

from django.db.models import Count, F, Q, QuerySet

from registry.models import Collection, CollectionItem, ModelEntry, User
from registry.selectors.entries import Viewer, entries_visible_to
from registry.spec.identifiers import name_is_valid


def collections_visible_to(user: Viewer) -> QuerySet[Collection]:
    """Public ones for all; one's own, and all for staff."""
    collections = Collection.objects.select_related("owner")
    if user.is_staff:
        return collections
    if not user.is_authenticated:
        return collections.filter(is_public=True)
    return collections.filter(Q(is_public=True) | Q(owner=user))


def collections_listed(user: Viewer) -> QuerySet[Collection]:
    """The public ones and one's own, featured ones first, with the number of models in each."""
    own = Q(owner=user) if user.is_authenticated else Q()
    shown = collections_visible_to(user).filter(Q(is_public=True) | own)
    return shown.annotate(models_in=Count("items")).order_by(
        F("featured_at").desc(nulls_last=True), "-updated_at"
    )


def collection_get(*, user: Viewer, owner: str, name: str) -> Collection | None:
    """One by its address (case does not count); None when not to be seen."""
    if not (name_is_valid(owner) and name_is_valid(name)):
        return None  # a NUL, for one, is an error to PostgreSQL
    found = collections_visible_to(user).filter(owner__username__iexact=owner, name__iexact=name)
    return found.first()


def collection_items(*, user: Viewer, collection: Collection) -> QuerySet[CollectionItem]:
    """What is in it and may be seen by the viewer, tombstones too, in its order."""
    items = collection.items.filter(entry__in=entries_visible_to(user))
    return items.select_related("entry__owner", "entry__current_version")


def collections_to_add_to(*, user: User, entry: ModelEntry) -> QuerySet[Collection]:
    """A person's own collections that do not hold the entry yet."""
    held = CollectionItem.objects.filter(entry=entry, collection__owner=user)
    return user.collections.exclude(pk__in=held.values("collection"))


def collections_with(*, user: Viewer, entry: ModelEntry) -> QuerySet[Collection]:
    """The collections that hold an entry, as far as the viewer may see them."""
    return collections_visible_to(user).filter(items__entry=entry)
