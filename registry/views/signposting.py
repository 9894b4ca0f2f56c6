"""The links around a model or a version of it, for programs: a linkset as JSON and as text."""

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from registry.signposting import (
    LINKSET_JSON,
    LINKSET_TEXT,
    Link,
    landing,
    linkset,
    linkset_json,
    linkset_text,
)
from registry.views.citing import version_or_404
from registry.views.lookup import entry_or_404
from registry.views.requests import PageRequest


@require_safe
def linkset_as_json(
    request: PageRequest, accession: int, number: int | None = None
) -> HttpResponse:
    """The links of a landing page, and those back to it."""
    anchors = _anchors(request, accession, number)
    return _reply(JsonResponse(linkset_json(anchors), content_type=LINKSET_JSON))


@require_safe
def linkset_as_text(
    request: PageRequest, accession: int, number: int | None = None
) -> HttpResponse:
    """The same in the form of a Link header."""
    anchors = _anchors(request, accession, number)
    return _reply(HttpResponse(linkset_text(anchors), content_type=LINKSET_TEXT))


def _anchors(request: PageRequest, accession: int, number: int | None) -> dict[str, list[Link]]:
    entry = entry_or_404(request, accession)
    version = version_or_404(request, entry, number)
    if version is None:
        raise Http404("There is no version yet.")
    return linkset(entry, version, page=landing(entry, number))


def _reply(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["Cookie"])
    return response


_MODEL = "models/<int:accession>/"
signposting_urlpatterns = [
    path(f"{_MODEL}linkset.json", linkset_as_json, name="linkset_json"),
    path(f"{_MODEL}linkset.txt", linkset_as_text, name="linkset_text"),
    path(f"{_MODEL}v<int:number>/linkset.json", linkset_as_json, name="linkset_json"),
    path(f"{_MODEL}v<int:number>/linkset.txt", linkset_as_text, name="linkset_text"),
]
