"""Finding the entry that an address names, for whoever asks."""

from django.http import Http404
from django.urls import reverse

from registry.models import ModelEntry, VerificationRun
from registry.models.entries import Visibility
from registry.reviewing import anonymous_review
from registry.selectors.entries import entry_get, entry_may_edit, entry_may_withdraw
from registry.selectors.runs import run_get
from registry.views.requests import PageRequest


def entry_or_404(request: PageRequest, accession: int) -> ModelEntry:
    """The entry, if this person may know of it. Raises Http404.

    A reviewer who must not know the authors gets to know no more here than a stranger.
    """
    entry = entry_get(user=request.user, accession=accession)
    if entry is not None:
        return entry
    if anonymous_review(request, accession):
        page = reverse("review_page", args=[accession])
        raise Http404(f"You see this model as an anonymous reviewer, at {page} alone.")
    raise Http404("No such model, or none that you may see.")


def shown_entry_or_404(request: PageRequest, accession: int) -> ModelEntry:
    """The entry, unless it was withdrawn: of that, only the tombstone is shown. Raises Http404."""
    entry = entry_or_404(request, accession)
    if entry.visibility == Visibility.WITHDRAWN:
        raise Http404("This model was withdrawn.")
    return entry


def own_entry_or_404(request: PageRequest, accession: int) -> ModelEntry:
    """The entry, if this person may change it. Raises Http404, which says nothing of drafts."""
    entry = entry_or_404(request, accession)
    changeable = entry.visibility != Visibility.WITHDRAWN
    if not changeable or not entry_may_edit(user=request.user, entry=entry):
        raise Http404("No such model, or none that you may change.")
    return entry


def owned_entry_or_404(request: PageRequest, accession: int) -> ModelEntry:
    """The entry, if this person may share it and hand it over. Raises Http404."""
    entry = own_entry_or_404(request, accession)
    if not entry_may_withdraw(user=request.user, entry=entry):
        raise Http404("Only its owner may do this.")
    return entry


def run_or_404(request: PageRequest, run_id: int) -> VerificationRun:
    """The run, if this person may see it. Raises Http404."""
    run = run_get(user=request.user, run_id=run_id)
    if run is None:
        raise Http404("No such verification, or none that you may see.")
    entry = run.version.entry
    withdrawn = entry.visibility == Visibility.WITHDRAWN
    if withdrawn and not entry_may_edit(user=request.user, entry=entry):
        raise Http404("The model of this verification was withdrawn.")
    return run


def own_run_or_404(request: PageRequest, run_id: int) -> VerificationRun:
    """The run, if this person may end or repeat it. Raises Http404."""
    run = run_or_404(request, run_id)
    if not entry_may_edit(user=request.user, entry=run.version.entry):
        raise Http404("No such verification, or none that you may change.")
    return run
