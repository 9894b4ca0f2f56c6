"""Badges of entries: a picture for READMEs and papers, and JSON for shields.

What one may not know of looks the same as what does not exist: 404 with a grey “unknown”, a whole
badge all the same, because a browser shows it and a broken image would say less.
"""

import hashlib
from dataclasses import dataclass, fields
from html import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from registry import badge_drawing
from registry.badge_drawing import Style
from registry.badges import UNKNOWN, Badge, Facts, badge_of, segmented
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.selectors.entries import Viewer, entry_get, entry_versions
from registry.selectors.runs import badge_state, verdict_run
from registry.views.presentation import Snippet
from registry.views.requests import PageRequest

_LONGEST_NUMBER = 9
# A badge is what a portal is asked for most, so no more is read for it than it takes.
_COLUMNS = (
    "visibility",
    "upstream_commit",
    "upstream_at",
    "owner__username",
    "current_version__entry",
    "current_version__commit",
    "current_version__manifest_digest",
    "current_version__created_at",
    "current_version__published_at",
)
_LOOKS = {
    "One line": "",
    "One line, square": "?style=flat-square",
    "One line, large": "?style=for-the-badge",
    "In segments": "?show=segments",
    "In segments, square": "?show=segments&style=flat-square",
    "In segments, large": "?show=segments&style=for-the-badge",
}
_SHOWN = {Visibility.PUBLIC, Visibility.PRIVATE}
_KNOWN_TO_ALL = {Visibility.PUBLIC, Visibility.WITHDRAWN}


@require_safe
def badge_svg(request: HttpRequest, accession: int) -> HttpResponseBase:
    """The badge as a picture.

    `?version=` asks for one version instead of the current one, `?style=` for one of the styles,
    `?show=segments` for what was built, tested and compared each by itself.
    """
    badge, is_public = _badge(request, accession)
    svg = badge_drawing.badge_svg(badge, _style(request) or Style.FLAT)
    return _reply(request, svg, "image/svg+xml", badge, is_public=is_public)


@require_safe
def badge_json(request: HttpRequest, accession: int) -> HttpResponseBase:
    """The badge in shields' endpoint schema; any site may read it."""
    badge, is_public = _badge(request, accession)
    text = badge_drawing.badge_json(badge, _style(request))
    response = _reply(request, text, "application/json", badge, is_public=is_public)
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def badge_page(request: PageRequest, accession: int) -> HttpResponse:
    """Every look that the badge of an entry can have, with what to paste where."""
    entry = entry_get(user=request.user, accession=accession)
    if entry is None or entry.visibility not in _SHOWN:
        raise Http404("No such model, or none that has a badge.")
    links = badge_links(entry)
    message = _badge_of(entry, None, in_segments=False).message
    looks = [
        Look(id=f"badge-{number}", label=label, query=query, snippets=links.snippets(query, number))
        for number, (label, query) in enumerate(_LOOKS.items())
    ]
    context = {"entry": entry, "looks": looks, "latex": links.latex(message)}
    return render(request, "registry/badge.html", context)


@require_safe
def evidence(request: HttpRequest, accession: int) -> HttpResponse:
    """Where a badge leads: to the verification that it rests on, or to the entry without one."""
    entry = entry_get(user=request.user, accession=accession)
    if entry is None:
        raise Http404("No such model, or none that you may see.")
    wanted = request.GET.get("version", "")
    version = _version(request.user, entry, wanted) if wanted else entry.current_version
    run = verdict_run(version) if version else None
    return redirect("run_page", run.pk) if run else redirect("entry_page", accession)


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look of a badge: its query, and the texts that put it somewhere."""

    id: str
    label: str
    query: str
    snippets: list[Snippet]


@dataclass(frozen=True, kw_only=True)
class BadgeLinks:
    """Where a badge is had, and where it leads to."""

    picture: str
    evidence: str

    @property
    def markdown(self) -> str:
        """The badge for a README."""
        return self.snippets("", 0)[0].text

    def snippets(self, query: str, number: int) -> list[Snippet]:
        """The badge for a README, a web page and a Python package's description."""
        picture, target = f"{self.picture}{query}", self.evidence
        in_html = escape(picture)
        texts = {
            "Markdown": f"[![reprise]({picture})]({target})",
            "HTML": f'<a href="{target}"><img src="{in_html}" alt="reprise"></a>',
            "reStructuredText": f".. image:: {picture}\n   :target: {target}\n   :alt: reprise",
        }
        return [
            Snippet(id=f"badge-{number}-{label.lower()}", label=label, text=text)
            for label, text in texts.items()
        ]

    def latex(self, message: str) -> str:
        """The badge in words for a paper, which cannot change once it is printed: so it is dated.

        What is to be said comes of words of ours, a level, a cause, a date; none needs escaping.
        """
        words = message.replace("·", r"\textperiodcentered{}")
        return rf"\href{{{self.evidence}}}{{\fbox{{\textsf{{reprise: {words}}}}}}}"


def badge_links(entry: ModelEntry) -> BadgeLinks:
    """The absolute addresses of an entry's badge and of its evidence."""
    site = settings.PUBLIC_URL.rstrip("/")
    return BadgeLinks(
        picture=site + reverse("badge_svg", args=[entry.accession]),
        evidence=site + reverse("evidence", args=[entry.accession]),
    )


def _style(request: HttpRequest) -> Style | None:
    """The style that is asked for. A word that names none leaves a badge as it is without."""
    wanted = request.GET.get("style", "")
    return Style(wanted) if wanted in set(Style) else None


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
    in_segments = request.GET.get("show", "") == "segments"
    return _badge_of(entry, version, in_segments=in_segments), is_public


def _version(user: Viewer, entry: ModelEntry, wanted: str) -> ModelVersion | None:
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _LONGEST_NUMBER):
        return None
    return entry_versions(user=user, entry=entry).filter(number=int(wanted)).first()


def _badge_of(entry: ModelEntry, version: ModelVersion | None, *, in_segments: bool) -> Badge:
    state = badge_state(
        entry, version, now=timezone.now(), stale_after_days=settings.STALE_AFTER_DAYS
    )
    facts = Facts(**{each.name: getattr(state, each.name) for each in fields(Facts)})
    return segmented(facts) if in_segments else badge_of(facts)


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
    path("models/<int:accession>/badge/", badge_page, name="badge_page"),
    path("models/<int:accession>/evidence/", evidence, name="evidence"),
]
