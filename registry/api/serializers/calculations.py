"""Calculations as JSON, and what one is asked for with."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.base import Strict
from registry.api.serializers.linked import Linked
from registry.models import Calculation, CalculationFile
from registry.models.calculations import CalculationOutcome, CalculationState
from registry.selectors.calculations import calculation_files, calculations_before


class CalculationFileSerializer(Linked):
    """A file that went in or came out. `size` is in bytes."""

    url = serializers.SerializerMethodField()
    sha256 = serializers.CharField(source="blob_id")
    size = serializers.IntegerField(source="blob.size")

    class Meta:
        """What is told."""

        model = CalculationFile
        fields = ("url", "path", "is_output", "size", "sha256")

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, file: CalculationFile) -> str:
        """Where it is downloaded."""
        return self.link("calculation-file", file.calculation_id, file.path)


class CalculationRowSerializer(Linked):
    """A calculation as lists show it. `run` is the verification in whose image it is made."""

    url = serializers.SerializerMethodField()
    model = serializers.IntegerField(source="run.version.entry_id")
    version = serializers.IntegerField(source="run.version.number")
    run = serializers.IntegerField(source="run_id")
    outcome = serializers.SerializerMethodField()

    class Meta:
        """What one query brings."""

        model = Calculation
        fields: tuple[str, ...] = (
            "url", "id", "model", "version", "run", "state", "outcome", "explanation", "hint",
            "seconds", "attempt", "queued_at", "started_at", "finished_at", "removed_after",
        )  # fmt: skip

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, calculation: Calculation) -> str:
        """Its address."""
        return self.link("calculation", calculation.pk)

    @extend_schema_field(
        serializers.ChoiceField(choices=CalculationOutcome.choices, allow_null=True)
    )
    def get_outcome(self, calculation: Calculation) -> str | None:
        """How it ended; null before the end."""
        return calculation.outcome or None


class CalculationSerializer(CalculationRowSerializer):
    """A calculation with its log and files. `before` counts those that wait longer."""

    command = serializers.ListField(child=serializers.CharField(), read_only=True)
    before = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()

    class Meta(CalculationRowSerializer.Meta):
        """All of it."""

        fields = (*CalculationRowSerializer.Meta.fields, "before", "command", "log", "files")

    @extend_schema_field(OpenApiTypes.INT)
    def get_before(self, calculation: Calculation) -> int:
        """How many wait longer; 0 for one that does not wait."""
        waits = calculation.state == CalculationState.QUEUED
        return calculations_before(calculation=calculation) if waits else 0

    @extend_schema_field(CalculationFileSerializer(many=True))
    def get_files(self, calculation: Calculation) -> list[dict[str, Any]]:
        """What went in, then what came out."""
        files = calculation_files(calculation=calculation)
        return list(CalculationFileSerializer(files, many=True, context=self.context).data)


class CalculationBody(Strict):
    """Inputs by their declared paths; those that are not given stay as they were verified."""

    inputs = serializers.DictField(
        child=serializers.JSONField(),
        allow_empty=False,
        help_text="A string is the file's text; anything else is written as JSON.",
    )
