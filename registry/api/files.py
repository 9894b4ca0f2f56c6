"""Doors to a version's files one by one, and to what changed between two versions."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from registry.api.base import ApiView, FirstRenderer, Query, asked, query_of, viewer
from registry.api.lookup import entry_open, version_open
from registry.api.schema import FILE, replies
from registry.models import ModelVersion
from registry.models.pulling import PullKind
from registry.selectors.entries import entry_versions
from registry.services.usage import pull_note
from registry.source_changes import (
    NO_VERSION_HAS_IT,
    differences_shown,
    file_history,
    versions_changed,
)
from registry.source_downloads import source_file_response
from registry.sources import Kind, SourceFiles, SourceItem, SourceUnavailableError
from registry.sourcing import source_of

ITEMS_AT_ONCE = 500
_NO_FILE = "This version has no such file."
_NO_FOLDER = "This version has no such folder."
KINDS = [kind.value for kind in Kind]
CHANGES = ["added", "changed", "removed"]


class FilesQuery(Query):
    """Which folder, and from where on."""

    folder = serializers.CharField(
        max_length=500,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="From the model's top. Without it: the top.",
    )
    all = serializers.BooleanField(
        default=False, help_text="Every file under the folder, not only what lies in it."
    )
    after = serializers.CharField(
        max_length=4000,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="The `next_after` of the answer before.",
    )


class FileItemSerializer(serializers.Serializer[Any]):
    """Something in a version. `oid` is git's name of its content; `size` null for folders."""

    path = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    oid = serializers.CharField()
    size = serializers.IntegerField(allow_null=True, help_text="In bytes.")
    url = serializers.URLField(allow_null=True, help_text="Where a file's content is.")


class FilesSerializer(serializers.Serializer[Any]):
    """The next items by path; ask again with `after=<next_after>` until that is null."""

    items = FileItemSerializer(many=True)
    next_after = serializers.CharField(allow_null=True)


