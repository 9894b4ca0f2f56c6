"""What pages say of a viewer's part in a model: reviewing it, collecting it, having a role."""

from typing import Any

from django import template

from registry.models import ModelEntry
from registry.reviewing import reviewing
from registry.selectors.sharing import role_of

register = template.Library()


@register.inclusion_tag("parts/standing.html", takes_context=True)
def standing(context: template.Context, entry: ModelEntry) -> dict[str, Any]:
    """Above a model's pages: that one looks at it by a reviewer's link, or as a reader."""
    request = context["request"]
    return {
        "entry": entry,
        "review": reviewing(request, entry),
        "role": role_of(user=request.user, entry=entry),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("parts/collect.html", takes_context=True)
def collect(context: template.Context, entry: ModelEntry) -> dict[str, Any]:
    """On a model's page: into which collections one may put it, and where a problem is reported."""
    return {"entry": entry, "user": context["request"].user}


@register.filter
def said(action: str) -> str:
    """What the audit log calls an action, in words: `member.added` → “member added”."""
    return action.replace(".", " ").replace("_", " ")
