"""The addresses of publishing, step by step."""

from django.urls import path

from registry.views.wizard.check import entry_edit, entry_typed, entry_typed_discard
from registry.views.wizard.release import draft_delete, entry_release
from registry.views.wizard.source import entry_source, publish, version_new, version_tags
from registry.views.wizard.trying import entry_try

wizard_urlpatterns = [
    path("publish/", publish, name="publish"),
    path("models/<int:accession>/source/", entry_source, name="entry_source"),
    path("models/<int:accession>/edit/", entry_edit, name="entry_edit"),
    path("models/<int:accession>/edit/typed/", entry_typed, name="entry_typed"),
    path("models/<int:accession>/edit/discard/", entry_typed_discard, name="entry_typed_discard"),
    path("models/<int:accession>/try/", entry_try, name="entry_try"),
    path("models/<int:accession>/publish/", entry_release, name="entry_release"),
    path("models/<int:accession>/delete/", draft_delete, name="draft_delete"),
    path("models/<int:accession>/versions/new/", version_new, name="version_new"),
    path("models/<int:accession>/versions/new/tags/", version_tags, name="version_tags"),
]
