"""What curators do to entries and collections; each is recorded, and told to whom it concerns."""

from django.db import transaction
from django.utils import timezone

from registry.models import Collection, ModelEntry, User
from registry.models.entries import Visibility
from registry.services.audit import audit_record
from registry.services.editors import editors_tell
from registry.services.entries import entry_withdraw
from registry.services.errors import ServiceError
from registry.services.sharing import entry_locked


def entry_merge(*, actor: User, entry: ModelEntry, into: ModelEntry, reason: str) -> None:
    """Withdraw an entry in favour of another, to which its page and its names lead from then on.

    Raises ServiceError. Chains are cut short: what was merged into `entry` leads to `into` too.
    """
    if entry.pk == into.pk:
        raise ServiceError("into_same", "A model cannot be merged into itself.")
    with transaction.atomic():
        # In one order, so that two curators who merge crosswise do not wait for each other.
        first, second = sorted((entry, into), key=lambda one: one.pk)
        locked = {one.pk: entry_locked(one) for one in (first, second)}
        if locked[into.pk].visibility != Visibility.PUBLIC:
            raise ServiceError(
                "into_hidden", "Readers could not see where it went.", "Choose a public model."
            )
        entry_withdraw(entry=entry, reason=reason, actor=actor)
        ModelEntry.objects.filter(pk=entry.pk).update(merged_into=into)
        entry.merged.update(merged_into=into)
        audit_record(
            actor=actor,
            action="entry.merged",
            subject=locked[entry.pk].full_name,
            entry=entry,
            detail={"into": into.pk},
        )


def entry_feature(*, actor: User, entry: ModelEntry, featured: bool) -> None:
    """Put an entry on the front page, or take it from there. Raises ServiceError."""
    with transaction.atomic():
        locked = entry_locked(entry)
        if featured and locked.visibility != Visibility.PUBLIC:
            raise ServiceError("not_public", "Only a public model can be featured.")
        ModelEntry.objects.filter(pk=entry.pk).update(
            featured_at=timezone.now() if featured else None
        )
        action = "entry.featured" if featured else "entry.unfeatured"
        audit_record(actor=actor, action=action, subject=locked.full_name, entry=locked)
        if featured:
            sentence = f"A curator features “{locked.title}” on the front page."
            editors_tell(entry=locked, sentence=sentence)


def collection_feature(*, actor: User, collection: Collection, featured: bool) -> None:
    """Put a collection on the front page, or take it from there. Raises ServiceError."""
    with transaction.atomic():
        if featured and not collection.is_public:
            raise ServiceError("not_public", "Only a public collection can be featured.")
        Collection.objects.filter(pk=collection.pk).update(
            featured_at=timezone.now() if featured else None
        )
        action = "collection.featured" if featured else "collection.unfeatured"
        subject = f"{collection.owner.username}/{collection.name}"
        audit_record(actor=actor, action=action, subject=subject)
