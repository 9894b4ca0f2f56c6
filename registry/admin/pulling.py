"""What was given out: archives, images, exports, calculations, and messages to other programs."""

from django.contrib import admin

from registry.admin.base import EntryRows, ForCurators, LookOnly
from registry.models import (
    BulkExport,
    Calculation,
    CalculationFile,
    EntryCalculations,
    KeptAnswer,
    PullCount,
    PushedImage,
    SavedImage,
    SourceArchive,
    UnpackedFile,
    Webhook,
    WebhookDelivery,
)


@admin.register(PullCount)
class PullCountAdmin(ForCurators):
    """How often versions were pulled."""

    list_display = ("version", "day", "kind", "puller", "count")
    list_filter = ("kind", "puller")
    list_select_related = ("version",)
    search_fields = ("=version__entry__accession",)
    date_hierarchy = "day"


@admin.register(SourceArchive)
class SourceArchiveAdmin(ForCurators):
    """Archives that were made."""

    list_display = ("version", "folder", "format", "blob", "made_at")
    list_filter = ("format",)
    list_select_related = ("version",)
    search_fields = ("=version__entry__accession", "=blob__sha256")
    date_hierarchy = "made_at"


@admin.register(UnpackedFile)
class UnpackedFileAdmin(ForCurators):
    """Large files that are kept as they are."""

    list_display = ("version", "path", "blob", "made_at")
    list_select_related = ("version",)
    search_fields = ("=version__entry__accession", "path", "=blob__sha256")
    date_hierarchy = "made_at"


@admin.register(PushedImage)
class PushedImageAdmin(ForCurators):
    """Images at the OCI registry."""

    list_display = ("run", "state", "repository", "tag", "digest", "size", "tries", "pushed_at")
    list_filter = ("state",)
    list_select_related = ("run",)
    search_fields = ("=run__id", "repository", "digest")
    date_hierarchy = "asked_at"


@admin.register(SavedImage)
class SavedImageAdmin(ForCurators):
    """Images as single files."""

    list_display = ("run", "state", "blob", "tries", "asked_at", "made_at")
    list_filter = ("state",)
    list_select_related = ("run",)
    search_fields = ("=run__id",)
    date_hierarchy = "asked_at"


@admin.register(BulkExport)
class BulkExportAdmin(ForCurators):
    """Exports of all that is public."""

    list_display = ("name", "blob", "made_at")
    search_fields = ("name",)
    date_hierarchy = "made_at"


@admin.register(EntryCalculations)
class EntryCalculationsAdmin(EntryRows):
    """Which models people may run here."""

    list_display = ("entry", "opened_by", "opened_at", "on_site")
    list_select_related = ("entry", "opened_by")


@admin.register(Calculation)
class CalculationAdmin(LookOnly):
    """What was run for whom; what it gave is nobody else's business."""

    exclude = ("lease_token", "log")
    list_display = ("id", "run", "asked_by", "state", "outcome", "seconds", "queued_at")
    list_filter = ("state", "outcome")
    list_select_related = ("run", "asked_by")
    search_fields = ("=id", "=run__id", "asked_by__username")
    date_hierarchy = "queued_at"


@admin.register(CalculationFile)
class CalculationFileAdmin(LookOnly):
    """Files of calculations, by their sha256."""

    list_display = ("calculation", "is_output", "path", "blob")
    list_filter = ("is_output",)
    list_select_related = ("calculation",)
    search_fields = ("=calculation__id", "path")


@admin.register(Webhook)
class WebhookAdmin(LookOnly):
    """Addresses that are told of events."""

    list_display = ("address", "owner", "entry", "is_active", "failing_since", "created_at")
    list_filter = ("is_active",)
    list_select_related = ("owner", "entry")
    search_fields = ("address", "owner__username", "=entry__accession")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LookOnly):
    """What became of each message."""

    list_display = ("webhook", "event", "state", "tries", "status", "created_at", "answered_at")
    list_filter = ("state", "event")
    list_select_related = ("webhook",)
    search_fields = ("=event_id", "webhook__address", "cause")
    date_hierarchy = "created_at"


@admin.register(KeptAnswer)
class KeptAnswerAdmin(LookOnly):
    """That a change was answered; not how."""

    exclude = ("headers", "body")
    list_display = ("key", "user", "status", "created_at")
    list_select_related = ("user",)
    search_fields = ("key", "user__username")
    date_hierarchy = "created_at"
