"""Who shares what with whom, and what curators are told and did."""

from django.contrib import admin
from django.utils.safestring import SafeString

from registry.admin.base import EntryRows, ForCurators, site_link
from registry.models import (
    AuditEvent,
    Collection,
    CollectionItem,
    GroupGrant,
    GroupMember,
    Membership,
    ProblemReport,
    ResearchGroup,
    ReviewerLink,
    Transfer,
)


@admin.register(Membership)
class MembershipAdmin(EntryRows):
    """Who may do what with which entry; changed on the entry's settings tab."""

    list_display = ("entry", "user", "role", "on_site")
    list_filter = ("role",)
    list_select_related = ("entry", "user")
    search_fields = ("=entry__accession", "entry__name", "user__username")


@admin.register(ResearchGroup)
class GroupAdmin(ForCurators):
    """Groups."""

    list_display = ("name", "title", "created_at", "on_site")
    search_fields = ("name", "title")
    date_hierarchy = "created_at"

    @admin.display(description="on the site")
    def on_site(self, row: ResearchGroup) -> SafeString:
        """The group's page."""
        return site_link("group_page", row.name)


@admin.register(GroupMember)
class GroupMemberAdmin(ForCurators):
    """Who belongs to which group."""

    list_display = ("group", "user", "is_manager", "invited_at", "accepted_at")
    list_filter = ("is_manager",)
    list_select_related = ("group", "user")
    search_fields = ("group__name", "user__username")


@admin.register(GroupGrant)
class GroupGrantAdmin(EntryRows):
    """What groups may do with which entry."""

    list_display = ("entry", "group", "role", "on_site")
    list_filter = ("role",)
    list_select_related = ("entry", "group")
    search_fields = ("=entry__accession", "entry__name", "group__name")


@admin.register(ReviewerLink)
class ReviewerLinkAdmin(EntryRows):
    """Reviewers' links, without what would open them."""

    exclude = ("digest",)
    list_display = (
        "label", "entry", "is_anonymous", "created_by", "created_at", "expires_at", "revoked_at",
        "last_used_at", "on_site",
    )  # fmt: skip
    list_filter = ("is_anonymous",)
    list_select_related = ("entry", "created_by")
    search_fields = ("label", "=entry__accession", "entry__name", "created_by__username")
    date_hierarchy = "created_at"


@admin.register(Transfer)
class TransferAdmin(EntryRows):
    """Offers of entries."""

    list_display = ("entry", "sender", "recipient", "created_at", "ended_at", "accepted", "on_site")
    list_filter = ("accepted",)
    list_select_related = ("entry", "sender", "recipient")
    search_fields = ("=entry__accession", "sender__username", "recipient__username")
    date_hierarchy = "created_at"


@admin.register(Collection)
class CollectionAdmin(ForCurators):
    """Collections."""

    list_display = ("title", "owner", "is_public", "featured_at", "updated_at", "on_site")
    list_filter = ("is_public",)
    list_select_related = ("owner",)
    search_fields = ("title", "name", "owner__username")
    date_hierarchy = "created_at"

    @admin.display(description="on the site")
    def on_site(self, row: Collection) -> SafeString:
        """The collection's page."""
        return site_link("collection_page", row.owner.username, row.name)


@admin.register(CollectionItem)
class CollectionItemAdmin(EntryRows):
    """What is in collections."""

    list_display = ("collection", "position", "entry", "note", "on_site")
    list_select_related = ("collection", "entry")
    search_fields = ("collection__title", "entry__title", "=entry__accession", "note")


@admin.register(ProblemReport)
class ProblemReportAdmin(EntryRows):
    """Reports; ended on the curators' own page, which answers whoever made them."""

    list_display = ("id", "kind", "entry", "reporter", "state", "created_at", "answer")
    list_filter = ("state", "kind")
    list_select_related = ("entry", "reporter")
    search_fields = ("text", "resolution", "entry__title", "=entry__accession", "email")
    date_hierarchy = "created_at"

    @admin.display(description="on the site")
    def answer(self, row: ProblemReport) -> SafeString:
        """The report's page."""
        return site_link("curation_report", row.pk)


@admin.register(AuditEvent)
class AuditEventAdmin(ForCurators):
    """The record of who did what."""

    list_display = ("at", "actor", "action", "subject", "accession")
    search_fields = ("actor", "action", "subject", "=accession")
    date_hierarchy = "at"
