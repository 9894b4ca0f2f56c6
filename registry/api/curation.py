"""Doors for curators: what is reported, what is told poorly, what is shown, who did what."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Query, body_of, query_of
from registry.api.lookup import curator, entry_editable
from registry.api.schema import replies
from registry.api.serializers import EntryRowSerializer
from registry.api.serializers.collections import CollectionSerializer
from registry.api.serializers.curation import (
    CuratedReportSerializer,
    LogQuery,
    MergeBody,
    PoorlyToldSerializer,
    ReportEndBody,
    ReportQueueQuery,
)
from registry.api.serializers.sharing import EventSerializer
from registry.models import ProblemReport
from registry.selectors.curation import (
    audit_search,
    entries_poorly_told,
    featured,
    report_get,
    reports_queue,
)
from registry.selectors.entries import entry_get
from registry.services.curation import entry_feature, entry_merge
from registry.services.reports import report_end


class FeaturedModelsView(ApiView):
    """What curators show on the front page."""

    @extend_schema(
        operation_id="featured_models", responses=replies(_200=EntryRowSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        """List the models on the front page, the last one first."""
        query_of(request, ListQuery)
        entries, _ = featured()
        rows = entries.select_related("current_version").order_by("-featured_at", "-accession")
        return self.listed(rows, EntryRowSerializer)


class FeaturedCollectionsView(ApiView):
    """Which collections curators show on the front page."""

    @extend_schema(
        operation_id="featured_collections",
        responses=replies(_200=CollectionSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List the collections on the front page, the last one first."""
        query_of(request, ListQuery)
        _, collections = featured()
        return self.listed(collections.order_by("-featured_at", "-pk"), CollectionSerializer)


class _CurationDoor(ApiView):
    """A door for curators. To others it is not there."""

    write_scope = "curation:write"


class ReportsView(_CurationDoor):
    """The queue."""

    @extend_schema(
        operation_id="curation_reports",
        parameters=[ReportQueueQuery],
        responses=replies(_200=CuratedReportSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List what waits for a curator, oldest first; or what has ended, newest first."""
        curator(request)
        ended = query_of(request, ReportQueueQuery)["state"] == "ended"
        rows = reports_queue(ended=ended).order_by("-pk" if ended else "pk")
        return self.listed(rows, CuratedReportSerializer)


class ReportView(_CurationDoor):
    """One report."""

    @extend_schema(operation_id="curation_report", responses=replies(_200=CuratedReportSerializer))
    def get(self, request: Request, report_id: int) -> Response:
        """Show a report."""
        curator(request)
        query_of(request, Query)
        return self.shown(_report(report_id), CuratedReportSerializer)


class ReportEndView(_CurationDoor):
    """Ending a report."""

    @extend_schema(
        operation_id="curation_report_end",
        request=ReportEndBody,
        responses=replies(_200=CuratedReportSerializer),
    )
    def post(self, request: Request, report_id: int) -> Response:
        """End a report with words to whoever made it."""
        actor, report = curator(request), _report(report_id)
        report_end(actor=actor, report=report, **body_of(request, ReportEndBody))
        return self.shown(_report(report_id), CuratedReportSerializer)


class PoorlyToldView(_CurationDoor):
    """What may need a curator's hand."""

    @extend_schema(
        operation_id="curation_poorly_told",
        responses=replies(_200=PoorlyToldSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List recent public models that leave out most of what readers look for."""
        curator(request)
        query_of(request, ListQuery)
        rows = entries_poorly_told().select_related("current_version")
        return self.listed(rows, PoorlyToldSerializer)


class CurationLogView(_CurationDoor):
    """The record."""

    @extend_schema(
        operation_id="curation_log",
        parameters=[LogQuery],
        responses=replies(_200=EventSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Search the record of who did what, the newest first."""
        curator(request)
        wanted = query_of(request, LogQuery)
        words, accession = wanted.pop("q", ""), wanted.pop("model", None)
        found = audit_search(text=words, accession=accession, **wanted)
        return self.listed(found.order_by("-pk"), EventSerializer)


class EntryFeaturedView(_CurationDoor):
    """Whether a model is on the front page."""

    @extend_schema(operation_id="models_feature", request=None, responses=replies(_204=None))
    def put(self, request: Request, accession: int) -> Response:
        """Put a public model on the front page."""
        return self._set(request, accession, shown=True)

    @extend_schema(operation_id="models_unfeature", responses=replies(_204=None))
    def delete(self, request: Request, accession: int) -> Response:
        """Take a model from the front page."""
        return self._set(request, accession, shown=False)

    def _set(self, request: Request, accession: int, *, shown: bool) -> Response:
        actor, entry = curator(request), entry_editable(request, accession)
        entry_feature(actor=actor, entry=entry, featured=shown)
        return Response(status=204)


class EntryMergeView(_CurationDoor):
    """Merging."""

    @extend_schema(operation_id="models_merge", request=MergeBody, responses=replies(_204=None))
    def post(self, request: Request, accession: int) -> Response:
        """Withdraw a model in favour of another, to which its addresses lead from then on."""
        actor, entry = curator(request), entry_editable(request, accession)
        body = body_of(request, MergeBody)
        into = entry_get(user=actor, accession=body["into"])
        if into is None:
            raise serializers.ValidationError({"into": "There is no model of this number."})
        entry_merge(actor=actor, entry=entry, into=into, reason=body["reason"])
        return Response(status=204)


def _report(report_id: int) -> ProblemReport:
    found = report_get(report_id)
    if found is None:
        raise Http404
    return found
