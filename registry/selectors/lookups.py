"""Queries about what people asked of servers elsewhere."""

from django.contrib.auth.models import AnonymousUser

from registry.models import Lookup, User


def lookup_get(*, user: User | AnonymousUser, lookup_id: int) -> Lookup | None:
    """A person's own question; None for those of others, and once it is forgotten."""
    if not user.is_authenticated:
        return None
    return Lookup.objects.filter(pk=lookup_id, asked_by=user).first()
