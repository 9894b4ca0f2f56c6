"""What robots and programs ask a site for first: robots.txt, sitemaps, well-known documents."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from registry.models import ModelEntry
from registry.selectors.harvest import shown_dates
from registry.signposting import LINKSET_JSON, Answer

# What the protocol of sitemaps allows in one; each holds the models of as many numbers.
A_SITEMAP = 50_000
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES = ("home", "entry_list", "vocabulary_list", "collection_list", "rules", "statistics")
# Searches without end, what is large, what is for programs, and what is a person's own. A robot
# that knows no asterisk reads these as plain beginnings, and so leaves nothing else out.
_NOT_FOR_ROBOTS = (
    "/accounts/", "/admin/", "/api/", "/curation/", "/exports/*/", "/hooks/",
    "/models/*/changes/", "/models/*/compare/", "/models/*/files/", "/models/?*", "/news/", "/oai?",
    "/publish/", "/review/", "/runs/*/lines/", "/runs/*/log/", "/runs/compare", "/searches/",
    "/settings/", "/*.git/",
)  # fmt: skip
_KEPT_SECONDS = 3600
_SECURITY_DAYS = 180
_CATALOG_PROFILE = "https://www.rfc-editor.org/info/rfc9727"


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """What robots should leave alone, and where the pages are."""
    lines = ["User-agent: *", *(f"Disallow: {place}" for place in _NOT_FOR_ROBOTS)]
    text = "\n".join([*lines, "", f"Sitemap: {_absolute('sitemap')}", ""])
    return _kept(HttpResponse(text, content_type="text/plain; charset=utf-8"))


@require_safe
def sitemap(_request: HttpRequest) -> HttpResponseBase:
    """All public pages; where one sitemap cannot hold them, the list of those that do."""
    last = ModelEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    if last < A_SITEMAP - len(_PAGES):
        return _kept(_xml("urlset", _urls(first=0, last=last)))
    places = (_absolute("sitemap_part", part) for part in range(last // A_SITEMAP + 1))
    return _kept(_xml("sitemapindex", (f"<sitemap>{_located(at)}</sitemap>\n" for at in places)))


@require_safe
def sitemap_part(_request: HttpRequest, part: int) -> HttpResponseBase:
    """The public models of one stretch of numbers. The pages stand in the first."""
    last = ModelEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    first = part * A_SITEMAP
    if first > last:
        raise Http404("There are no models of these numbers.")
    return _kept(_xml("urlset", _urls(first=first, last=first + A_SITEMAP - 1)))


@require_safe
def api_catalog(_request: HttpRequest) -> HttpResponse:
    """Every interface for programs, as RFC 9727 has it, with where it is described."""
    rest = {
        "anchor": _absolute("api:root"),
        "service-desc": [{"href": _absolute("api:schema"), "type": "application/vnd.oai.openapi"}],
        "service-doc": [{"href": _absolute("api:docs"), "type": "text/html"}],
        "status": [{"href": _absolute("statistics"), "type": "text/html"}],
    }
    oai = {
        "anchor": _absolute("oai"),
        "service-desc": [{"href": f"{_absolute('oai')}?verb=Identify", "type": "text/xml"}],
    }
    whole = {"anchor": _catalog(), "item": [{"href": one["anchor"]} for one in (rest, oai)]}
    kind = f'{LINKSET_JSON}; profile="{_CATALOG_PROFILE}"'
    response = JsonResponse({"linkset": [whole, rest, oai]}, content_type=kind)
    response["Link"] = f'<{_catalog()}>; rel="api-catalog"'
    response["Access-Control-Allow-Origin"] = "*"
    return _kept(response)


@require_safe
def security(_request: HttpRequest) -> HttpResponse:
    """Where weaknesses of this site are reported, as RFC 9116 has it; 404 unless it was set."""
    if not settings.SECURITY_CONTACT:
        raise Http404("Whoever runs this site has not said where to report weaknesses.")
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    expires = today + timedelta(days=_SECURITY_DAYS)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {_moment(expires)}",
        "Preferred-Languages: en",
        f"Canonical: {_absolute('security_txt')}",
    ]
    return _kept(HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))


def _urls(*, first: int, last: int) -> Iterator[str]:
    if first == 0:
        yield from (f"<url>{_located(_absolute(name))}</url>\n" for name in _PAGES)
    for accession, changed in shown_dates(first=first, last=last):
        place = _located(_absolute("entry_page", accession))
        yield f"<url>{place}<lastmod>{_moment(changed)}</lastmod></url>\n"


def _xml(name: str, lines: Iterable[str]) -> StreamingHttpResponse:
    def pieces() -> Iterator[str]:
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{_SPACE}">\n'
        yield from lines
        yield f"</{name}>\n"

    return StreamingHttpResponse(pieces(), content_type="application/xml; charset=utf-8")


def _located(address: str) -> str:
    return f"<loc>{escape(address)}</loc>"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _kept(response: Answer) -> Answer:
    patch_cache_control(response, public=True, max_age=_KEPT_SECONDS)
    return response


def _catalog() -> str:
    return _absolute("api_catalog")


def _absolute(name: str, *args: Any) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=args)


harvesting_urlpatterns = [
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", sitemap_part, name="sitemap_part"),
    path(".well-known/api-catalog", api_catalog, name="api_catalog"),
    path(".well-known/security.txt", security, name="security_txt"),
]
