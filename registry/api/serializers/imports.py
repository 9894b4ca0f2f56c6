"""What is asked of servers elsewhere and brought from there, as JSON and as it may be sent."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.base import Strict
from registry.api.serializers.articles import ArticleSerializer
from registry.api.serializers.linked import FailureSerializer, Linked
from registry.api.serializers.people import PersonSerializer
from registry.imports.model import ImportedModel
from registry.models import Lookup
from registry.models.outside import LookupKind, LookupState
from registry.selectors.imports import entry_from_source
from registry.selectors.lookups import lookup_latest
from registry.services.imports import imported_missing, terms_found
from registry.services.tables import RowState, TableRow, rows_of
from registry.services.versions import ADDRESS_CHARACTERS

# Named in portal/settings.py, so that the schema gives each set of words a name of its own.
ASKED = [LookupKind.ARTICLE.value, LookupKind.REFS.value]
ROW_STATES = [state.value for state in RowState]


class RefsSerializer(serializers.Serializer[Any]):
    """The names under which a repository's commits are found."""

    tags = serializers.ListField(child=serializers.CharField())
    branches = serializers.ListField(child=serializers.CharField())


class AskedSerializer(Linked):
    """A question to a server elsewhere; ask again until `state` is not `pending`."""

    door = ""
    url = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=LookupState.choices)
    failure = FailureSerializer(source="failure_value", allow_null=True)

    class Meta:
        """How far it has come. Kept for a day."""

        model = Lookup
        fields: tuple[str, ...] = ("url", "id", "address", "state", "failure", "asked_at")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, lookup: Lookup) -> str:
        """The question's address, for whoever asked it."""
        return self.link(self.door, lookup.pk)


class LookupSerializer(AskedSerializer):
    """A question for an article by DOI, or for the tags and branches of a repository."""

    door = "lookup"
    kind = serializers.ChoiceField(choices=ASKED)
    article = serializers.SerializerMethodField()
    refs = serializers.SerializerMethodField()

    class Meta(AskedSerializer.Meta):
        """With what was answered."""

        fields = (*AskedSerializer.Meta.fields, "kind", "article", "refs")
        read_only_fields = fields

    @extend_schema_field(ArticleSerializer(allow_null=True))
    def get_article(self, lookup: Lookup) -> dict[str, Any] | None:
        """The article, once it is known."""
        known = lookup.kind == LookupKind.ARTICLE and lookup.state == LookupState.ANSWERED
        return dict(ArticleSerializer(lookup.article_value).data) if known else None

    @extend_schema_field(RefsSerializer(allow_null=True))
    def get_refs(self, lookup: Lookup) -> dict[str, Any] | None:
        """The tags and branches, once they are known."""
        known = lookup.kind == LookupKind.REFS and lookup.state == LookupState.ANSWERED
        return dict(RefsSerializer(lookup.result).data) if known else None


class UnknownTermSerializer(serializers.Serializer[Any]):
    """A word that is no term here, and the terms near it."""

    vocabulary = serializers.CharField()
    name = serializers.CharField()
    near = serializers.ListField(child=serializers.CharField())


class ImportedModelSerializer(serializers.Serializer[Any]):
    """What was understood of a model that is described elsewhere. What is not said is empty."""

    origin = serializers.CharField()
    page = serializers.CharField()
    address = serializers.CharField()
    ref = serializers.CharField()
    folder = serializers.CharField()
    archive = serializers.CharField()
    name = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    description = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    licence = serializers.CharField()
    container_image = serializers.CharField()
    authors = PersonSerializer(many=True)
    article = ArticleSerializer(allow_null=True)
    keywords = serializers.ListField(child=serializers.CharField())
    left_out = serializers.ListField(child=serializers.CharField())
    missing = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField()
    unknown_terms = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, imported: ImportedModel) -> list[str]:
        """What readers will look for and is not said."""
        return imported_missing(imported)

    @extend_schema_field(
        serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    )
    def get_terms(self, imported: ImportedModel) -> dict[str, tuple[str, ...]]:
        """Vocabulary → the words that are terms here."""
        return terms_found(imported.terms).known

    @extend_schema_field(UnknownTermSerializer(many=True))
    def get_unknown_terms(self, imported: ImportedModel) -> list[dict[str, Any]]:
        """The words that are none, and are left out."""
        unknown = terms_found(imported.terms).unknown
        return [dict(UnknownTermSerializer(term).data) for term in unknown]


