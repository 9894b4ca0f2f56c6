"""Doors to what runs come to together: an entry's past, the portal's numbers, and open data."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Query, query_of, viewer
from registry.api.lookup import entry_open
from registry.api.schema import replies
from registry.api.serializers import CAUSES, LEVELS, Linked
from registry.models import VerificationRun
from registry.models.runs import RunOutcome, Trigger
from registry.selectors.history import history_runs
from registry.selectors.statistics import LICENCE, statistics
from registry.spec.cpus import cpu_family
from registry.spec.ladder import Level


class PastSerializer(Linked):
    """A run as a row of an entry's history.

    `environment_digest` is the same for the same Python with the same packages. `confirms` is the
    number of the run whose fall this one looked at again.
    """

    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="version.number")
    level_name = serializers.SerializerMethodField()
    outcome = serializers.ChoiceField(choices=RunOutcome.choices)
    cause = serializers.SerializerMethodField()
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    cpu_family = serializers.SerializerMethodField()
    confirms = serializers.IntegerField(source="confirms_id", allow_null=True)

    class Meta:
        """Version, environment, machine, time, and what was seen."""

        model = VerificationRun
        fields = ("url", "id", "version", "commit", "outcome", "level", "level_name", "cause",
                  "tests_pass", "python", "base_image", "environment_digest", "cpu_model",
                  "cpu_family", "host", "trigger", "confirms", "queued_at", "finished_at",
                  "policy_version")  # fmt: skip

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, run: VerificationRun) -> str:
        """The run's address."""
        return self.link("run", run.pk)

    @extend_schema_field(serializers.ChoiceField(choices=LEVELS, allow_null=True))
    def get_level_name(self, run: VerificationRun) -> str | None:
        """The name of the level reached; null without a verdict."""
        return None if run.level is None else Level(run.level).label

    @extend_schema_field(serializers.ChoiceField(choices=CAUSES, allow_null=True))
    def get_cause(self, run: VerificationRun) -> str | None:
        """Why it fell short; null when nothing failed."""
        return run.cause or None

    def get_cpu_family(self, run: VerificationRun) -> str:
        """The family that the CPU belongs to."""
        return cpu_family(run.cpu_model)


class EntryHistoryView(ApiView):
    """The runs of one entry."""

    @extend_schema(
        operation_id="models_history",
        responses=replies(_200=PastSerializer(many=True)),
    )
    def get(self, request: Request, accession: int) -> Response:
        """List every ended run of a model with its environment and machine, newest first."""
        query_of(request, ListQuery)
        runs = history_runs(user=viewer(request), entry=entry_open(request, accession))
        page = self.paginate_queryset(runs)
        rows = PastSerializer(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(rows.data)


class SurvivalSerializer(serializers.Serializer[Any]):
    """From `time` on, in months, this share still runs. `low` to `high` is the 95 % band."""

    time = serializers.FloatField()
    at_risk = serializers.IntegerField()
    lost = serializers.IntegerField()
    share = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class GroupSerializer(serializers.Serializer[Any]):
    """Some models of one kind: how many, how many run, how many are reproduced."""

    name = serializers.CharField()
    models = serializers.IntegerField()
    run = serializers.IntegerField()
    reproduced = serializers.IntegerField()


class StatisticsSerializer(serializers.Serializer[Any]):
    """The portal's numbers over its public models.

    `seconds` is the median time of a verification, `memory_mb` that of its largest container.
    """

    licence = serializers.CharField(default=LICENCE)
    at = serializers.DateTimeField()
    models = serializers.IntegerField()
    verified = serializers.IntegerField()
    runs = serializers.IntegerField()
    lifetimes = serializers.IntegerField()
    lost = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)
    memory_mb = serializers.FloatField(allow_null=True)
    survival = SurvivalSerializer(many=True)
    levels = serializers.DictField(child=serializers.IntegerField())
    causes = serializers.DictField(child=serializers.IntegerField())
    repairs = serializers.DictField(child=serializers.IntegerField())
    frameworks = GroupSerializer(many=True)
    years = GroupSerializer(many=True)


class StatisticsView(ApiView):
    """The portal's numbers."""

    @extend_schema(operation_id="statistics", responses=replies(_200=StatisticsSerializer))
    def get(self, request: Request) -> Response:
        """Count the public models and their verifications; at most a few minutes old."""
        query_of(request, Query)
        found = statistics()
        shown = asdict(found) | {"survival": found.curve, "licence": LICENCE}
        for counts in ("levels", "causes", "repairs"):
            shown[counts] = dict(shown[counts])
        return Response(StatisticsSerializer(shown).data)
