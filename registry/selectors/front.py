"""What the front page shows."""

from typing import Any

from registry.models import Collection, ModelEntry
from registry.selectors.entries import Viewer, entries_browsable
from registry.selectors.finding import LISTED
from registry.selectors.vocabularies import subjects_attached, top_terms

FEATURED, NEWEST, COLLECTIONS = 4, 6, 4


def front_page(*, user: Viewer) -> dict[str, Any]:
    """Featured models and collections, what was verified last, subjects, and how much there is."""
    public = entries_browsable(user).select_related("owner", "current_version").only(*LISTED)
    featured = public.exclude(featured_at=None).order_by("-featured_at")[:FEATURED]
    verified = public.exclude(verified_at=None).order_by("-verified_at", "-pk")[:NEWEST]
    collections = Collection.objects.filter(is_public=True).exclude(featured_at=None)
    return {
        "featured": subjects_attached(featured),
        "verified": subjects_attached(verified),
        "newest": subjects_attached(public.order_by("-pk")[:NEWEST]) if not verified else (),
        "shelves": collections.select_related("owner").order_by("-featured_at")[:COLLECTIONS],
        "branches": top_terms("subject"),
        "models": entries_browsable(user).count(),
        "models_verified": ModelEntry.objects.filter(
            visibility="public", verified_at__isnull=False
        ).count(),
    }
