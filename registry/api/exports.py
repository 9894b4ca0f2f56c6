"""Doors to what other programs read of a run: its files as an RO-Crate, its image as a file."""

import hashlib
from functools import partial

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, FirstRenderer, Query, asked, person, query_of
from registry.api.lookup import run_open
from registry.api.schema import FILE, replies
from registry.downloads import file_response, pieces_response
from registry.models import Artifact, SavedImage
from registry.models.pulling import PullKind
from registry.services.blobs import blob_open
from registry.services.saved_images import saved_image_ask, saved_image_file
from registry.services.usage import pull_note
from registry.signposting import belongs
from registry.zipped import zipped, zipped_size


class RunCrateView(ApiView):
    """All files of a run at once."""

    content_negotiation_class = FirstRenderer

    @extend_schema(operation_id="runs_crate", responses=replies("application/zip", _200=FILE))
    def get(self, request: Request, run_id: int) -> HttpResponseBase:
        """Download every file of a finished run as a zip, an RO-Crate where the run wrote one.

        Always the same bytes, in part too (Range).
        """
        query_of(request, Query)
        run = run_open(request, run_id)
        artifacts = list(run.artifacts.select_related("blob").order_by("name"))
        if not artifacts or run.finished_at is None:
            raise Http404
        files = [(one.name, partial(blob_open, one.blob_id)) for one in artifacts]
        response = pieces_response(
            asked(request),
            pieces=partial(zipped, files, at=run.finished_at),
            size=zipped_size((one.name, one.blob.size) for one in artifacts),
            etag=_digest(artifacts),
            filename=f"run-{run.pk}.crate.zip",
            media_type="application/zip",
        )
        pull_note(
            request=asked(request),
            response=response,
            version_id=run.version_id,
            kind=PullKind.EVIDENCE,
        )
        return belongs(response, run.version.entry, run.version, rel="collection")


class SavedImageSerializer(serializers.ModelSerializer[SavedImage]):
    """How far an image is on its way to a file."""

    class Meta:
        """What whoever waits wants to know."""

        model = SavedImage
        fields = ("state", "failure", "asked_at", "made_at")
        read_only_fields = fields


class RunImageView(ApiView):
    """The image of a run as one file."""

    content_negotiation_class = FirstRenderer
    write_scope = "runs:write"

    @extend_schema(
        operation_id="runs_image_archive", responses=replies("application/x-tar", _200=FILE)
    )
    def get(self, request: Request, run_id: int) -> HttpResponseBase:
        """Download the verified image for `docker load` or Apptainer, once it was asked for.

        409 says that it is being made, or why it cannot be. It is kept for some days.
        """
        query_of(request, Query)
        run = run_open(request, run_id)
        response = file_response(
            asked(request),
            blob=saved_image_file(run=run),
            filename=f"run-{run.pk}.image.tar",
            media_type="application/x-tar",
        )
        pull_note(
            request=asked(request),
            response=response,
            version_id=run.version_id,
            kind=PullKind.IMAGE,
        )
        return response

    @extend_schema(
        operation_id="runs_image_archive_ask",
        request=None,
        responses=replies(_202=SavedImageSerializer),
    )
    def post(self, request: Request, run_id: int) -> Response:
        """Have the verified image written to a file, unless it is there or under way."""
        row = saved_image_ask(run=run_open(request, run_id), user=person(request))
        return Response(SavedImageSerializer(row).data, status=202)


def _digest(artifacts: list[Artifact]) -> str:
    """The sha256 of all names and hashes: a run's files never change."""
    named = "\n".join(f"{one.name}\0{one.blob_id}" for one in artifacts)
    return hashlib.sha256(named.encode()).hexdigest()
