"""Queries about what people asked of servers elsewhere."""

from django.contrib.auth.models import AnonymousUser

from registry.models import Lookup, User
from registry.models.outside import LookupKind


def lookup_get(*, user: User | AnonymousUser, lookup_id: int) -> Lookup | None:
    """A person's own question; None for those of others, and once it is forgotten."""
    if not user.is_authenticated:
        return None
    return Lookup.objects.filter(pk=lookup_id, asked_by=user).first()


def lookup_latest(*, user: User, kind: LookupKind, address: str) -> Lookup | None:
    """The last time that a person asked this; None when they did not, or long ago."""
    same = Lookup.objects.filter(asked_by=user, kind=kind, address=address)
    return same.order_by("-asked_at").first()
