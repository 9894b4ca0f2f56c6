"""Step 1: where a model's source is. It becomes a draft, and one watches how it is read."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from registry.forms.fields import add_refusal
from registry.forms.sources import PublishForm, SourceForm
from registry.models import Lookup, ModelEntry, ModelVersion
from registry.models.entries import VersionState
from registry.models.outside import LookupKind
from registry.services import ServiceError
from registry.services.entries import entry_draft_create
from registry.services.lookups import lookup_ask
from registry.services.uploads import archive_sent
from registry.services.versions import version_create, version_retarget
from registry.views.lookup import own_entry_or_404
from registry.views.requests import PersonRequest
from registry.views.wizard.frame import Stage, unpublished_or_404, wizard_frame


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: PersonRequest) -> HttpResponse:
    """An address or an archive becomes a draft that is read in the background."""
    form = PublishForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            entry = entry_draft_create(owner=request.user, **_source_of(request, form))
            return redirect("entry_source", entry.accession)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    return render(
        request, "registry/publish.html", wizard_frame(Stage.SOURCE) | _source_context(form)
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entry_source(request: PersonRequest, accession: int) -> HttpResponse:
    """The source of a version that is not published: watched while it is read, or corrected."""
    entry, version = unpublished_or_404(request, accession)
    if request.htmx and request.method == "GET":
        return _watched(request, entry, version)
    initial = source_shown(version)
    form = SourceForm(
        request.POST or None, request.FILES or None, again=version.is_upload, initial=initial
    )
    if form.is_valid():
        try:
            version_retarget(version=version, **_source_again(request, form, version))
            return redirect("entry_source", accession)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    context = {"entry": entry, "version": version, "failure": version.failure_value}
    frame = wizard_frame(Stage.SOURCE, version) | _source_context(form)
    return render(request, "registry/publish_source.html", frame | context)


def _watched(request: PersonRequest, entry: ModelEntry, version: ModelVersion) -> HttpResponse:
    """The part of the page that moves, while there is something to wait for."""
    if version.state == VersionState.PENDING:
        return render(request, "parts/reading.html", {"entry": entry, "version": version})
    after = "entry_edit" if version.state == VersionState.READY else "entry_source"
    return HttpResponseClientRedirect(reverse(after, args=[entry.accession]))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def version_new(request: PersonRequest, accession: int) -> HttpResponse:
    """A further version of a published model: of a tag, of what is typed, or of what is sent."""
    entry = own_entry_or_404(request, accession)
    newest = entry.current_version
    shown = source_shown(newest) if newest else {}
    form = SourceForm(request.POST or None, request.FILES or None, initial=shown | {"ref": ""})
    if form.is_valid():
        tag = request.POST.get("tag", "")
        wanted = _source_of(request, form)
        try:
            version_create(entry=entry, **wanted | ({"ref": tag, "tag": tag} if tag else {}))
            return redirect("entry_source", entry.accession)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    context = {"entry": entry, "newest": newest} | _source_context(form)
    return render(request, "registry/version_new.html", context)


@login_required
@require_http_methods(["GET", "HEAD"])
def version_tags(request: PersonRequest, accession: int) -> HttpResponse:
    """The tags of a model's repository: asked for, waited for, then each with a button."""
    entry = own_entry_or_404(request, accession)
    newest, lookup, refused = entry.current_version, None, None
    if newest is not None and not newest.is_upload:
        try:
            lookup = lookup_ask(user=request.user, kind=LookupKind.REFS, address=newest.address)
        except ServiceError as refusal:
            refused = refusal
    context = {
        "entry": entry,
        "newest": newest,
        "lookup": lookup,
        "refused": refused,
        "tags": _tags(entry, lookup),
    }
    template = "parts/publish_tags.html" if request.htmx else "registry/version_tags.html"
    return render(request, template, context)


def _tags(entry: ModelEntry, lookup: Lookup | None) -> list[str]:
    """The tags that an answer names, without those that are published versions."""
    known = set(entry.versions.exclude(published_at=None).values_list("ref", flat=True))
    found = lookup.result["tags"] if lookup and lookup.result else []
    return [tag for tag in found if tag not in known]


def source_shown(version: ModelVersion) -> dict[str, str]:
    """What a form about a version's source shows; an archive has no address to be typed."""
    typed = {} if version.is_upload else {"address": version.address, "ref": version.ref}
    return typed | {"folder": version.folder}


def _source_of(request: PersonRequest, form: SourceForm) -> dict[str, Any]:
    """What a valid form says, as the services take it."""
    file = form.cleaned_data["archive"]
    return form.cleaned_data | {"archive": archive_sent(file, by=request.user)}


def _source_again(
    request: PersonRequest, form: SourceForm, version: ModelVersion
) -> dict[str, Any]:
    """As _source_of; of an archive, without another one, the same again."""
    wanted = _source_of(request, form)
    if wanted["address"] or wanted["archive"]:
        return wanted
    return wanted | {"address": version.address, "ref": version.ref}


def _source_context(form: SourceForm) -> dict[str, Any]:
    """A form with what is rarely needed folded, unless something stands there."""
    rare = [form[name] for name in ("ref", "folder", "name") if name in form.fields]
    return {
        "form": form,
        "rare": rare,
        "rare_open": any(field.value() or field.errors for field in rare),
    }
