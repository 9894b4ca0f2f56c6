"""The door to how often a model is pulled."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, Query, query_of
from registry.api.lookup import entry_open
from registry.api.schema import replies
from registry.models.pulling import Puller, PullKind
from registry.selectors.usage import entry_usage

DAYS_MOST = 366


class UsageQuery(Query):
    """How far back to look."""

    days = serializers.IntegerField(min_value=1, max_value=DAYS_MOST, default=30, required=False)


class KindCountSerializer(serializers.Serializer[Any]):
    """How often in one way."""

    kind = serializers.ChoiceField(choices=PullKind.choices)
    count = serializers.IntegerField(min_value=1)


class DayCountSerializer(serializers.Serializer[Any]):
    """How often on one day (UTC), by people and their programs."""

    day = serializers.DateField()
    kinds = KindCountSerializer(many=True)


class PullerCountSerializer(serializers.Serializer[Any]):
    """How often by one kind of program, as far as it says what it is."""

    puller = serializers.ChoiceField(choices=Puller.choices)
    count = serializers.IntegerField(min_value=1)


class UsageSerializer(serializers.Serializer[Any]):
    """Pulls from `since` to `until`. `total`, `days` and `kinds` are of people alone."""

    since = serializers.DateField()
    until = serializers.DateField()
    total = serializers.IntegerField(min_value=0)
    kinds = KindCountSerializer(many=True)
    pullers = PullerCountSerializer(many=True)
    days = DayCountSerializer(many=True)


class EntryUsageView(ApiView):
    """How often an entry is pulled."""

    @extend_schema(
        operation_id="models_usage",
        parameters=[UsageQuery],
        responses=replies(_200=UsageSerializer),
    )
    def get(self, request: Request, accession: int) -> Response:
        """Pulls of a model by day and way. Of nobody in particular: nothing of a person is kept."""
        wanted = query_of(request, UsageQuery)
        usage = entry_usage(entry=entry_open(request, accession), days=wanted["days"])
        said = {
            "since": usage.since,
            "until": usage.until,
            "total": usage.total,
            "kinds": _kinds(usage.kinds),
            "pullers": [{"puller": one, "count": n} for one, n in usage.pullers.items()],
            "days": [{"day": day, "kinds": _kinds(kinds)} for day, kinds in usage.days.items()],
        }
        return Response(UsageSerializer(said).data)


def _kinds(counts: Mapping[PullKind, int]) -> list[dict[str, Any]]:
    return [{"kind": kind, "count": count} for kind, count in counts.items()]
