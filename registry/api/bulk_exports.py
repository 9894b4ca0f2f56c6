"""The door to the bulk exports: which there are, and where their files are."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, Query, query_of
from registry.api.schema import replies
from registry.selectors.exporting import KeptExport, exports_kept
from registry.spec.exported import STATEMENT


class ExportedFileSerializer(serializers.Serializer[Any]):
    """A file of an export: JSON lines, compressed by gzip. `size` in bytes, as it is sent."""

    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    url = serializers.URLField()


class ExportSerializer(serializers.Serializer[Any]):
    """All that was public at a moment. `statement` is where its files are signed, if they are."""

    name = serializers.CharField()
    made_at = serializers.DateTimeField()
    statement = serializers.URLField(allow_null=True)
    files = ExportedFileSerializer(many=True)


class ExportsSerializer(serializers.Serializer[Any]):
    """The exports that are kept, newest first."""

    results = ExportSerializer(many=True)


class BulkExportsView(ApiView):
    """The exports of all that is public."""

    @extend_schema(operation_id="exports_list", responses=replies(_200=ExportsSerializer))
    def get(self, request: Request) -> Response:
        """List the nightly exports of all that is public, with the sha256 of every file."""
        query_of(request, Query)
        shown = [_shown(request, one) for one in exports_kept()]
        return Response(ExportsSerializer({"results": shown}).data)


def _shown(request: Request, export: KeptExport) -> dict[str, Any]:
    def address(name: str) -> str:
        return request.build_absolute_uri(reverse("export_file", args=[export.name, name]))

    files = [
        {"name": one.name, "size": one.size, "sha256": one.sha256, "url": address(one.name)}
        for one in export.files
    ]
    statement = address(STATEMENT) if export.is_signed else None
    return {
        "name": export.name,
        "made_at": export.made_at,
        "statement": statement,
        "files": files,
    }
