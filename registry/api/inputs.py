"""Doors to the input files of an entry: those who may change it send and see them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Strict, body_of, person, query_of
from registry.api.lookup import entry_editable
from registry.api.schema import replies
from registry.models import InputFile
from registry.services.inputs import input_file_store
from registry.services.uploads import SentArchive, archive_sent


class InputFileSerializer(serializers.ModelSerializer[InputFile]):
    """A file that the model reads. `declaration` is what names it in reprise.toml."""

    sha256 = serializers.CharField(source="blob_id")
    size = serializers.IntegerField(source="blob.size", help_text="In bytes.")
    declaration = serializers.CharField()

    class Meta:
        """What is told."""

        model = InputFile
        fields = ("name", "sha256", "size", "declaration", "created_at")


class InputFileBody(Strict):
    """A file that the model reads and its repository does not hold."""

    file = serializers.FileField(help_text="As multipart/form-data.")


class InputFilesView(ApiView):
    """The input files of one entry."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="inputs_list", responses=replies(_200=InputFileSerializer(many=True))
    )
    def get(self, request: Request, accession: int) -> Response:
        """List the files that were sent for a model, newest first; to its editors alone."""
        query_of(request, ListQuery)
        files = entry_editable(request, accession).input_files.select_related("blob")
        page = self.paginate_queryset(files.order_by("-pk"))
        return self.get_paginated_response(InputFileSerializer(page, many=True).data)

    @extend_schema(
        operation_id="inputs_create",
        request=InputFileBody,
        responses=replies(_201=InputFileSerializer),
    )
    def post(self, request: Request, accession: int) -> Response:
        """Keep a file for a model's runs. The same bytes are kept once."""
        entry = entry_editable(request, accession)
        kept = input_file_store(entry=entry, file=_sent(request))
        return Response(InputFileSerializer(kept).data, status=201)


def _sent(request: Request) -> SentArchive:
    body: dict[str, Any] = body_of(request, InputFileBody)
    file = archive_sent(body["file"], by=person(request))
    if file is None:
        raise AssertionError("a required file was validated")
    return file
