"""Where a model's source is: the first step of publishing, and of every further version."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from registry.forms.fields import add_refusal
from registry.forms.sources import PublishForm, SourceForm
from registry.models import ModelVersion
from registry.services import ServiceError
from registry.services.entries import entry_draft_create
from registry.services.uploads import archive_sent
from registry.services.versions import version_create, version_retarget
from registry.views.lookup import own_entry_or_404
from registry.views.requests import PersonRequest


def source_shown(version: ModelVersion) -> dict[str, str]:
    """What a form about a version's source shows; an archive has no address to be typed."""
    typed = {} if version.is_upload else {"address": version.address, "ref": version.ref}
    return typed | {"folder": version.folder}


def _source_of(request: PersonRequest, form: SourceForm) -> dict[str, Any]:
    """What a valid form says, as the services take it."""
    file = form.cleaned_data["archive"]
    return form.cleaned_data | {"archive": archive_sent(file, by=request.user)}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: PersonRequest) -> HttpResponse:
    """The first step: an address becomes a draft that is read in the background."""
    form = PublishForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            entry = entry_draft_create(owner=request.user, **_source_of(request, form))
            return redirect("entry_edit", entry.accession)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    return render(request, "registry/publish.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def version_new(request: PersonRequest, accession: int) -> HttpResponse:
    """A further version of a published model."""
    entry = own_entry_or_404(request, accession)
    newest = entry.current_version
    shown = source_shown(newest) if newest else {}
    form = SourceForm(request.POST or None, request.FILES or None, initial=shown | {"ref": ""})
    if form.is_valid():
        try:
            version_create(entry=entry, **_source_of(request, form))
            return redirect("entry_edit", entry.accession)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    return render(request, "registry/version_new.html", {"entry": entry, "form": form})


@login_required
@require_POST
def version_again(request: PersonRequest, accession: int) -> HttpResponse:
    """Read the unpublished version once more, from a corrected address."""
    entry = own_entry_or_404(request, accession)
    version = entry.versions.order_by("-number").first()
    if version is None:
        raise Http404
    form = SourceForm(request.POST, request.FILES, again=version.is_upload)
    if not form.is_valid():
        said = [str(error) for errors in form.errors.values() for error in errors]
        messages.error(request, " ".join(said))
        return redirect("entry_edit", accession)
    wanted = _source_of(request, form)
    if not wanted["address"] and not wanted["archive"]:
        wanted |= {"address": version.address, "ref": version.ref}
    try:
        version_retarget(version=version, **wanted)
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
    return redirect("entry_edit", accession)


publishing_urlpatterns = [
    path("publish/", publish, name="publish"),
    path("models/<int:accession>/versions/new/", version_new, name="version_new"),
    path("models/<int:accession>/versions/again/", version_again, name="version_retarget"),
]
