"""Finding the entry that an address names, for whoever asks."""

from django.http import Http404

from registry.models import ModelEntry
from registry.models.entries import Visibility
from registry.selectors.entries import entry_get, entry_may_edit
from registry.views.requests import PageRequest


def entry_or_404(request: PageRequest, accession: int) -> ModelEntry:
    """The entry, if this person may know of it. Raises Http404."""
    entry = entry_get(user=request.user, accession=accession)
    if entry is None:
        raise Http404("No such model, or none that you may see.")
    return entry


def own_entry_or_404(request: PageRequest, accession: int) -> ModelEntry:
    """The entry, if this person may change it. Raises Http404, which says nothing of drafts."""
    entry = entry_or_404(request, accession)
    changeable = entry.visibility != Visibility.WITHDRAWN
    if not changeable or not entry_may_edit(user=request.user, entry=entry):
        raise Http404("No such model, or none that you may change.")
    return entry