class ChangedFileSerializer(serializers.Serializer[Any]):
    """A file that is not the same in both, by git's names of its content."""

    path = serializers.CharField()
    change = serializers.ChoiceField(choices=CHANGES)
    older = serializers.CharField(allow_null=True)
    newer = serializers.CharField(allow_null=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    """The lines of a changed file, as a unified diff has them; or in `note` why there are none."""

    path = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField()


class VersionsComparedSerializer(serializers.Serializer[Any]):
    """Every file that changed; of the first that both have, also the lines."""

    older = serializers.IntegerField()
    newer = serializers.IntegerField()
    files = ChangedFileSerializer(many=True)
    differences = DifferenceSerializer(many=True)


class TouchedSerializer(serializers.Serializer[Any]):
    """A version that changed a file; `oid` is git's name of its content, null once removed."""

    version = serializers.IntegerField()
    change = serializers.ChoiceField(choices=CHANGES)
    oid = serializers.CharField(allow_null=True)
    before = serializers.IntegerField(allow_null=True, help_text="The version before it.")


class FileHistorySerializer(serializers.Serializer[Any]):
    """The versions that changed a file, the newest first."""

    path = serializers.CharField()
    since = serializers.IntegerField(
        allow_null=True,
        help_text="Where there are many versions: the oldest whose changes were looked for.",
    )
    changes = TouchedSerializer(many=True)


class VersionFilesView(ApiView):
    """The files of one version."""

    @extend_schema(
        operation_id="files_list", parameters=[FilesQuery], responses=replies(_200=FilesSerializer)
    )
    def get(self, request: Request, accession: int, number: int) -> Response:
        """List what lies in a folder of a version, or every file under it."""
        wanted = query_of(request, FilesQuery)
        version = version_open(request, accession, number)
        try:
            with source_of(version) as files:
                found = _items(files, wanted["folder"].strip("/"), every=wanted["all"])
                return Response(self._page(version, files, found, wanted["after"]))
        except SourceUnavailableError as fault:
            raise NotFound(str(fault)) from fault

    def _page(
        self, version: ModelVersion, files: SourceFiles, found: list[SourceItem], after: str
    ) -> dict[str, Any]:
        later = [item for item in found if item.path > after]
        shown = later[:ITEMS_AT_ONCE]
        said = {
            "items": [self._item(version, files, item) for item in shown],
            "next_after": shown[-1].path if len(later) > len(shown) else None,
        }
        return dict(FilesSerializer(said).data)

    def _item(self, version: ModelVersion, files: SourceFiles, item: SourceItem) -> dict[str, Any]:
        place = [version.entry_id, version.number, item.path]
        is_file = item.kind is Kind.FILE
        return {
            "path": item.path,
            "kind": item.kind.value,
            "oid": item.oid,
            "size": files.size(item) if item.kind in {Kind.FILE, Kind.LINK} else None,
            "url": reverse("api:version-file", args=place, request=self.request)
            if is_file
            else None,
        }


class VersionFileView(ApiView):
    """One file of one version."""

    content_negotiation_class = FirstRenderer

    @extend_schema(
        operation_id="files_get", responses=replies("application/octet-stream", _200=FILE)
    )
    def get(self, request: Request, accession: int, number: int, path: str) -> HttpResponseBase:
        """Download a file as it is, in part too (Range). ETag is git's name of its content."""
        query_of(request, Query)
        version = version_open(request, accession, number)
        try:
            response = source_file_response(
                asked(request), version=version, path=path, kinds={Kind.FILE}
            )
        except SourceUnavailableError as fault:
            raise NotFound(str(fault)) from fault
        if response is None:
            raise NotFound(_NO_FILE)
        pull_note(
            request=asked(request), response=response, version_id=version.pk, kind=PullKind.FILE
        )
        return response


class VersionsCompareView(ApiView):
    """What changed between two versions."""

    @extend_schema(
        operation_id="versions_compare", responses=replies(_200=VersionsComparedSerializer)
    )
    def get(self, request: Request, accession: int, older: int, newer: int) -> Response:
        """Compare the files of two versions of a model."""
        query_of(request, Query)
        pair = (version_open(request, accession, older), version_open(request, accession, newer))
        try:
            changed = versions_changed(pair)
        except SourceUnavailableError as fault:
            raise NotFound(str(fault)) from fault
        said = {
            "older": older,
            "newer": newer,
            "files": [
                {
                    "path": one.path,
                    "change": one.change,
                    "older": one.older.oid if one.older else None,
                    "newer": one.newer.oid if one.newer else None,
                }
                for one in changed
            ],
            "differences": [
                {
                    "path": one.file.path,
                    "lines": [line.text for line in one.lines],
                    "note": one.note,
                }
                for one in differences_shown(pair, changed)
            ],
        }
        return Response(VersionsComparedSerializer(said).data)


class FileHistoryView(ApiView):
    """What versions did with one file."""

    @extend_schema(operation_id="files_history", responses=replies(_200=FileHistorySerializer))
    def get(self, request: Request, accession: int, path: str) -> Response:
        """List the versions that added, changed or removed a file, the newest first."""
        query_of(request, Query)
        entry = entry_open(request, accession)
        versions = entry_versions(user=viewer(request), entry=entry).exclude(commit="")
        try:
            history = file_history(versions, path)
        except SourceUnavailableError as fault:
            raise NotFound(str(fault)) from fault
        if history is None:
            raise NotFound(NO_VERSION_HAS_IT)
        changes = [
            {
                "version": one.version.number,
                "change": one.change,
                "oid": one.oid or None,
                "before": one.before,
            }
            for one in history.touched
        ]
        said = {"path": path, "since": history.since, "changes": changes}
        return Response(FileHistorySerializer(said).data)


def _items(files: SourceFiles, folder: str, *, every: bool) -> list[SourceItem]:
    """What is in a folder, by path. Raises NotFound where no folder is."""
    lying = files.folder(folder)
    if lying is None:
        raise NotFound(_NO_FOLDER)
    if every:
        inside = f"{folder}/" if folder else ""
        return [item for path, item in sorted(files.files().items()) if path.startswith(inside)]
    return sorted(lying, key=lambda item: item.path)
