"""Accounts, and what is between a person and the portal.

The latter for superusers, when somebody asks for help.
"""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from registry.admin.base import ROWS, LookOnly
from registry.models import (
    ApiToken,
    Follow,
    Lookup,
    NewsChoice,
    Notification,
    SavedSearch,
    TypedForm,
    User,
)

if TYPE_CHECKING:
    _AccountAdmin = UserAdmin[User]
else:  # generic in the stubs alone
    _AccountAdmin = UserAdmin


@admin.register(User)
class PersonAdmin(_AccountAdmin):
    """People, with what Reprise adds to Django's account."""

    fieldsets = (*(UserAdmin.fieldsets or ()), ("Science", {"fields": ("orcid", "affiliation")}))
    list_display = ("username", "email", "orcid", "affiliation", "is_staff", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("username", "email", "first_name", "last_name", "orcid", "affiliation")
    date_hierarchy = "date_joined"
    list_per_page = ROWS


@admin.register(ApiToken)
class TokenAdmin(LookOnly):
    """Tokens, by their prefix; the digest is nobody's business."""

    exclude = ("digest",)
    list_display = ("prefix", "user", "name", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("prefix", "name", "user__username")
    date_hierarchy = "created_at"


@admin.register(Notification)
class NotificationAdmin(LookOnly):
    """What people were told."""

    list_display = ("sentence", "user", "kind", "created_at", "read_at", "mail", "mailed_at")
    list_filter = ("kind", "mail")
    list_select_related = ("user",)
    search_fields = ("user__username", "cause", "sentence")
    date_hierarchy = "created_at"


@admin.register(NewsChoice)
class NewsChoiceAdmin(LookOnly):
    """How people want to be told."""

    list_display = ("user", "kind", "on_site", "mail")
    list_filter = ("kind", "mail")
    list_select_related = ("user",)
    search_fields = ("user__username",)


@admin.register(Follow)
class FollowAdmin(LookOnly):
    """Who follows what."""

    list_display = ("user", "entry", "created_at")
    list_select_related = ("user", "entry")
    search_fields = ("user__username", "=entry__accession", "entry__title")


@admin.register(SavedSearch)
class SavedSearchAdmin(LookOnly):
    """Searches that people keep, without the keys of their feeds."""

    exclude = ("feed_key",)
    list_display = ("name", "user", "notify", "created_at", "seen_at")
    list_filter = ("notify",)
    list_select_related = ("user",)
    search_fields = ("name", "query", "user__username")


@admin.register(Lookup)
class LookupAdmin(LookOnly):
    """What was asked of servers elsewhere."""

    list_display = ("kind", "address", "state", "asked_by", "asked_at", "answered_at")
    list_filter = ("kind", "state")
    list_select_related = ("asked_by",)
    search_fields = ("address", "asked_by__username")
    date_hierarchy = "asked_at"


@admin.register(TypedForm)
class TypedFormAdmin(LookOnly):
    """That somebody has typed what is not saved yet; not what."""

    exclude = ("data",)
    list_display = ("entry", "user", "revision", "saved_at")
    list_select_related = ("entry", "user")
    search_fields = ("user__username", "=entry__accession")
