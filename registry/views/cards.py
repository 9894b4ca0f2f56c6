"""Social cards as addresses: one an entry, one of the site."""

from dataclasses import fields

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from registry.badges import Facts, badge_of
from registry.cards import Card, card_png
from registry.models import ModelEntry
from registry.models.entries import Visibility
from registry.selectors.runs import badge_state
from registry.spec.ladder import Level
from registry.views.lookup import entry_or_404
from registry.views.requests import PageRequest

SITE_CARD = Card(
    title="A model registry that reruns every model it lists, and says what it saw",
    words="built, tested, run twice, compared with the article",
    colour="1a7f37",
)


@require_safe
def entry_card(request: PageRequest, accession: int) -> HttpResponseBase:
    """The card of a model, for whoever may see the model."""
    entry = entry_or_404(request, accession)
    is_public = entry.visibility == Visibility.PUBLIC
    return _reply(request, card_of(entry), is_public=is_public)


@require_safe
def site_card(request: HttpRequest) -> HttpResponseBase:
    """The card of the site."""
    return _reply(request, SITE_CARD, is_public=True)


def card_of(entry: ModelEntry) -> Card:
    """What the card of an entry says: what its badge says, and how far up the ladder it is."""
    state = badge_state(entry, now=timezone.now(), stale_after_days=settings.STALE_AFTER_DAYS)
    badge = badge_of(Facts(**{each.name: getattr(state, each.name) for each in fields(Facts)}))
    version = entry.current_version
    withdrawn = entry.visibility == Visibility.WITHDRAWN
    return Card(
        title=entry.title or entry.name,
        name=entry.name,
        authors=tuple(person.name for person in version.people) if version else (),
        words=badge.message,
        rungs=0 if withdrawn else int(state.level),
        rungs_most=0 if withdrawn else int(max(Level)),
        colour=badge.colour.value,
        above=f"{entry.full_name} · model {entry.accession}",
    )


def _reply(request: HttpRequest, card: Card, *, is_public: bool) -> HttpResponseBase:
    """The picture, drawn only for whoever does not have it already."""
    etag = f'"{card.digest}"'
    known = get_conditional_response(request, etag=etag)
    response = known or HttpResponse(card_png(card), content_type="image/png")
    response["ETag"] = etag
    response["Cache-Control"] = f"{'public' if is_public else 'private'}, no-cache"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_vary_headers(response, ["Cookie"])
    return response


cards_urlpatterns = [
    path("models/<int:accession>/card.png", entry_card, name="entry_card"),
    path("card.png", site_card, name="site_card"),
]
