"""All that is public as files: which there are, what they hold, and the files themselves."""

import inspect

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from registry.downloads import file_response
from registry.models import BulkExport
from registry.rates import TooOftenError, pull_counted
from registry.sandbox import inert
from registry.selectors.exporting import exports_kept
from registry.spec.exported import EXPORTED, STATEMENT

_KINDS = [
    (name, inspect.cleandoc(kind.__doc__ or "").replace("`", "")) for name, kind in EXPORTED.items()
]


@require_safe
def exports_page(request: HttpRequest) -> HttpResponse:
    """Which exports there are, and how to check and read one."""
    context = {
        "exports": exports_kept(),
        "kinds": [(name, text.partition("\n")[0]) for name, text in _KINDS],
        "statement": STATEMENT,
        "site": settings.PUBLIC_URL.rstrip("/"),
    }
    return render(request, "registry/exports.html", context)


@require_safe
def export_file(request: HttpRequest, stamp: str, name: str) -> HttpResponseBase:
    """A file of an export, whole or in part, or the statement that signs them."""
    try:
        pull_counted(request, AnonymousUser())
    except TooOftenError as spent:
        return spent.as_text()
    files = BulkExport.objects.select_related("blob").order_by("name")
    if name == STATEMENT:
        signed = files.filter(name__startswith=f"{stamp}/").exclude(signature="").first()
        if signed is None:
            raise Http404("There is no such export, or it is not signed.")
        return _statement(signed)
    file = files.filter(name=f"{stamp}/{name}").first()
    if file is None:
        raise Http404("There is no such file. An export is kept for some days.")
    return file_response(
        request, blob=file.blob, filename=f"{stamp}-{name}", media_type="application/gzip"
    )


def _statement(file: BulkExport) -> HttpResponse:
    response = HttpResponse(file.signature, content_type="application/vnd.in-toto+jsonl")
    response["Content-Disposition"] = f'attachment; filename="{STATEMENT}"'
    return inert(response)


exports_urlpatterns = [
    path("exports/", exports_page, name="exports"),
    path("exports/<slug:stamp>/<str:name>", export_file, name="export_file"),
]
