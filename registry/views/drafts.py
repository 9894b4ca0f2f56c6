"""The edit page: what was read of a repository, corrected by a person, saved or published."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import msgspec
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from registry.forms.entries import (
    ArticleForm,
    AuthorForm,
    AuthorFormSet,
    EntryForm,
    OutputForm,
    OutputFormSet,
    VersionForm,
    authors_of,
    outputs_of,
)
from registry.forms.fields import add_refusal
from registry.forms.sources import InputFileForm, SourceForm
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import VersionState
from registry.services import ServiceError
from registry.services.entries import EntryFields, entry_obstacles, entry_publish, entry_update
from registry.spec.ladder import Origin
from registry.spec.manifest import Article, Manifest, Output, Person, Proposal
from registry.views.lookup import own_entry_or_404
from registry.views.presentation import command_words, understood
from registry.views.publishing import source_shown
from registry.views.requests import PersonRequest

_UNTOLD = {Origin.FORM.value, Origin.DEFAULT.value}
_FILLED_IN = "Saved, with the proposed command filled in. Check it before you publish."
_MANIFEST = ("python", "test", "run")


@dataclass(kw_only=True)
class EditForms:
    """All forms of the page. Those of the version are there only until it is published."""

    entry: EntryForm
    version: VersionForm | None
    article: ArticleForm | None
    authors: "forms.BaseFormSet[AuthorForm] | None"
    outputs: "forms.BaseFormSet[OutputForm] | None"

    @property
    def all(self) -> list[Any]:
        """The forms that are there."""
        given = (self.entry, self.version, self.article, self.authors, self.outputs)
        return [form for form in given if form is not None]

    def are_valid(self) -> bool:
        """Whether everything typed can be kept. Looks at all, so that all errors are shown."""
        verdicts = [form.is_valid() for form in self.all]
        return all(verdicts)

    @property
    def failed(self) -> bool:
        """Whether something that was sent could not be kept."""
        return any(form.is_bound and not form.is_valid() for form in self.all)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entry_edit(request: PersonRequest, accession: int) -> HttpResponse:
    """One address for the whole of editing; what it shows depends on the newest version."""
    entry = own_entry_or_404(request, accession)
    version = entry.versions.order_by("-number").first()
    if version is None:
        raise Http404
    if version.state == VersionState.READY:
        return _edit_ready(request, entry, version)
    if request.htmx and version.state == VersionState.PENDING:
        return render(request, "parts/reading.html", {"entry": entry, "version": version})
    if request.htmx:
        return HttpResponseClientRefresh()
    return render(request, "registry/edit.html", _context(entry, version))


def _edit_ready(request: PersonRequest, entry: ModelEntry, version: ModelVersion) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRefresh()
    shown = _forms(entry, version, request.POST if request.method == "POST" else None)
    if request.method == "POST" and shown.are_valid():
        done = _save(request, entry, version, shown)
        if done:
            return done
    context = _context(entry, version) | {
        "forms": shown,
        "failed": shown.failed,
        "groups": _groups(entry, version, shown),
        "understood": understood(version),
        "plan": version.plan_value,
        "input_form": InputFileForm(auto_id="id_input_%s"),
        "input_files": entry.input_files.select_related("blob"),
        "obstacles": [] if version.published_at else entry_obstacles(entry=entry),
    }
    return render(request, "registry/edit.html", context)


def _context(entry: ModelEntry, version: ModelVersion) -> dict[str, Any]:
    return {
        "entry": entry,
        "version": version,
        "failure": version.failure_value,
        "source_form": SourceForm(initial=source_shown(version), auto_id="id_source_%s"),
    }


def _save(
    request: PersonRequest, entry: ModelEntry, version: ModelVersion, shown: EditForms
) -> HttpResponse | None:
    """Keep what was typed and, if asked, publish it; None when a service refused."""
    action = request.POST.get("action", "")
    proposal = _proposal(version, action)
    try:
        entry_update(entry=entry, fields=_fields(version, shown, proposal))
        if action != "publish":
            messages.success(request, _FILLED_IN if proposal else "Saved.")
            return redirect("entry_edit", entry.accession)
        run = entry_publish(entry=entry, requested_by=request.user)
    except ServiceError as refusal:
        add_refusal(shown.entry, refusal)
        return None
    messages.success(request, "Published. Its verification has begun; this page follows it.")
    return redirect("run_page", run.pk)


def _forms(entry: ModelEntry, version: ModelVersion, data: Mapping[str, Any] | None) -> EditForms:
    page = EntryForm(data, initial=_page_fields(entry, version))
    if version.published_at:
        return EditForms(entry=page, version=None, article=None, authors=None, outputs=None)
    article = version.article or Article()
    outputs = version.manifest_value.outputs
    return EditForms(
        entry=page,
        version=VersionForm(data, initial=_version_fields(version)),
        article=ArticleForm(data, prefix="article", initial=_article_fields(article)),
        authors=AuthorFormSet(data, prefix="authors", initial=_author_rows(version.people)),
        outputs=OutputFormSet(data, prefix="outputs", initial=_output_rows(outputs)),
    )


def _page_fields(entry: ModelEntry, version: ModelVersion) -> dict[str, Any]:
    """The entry's texts; of an unpublished version, what they will become when it is published."""
    said: dict[str, Any] = {} if version.published_at else version.description
    shown = {
        name: getattr(entry, name)
        if entry.origins.get(name) == Origin.FORM
        else said.get(name) or getattr(entry, name)
        for name in EntryForm.base_fields
    }
    return shown | {"keywords": ", ".join(shown["keywords"])}


