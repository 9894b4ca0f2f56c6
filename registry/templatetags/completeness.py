"""How complete an entry is, for those who can mend it."""

from typing import Any

from django import template

from registry.models import ModelEntry
from registry.selectors.completeness import completeness_of

register = template.Library()


@register.inclusion_tag("parts/completeness.html")
def how_complete(entry: ModelEntry) -> dict[str, Any]:
    """The score, and what would raise it."""
    found = completeness_of(entry=entry)
    return {"entry": entry, "score": found.score, "missing": found.missing}
