"""Step 3: the version is verified before anybody else can see it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from registry.models import ModelVersion, VerificationRun
from registry.models.entries import VersionState
from registry.models.runs import RunState, Trigger
from registry.selectors.runs import report_of, run_of_version_as_it_is
from registry.services import ServiceError
from registry.services.runs import run_queue
from registry.views.presentation import verdict_shown
from registry.views.requests import PersonRequest
from registry.views.runs import run_going_on
from registry.views.wizard.frame import Stage, unpublished_or_404, wizard_frame


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entry_try(request: PersonRequest, accession: int) -> HttpResponse:
    """Try a version in private: begin, watch, read what came of it; or go on without."""
    entry, version = unpublished_or_404(request, accession)
    if version.state != VersionState.READY:
        return redirect("entry_source", accession)
    if request.method == "POST":
        try:
            run_queue(version=version, trigger=Trigger.PERSON, requested_by=request.user)
        except ServiceError as refusal:
            messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
        return redirect("entry_try", accession)
    run = run_of_version_as_it_is(version=version)
    frame = wizard_frame(Stage.TRY, version) | {"entry": entry, "version": version, "run": run}
    return render(request, "registry/publish_try.html", frame | _shown(version, run))


def _shown(version: ModelVersion, run: VerificationRun | None) -> dict[str, object]:
    """How far the run is, or what it came to; before one, what it would do."""
    if run is None:
        return {"plan": version.plan_value}
    if run.state != RunState.FINISHED:
        return run_going_on(run)
    return {"verdict": verdict_shown(run, report_of(run))}
