"""Reviewers' links: whoever opened one may look at one entry, without an account.

The session keeps the numbers of the links that were opened, never a key, and every request asks
anew whether they are valid. A link that names the authors opens all pages of its entry, by the one
rule that says who sees what (registry.selectors.entries). An anonymous one opens nothing there: it
opens pages of its own (registry.views.reviewing), which are made of what names nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from registry.models import ModelEntry, ReviewerLink
from registry.selectors.entries import Viewer
from registry.services.reviewer_links import reviewer_links_used

_KEPT = "reviewer_links"
_ON_REQUEST = "reviews"


@dataclass(frozen=True, kw_only=True)
class Review:
    """A link that the holder of this request opened, and that is valid now."""

    link: int
    accession: int
    anonymous: bool
    until: datetime


class ReviewMiddleware:
    """Lets selectors know which entries a request's reviewer links open."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing is read for who has no session, and no table for who opened no link."""
        reviews = _reviews_of(request)
        if not reviews:
            return self.get_response(request)
        setattr(request, _ON_REQUEST, reviews)
        entries_open(request, request.user)
        response = self.get_response(request)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response


def reviewing(request: HttpRequest, entry: ModelEntry) -> Review | None:
    """The link by which this request looks at the entry; the one that shows more, of two."""
    mine = [review for review in _opened(request) if review.accession == entry.pk]
    return min(mine, key=lambda review: review.anonymous, default=None)


def anonymous_review(request: HttpRequest, accession: int) -> Review | None:
    """The anonymous link by which this request looks at an entry."""
    return next(
        (one for one in _opened(request) if one.anonymous and one.accession == accession), None
    )


def entries_open(request: HttpRequest, viewer: Viewer) -> None:
    """Let the rule of who sees what know which entries the links of a request open to its viewer.

    The API calls this for the stranger whom it makes itself.
    """
    opened: Any = viewer  # it is no column of a person's, and a stranger has none
    opened.reviewed = frozenset(one.accession for one in _opened(request) if not one.anonymous)


def review_begin(request: HttpRequest, link: ReviewerLink) -> None:
    """Note that this browser opened a link."""
    request.session[_KEPT] = [*{*request.session.get(_KEPT, []), link.pk}]


def review_leave(request: HttpRequest, accession: int) -> None:
    """Forget the links to an entry that this browser opened."""
    left = [review.link for review in _opened(request) if review.accession != accession]
    request.session[_KEPT] = left


def _opened(request: HttpRequest) -> tuple[Review, ...]:
    """The links of a request, as the middleware found them."""
    opened: tuple[Review, ...] = getattr(request, _ON_REQUEST, ())
    return opened


def _reviews_of(request: HttpRequest) -> tuple[Review, ...]:
    """Every link that was opened here and is valid now."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.session.get(_KEPT):
        return ()
    return tuple(map(_review, reviewer_links_used(links=request.session[_KEPT])))


def _review(link: ReviewerLink) -> Review:
    return Review(
        link=link.pk,
        accession=link.entry_id,
        anonymous=link.is_anonymous,
        until=link.expires_at,
    )
