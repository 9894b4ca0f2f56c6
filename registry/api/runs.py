"""Doors to runs: where they stand, what they saw, their logs and files."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, FirstRenderer, ListQuery, asked, person, query_of, viewer
from registry.api.lookup import run_editable, run_open
from registry.api.schema import ANY_FILE, ANY_MEDIA, replies
from registry.api.serializers import (
    ArtifactSerializer,
    LogsQuery,
    LogsSerializer,
    RunListQuery,
    RunRowSerializer,
    RunSerializer,
)
from registry.api.shaping import (
    OF_RUNS,
    ShapedQuery,
    ShapedView,
    shaping_parameters,
)
from registry.downloads import file_response
from registry.models import VerificationRun
from registry.models.entries import Visibility
from registry.models.pulling import PullKind
from registry.models.runs import RunState
from registry.selectors.runs import run_list, run_logs_after
from registry.services.runs import run_cancel, run_retry
from registry.services.usage import pull_note

LOG_PIECES = 500


class RunsView(ShapedView):
    """All runs that the caller may see."""

    @extend_schema(
        operation_id="runs_list",
        parameters=[RunListQuery, *shaping_parameters(OF_RUNS)],
        responses=replies(_200=RunRowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List runs, newest first."""
        wanted = query_of(request, RunListQuery)
        runs = run_list(user=viewer(request)).exclude(
            version__entry__visibility=Visibility.WITHDRAWN
        )
        if "model" in wanted:
            runs = runs.filter(version__entry=wanted.pop("model"))
        return self.listed_as_asked(runs.filter(**wanted), RunRowSerializer, OF_RUNS)


class _OneRun(ApiView):
    """A door that answers with one run."""

    write_scope = "runs:write"

    def run_shown(self, run: VerificationRun, *, status: int = 200) -> Response:
        """The run with its steps and its evidence in short."""
        found = RunSerializer(run, context=self.get_serializer_context()).data
        return Response(found, status=status, headers={"Location": found["url"]})


class RunView(ShapedView):
    """One run."""

    @extend_schema(
        operation_id="runs_get",
        parameters=shaping_parameters(OF_RUNS),
        responses=replies(_200=RunSerializer),
    )
    def get(self, request: Request, run_id: int) -> Response:
        """Show a run: its state, each step, and what it came to."""
        query_of(request, ShapedQuery)
        return self.shown_as_asked(run_open(request, run_id), RunSerializer, OF_RUNS)


class RunCancelView(_OneRun):
    """Cancelling."""

    @extend_schema(operation_id="runs_cancel", request=None, responses=replies(_202=RunSerializer))
    def post(self, request: Request, run_id: int) -> Response:
        """End a run: a queued one now, a running one within seconds; a finished one stays."""
        run = run_editable(request, run_id)
        run_cancel(run=run)
        return self.run_shown(run_open(request, run_id), status=202)


class RunRetryView(_OneRun):
    """Trying again."""

    @extend_schema(operation_id="runs_retry", request=None, responses=replies(_202=RunSerializer))
    def post(self, request: Request, run_id: int) -> Response:
        """Verify the same version in a new run, or show the one that is already under way."""
        run = run_editable(request, run_id)
        return self.run_shown(run_retry(run=run, requested_by=person(request)), status=202)


class RunReportView(ApiView):
    """The whole report."""

    @extend_schema(operation_id="runs_report", responses=replies(_200=dict[str, Any]))
    def get(self, request: Request, run_id: int) -> Response:
        """Everything that the run saw and concluded: docs/report.schema.json describes it."""
        run = run_open(request, run_id)
        if run.report is None:
            raise Http404
        return Response(run.report)


class RunLogsView(ApiView):
    """The log, piece by piece."""

    @extend_schema(
        operation_id="runs_logs", parameters=[LogsQuery], responses=replies(_200=LogsSerializer)
    )
    def get(self, request: Request, run_id: int) -> Response:
        """Read the log on. Ask again with `after=<next_after>` until `finished` is true."""
        wanted = query_of(request, LogsQuery)
        # First the run, then its log: what a run has written is complete once it is finished.
        run = run_open(request, run_id)
        chunks = list(
            run_logs_after(run=run, after_id=wanted["after"], step=wanted["step"], limit=LOG_PIECES)
        )
        said = {
            "chunks": chunks,
            "next_after": chunks[-1].pk if chunks else wanted["after"],
            "finished": run.state == RunState.FINISHED and len(chunks) < LOG_PIECES,
        }
        return Response(LogsSerializer(said).data)


class RunArtifactsView(ApiView):
    """The files kept as evidence."""

    @extend_schema(
        operation_id="artifacts_list",
        responses=replies(_200=ArtifactSerializer(many=True)),
    )
    def get(self, request: Request, run_id: int) -> Response:
        """List the files of a run."""
        query_of(request, ListQuery)
        run = run_open(request, run_id)
        page = self.paginate_queryset(run.artifacts.select_related("blob").order_by("name"))
        rows = ArtifactSerializer(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(rows.data)


class RunArtifactView(ApiView):
    """One file kept as evidence."""

    content_negotiation_class = FirstRenderer

    @extend_schema(operation_id="artifacts_get", responses=replies(ANY_MEDIA, _200=ANY_FILE))
    def get(self, request: Request, run_id: int, name: str) -> HttpResponseBase:
        """Download a file. ETag is its sha256."""
        run = run_open(request, run_id)
        # PostgreSQL does not look for NUL, it fails; no name holds one.
        named = run.artifacts.none() if "\0" in name else run.artifacts.filter(name=name)
        artifact = named.select_related("blob").first()
        if artifact is None:
            raise Http404
        response = file_response(
            asked(request),
            blob=artifact.blob,
            filename=name.rpartition("/")[2],
            media_type=artifact.media_type,
        )
        pull_note(
            request=asked(request),
            response=response,
            version_id=run.version_id,
            kind=PullKind.EVIDENCE,
        )
        return response