class ImportSerializer(AskedSerializer):
    """A description of a model elsewhere, and what would be made of it.

    `there` is the accession of a model of the caller's that is read from the same place.
    `repository` says whether its repository answers; null when it names none.
    """

    door = "import"
    understood = serializers.SerializerMethodField()
    there = serializers.SerializerMethodField()
    repository = serializers.SerializerMethodField()

    class Meta(AskedSerializer.Meta):
        """With what was understood."""

        fields = (*AskedSerializer.Meta.fields, "understood", "there", "repository")
        read_only_fields = fields

    @extend_schema_field(ImportedModelSerializer(allow_null=True))
    def get_understood(self, lookup: Lookup) -> dict[str, Any] | None:
        """What was understood, once it is."""
        found = _imported(lookup)
        return dict(ImportedModelSerializer(found).data) if found else None

    def get_there(self, lookup: Lookup) -> int | None:
        """The model that is there already."""
        found = _imported(lookup)
        if found is None or not found.address:
            return None
        place = {"address": found.address, "ref": found.ref, "folder": found.folder}
        entry = entry_from_source(owner=lookup.asked_by, **place)
        return entry.pk if entry else None

    @extend_schema_field(LookupSerializer(allow_null=True))
    def get_repository(self, lookup: Lookup) -> dict[str, Any] | None:
        """The question for its tags and branches, which went with the import."""
        found = _imported(lookup)
        if found is None or not found.address:
            return None
        asked = lookup_latest(user=lookup.asked_by, kind=LookupKind.REFS, address=found.address)
        return dict(LookupSerializer(asked, context=self.context).data) if asked else None


class TableRowSerializer(serializers.Serializer[Any]):
    """A row of a table: what becomes of it, and why."""

    line = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ROW_STATES)
    said = serializers.CharField()
    model = serializers.IntegerField(source="accession", allow_null=True)
    title = serializers.CharField(source="model.title", default="")
    address = serializers.CharField(source="model.address", default="")
    ref = serializers.CharField(source="model.ref", default="")
    folder = serializers.CharField(source="model.folder", default="")


class TableSerializer(Linked):
    """A table of models, and what would become of each row; at most 500."""

    url = serializers.SerializerMethodField()
    rows = serializers.SerializerMethodField()

    class Meta:
        """Kept for a day."""

        model = Lookup
        fields = ("url", "id", "address", "asked_at", "rows")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, lookup: Lookup) -> str:
        """The table's address, for whoever sent it."""
        return self.link("import-table", lookup.pk)

    @extend_schema_field(TableRowSerializer(many=True))
    def get_rows(self, lookup: Lookup) -> list[dict[str, Any]]:
        """Each row."""
        rows: tuple[TableRow, ...] = rows_of(lookup)
        return [dict(TableRowSerializer(row).data) for row in rows]


class LookupBody(Strict):
    """What is asked for: the article of a DOI, or the tags and branches of a repository."""

    kind = serializers.ChoiceField(choices=ASKED)
    address = serializers.CharField(
        max_length=ADDRESS_CHARACTERS, help_text="A DOI, or what `git clone` takes."
    )

    def validate_kind(self, value: str) -> LookupKind:
        """The kind as its value."""
        return LookupKind(value)


class ImportBody(Strict):
    """The address of a model's page at another portal, or a file that describes it."""

    address = serializers.CharField(max_length=ADDRESS_CHARACTERS, required=False)
    file = serializers.FileField(required=False, help_text="As multipart/form-data.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of both. Raises ValidationError."""
        if len(attrs) != 1:
            raise serializers.ValidationError("Send an address or a file: one of both is read.")
        return attrs


class TableBody(Strict):
    """A table of models, as a spreadsheet saves it."""

    file = serializers.FileField(help_text="CSV, as multipart/form-data; at most 500 rows.")


def _imported(lookup: Lookup) -> ImportedModel | None:
    return lookup.model_value if lookup.state == LookupState.ANSWERED else None
