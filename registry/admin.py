"""The curators' pages: people and entries can be changed, what is evidence only looked at."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model
from django.http import HttpRequest

from registry.models import (
    ApiToken,
    Artifact,
    Blob,
    Membership,
    ModelEntry,
    ModelVersion,
    User,
    VerificationRun,
)

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
    _UserAdmin = UserAdmin[User]
else:  # generic in the stubs alone
    _Admin, _UserAdmin = admin.ModelAdmin, UserAdmin


class LookOnly(_Admin):
    """Pages that change nothing: services alone write these tables, and triggers guard them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a row by hand."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes a row by hand."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes a row by hand."""
        del request, obj
        return False


@admin.register(User)
class PersonAdmin(_UserAdmin):
    """People, with what Reprise adds to Django's account."""

    fieldsets = (*(UserAdmin.fieldsets or ()), ("Science", {"fields": ("orcid", "affiliation")}))
    list_display = ("username", "email", "orcid", "affiliation", "is_staff")


@admin.register(Membership)
class MembershipAdmin(_Admin):
    """Who may do what with which entry."""

    list_display = ("entry", "user", "role")
    list_select_related = ("entry", "user")
    raw_id_fields = ("entry", "user")


@admin.register(ModelEntry)
class EntryAdmin(LookOnly):
    """Entries: changed on their own pages, where the services keep copies and search right."""

    list_display = ("accession", "owner", "name", "visibility", "level", "outcome", "updated_at")
    list_filter = ("visibility", "level", "outcome")
    list_select_related = ("owner",)
    search_fields = ("name", "title", "owner__username")


@admin.register(ModelVersion)
class VersionAdmin(LookOnly):
    """Versions."""

    list_display = ("entry", "number", "state", "commit", "published_at")
    list_filter = ("state",)
    list_select_related = ("entry",)
    search_fields = ("commit", "address")


@admin.register(VerificationRun)
class RunAdmin(LookOnly):
    """Runs."""

    list_display = ("id", "version", "state", "outcome", "level", "cause", "attempt", "host")
    list_filter = ("state", "outcome", "cause", "trigger")
    list_select_related = ("version",)


@admin.register(ApiToken)
class TokenAdmin(LookOnly):
    """Tokens, by their prefix; the digest is nobody's business."""

    exclude = ("digest",)
    list_display = ("prefix", "user", "name", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)


@admin.register(Artifact)
class ArtifactAdmin(LookOnly):
    """Files kept as evidence."""

    list_display = ("run", "name", "media_type", "blob")
    list_select_related = ("run", "blob")


@admin.register(Blob)
class BlobAdmin(LookOnly):
    """Stored bytes."""

    list_display = ("sha256", "size", "created_at")
