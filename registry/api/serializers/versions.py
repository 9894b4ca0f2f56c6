"""Versions and what was understood of them, as JSON."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.serializers.articles import ArticleSerializer
from registry.api.serializers.linked import FailureSerializer, Linked
from registry.api.serializers.people import PersonSerializer
from registry.models import ModelVersion


class PlannedEnvironmentSerializer(serializers.Serializer[Any]):
    """An environment that a verification would try. `why` says why this Python."""

    strategy = serializers.CharField()
    python = serializers.CharField(allow_null=True)
    why = serializers.CharField()
    system_packages = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())


class PlannedTestSerializer(serializers.Serializer[Any]):
    """Tests that would be run. Those that are not `counted` are never said to pass."""

    runner = serializers.CharField()
    command = serializers.ListField(child=serializers.CharField())
    why = serializers.CharField()
    counted = serializers.BooleanField()


class ProposalSerializer(serializers.Serializer[Any]):
    """A command that may compute the results. Nobody declared it, so it is never run."""

    command = serializers.CharField()
    outputs = serializers.ListField(child=serializers.CharField())
    why = serializers.CharField()


class PlanSerializer(serializers.Serializer[Any]):
    """What a verification would do. `unsupported` says why it could do nothing, if so."""

    environments = PlannedEnvironmentSerializer(many=True)
    tests = PlannedTestSerializer(many=True)
    proposals = ProposalSerializer(many=True)
    unsupported = serializers.CharField()


class VersionSerializer(Linked):
    """One commit of a model's repository and what was understood of it."""

    url = serializers.SerializerMethodField()
    archive = serializers.SerializerMethodField()
    authors = PersonSerializer(many=True)
    failure = FailureSerializer(allow_null=True)
    article = ArticleSerializer(allow_null=True)
    plan = PlanSerializer(source="plan_value")

    class Meta:
        """Everything but the rows' own keys."""

        model = ModelVersion
        fields = (
            "url",
            "archive",
            "number",
            "label",
            "state",
            "failure",
            "address",
            "ref",
            "folder",
            "commit",
            "tree_swhid",
            "committed_at",
            "licence",
            "authors",
            "article",
            "manifest",
            "manifest_digest",
            "manifest_origins",
            "manifest_missing",
            "plan",
            "description_origins",
            "created_at",
            "published_at",
        )
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, version: ModelVersion) -> str:
        """The version's address."""
        return self.link("version", version.entry_id, version.number)

    @extend_schema_field(OpenApiTypes.URI)
    def get_archive(self, version: ModelVersion) -> str:
        """Where its files are to be had."""
        return self.link("version-archive", version.entry_id, version.number)
