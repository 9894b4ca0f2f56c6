"""Tables for curators and operators: to be searched and looked at.

Accounts are changed here, and nothing else: what services write, and triggers guard, is changed on
the site's own pages, where it is checked, recorded and told. No digest and no key is shown.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.models import (
    ApiToken,
    Artifact,
    AuditEvent,
    Bisection,
    Blob,
    Collection,
    CollectionItem,
    Doi,
    EntryAlias,
    Facet,
    Follow,
    GroupGrant,
    GroupMember,
    Hook,
    HookDelivery,
    InputFile,
    Lookup,
    Membership,
    ModelEntry,
    ModelVersion,
    NewsChoice,
    Notification,
    ProblemReport,
    Reproduction,
    ResearchGroup,
    ReviewerLink,
    SavedSearch,
    SigningKey,
    Term,
    Transfer,
    TypedForm,
    Upload,
    User,
    VerificationRun,
    Vocabulary,
)

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
    _UserAdmin = UserAdmin[User]
else:  # generic in the stubs alone
    _Admin, _UserAdmin = admin.ModelAdmin, UserAdmin

_ROWS = 50


class LookOnly(_Admin):
    """Pages that change nothing. Superusers see them; others need Django's right to view."""

    list_per_page = _ROWS
    show_full_result_count = False  # on tables of millions the count costs more than the page

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


class ForCurators(LookOnly):
    """Of what curators see on the site anyway, the tables too."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Every curator."""
        del obj
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Every curator."""
        return self.has_view_permission(request)


def _link(name: str, *arguments: object, words: object = "open") -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(name, args=arguments), words)


class _OfEntry(ForCurators):
    """Rows that belong to an entry, with a link to its page."""

    list_select_related: ClassVar[tuple[str, ...]] = ("entry",)
    search_fields: ClassVar[tuple[str, ...]] = ("=entry__accession", "entry__name", "entry__title")

    @admin.display(description="on the site")
    def on_site(self, row: Any) -> SafeString:  # noqa: ANN401 — a row of any such table
        """The entry's page."""
        return _link("entry_page", row.entry_id, words=f"model {row.entry_id}")


