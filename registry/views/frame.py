"""What stands above every page of an entry: its name, its verdict, the tabs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.urls import NoReverseMatch, reverse

from registry.models import ModelEntry
from registry.selectors.entries import entry_may_edit, entry_may_withdraw
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
    """The context of templates/registry/entry_frame.html, which every tab's template extends."""
    version = entry.current_version
    may_edit = entry_may_edit(user=request.user, entry=entry)
    return {
        "entry": entry,
        "version": version,
        "people": version.people if version else (),
        "may_edit": may_edit,
        "may_withdraw": may_edit and entry_may_withdraw(user=request.user, entry=entry),
        "badge": badge_links(entry),
        "tabs": [
            ShownTab(label=one.name.capitalize(), address=_address(one, entry), current=one is tab)
            for one in Tab
            if (may_edit or one not in _FOR_EDITORS) and _address(one, entry)
        ],
    }


def _address(tab: Tab, entry: ModelEntry) -> str:
    try:
        return reverse(tab.value, args=[entry.accession])
    except NoReverseMatch:
        return ""
