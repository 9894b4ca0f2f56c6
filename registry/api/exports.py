"""Doors to what other programs read: the files of a run as an RO-Crate."""

import hashlib
from functools import partial

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from registry.api.base import ApiView, FirstRenderer, Query, asked, query_of
from registry.api.lookup import run_open
from registry.api.schema import FILE, replies
from registry.models import Artifact, VerificationRun
from registry.sandbox import inert
from registry.services.blobs import blob_open
from registry.zipped import zipped


class RunCrateView(ApiView):
    """All files of a run at once."""

    content_negotiation_class = FirstRenderer

    @extend_schema(operation_id="runs_crate", responses=replies("application/zip", _200=FILE))
    def get(self, request: Request, run_id: int) -> HttpResponseBase:
        """Download every file of a finished run as a zip, an RO-Crate where the run wrote one."""
        query_of(request, Query)
        run = run_open(request, run_id)
        artifacts = list(run.artifacts.select_related("blob").order_by("name"))
        if not artifacts or run.finished_at is None:
            raise Http404
        etag = f'"{_digest(artifacts)}"'
        known = get_conditional_response(asked(request), etag=etag)
        response = known or _download(run, artifacts)
        response["ETag"] = etag
        return response


def _download(run: VerificationRun, artifacts: list[Artifact]) -> HttpResponseBase:
    files = ((one.name, partial(blob_open, one.blob_id)) for one in artifacts)
    if run.finished_at is None:
        raise AssertionError("only a finished run has files")
    pieces = zipped(files, at=run.finished_at)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="run-{run.pk}.crate.zip"'
    return inert(response)


def _digest(artifacts: list[Artifact]) -> str:
    """The sha256 of all names and hashes: a run's files never change."""
    named = "\n".join(f"{one.name}\0{one.blob_id}" for one in artifacts)
    return hashlib.sha256(named.encode()).hexdigest()
