"""What stands in the head of a model's page for reference managers, search engines and chats."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from registry.citations.as_jsonld import json_ld
from registry.citations.head_tags import dublin_core_tags, scholar_tags
from registry.citations.work import CitedWork
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.selectors.citations import registered_doi, version_cited

register = template.Library()

# Nothing of these can end a script element or begin another in it.
_IN_SCRIPT = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"})


@register.inclusion_tag("parts/cited_head.html")
def cited_head(entry: ModelEntry, version: ModelVersion | None) -> dict[str, Any]:
    """Tags for a public model; for any other none, because they name its authors."""
    if version is None or entry.visibility != Visibility.PUBLIC:
        return {}
    work = version_cited(entry=entry, version=version)
    site = settings.PUBLIC_URL.rstrip("/")
    return {
        "work": work,
        "tags": [(name, text) for name, text in scholar_tags(work) if text],
        "dublin_core": [(name, text) for name, text in dublin_core_tags(work) if text],
        "json_ld": _in_script(work),
        "page": work.whole,
        "card": site + reverse("entry_card", args=[entry.accession]),
        "card_words": f"{work.title}: how far this portal could rerun it",
    }


@register.simple_tag
def doi_of_version(version: ModelVersion | None) -> str:
    """The DOI of a version, "" when none is registered."""
    return registered_doi(version) if version else ""


def _in_script(work: CitedWork) -> SafeString:
    """JSON-LD as the text of a script element; escaped, so that no title can leave it."""
    text = json.dumps(json_ld(work), ensure_ascii=False).translate(_IN_SCRIPT)
    return mark_safe(text)  # noqa: S308 — what could be markup is escaped on the line above
