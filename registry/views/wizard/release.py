"""Step 4: what becomes public, what is missing, what the badge will say; then one button."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from registry.forms.draft import draft_forms
from registry.models import ModelEntry
from registry.models.entries import VersionState
from registry.models.runs import RunState
from registry.selectors.entries import entry_may_withdraw
from registry.selectors.runs import report_of, run_of_version_as_it_is, run_that_carries_over
from registry.selectors.typed_forms import typed_form_of
from registry.services import ServiceError
from registry.services.drafts import entry_draft_delete
from registry.services.entries import entry_publish
from registry.services.obstacles import entry_obstacles
from registry.views.presentation import verdict_shown
from registry.views.requests import PersonRequest
from registry.views.wizard.frame import Stage, unpublished_or_404, wizard_frame

# Which field of step 2 mends which obstacle.
_MENDED_AT = {"title_missing": "id_title", "licence_missing": "id_licence"}


@dataclass(frozen=True, kw_only=True)
class ShownObstacle:
    """What keeps a version from being published, and where it is mended."""

    sentence: str
    hint: str
    address: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entry_release(request: PersonRequest, accession: int) -> HttpResponse:
    """Publish, after a look at what that means."""
    entry, version = unpublished_or_404(request, accession)
    if version.state != VersionState.READY:
        return redirect("entry_source", accession)
    if request.method == "POST":
        return _published(request, entry)
    run = run_of_version_as_it_is(version=version)
    carried = run_that_carries_over(version=version)
    verdict = verdict_shown(carried, report_of(carried)) if carried else None
    context = wizard_frame(Stage.PUBLISH, version) | {
        "entry": entry,
        "version": version,
        "told": draft_forms(entry=entry, version=version),
        "obstacles": _obstacles(entry),
        "typed": typed_form_of(entry=entry, user=request.user),
        "run": run,
        "carried": carried,
        "verdict": verdict,
        "runs": version.runs.filter(state=RunState.FINISHED).count(),
        "may_delete": entry_may_withdraw(user=request.user, entry=entry),
    }
    return render(request, "registry/publish_release.html", context)


def _published(request: PersonRequest, entry: ModelEntry) -> HttpResponse:
    try:
        run = entry_publish(entry=entry, requested_by=request.user)
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
        return redirect("entry_release", entry.accession)
    if run.state == RunState.FINISHED:
        messages.success(request, "Published, with the verdict of the verification before.")
        return redirect("entry_page", entry.accession)
    messages.success(request, "Published. Its verification has begun; this page follows it.")
    return redirect("run_page", run.pk)


def _obstacles(entry: ModelEntry) -> list[ShownObstacle]:
    form = reverse("entry_edit", args=[entry.accession])
    return [
        ShownObstacle(
            sentence=obstacle.sentence,
            hint=obstacle.hint,
            address=f"{form}#{field}" if (field := _MENDED_AT.get(obstacle.code)) else "",
        )
        for obstacle in entry_obstacles(entry=entry)
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft_delete(request: PersonRequest, accession: int) -> HttpResponse:
    """Remove a draft that was never published, once its owner has said so twice."""
    entry, version = unpublished_or_404(request, accession)
    if not entry_may_withdraw(user=request.user, entry=entry):
        raise Http404("Only the owner of a draft may delete it.")
    if request.method == "POST":
        try:
            entry_draft_delete(entry=entry, actor=request.user)
        except ServiceError as refusal:
            messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
            return redirect("draft_delete", accession)
        messages.success(request, "The draft is gone.")
        return redirect("publish")
    context = {"entry": entry, "version": version}
    return render(request, "registry/draft_delete.html", context)
