"""Input files of an entry, sent by a form on its edit page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from registry.forms.sources import InputFileForm
from registry.services import ServiceError
from registry.services.inputs import input_file_store
from registry.services.uploads import archive_sent
from registry.views.lookup import own_entry_or_404
from registry.views.requests import PersonRequest


@login_required
@require_POST
def input_file_add(request: PersonRequest, accession: int) -> HttpResponse:
    """Keep a file, and show its sha256 on the edit page."""
    entry = own_entry_or_404(request, accession)
    form = InputFileForm(request.POST, request.FILES)
    file = archive_sent(form.cleaned_data["file"], by=request.user) if form.is_valid() else None
    if file is None:
        messages.error(request, "Choose a file that is not empty.")
        return redirect("entry_edit", accession)
    try:
        kept = input_file_store(entry=entry, file=file)
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
    else:
        messages.success(request, f"“{kept.name}” is kept. Its sha256 is {kept.blob_id}.")
    return redirect("entry_edit", accession)