def _version_fields(version: ModelVersion) -> dict[str, Any]:
    manifest = version.manifest_value
    return {
        "label": version.label,
        "licence": version.licence,
        "python": manifest.python or "",
        "test": command_words(manifest.test),
        "run": command_words(manifest.run),
    }


def _article_fields(article: Article) -> dict[str, Any]:
    return {part.name: getattr(article, part.name) for part in fields(article)}


def _author_rows(people: tuple[Person, ...]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(person) for person in people]


def _output_rows(outputs: tuple[Output, ...]) -> list[dict[str, Any]]:
    """The outputs as the form shows them: no tolerance is an empty field, not a zero."""
    rows = [msgspec.to_builtins(output) for output in outputs]
    return [row | {"rtol": row["rtol"] or None, "atol": row["atol"] or None} for row in rows]


def _proposal(version: ModelVersion, action: str) -> Proposal | None:
    """The proposal that a button "use-1" asks for, counted from 1; None for any other button."""
    named = {f"use-{n}": one for n, one in enumerate(version.plan_value.proposals, start=1)}
    return None if version.published_at else named.get(action)


def _fields(version: ModelVersion, shown: EditForms, proposal: Proposal | None) -> EntryFields:
    """What differs from what the forms showed: the rest keeps its origin."""
    changed = {name: shown.entry.cleaned_data[name] for name in shown.entry.changed_data}
    if shown.version is not None:
        details = [name for name in shown.version.changed_data if name not in _MANIFEST]
        changed |= {name: shown.version.cleaned_data[name] for name in details}
    if shown.authors is not None and shown.authors.has_changed():
        changed["authors"] = authors_of(shown.authors)
    if shown.article is not None and shown.article.has_changed():
        changed["article"] = shown.article.article(before=version.article or Article())
    manifest = _manifest(version, shown)
    if proposal:
        manifest = _accepted(manifest or version.manifest_value, proposal)
    return EntryFields(**changed, manifest=manifest)


def _accepted(manifest: Manifest, proposal: Proposal) -> Manifest:
    """The manifest with the proposed command, and its outputs beside those already named."""
    known = {output.path for output in manifest.outputs}
    new = tuple(Output(path=path) for path in proposal.outputs if path not in known)
    return replace(manifest, run=proposal.command, outputs=(*manifest.outputs, *new))


def _manifest(version: ModelVersion, shown: EditForms) -> Manifest | None:
    """The corrected manifest; None when nothing of it was changed."""
    if shown.version is None or shown.outputs is None:
        return None
    typed = [name for name in shown.version.changed_data if name in _MANIFEST]
    changed: dict[str, Any] = {name: shown.version.cleaned_data[name] or None for name in typed}
    manifest = version.manifest_value
    if shown.outputs.has_changed():
        changed["outputs"] = outputs_of(shown.outputs, before=manifest.outputs)
    return replace(manifest, **changed) if changed else None


def _groups(
    entry: ModelEntry, version: ModelVersion, shown: EditForms
) -> dict[str, list[tuple[forms.BoundField, str]]]:
    """The fields in the groups of the page, each with where its value was read."""
    said = version.description_origins
    page = _with_origins(shown.entry, said if not version.published_at else {}, entry.origins)
    if shown.version is None or shown.article is None:
        return {"page": page}
    read_from = said.get("article", "")
    details = _with_origins(shown.version, said, version.manifest_origins | {"label": ""})
    return {
        "page": page,
        "article": _with_origins(shown.article, dict.fromkeys(shown.article.fields, read_from), {}),
        "details": [pair for pair in details if pair[0].name not in _MANIFEST],
        "running": [pair for pair in details if pair[0].name in _MANIFEST],
    }


def _with_origins(
    form: forms.Form, first: Mapping[str, str], second: Mapping[str, str]
) -> list[tuple[forms.BoundField, str]]:
    """Each field with its origin in words; nothing where a person wrote it or nobody did."""
    pairs = []
    for field in form:
        origins = {second.get(field.name, ""), first.get(field.name, "")}
        origin = "" if origins & _UNTOLD else next((known for known in origins if known), "")
        pairs.append((field, origin if field.initial else ""))
    return pairs
