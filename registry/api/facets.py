"""The door to the facets beside the list of models."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, viewer
from registry.api.finding import FINDING, wanted_of
from registry.api.schema import replies
from registry.selectors.facets import facets_counted
from registry.selectors.finding import CANDIDATES
from registry.selectors.meant import count_of


class FacetChoiceSerializer(serializers.Serializer[Any]):
    """A choice: how many models it would show, and how deep it stands in a tree."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    count = serializers.IntegerField()
    chosen = serializers.BooleanField()
    depth = serializers.IntegerField()


class FacetSerializer(serializers.Serializer[Any]):
    """A facet that could narrow the list further, or does. `more` choices are not shown."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    choices = FacetChoiceSerializer(many=True)
    more = serializers.IntegerField()


class FacetsSerializer(serializers.Serializer[Any]):
    """How many models fit, and by what to narrow them.

    Without `counted_all` there are more than `count`: the newest so many were counted.
    """

    count = serializers.IntegerField()
    counted_all = serializers.BooleanField()
    facets = FacetSerializer(many=True)


class FacetsView(ApiView):
    """The facets beside the list."""

    @extend_schema(
        operation_id="models_facets", parameters=FINDING, responses=replies(_200=FacetsSerializer)
    )
    def get(self, request: Request) -> Response:
        """Count the models that the same filters list, and those of each further choice."""
        wanted, user = wanted_of(request, also=frozenset()), viewer(request)
        count = count_of(user=user, wanted=wanted, most=CANDIDATES + 1)
        said = {
            "count": min(count, CANDIDATES),
            "counted_all": count <= CANDIDATES,
            "facets": facets_counted(user=user, wanted=wanted),
        }
        return Response(FacetsSerializer(said).data)
