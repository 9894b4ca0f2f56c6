"""Bringing models from elsewhere: one by an address or a file, many by a table.

Each begins with a report of what would be made. Nothing is made before its button is pressed, and
what is made is a draft.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from registry.forms.fields import add_refusal
from registry.forms.importing import ImportForm, TableForm
from registry.forms.sources import SourceForm
from registry.imports.document import BYTES_MOST as DOCUMENT_BYTES
from registry.imports.formats import FORMATS
from registry.imports.model import ImportedModel
from registry.imports.table import BYTES_MOST as TABLE_BYTES
from registry.imports.table import COLUMNS, table_written
from registry.models import Lookup
from registry.models.outside import LookupKind, LookupState
from registry.selectors.imports import entry_from_source
from registry.selectors.lookups import lookup_get, lookup_latest
from registry.selectors.vocabularies import vocabularies_all
from registry.services import ServiceError
from registry.services.imports import (
    FoundTerms,
    import_draft,
    imported_missing,
    model_file_read,
    terms_found,
)
from registry.services.lookups import lookup_ask
from registry.services.tables import RowState, TableRow, rows_of, table_file_read, table_make
from registry.services.uploads import archive_sent
from registry.spec.manifest import Article
from registry.views.requests import PersonRequest

_ROWS_A_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A field as the report shows it."""

    label: str
    value: str
    items: tuple[str, ...] = ()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_start(request: PersonRequest) -> HttpResponse:
    """Ask for an address or a file, and read what it says of a model."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            return redirect("import_report", _model_asked(request, form).pk)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "formats": FORMATS}
    return render(request, "registry/import.html", context)


def _model_asked(request: PersonRequest, form: ImportForm) -> Lookup:
    file = form.cleaned_data["file"]
    if file:
        content = _content(file, DOCUMENT_BYTES)
        return model_file_read(user=request.user, name=file.name or "", content=content)
    address = form.cleaned_data["address"]
    return lookup_ask(user=request.user, kind=LookupKind.MODEL, address=address)


def _content(file: "UploadedFile[bytes]", most: int) -> bytes:
    """The bytes of a file, one more than may be where it is too large."""
    return bytes(file.read(most + 1))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_report(request: PersonRequest, lookup_id: int) -> HttpResponse:
    """What was understood, and what would be made of it; with its button, the draft."""
    lookup = _lookup_or_404(request, lookup_id, LookupKind.MODEL)
    if request.htmx and request.method == "GET":
        return _moving(request, lookup)
    if lookup.state != LookupState.ANSWERED:
        return render(request, "registry/import_asked.html", _asked(lookup))
    imported = lookup.model_value
    shown = {"address": imported.address, "ref": imported.ref, "folder": imported.folder}
    form = SourceForm(request.POST or None, request.FILES or None, initial=shown)
    if form.is_valid():
        try:
            return _drafted(request, imported, form)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    context = _report(request, lookup, imported) | {"form": form}
    return render(request, "registry/import_report.html", context)


def _drafted(request: PersonRequest, imported: ImportedModel, form: SourceForm) -> HttpResponse:
    said = form.cleaned_data
    entry = import_draft(
        owner=request.user,
        imported=imported,
        address=said["address"],
        ref=said["ref"],
        folder=said["folder"],
        archive=archive_sent(said["archive"], by=request.user),
    )
    messages.success(request, f"A draft was made from {imported.origin}. Nothing of it is public.")
    return redirect("entry_source", entry.accession)


def _moving(request: PersonRequest, lookup: Lookup) -> HttpResponse:
    """The part of the page that waits for a worker."""
    if lookup.state == LookupState.PENDING:
        return render(request, "registry/import_waiting.html", _asked(lookup))
    if request.GET.get("part") != "repository" or lookup.state != LookupState.ANSWERED:
        return HttpResponseClientRefresh()
    context = _repository(request, lookup, lookup.model_value)
    return render(request, "registry/import_repository.html", context)


def _asked(lookup: Lookup) -> dict[str, Any]:
    return {"lookup": lookup, "failure": lookup.failure_value}


def _report(request: PersonRequest, lookup: Lookup, imported: ImportedModel) -> dict[str, Any]:
    found = terms_found(imported.terms)
    return {
        "imported": imported,
        "taken": _taken(imported, found),
        "missing": imported_missing(imported),
        "unknown": found.unknown,
        "there": entry_from_source(
            owner=request.user,
            address=imported.address,
            ref=imported.ref,
            folder=imported.folder,
        )
        if imported.address
        else None,
    } | _repository(request, lookup, imported)


def _repository(request: PersonRequest, lookup: Lookup, imported: ImportedModel) -> dict[str, Any]:
    """Whether the repository is there: the answer to the question that went with the import."""
    asked = lookup_latest(user=request.user, kind=LookupKind.REFS, address=imported.address)
    return {
        "lookup": lookup,
        "imported": imported,
        "refs": asked,
        "refs_failure": asked.failure_value if asked else None,
    }


def _taken(imported: ImportedModel, found: FoundTerms) -> list[Taken]:
    """What the description says, field by field, in the order of the edit form."""
    texts = {
        "Title": imported.title,
        "Summary": imported.summary,
        "Description": _beginning(imported.description),
        "Version": imported.label,
        "Licence": imported.licence,
        "Article": _cited(imported.article) if imported.article else "",
    }
    people = tuple(
        f"{person.name} ({person.orcid})" if person.orcid else person.name
        for person in imported.authors
    )
    lists = {"Authors": people, "Keywords": imported.keywords} | {
        vocabulary.name: found.known[vocabulary.slug]
        for vocabulary in vocabularies_all()
        if vocabulary.slug in found.known
    }
    single = [Taken(label=label, value=value) for label, value in texts.items() if value]
    several = [Taken(label=label, value="", items=all_) for label, all_ in lists.items() if all_]
    return single + several


def _cited(article: Article) -> str:
    """An article in a line; of many, only the address is known."""
    year = str(article.year or "")
    parts = (article.title, article.journal, "" if year in article.title else year, article.doi)
    return ", ".join(filter(None, parts)) or article.url


def _beginning(text: str) -> str:
    words = len(text.split())
    return text if len(text) <= 300 else f"{text[:300].rsplit(' ', 1)[0]} … ({words:,} words)"  # noqa: PLR2004 — what a row of a table holds


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def table_start(request: PersonRequest) -> HttpResponse:
    """Ask for a table, and judge its rows."""
    form = TableForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        content = _content(file, TABLE_BYTES)
        try:
            lookup = table_file_read(user=request.user, name=file.name or "", content=content)
            return redirect("import_table_report", lookup.pk)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "columns": COLUMNS.items(), "vocabularies": vocabularies_all()}
    return render(request, "registry/import_table.html", context)


@require_GET
def table_template(_request: PersonRequest) -> HttpResponse:
    """A table with all columns and one row, to begin with."""
    example = [example for _, example in COLUMNS.values()]
    return _csv(table_written(list(COLUMNS), [example]), "reprise-models.csv")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def table_report(request: PersonRequest, lookup_id: int) -> HttpResponse:
    """What would become of each row; with its button, the drafts."""
    lookup = _lookup_or_404(request, lookup_id, LookupKind.TABLE)
    if request.method == "POST":
        made = sum(row.state == RowState.MADE for row in table_make(lookup=lookup))
        messages.success(request, f"{made} drafts are made. Nothing of them is public.")
        return redirect("import_table_report", lookup_id)
    rows = rows_of(lookup)
    page = Paginator(rows, _ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"lookup": lookup, "page": page, "counts": _counts(rows)}
    return render(request, "registry/import_table_report.html", context)


def _counts(rows: tuple[TableRow, ...]) -> dict[str, int]:
    return {state.value: sum(row.state == state for row in rows) for state in RowState}


@login_required
@require_GET
def table_download(request: PersonRequest, lookup_id: int) -> HttpResponse:
    """The report of a table as a table."""
    lookup = _lookup_or_404(request, lookup_id, LookupKind.TABLE)
    header = ("line", "state", "what", "entry", "address", "ref", "folder", "title")
    rows = [_report_row(request, row) for row in rows_of(lookup)]
    stamp = timezone.now().date().isoformat()
    return _csv(table_written(header, rows), f"reprise-import-{stamp}.csv")


def _report_row(request: PersonRequest, row: TableRow) -> tuple[object, ...]:
    model = row.model
    page = reverse("entry_page", args=[row.accession]) if row.accession else ""
    entry = request.build_absolute_uri(page) if page else ""
    source = (model.address, model.ref, model.folder, model.title) if model else ("",) * 4
    return (row.line, row.state.value, row.said, entry, *source)


def _csv(text: str, name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=disposition)


def _lookup_or_404(request: PersonRequest, lookup_id: int, kind: LookupKind) -> Lookup:
    lookup = lookup_get(user=request.user, lookup_id=lookup_id)
    if lookup is None or lookup.kind != kind:
        raise Http404("No such report, or it is older than a day.")
    return lookup


importing_urlpatterns = [
    path("publish/import/", import_start, name="import_start"),
    path("publish/import/<int:lookup_id>/", import_report, name="import_report"),
    path("publish/import/csv/", table_start, name="import_table"),
    path("publish/import/csv/template.csv", table_template, name="import_table_template"),
    path("publish/import/csv/<int:lookup_id>/", table_report, name="import_table_report"),
    path(
        "publish/import/csv/<int:lookup_id>/report.csv",
        table_download,
        name="import_table_download",
    ),
]
