"""Badges of entries: a picture for READMEs and papers, and JSON for shields.

What one may not know of looks the same as what does not exist: 404 with a grey “unknown”, a whole
badge all the same, because a browser shows it and a broken image would say less.
"""

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from registry import badges
from registry.badges import UNKNOWN, Badge
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.selectors.entries import Viewer, entry_get, entry_versions
from registry.selectors.runs import badge_state

_LONGEST_NUMBER = 9
# A badge is what a portal is asked for most, so no more is read for it than it takes.
_COLUMNS = (
    "visibility",
    "owner__username",
    "current_version__entry",
    "current_version__commit",
    "current_version__manifest_digest",
    "current_version__published_at",
)
_KNOWN_TO_ALL = {Visibility.PUBLIC, Visibility.WITHDRAWN}


@require_safe
def badge_svg(request: HttpRequest, accession: int) -> HttpResponseBase:
    """The badge as a picture. `?version=` asks for one version instead of the current one."""
    badge, is_public = _badge(request, accession)
    return _reply(request, badges.badge_svg(badge), "image/svg+xml", badge, is_public=is_public)


@require_safe
def badge_json(request: HttpRequest, accession: int) -> HttpResponseBase:
    """The badge in shields' endpoint schema; any site may read it."""
    badge, is_public = _badge(request, accession)
    text = badges.badge_json(badge)
    response = _reply(request, text, "application/json", badge, is_public=is_public)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _badge(request: HttpRequest, accession: int) -> tuple[Badge, bool]:
    """What the viewer may be told, and whether everybody may be told the same."""
    entry = entry_get(user=request.user, accession=accession, columns=_COLUMNS)
    if entry is None:
        return UNKNOWN, True
    version, wanted = None, request.GET.get("version", "")
    is_public = entry.visibility in _KNOWN_TO_ALL
    if wanted:
        version = _version(request.user, entry, wanted)
        if version is None:
            return UNKNOWN, is_public
        is_public = is_public and version.published_at is not None
    return _badge_of(entry, version), is_public


def _version(user: Viewer, entry: ModelEntry, wanted: str) -> ModelVersion | None:
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _LONGEST_NUMBER):
        return None
    return entry_versions(user=user, entry=entry).filter(number=int(wanted)).first()


def _badge_of(entry: ModelEntry, version: ModelVersion | None) -> Badge:
    state = badge_state(
        entry, version, now=timezone.now(), stale_after_days=settings.STALE_AFTER_DAYS
    )
    return badges.badge_of(
        state=state.state,
        level=state.level,
        cause=state.cause,
        date=state.date,
        stale=state.stale,
        tests_pass=state.tests_pass,
        repaired=state.repaired,
        repairs=state.repairs,
    )


def _reply(
    request: HttpRequest, text: str, media_type: str, badge: Badge, *, is_public: bool
) -> HttpResponseBase:
    """The badge with the headers that keep it fresh, embeddable and harmless; 304 when known."""
    response = HttpResponse(
        text, content_type=f"{media_type}; charset=utf-8", status=404 if badge is UNKNOWN else 200
    )
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"{'public' if is_public else 'private'}, no-cache, max-age=0"
    patch_vary_headers(response, ["Cookie"])
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if badge is UNKNOWN:
        return response
    return get_conditional_response(request, etag=etag, response=response) or response


badge_urlpatterns = [
    path("models/<int:accession>/badge.svg", badge_svg, name="badge_svg"),
    path("models/<int:accession>/badge.json", badge_json, name="badge_json"),
]
