"""Collections: entries that somebody put together, in an order, with a word on each."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from registry.models import Collection, CollectionItem, ModelEntry, User
from registry.services.errors import ServiceError
from registry.services.text import typed
from registry.spec.identifiers import name_from_title

DESCRIPTION_CHARACTERS = 20_000
NAME_ATTEMPTS = 50


def collection_create(
    *, owner: User, title: str, description: str = "", is_public: bool = False
) -> Collection:
    """A collection, under a name made from its title. Raises ServiceError."""
    said = _title(title)
    text = typed(description, limit=DESCRIPTION_CHARACTERS, what="description")
    now = timezone.now()
    for name in _names(said):
        try:
            with transaction.atomic():
                return Collection.objects.create(
                    owner=owner,
                    name=name,
                    title=said,
                    description=text,
                    is_public=is_public,
                    created_at=now,
                    updated_at=now,
                )
        except IntegrityError:  # the name is taken, perhaps by a second request of this moment
            continue
    raise ServiceError(
        "title_taken", "You have many collections of this title.", "Choose another title."
    )


def collection_update(
    *, collection: Collection, title: str, description: str, is_public: bool
) -> None:
    """Change what is said of it. Its address stays. Raises ServiceError."""
    Collection.objects.filter(pk=collection.pk).update(
        title=_title(title),
        description=typed(description, limit=DESCRIPTION_CHARACTERS, what="description"),
        is_public=is_public,
        updated_at=timezone.now(),
    )


def collection_delete(*, collection: Collection) -> None:
    """End a collection. The models in it stay what they are."""
    collection.delete()


def collection_add(*, collection: Collection, entry: ModelEntry, note: str = "") -> None:
    """Put an entry at the end. Raises ServiceError when it is in it already."""
    said = typed(note, limit=500, what="note")
    with transaction.atomic():
        items = _locked(collection)
        if items.filter(entry=entry).exists():
            raise ServiceError("entry_there", f"It is in “{collection.title}” already.")
        last = items.aggregate(last=Max("position"))["last"] or 0
        CollectionItem.objects.create(
            collection=collection, entry=entry, position=last + 1, note=said
        )


def collection_remove(*, item: CollectionItem) -> None:
    """Take an entry out."""
    with transaction.atomic():
        _locked(item.collection).filter(pk=item.pk).delete()


def collection_note(*, item: CollectionItem, note: str) -> None:
    """Say something else of an entry in a collection. Raises ServiceError."""
    said = typed(note, limit=500, what="note")
    with transaction.atomic():
        _locked(item.collection).filter(pk=item.pk).update(note=said)


def collection_move(*, item: CollectionItem, up: bool) -> None:
    """Let an item and its neighbour change places; the first goes no further up."""
    with transaction.atomic():
        order = list(_locked(item.collection).values_list("pk", flat=True))
        if item.pk not in order:
            return
        at = order.index(item.pk)
        other = max(0, at - 1) if up else min(len(order) - 1, at + 1)
        order[at], order[other] = order[other], order[at]
        _reorder(order)


def collection_place(*, item: CollectionItem, before: CollectionItem | None) -> None:
    """Put an item right before another of its collection; None: at the end."""
    with transaction.atomic():
        order = list(_locked(item.collection).values_list("pk", flat=True))
        if item.pk not in order or item == before:
            return
        order.remove(item.pk)
        # One that was taken out meanwhile stands nowhere: the end is as good as any place.
        at = order.index(before.pk) if before and before.pk in order else len(order)
        order.insert(at, item.pk)
        _reorder(order)


def _reorder(order: Sequence[int]) -> None:
    for position, key in enumerate(order, start=1):
        CollectionItem.objects.filter(pk=key).update(position=position)


def _locked(collection: Collection) -> QuerySet[CollectionItem]:
    """The items, while nobody else changes their order; the collection is noted as changed."""
    Collection.objects.filter(pk=collection.pk).update(updated_at=timezone.now())
    return CollectionItem.objects.filter(collection=collection)


def _title(title: str) -> str:
    said = typed(title, limit=300, what="title")
    if not said:
        raise ServiceError("title_missing", "A collection needs a title.", "Say what it holds.")
    return said


def _names(title: str) -> list[str]:
    stem = name_from_title(title)[:80].rstrip("-._")
    stem = "collection" if stem == "model" else stem
    return [stem, *(f"{stem}-{number}" for number in range(2, NAME_ATTEMPTS))]
