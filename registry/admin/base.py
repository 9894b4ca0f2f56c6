"""What all tables have in common: to be searched and looked at."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:  # generic in the stubs alone
    _Admin = admin.ModelAdmin

ROWS = 50


class LookOnly(_Admin):
    """Pages that change nothing. Superusers see them; others need Django's right to view."""

    list_per_page = ROWS
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


def site_link(name: str, *arguments: object, words: object = "open") -> SafeString:
    """A link to a page of the site."""
    return format_html('<a href="{}">{}</a>', reverse(name, args=arguments), words)


class EntryRows(ForCurators):
    """Rows that belong to an entry, with a link to its page."""

    list_select_related: ClassVar[tuple[str, ...]] = ("entry",)
    search_fields: ClassVar[tuple[str, ...]] = ("=entry__accession", "entry__name", "entry__title")

    @admin.display(description="on the site")
    def on_site(self, row: Any) -> SafeString:  # noqa: ANN401 — a row of any such table
        """The entry's page."""
        return site_link("entry_page", row.entry_id, words=f"model {row.entry_id}")
