"""What pages say of a model over time: that it is lost, and that upstream has moved."""

from typing import Any

from django import template

from registry.badges import CAUSE_WORDS
from registry.models import ModelEntry, ModelVersion, VerificationRun
from registry.selectors.runs import upstream_moved
from registry.spec.ladder import Cause

register = template.Library()


@register.filter
def lost_words(cause: str) -> str:
    """Why something was lost, as badges say it: “import fails”; empty when nothing is named."""
    return CAUSE_WORDS.get(Cause(cause), cause) if cause else ""


@register.inclusion_tag("parts/lost.html")
def lost(entry: ModelEntry) -> dict[str, Any]:
    """That what once worked does not any more; nothing while it does."""
    return {"entry": entry}


@register.inclusion_tag("parts/upstream.html")
def upstream(entry: ModelEntry, version: ModelVersion | None, *, may_edit: bool) -> dict[str, Any]:
    """That the repository has moved on since a version; to editors, also what came of that."""
    if version is None or not upstream_moved(entry, version):
        return {}
    waiting = entry.versions.filter(published_at=None, ref=entry.upstream_commit).first()
    run = waiting.runs.order_by("-pk").first() if waiting and may_edit else None
    return {
        "entry": entry,
        "waiting": waiting if may_edit else None,
        "run": run,
    }


@register.inclusion_tag("parts/second_look.html")
def second_look(run: VerificationRun) -> dict[str, Any]:
    """That a run looks again at what another saw, or is looked at again itself."""
    return {"run": run, "again": run.confirmed_by.only("state").first()}
