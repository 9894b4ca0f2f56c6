"""Models and how they are found."""

from django.contrib import admin
from django.utils.safestring import SafeString

from registry.admin.base import EntryRows, ForCurators, site_link
from registry.models import Doi, EntryAlias, Facet, ModelEntry, ModelVersion, Term, Vocabulary


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
        return site_link("entry_page", row.pk)


@admin.register(ModelVersion)
class VersionAdmin(EntryRows):
    """Versions."""

    list_display = ("entry", "number", "state", "commit", "licence", "published_at", "on_site")
    list_filter = ("state",)
    search_fields = ("commit", "address", "tree_swhid", "=entry__accession", "entry__name")
    date_hierarchy = "created_at"


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
class FacetAdmin(EntryRows):
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


@admin.register(EntryAlias)
class EntryAliasAdmin(EntryRows):
    """Names under which entries were once found."""

    list_display = ("owner", "name", "entry", "on_site")
    search_fields = ("owner", "name", "=entry__accession")
