"""Entries as JSON."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.serializers.linked import Linked, page_address
from registry.api.serializers.versions import VersionSerializer
from registry.api.serializers.words import CAUSES, LEVELS, REPAIRS, VERDICTS
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.selectors.sharing import merged_into
from registry.selectors.vocabularies import entry_terms
from registry.spec.ladder import Level


class EntryRowSerializer(Linked):
    """An entry as lists show it."""

    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()
    badge = serializers.SerializerMethodField()
    owner = serializers.CharField(source="owner.username")
    full_name = serializers.CharField()
    level_name = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    cause = serializers.SerializerMethodField()
    lost_cause = serializers.SerializerMethodField()
    repairs = serializers.ListField(child=serializers.ChoiceField(choices=REPAIRS), read_only=True)
    version = serializers.SerializerMethodField()

    class Meta:
        """What one query brings."""

        model = ModelEntry
        fields: tuple[str, ...] = (
            "url",
            "page",
            "badge",
            "accession",
            "owner",
            "name",
            "full_name",
            "title",
            "summary",
            "keywords",
            "visibility",
            "level",
            "level_name",
            "outcome",
            "cause",
            "tests_pass",
            "repaired",
            "repairs",
            "verified_at",
            "lost_at",
            "lost_cause",
            "version",
            "created_at",
            "updated_at",
        )

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, entry: ModelEntry) -> str:
        """The entry's address."""
        return self.link("model", entry.accession)

    @extend_schema_field(OpenApiTypes.URI)
    def get_page(self, entry: ModelEntry) -> str:
        """The permanent address for people."""
        return page_address(self.context["request"], entry)

    @extend_schema_field(OpenApiTypes.URI)
    def get_badge(self, entry: ModelEntry) -> str:
        """The badge for a README or a paper."""
        return f"{page_address(self.context['request'], entry)}badge.svg"

    @extend_schema_field(serializers.ChoiceField(choices=LEVELS))
    def get_level_name(self, entry: ModelEntry) -> str:
        """The level's name."""
        return Level(entry.level).label

    @extend_schema_field(serializers.ChoiceField(choices=VERDICTS, allow_null=True))
    def get_outcome(self, entry: ModelEntry) -> str | None:
        """How the last decided run ended; null before the first."""
        return entry.outcome or None

    @extend_schema_field(serializers.ChoiceField(choices=CAUSES, allow_null=True))
    def get_cause(self, entry: ModelEntry) -> str | None:
        """Why the next level was missed; null when nothing failed."""
        return entry.cause or None

    @extend_schema_field(serializers.ChoiceField(choices=CAUSES, allow_null=True))
    def get_lost_cause(self, entry: ModelEntry) -> str | None:
        """Why what once worked is lost; null when nothing is lost, or nothing named failed."""
        return entry.lost_cause or None

    def get_version(self, entry: ModelEntry) -> int | None:
        """The number of the version that the level speaks of."""
        return entry.current_version.number if entry.current_version else None


class EntrySerializer(EntryRowSerializer):
    """An entry with its current version; to its editors, also with the one not yet published."""

    version = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField()
    merged_into = serializers.SerializerMethodField()
    draft_version = serializers.SerializerMethodField()

    class Meta(EntryRowSerializer.Meta):
        """The row and what a page adds."""

        fields = (
            *EntryRowSerializer.Meta.fields,
            "description",
            "terms",
            "container_image",
            "completeness",
            "revision",
            "withdrawn_reason",
            "merged_into",
            "good_run",
            "verify_at",
            "upstream_commit",
            "upstream_at",
            "draft_version",
        )

    def to_representation(self, instance: ModelEntry) -> dict[str, Any]:
        """The entry; of a withdrawn one, to those who may not edit it, only the tombstone."""
        shown: dict[str, Any] = super().to_representation(instance)
        if instance.visibility == Visibility.WITHDRAWN and not self.may_edit(instance):
            hidden = dict.fromkeys(("summary", "description", "container_image"), "")
            return shown | hidden | {"keywords": [], "terms": {}, "version": None}
        return shown

    @extend_schema_field(VersionSerializer(allow_null=True))
    def get_version(self, entry: ModelEntry) -> dict[str, Any] | None:  # type: ignore[override]  # a row has its number alone
        """The version that the level speaks of."""
        version = entry.current_version
        return self._version(version) if version and self._shown(entry, version) else None

    @extend_schema_field(
        serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    )
    def get_terms(self, entry: ModelEntry) -> dict[str, list[str]]:
        """What it is filed under: vocabulary → the paths of its terms."""
        return {
            one.vocabulary.slug: [term.path for term in one.terms] for one in entry_terms(entry)
        }

    def get_merged_into(self, entry: ModelEntry) -> int | None:
        """The model that it became a part of, if the caller may see that one."""
        kept = merged_into(user=self.context["request"].user, entry=entry)
        return kept.pk if kept else None

    @extend_schema_field(VersionSerializer(allow_null=True))
    def get_draft_version(self, entry: ModelEntry) -> dict[str, Any] | None:
        """The version not yet published, shown to those who may edit the entry."""
        if not self.may_edit(entry):
            return None
        draft = entry.versions.filter(published_at=None).first()
        return self._version(draft) if draft else None

    def _shown(self, entry: ModelEntry, version: ModelVersion) -> bool:
        return version.published_at is not None or self.may_edit(entry)

    def _version(self, version: ModelVersion) -> dict[str, Any]:
        return dict(VersionSerializer(version, context=self.context).data)
