"""Doors to the searches that people keep."""

from typing import Any

from django.http import Http404, QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Query, body_of, person, query_of
from registry.api.schema import replies
from registry.api.serializers.accounts import (
    SavedSearchBody,
    SavedSearchPatch,
    SavedSearchSerializer,
)
from registry.models import SavedSearch
from registry.selectors.finding import Wanted, wanted_read
from registry.selectors.saved_searches import searches_of
from registry.services.saved_searches import search_change, search_delete, search_save


class SavedSearchesView(ApiView):
    """The searches that the caller keeps."""

    write_scope = "account:write"

    @extend_schema(
        operation_id="searches_list", responses=replies(_200=SavedSearchSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        """List the searches that you keep, the newest first."""
        query_of(request, ListQuery)
        return self.listed(searches_of(person(request)).order_by("-pk"), SavedSearchSerializer)

    @extend_schema(
        operation_id="searches_keep",
        request=SavedSearchBody,
        responses=replies(_201=SavedSearchSerializer),
    )
    def post(self, request: Request) -> Response:
        """Keep a search, written as the filters of the list of models."""
        user, body = person(request), body_of(request, SavedSearchBody)
        wanted = _wanted(body.pop("query"))
        kept = search_save(user=user, wanted=wanted, **body)
        return self.shown(kept, SavedSearchSerializer, status=201)


class SavedSearchView(ApiView):
    """One search of the caller's."""

    write_scope = "account:write"

    @extend_schema(operation_id="searches_get", responses=replies(_200=SavedSearchSerializer))
    def get(self, request: Request, search_id: int) -> Response:
        """Show a search that you keep."""
        query_of(request, Query)
        return self.shown(_own(request, search_id), SavedSearchSerializer)

    @extend_schema(
        operation_id="searches_change",
        request=SavedSearchPatch,
        responses=replies(_200=SavedSearchSerializer),
    )
    def patch(self, request: Request, search_id: int) -> Response:
        """Give a search another name, or have news of it or none."""
        search = _own(request, search_id)
        now: dict[str, Any] = {"name": search.name, "notify": search.notify}
        kept = search_change(search=search, **(now | body_of(request, SavedSearchPatch)))
        return self.shown(kept, SavedSearchSerializer)

    @extend_schema(operation_id="searches_delete", responses=replies(_204=None))
    def delete(self, request: Request, search_id: int) -> Response:
        """Forget a search; its feed ends."""
        search_delete(search=_own(request, search_id))
        return Response(status=204)


def _own(request: Request, search_id: int) -> SavedSearch:
    found = searches_of(person(request)).filter(pk=search_id).first()
    if found is None:
        raise Http404
    return found


def _wanted(query: str) -> Wanted:
    """What a search looks for. Raises ValidationError for a filter that there is not."""
    wanted, complaints = wanted_read(QueryDict(query))
    if complaints:
        raise serializers.ValidationError({"query": list(complaints.values())})
    return wanted
