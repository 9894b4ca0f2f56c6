"""Feeds of models: of any search, for whoever asks, and of a saved one, by its secret key."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from registry.markup import clean_text
from registry.models import ModelEntry, SavedSearch, VerificationRun
from registry.models.entries import Visibility
from registry.selectors.entries import Viewer
from registry.selectors.facets import wanted_said
from registry.selectors.finding import Wanted, entry_list, wanted_read
from registry.selectors.saved_searches import search_by_key, wanted_of_search
from registry.selectors.statistics import public_runs
from registry.spec.ladder import Level

ENTRIES = 50
_Searched = tuple[str, Wanted, Viewer]
if TYPE_CHECKING:
    _Feed = Feed[ModelEntry, _Searched]
    _RunFeed = Feed[VerificationRun, ModelEntry]
else:  # generic in the stubs alone
    _Feed = _RunFeed = Feed


class _ModelFeed(_Feed):
    """The newest models of a search. The object is (title, search, whose eyes)."""

    feed_type = Atom1Feed

    def title(self, obj: _Searched) -> str:
        """What the feed is of."""
        return f"Reprise: {obj[0]}"

    def link(self, obj: _Searched) -> str:
        """The page of the same search."""
        query = obj[1].query()
        return reverse("entry_list") + (f"?{query}" if query else "")

    def items(self, obj: _Searched) -> list[ModelEntry]:
        """The models, the newest first."""
        newest = Wanted(
            text=obj[1].text, owner=obj[1].owner, choices=obj[1].choices, order="newest"
        )
        return list(entry_list(user=obj[2], wanted=newest)[:ENTRIES])

    def item_title(self, item: Any) -> str:  # noqa: ANN401 — as the base class has it
        """The model's title."""
        return clean_text(item.title or item.name)

    def item_description(self, item: Any) -> str:  # noqa: ANN401 — as the base class has it
        """What it is, and what was seen of it."""
        level = Level(item.level).label
        verdict = f"Verified: {level}." if item.verified_at else "Not verified yet."
        return clean_text(f"{item.summary} {verdict}".strip())

    def item_link(self, item: ModelEntry) -> str:
        """Its page."""
        return reverse("entry_page", args=[item.pk])

    def item_pubdate(self, item: ModelEntry) -> datetime:
        """When it came to be."""
        return item.created_at

    def item_updateddate(self, item: ModelEntry) -> datetime:
        """When it, or what is known of it, changed."""
        return max(item.updated_at, item.verified_at or item.updated_at)


class SearchFeed(_ModelFeed):
    """The public models of the search in the address."""

    def get_object(self, request: HttpRequest, *_args: object, **_kwargs: object) -> _Searched:
        """The search, as a stranger sees it: a feed reader is nobody."""
        wanted, _ = wanted_read(request.GET)
        return wanted_said(wanted), wanted, AnonymousUser()


class VerdictFeed(_RunFeed):
    """What was seen of one public model: the newest verifications that came to a verdict."""

    feed_type = Atom1Feed

    def get_object(
        self, request: HttpRequest, *_args: object, accession: int, **_kwargs: object
    ) -> ModelEntry:
        """The model, as a stranger sees it. Raises Http404."""
        del request
        public = ModelEntry.objects.filter(visibility=Visibility.PUBLIC)
        entry = public.filter(pk=accession).first()
        if entry is None:
            raise Http404("No such model, or none that everybody may see.")
        return entry

    def title(self, obj: ModelEntry) -> str:
        """What the feed is of."""
        return clean_text(f"Reprise: {obj.title or obj.name}")

    def link(self, obj: ModelEntry) -> str:
        """The model's page."""
        return reverse("entry_page", args=[obj.pk])

    def items(self, obj: ModelEntry) -> list[VerificationRun]:
        """The verifications, the newest first."""
        runs = public_runs().filter(version__entry=obj).defer("report")
        return list(runs.select_related("version").order_by("-pk")[:ENTRIES])

    def item_title(self, item: Any) -> str:  # noqa: ANN401 — as the base class has it
        """Which version, and how far it came."""
        label = item.version.label or str(item.version.number)
        return clean_text(f"Version {label}: {Level(item.level).label}")

    def item_description(self, item: Any) -> str:  # noqa: ANN401 — as the base class has it
        """Why not further, or what was seen."""
        return clean_text(item.explanation)

    def item_link(self, item: VerificationRun) -> str:
        """Its page."""
        return reverse("run_page", args=[item.pk])

    def item_pubdate(self, item: VerificationRun) -> datetime | None:
        """When it ended."""
        return item.finished_at


class SavedSearchFeed(_ModelFeed):
    """A saved search, as its owner sees it. Whoever knows the key may read it."""

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """As any feed; its address is a secret, and stays out of caches."""
        response = super().__call__(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response

    def get_object(self, request: HttpRequest, *_args: object, **kwargs: Any) -> _Searched:
        """The search of the key. Raises Http404."""
        del request
        search: SavedSearch | None = search_by_key(kwargs["key"])
        if search is None:
            raise Http404("No such feed.")
        return search.name, wanted_of_search(search), search.user
