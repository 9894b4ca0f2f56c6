"""What pages say of a viewer's part in a model: reviewing it, collecting it, having a role."""

from typing import Any

from django import template

from registry.models import ModelEntry
from registry.reviewing import reviewing
from registry.selectors.sharing import merged_from, role_of

register = template.Library()


@register.inclusion_tag("parts/your_part.html", takes_context=True)
def your_part(context: template.Context, entry: ModelEntry) -> dict[str, Any]:
    """Above a model's pages: that one came from a model merged into it, reviews it, or reads it."""
    request = context["request"]
    return {
        "entry": entry,
        "came_from": merged_from(entry=entry, named=request.GET.get("from", "")),
        "review": reviewing(request, entry),
        "role": role_of(user=request.user, entry=entry),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("parts/collect.html")
def collect(entry: ModelEntry) -> dict[str, Any]:
    """On a model's page: what any reader may do with it."""
    return {"entry": entry}


@register.filter
def said(action: str) -> str:
    """What the audit log calls an action, in words: `member.added` → “member added”."""
    return action.replace(".", " ").replace("_", " ")
