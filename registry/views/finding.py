"""The front page and the list of models: searched, narrowed, ordered, paged, fed."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import EmptyPage, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from registry.feeds import SearchFeed, VerdictFeed
from registry.models import ModelEntry
from registry.selectors.entries import Viewer
from registry.selectors.facets import chips_of, facets_counted
from registry.selectors.finding import (
    CANDIDATES,
    ORDERS,
    Wanted,
    entry_list,
    usual_order,
    wanted_read,
)
from registry.selectors.front import front_page
from registry.selectors.meant import FEW, count_of, entry_meant, respelt, ways_on
from registry.selectors.vocabularies import subjects_attached
from registry.views.requests import PageRequest

PAGE_SIZE = 20
MOST_PAGES = CANDIDATES // PAGE_SIZE
ORDER_WORDS = {
    "relevance": "best match first",
    "newest": "newest first",
    "updated": "last changed first",
    "verified": "last verified first",
    "level": "highest level first",
    "cheapest": "fastest run first",
}
_PAGE = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """Another spelling of the words: used `instead`, or only offered, with what it would find."""

    text: str
    instead: bool
    count: int


if TYPE_CHECKING:
    _Paginator = Paginator[ModelEntry]
else:  # generic in the stubs alone
    _Paginator = Paginator


class _Counted(_Paginator):
    """Pages of a list whose length was counted up to CANDIDATES, without what only orders it."""

    def __init__(self, found: QuerySet[ModelEntry], *, count: int) -> None:
        super().__init__(found, PAGE_SIZE)
        self._count = count

    @property
    def count(self) -> int:
        """How many there are, up to CANDIDATES."""
        return self._count


@require_safe
def home(request: PageRequest) -> HttpResponse:
    """The front page: what this is, a search, and what is worth a look."""
    return render(request, "registry/home.html", front_page(user=request.user))


@require_safe
def entry_index(request: PageRequest) -> HttpResponseBase:
    """The list with its search and facets; for HTMX, what a search changes of the page.

    1. A number, DOI, commit or owner/name that was typed and sent leads to the model itself.
    2. Words that find nothing are tried in another spelling, and the page says so.
    """
    wanted, _ = wanted_read(request.GET)
    live = bool(request.htmx) and not request.htmx.history_restore_request
    meant = _meant(request.user, wanted)
    if meant and not live:
        return redirect("entry_page", meant.pk)
    searched, spelling, count = _searched(request.user, wanted)
    page = _page(request, searched, count)
    context = _context(request.user, wanted, searched) | {
        "meant": meant,
        "spelling": spelling,
        "entries": subjects_attached(page.object_list),
        "count_words": _count_words(count, wanted=wanted),
        "next_address": _next_address(wanted, page.number + 1) if page.has_next() else "",
        "ways": () if count else ways_on(user=request.user, wanted=wanted, most=CANDIDATES),
    }
    name = "parts/found.html" if live else "registry/entry_list.html"
    response = render(request, name, context)
    response["Vary"] = "HX-Request, Cookie"
    if live:
        response["HX-Push-Url"] = _address(wanted)
    return response


def _meant(user: Viewer, wanted: Wanted) -> ModelEntry | None:
    """The model that was typed, when nothing but a text is wanted and it may mean one."""
    alone = not (wanted.choices or wanted.owner or wanted.exact or wanted.order)
    return entry_meant(user=user, text=wanted.text) if alone and wanted.text.strip() else None


def _searched(user: Viewer, wanted: Wanted) -> tuple[Wanted, Spelling | None, int]:
    """What is listed for what is wanted, with another spelling if there is one, and the count."""
    count = count_of(user=user, wanted=wanted, most=CANDIDATES + 1)
    if count >= FEW or wanted.exact or not wanted.text.strip():
        return wanted, None, count
    text = respelt(wanted.text)
    other = replace(wanted, text=text)
    found = count_of(user=user, wanted=other, most=CANDIDATES + 1) if text else 0
    if found <= count:
        return wanted, None, count
    spelling = Spelling(text=text, instead=count == 0, count=found)
    return (other, spelling, found) if spelling.instead else (wanted, spelling, count)


def _page(request: PageRequest, wanted: Wanted, count: int) -> Any:  # noqa: ANN401 — Django's Page
    pages = _Counted(entry_list(user=request.user, wanted=wanted), count=min(count, CANDIDATES))
    given = request.GET.get("page", "1")
    number = int(given) if _PAGE.fullmatch(given) else 1
    try:
        return pages.page(min(number, MOST_PAGES))
    except EmptyPage as error:
        raise Http404 from error


def _context(user: Viewer, wanted: Wanted, searched: Wanted) -> dict[str, Any]:
    """What the page shows around the rows."""
    usual = usual_order(wanted.text)
    others = [name for name in ORDERS if name not in {usual, "relevance"}]
    return {
        "wanted": wanted,
        "searched": searched,
        "search_words": wanted.text,
        "facets": facets_counted(user=user, wanted=searched),
        "chips": chips_of(wanted),
        "orders": [("", ORDER_WORDS[usual]), *((name, ORDER_WORDS[name]) for name in others)],
        "exact_query": replace(wanted, exact=True).query(),
        "anything": Wanted(text=wanted.text).query(),
        "all_owners": replace(wanted, owner="").query(),
    }


def _count_words(count: int, *, wanted: Wanted) -> str:
    if count > CANDIDATES:
        return f"{CANDIDATES:,}+ models"
    models = "1 model" if count == 1 else f"{count:,} models"
    return f"{models} of {wanted.owner}" if wanted.owner else models


def _address(wanted: Wanted) -> str:
    query = wanted.query()
    return reverse("entry_list") + (f"?{query}" if query else "")


def _next_address(wanted: Wanted, number: int) -> str:
    query = wanted.query()
    return f"{reverse('entry_list')}?{query}{'&' if query else ''}page={number}"


finding_urlpatterns = [
    path("", home, name="home"),
    path("models/", entry_index, name="entry_list"),
    path("models/feed.atom", SearchFeed(), name="list_feed"),
    path("models/<int:accession>/feed.atom", VerdictFeed(), name="entry_feed"),
]
