"""What stands above every page of an entry: its name, its verdict, the tabs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from registry.models import ModelEntry
from registry.selectors.entries import entry_may_edit, entry_may_withdraw
from registry.selectors.runs import stale_words
from registry.selectors.vocabularies import entry_terms
from registry.views.badges import badge_links
from registry.views.requests import PageRequest


class Tab(StrEnum):
    """The tabs of an entry, in their order; the value is the name of the tab's address."""

    OVERVIEW = "entry_page"
    FILES = "entry_files"
    REPRODUCIBILITY = "entry_reproducibility"
    VERSIONS = "entry_versions"
    USE = "entry_use"
    CITE = "entry_cite"
    SETTINGS = "entry_settings"


_FOR_EDITORS = frozenset({Tab.SETTINGS})


@dataclass(frozen=True, kw_only=True)
class ShownTab:
    """A tab as the page shows it."""

    label: str
    address: str
    current: bool


def entry_frame(request: PageRequest, entry: ModelEntry, tab: Tab) -> dict[str, Any]:
    """The context of templates/registry/entry_frame.html, which every tab's template extends.

    `whole` says that all of what stands above the fold is shown, as on the overview; on the other
    tabs the name, the authors and the verdict in one line. No query of a stranger's but one.
    """
    version = entry.current_version
    may_edit = entry_may_edit(user=request.user, entry=entry)
    return {
        "entry": entry,
        "version": version,
        "people": version.people if version else (),
        "may_edit": may_edit,
        "may_withdraw": may_edit and entry_may_withdraw(user=request.user, entry=entry),
        "page": settings.PUBLIC_URL.rstrip("/") + reverse("entry_page", args=[entry.accession]),
        "badge": badge_links(entry),
        "whole": tab is Tab.OVERVIEW,
        "stale": stale_words(
            entry,
            version,
            date=entry.verified_at,
            now=timezone.now(),
            stale_after_days=settings.STALE_AFTER_DAYS,
        ),
        "vocabularies": entry_terms(entry) if tab is Tab.OVERVIEW else (),
        "tabs": [
            ShownTab(
                label=one.name.capitalize(),
                address=reverse(one.value, args=[entry.accession]),
                current=one is tab,
            )
            for one in Tab
            if may_edit or one not in _FOR_EDITORS
        ],
    }