@admin.register(User)
class PersonAdmin(_UserAdmin):
    """People, with what Reprise adds to Django's account."""

    fieldsets = (*(UserAdmin.fieldsets or ()), ("Science", {"fields": ("orcid", "affiliation")}))
    list_display = ("username", "email", "orcid", "affiliation", "is_staff", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("username", "email", "first_name", "last_name", "orcid", "affiliation")
    date_hierarchy = "date_joined"
    list_per_page = _ROWS


@admin.register(ModelEntry)
class EntryAdmin(ForCurators):
    """Entries: changed on their own pages, where the services keep copies and search right."""

    list_display = (
        "accession", "owner", "name", "visibility", "level", "outcome", "completeness",
        "featured_at", "updated_at", "on_site",
    )  # fmt: skip
    list_filter = ("visibility", "level", "outcome", "repaired", "needs_gpu")
    list_select_related = ("owner",)
    search_fields = ("=accession", "name", "title", "owner__username")
    date_hierarchy = "created_at"

    @admin.display(description="on the site")
    def on_site(self, row: ModelEntry) -> SafeString:
        """The entry's page."""
        return _link("entry_page", row.pk)


@admin.register(ModelVersion)
class VersionAdmin(_OfEntry):
    """Versions."""

    list_display = ("entry", "number", "state", "commit", "licence", "published_at", "on_site")
    list_filter = ("state",)
    search_fields = ("commit", "address", "tree_swhid", "=entry__accession", "entry__name")
    date_hierarchy = "created_at"


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
        return _link("run_page", row.pk)


@admin.register(Membership)
class MembershipAdmin(_OfEntry):
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
        return _link("group_page", row.name)


@admin.register(GroupMember)
class GroupMemberAdmin(ForCurators):
    """Who belongs to which group."""

    list_display = ("group", "user", "is_manager", "invited_at", "accepted_at")
    list_filter = ("is_manager",)
    list_select_related = ("group", "user")
    search_fields = ("group__name", "user__username")


@admin.register(GroupGrant)
class GroupGrantAdmin(_OfEntry):
    """What groups may do with which entry."""

    list_display = ("entry", "group", "role", "on_site")
    list_filter = ("role",)
    list_select_related = ("entry", "group")
    search_fields = ("=entry__accession", "entry__name", "group__name")


@admin.register(ReviewerLink)
class ReviewerLinkAdmin(_OfEntry):
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
class TransferAdmin(_OfEntry):
    """Offers of entries."""

    list_display = ("entry", "sender", "recipient", "created_at", "ended_at", "accepted", "on_site")
    list_filter = ("accepted",)
    list_select_related = ("entry", "sender", "recipient")
    search_fields = ("=entry__accession", "sender__username", "recipient__username")
    date_hierarchy = "created_at"


@admin.register(EntryAlias)
class EntryAliasAdmin(_OfEntry):
    """Names under which entries were once found."""

    list_display = ("owner", "name", "entry", "on_site")
    search_fields = ("owner", "name", "=entry__accession")


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
        return _link("collection_page", row.owner.username, row.name)


@admin.register(CollectionItem)
class CollectionItemAdmin(_OfEntry):
    """What is in collections."""

    list_display = ("collection", "position", "entry", "note", "on_site")
    list_select_related = ("collection", "entry")
    search_fields = ("collection__title", "entry__title", "=entry__accession", "note")


@admin.register(ProblemReport)
class ProblemReportAdmin(_OfEntry):
    """Reports; ended on the curators' own page, which answers whoever made them."""

    list_display = ("id", "kind", "entry", "reporter", "state", "created_at", "answer")
    list_filter = ("state", "kind")
    list_select_related = ("entry", "reporter")
    search_fields = ("text", "resolution", "entry__title", "=entry__accession", "email")
    date_hierarchy = "created_at"

    @admin.display(description="on the site")
    def answer(self, row: ProblemReport) -> SafeString:
        """The report's page."""
        return _link("curation_report", row.pk)


@admin.register(AuditEvent)
class AuditEventAdmin(ForCurators):
    """The record of who did what."""

    list_display = ("at", "actor", "action", "subject", "accession")
    search_fields = ("actor", "action", "subject", "=accession")
    date_hierarchy = "at"


@admin.register(Vocabulary)
class VocabularyAdmin(ForCurators):
    """Vocabularies; edited on their own pages."""

    list_display = ("slug", "name", "is_open", "position")
    search_fields = ("slug", "name")


@admin.register(Term)
class TermAdmin(ForCurators):
    """Their terms."""

    list_display = ("path", "name", "vocabulary", "merged_into")
    list_filter = ("vocabulary",)
    list_select_related = ("vocabulary", "merged_into")
    search_fields = ("path", "name", "uri")


@admin.register(Facet)
class FacetAdmin(_OfEntry):
    """Which terms entries bear, and who says so."""

    list_display = ("entry", "term", "origin", "on_site")
    list_filter = ("origin",)
    list_select_related = ("entry", "term")
    search_fields = ("=entry__accession", "entry__title", "term__path", "term__name")


@admin.register(Doi)
class DoiAdmin(ForCurators):
    """DOIs minted here."""

    list_display = ("doi", "version", "state", "registered_at", "asked_at")
    list_filter = ("state",)
    list_select_related = ("version",)
    search_fields = ("doi", "=version__entry__accession", "failure")
    date_hierarchy = "asked_at"


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
class UploadAdmin(_OfEntry):
    """Archives that were sent."""

    list_display = ("entry", "number", "name", "on_site")
    search_fields = ("=entry__accession", "entry__title", "name")


@admin.register(InputFile)
class InputFileAdmin(_OfEntry):
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
class HookAdmin(_OfEntry):
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
class BisectionAdmin(_OfEntry):
    """Searches for what broke a model."""

    exclude = ("lease_token",)
    list_display = ("entry", "state", "attempt", "queued_at", "finished_at", "on_site")
    list_filter = ("state",)
    date_hierarchy = "queued_at"


# What is between a person and the portal: for superusers, when somebody asks for help.


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
