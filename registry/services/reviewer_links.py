"""Addresses that open one entry to whoever holds them: shown once, kept as a digest."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from registry.models import ModelEntry, ReviewerLink, User
from registry.models.entries import Visibility
from registry.services.audit import audit_record
from registry.services.errors import ServiceError
from registry.services.sharing import entry_locked
from registry.services.text import typed

DAYS = (30, 90, 180)
# One write a page would make every look of a reviewer a write of the database.
USE_NOTED_EVERY = timedelta(minutes=1)


def reviewer_link_create(
    *, actor: User, entry: ModelEntry, label: str, days: int, is_anonymous: bool
) -> tuple[ReviewerLink, str]:
    """A new link and its key, which nobody can see again. Raises ServiceError."""
    if days not in DAYS:
        raise ServiceError("days", f"A link lasts {', '.join(map(str, DAYS))} days.")
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        locked = entry_locked(entry)
        if is_anonymous and locked.visibility == Visibility.PUBLIC:
            raise ServiceError(
                "anonymous_public",
                "This model is public, so anybody finds its authors by its title.",
                "Make it private first, or make a link that names them.",
            )
        link = ReviewerLink.objects.create(
            entry=locked,
            digest=_digest(key),
            label=typed(label, limit=200, what="label"),
            is_anonymous=is_anonymous,
            created_by=actor,
            created_at=timezone.now(),
            expires_at=timezone.now() + timedelta(days=days),
        )
        said = {"days": days, "anonymous": is_anonymous}
        audit_record(
            actor=actor,
            action="reviewer_link.created",
            subject=link.label,
            entry=locked,
            detail=said,
        )
    return link, key


def reviewer_link_revoke(*, actor: User, link: ReviewerLink) -> None:
    """End a link now and for good. Doing it twice changes nothing."""
    with transaction.atomic():
        valid = ReviewerLink.objects.filter(pk=link.pk, revoked_at=None)
        if valid.update(revoked_at=timezone.now()):
            audit_record(
                actor=actor, action="reviewer_link.revoked", subject=link.label, entry=link.entry
            )


def reviewer_link_open(*, key: str) -> ReviewerLink | None:
    """The link of a key, while it is valid."""
    links = reviewer_links_used(
        links=ReviewerLink.objects.filter(digest=_digest(key)).values_list("pk", flat=True)
    )
    return links[0] if links else None


def reviewer_links_used(*, links: Collection[int]) -> list[ReviewerLink]:
    """Those of the links that are valid now, each noted as used.

    Asked at every request: a link that is revoked or past its day opens nothing from then on.
    """
    now = timezone.now()
    valid = list(ReviewerLink.objects.filter(pk__in=links, revoked_at=None, expires_at__gt=now))
    late = now - USE_NOTED_EVERY
    stale = [one.pk for one in valid if one.last_used_at is None or one.last_used_at < late]
    if stale:
        ReviewerLink.objects.filter(pk__in=stale).update(last_used_at=now)
    return valid


def _digest(key: str) -> str:
    # The key itself holds 256 random bits: a slow hash would add nothing but time.
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
