"""What pages show of the person who reads: news, what they follow, their settings."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from registry.models import ModelEntry
from registry.selectors.entries import Viewer
from registry.selectors.news import followers_count, follows, news_unread_count

register = template.Library()
_SETTINGS = (
    ("profile", "Profile"),
    ("account_email", "E-mail addresses"),
    ("account_change_password", "Password"),
    ("mfa_index", "Two-factor sign-in"),
    ("socialaccount_connections", "Connected accounts"),
    ("token_list", "API tokens"),
    ("webhook_list", "Webhooks"),
    ("news_choices", "Notifications"),
    ("saved_search_list", "Saved searches"),
    ("group_list", "Groups"),
    ("account_close", "Close the account"),
)


@dataclass(frozen=True, kw_only=True)
class SettingsPage:
    """A page of a person's settings, as the navigation beside each of them shows it."""

    label: str
    address: str
    current: bool


@register.simple_tag
def news_count(user: Viewer) -> int:
    """How many unread pieces of news somebody has: one query, and none for strangers."""
    return news_unread_count(user) if user.is_authenticated else 0


@register.inclusion_tag("parts/follow.html", takes_context=True)
def follow_button(context: template.Context, entry: ModelEntry) -> dict[str, Any]:
    """The button by which a person follows an entry, and how many do."""
    user = context["request"].user
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "entry": entry,
        "user": user,
        "following": follows(user=user, entry=entry),
        "followers": followers_count(entry),
    }


@register.inclusion_tag("parts/settings_nav.html", takes_context=True)
def settings_nav(context: template.Context) -> dict[str, Any]:
    """The pages of a person's settings, the one that is shown marked."""
    here = context["request"].path
    pages = [
        SettingsPage(label=label, address=address, current=here.startswith(address))
        for name, label in _SETTINGS
        if (address := _address(name))
    ]
    return {"pages": pages}


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
