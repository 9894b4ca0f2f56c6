"""Runs, what they left, and what begins them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.admin.base import EntryRows, ForCurators, site_link
from registry.models import (
    Artifact,
    Bisection,
    Blob,
    Hook,
    HookDelivery,
    InputFile,
    Reproduction,
    SigningKey,
    Upload,
    VerificationRun,
)


@admin.register(VerificationRun)
class RunAdmin(ForCurators):
    """Runs."""

    exclude = ("lease_token",)
    list_display = (
        "id", "version", "state", "outcome", "level", "cause", "attempt", "host", "queued_at",
        "on_site",
    )  # fmt: skip
    list_filter = ("state", "outcome", "cause", "trigger")
    list_select_related = ("version",)
    search_fields = ("=id", "=version__entry__accession", "version__entry__name", "commit", "host")
    date_hierarchy = "queued_at"

    def get_queryset(self, request: HttpRequest) -> Any:  # noqa: ANN401 — Django's own
        """Without the reports, which are most of the table."""
        return super().get_queryset(request).defer("report")

    @admin.display(description="on the site")
    def on_site(self, row: VerificationRun) -> SafeString:
        """The run's page."""
        return site_link("run_page", row.pk)


@admin.register(Artifact)
class ArtifactAdmin(ForCurators):
    """Files kept as evidence."""

    list_display = ("run", "name", "media_type", "blob")
    list_select_related = ("run", "blob")
    search_fields = ("=run__id", "name", "blob__sha256")


@admin.register(Blob)
class BlobAdmin(ForCurators):
    """Stored bytes."""

    list_display = ("sha256", "size", "created_at")
    search_fields = ("sha256",)


@admin.register(Upload)
class UploadAdmin(EntryRows):
    """Archives that were sent."""

    list_display = ("entry", "number", "name", "on_site")
    search_fields = ("=entry__accession", "entry__title", "name")


@admin.register(InputFile)
class InputFileAdmin(EntryRows):
    """Files that models read."""

    list_display = ("entry", "name", "on_site")
    search_fields = ("=entry__accession", "entry__title", "name")


@admin.register(Reproduction)
class ReproductionAdmin(ForCurators):
    """What others report of runs."""

    list_display = ("run", "version", "site", "level", "agrees", "sent_by", "received_at")
    list_filter = ("agrees", "level")
    list_select_related = ("run", "version", "sent_by")
    search_fields = ("site", "keyid", "=run__id", "sent_by__username")
    date_hierarchy = "received_at"


@admin.register(SigningKey)
class SigningKeyAdmin(ForCurators):
    """Public halves of the keys that signed receipts."""

    list_display = ("keyid", "created_at", "retired_at")
    search_fields = ("keyid",)


@admin.register(Hook)
class HookAdmin(EntryRows):
    """Which entries hear of pushes."""

    list_display = ("entry", "branch", "generation", "created_at", "on_site")


@admin.register(HookDelivery)
class HookDeliveryAdmin(ForCurators):
    """Pushes that were taken in."""

    list_display = ("hook", "delivery", "ref", "commit", "received_at")
    list_select_related = ("hook",)
    search_fields = ("delivery", "ref", "commit", "=hook__entry__accession")
    date_hierarchy = "received_at"


@admin.register(Bisection)
class BisectionAdmin(EntryRows):
    """Searches for what broke a model."""

    exclude = ("lease_token",)
    list_display = ("entry", "state", "attempt", "queued_at", "finished_at", "on_site")
    list_filter = ("state",)
    date_hierarchy = "queued_at"
