"""Doors to entries, their versions, archives and citations."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from registry.api.base import (
    ApiView,
    FirstRenderer,
    body_of,
    person,
    query_of,
    viewer,
)
from registry.api.finding import FINDING, wanted_of
from registry.api.lookup import (
    entry_editable,
    entry_open,
    entry_owned,
    entry_seen,
    version_open,
)
from registry.api.schema import ANY_FILE, replies
from registry.api.serializers import (
    CitationQuery,
    EntryBody,
    EntryPatch,
    EntryRowSerializer,
    EntrySerializer,
    RunSerializer,
    SourceBody,
    VersionBody,
    VersionSerializer,
)
from registry.api.shaping import (
    OF_MODELS,
    OF_VERSIONS,
    ShapedListQuery,
    ShapedQuery,
    ShapedView,
    shaping_parameters,
)
from registry.citations import FORMATS, CitedWork
from registry.models import ModelEntry, ModelVersion, VerificationRun
from registry.models.runs import Trigger
from registry.selectors.citations import works_cited, works_of
from registry.selectors.entries import entry_versions
from registry.selectors.finding import entry_list
from registry.services import ServiceError
from registry.services.drafts import entry_draft_delete
from registry.services.entries import entry_draft_create, entry_publish, entry_update
from registry.services.runs import run_queue
from registry.services.uploads import archive_sent
from registry.services.versions import version_create


class EntriesView(ShapedView):
    """All entries that the caller may browse."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(
        operation_id="models_list",
        parameters=[*FINDING, *shaping_parameters(OF_MODELS)],
        responses=replies(_200=EntryRowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List models. Tombstones are not listed."""
        entries = entry_list(
            user=viewer(request), wanted=wanted_of(request, also=ShapedListQuery.also)
        )
        return self.listed_as_asked(entries, EntryRowSerializer, OF_MODELS)

    @extend_schema(
        operation_id="models_create", request=EntryBody, responses=replies(_201=EntrySerializer)
    )
    def post(self, request: Request) -> Response:
        """Make a draft of a repository or an archive, which is then read.

        It is ready when its version is.
        """
        entry = entry_draft_create(owner=person(request), **_source_of(request, EntryBody))
        place = reverse("api:model", args=[entry.accession], request=request)
        shown = EntrySerializer(entry, context=self.get_serializer_context())
        return Response(shown.data, status=201, headers={"Location": place})


class EntryView(ShapedView):
    """One entry."""

    @extend_schema(
        operation_id="models_get",
        parameters=shaping_parameters(OF_MODELS),
        responses=replies(_200=EntrySerializer),
    )
    def get(self, request: Request, accession: int) -> Response:
        """Show a model; of a withdrawn one, its tombstone."""
        query_of(request, ShapedQuery)
        return self.shown_as_asked(entry_seen(request, accession), EntrySerializer, OF_MODELS)

    @extend_schema(
        operation_id="models_change", request=EntryPatch, responses=replies(_200=EntrySerializer)
    )
    def patch(self, request: Request, accession: int) -> Response:
        """Change what is told of a model. What belongs to a published version never changes."""
        entry = entry_editable(request, accession)
        body = body_of(request, EntryPatch)
        seen = body.pop("revision", None)
        fields = EntryPatch.as_fields(body)
        entry_update(entry=entry, fields=fields, revision=seen, actor=person(request))
        return self.shown(entry_seen(request, accession), EntrySerializer)

    @extend_schema(operation_id="models_delete", responses=replies(_204=None))
    def delete(self, request: Request, accession: int) -> Response:
        """Remove a draft that was never published. Its number is not given again."""
        entry = entry_owned(request, accession)
        entry_draft_delete(entry=entry, actor=person(request))
        return Response(status=204)


class RunStarting(ApiView):
    """A door that answers with the run that it started."""

    def accepted(self, run: VerificationRun) -> Response:
        """202 with the run and its address."""
        shown = RunSerializer(run, context=self.get_serializer_context())
        return Response(shown.data, status=202, headers={"Location": shown.data["url"]})


class EntryPublishView(RunStarting):
    """Publication."""

    @extend_schema(
        operation_id="models_publish", request=None, responses=replies(_202=RunSerializer)
    )
    def post(self, request: Request, accession: int) -> Response:
        """Publish the newest version for good, and have it verified. 409 says what is missing."""
        entry = entry_editable(request, accession)
        return self.accepted(entry_publish(entry=entry, requested_by=person(request)))


class EntryVerifyView(RunStarting):
    """Verification on demand."""

    write_scope = "runs:write"

    @extend_schema(
        operation_id="models_verify", request=None, responses=replies(_202=RunSerializer)
    )
    def post(self, request: Request, accession: int) -> Response:
        """Verify the current version again, or show the run of it that is already under way."""
        entry = entry_editable(request, accession)
        if entry.current_version is None:
            raise ServiceError("version_not_ready", "This entry has no version to verify.")
        return self.accepted(
            run_queue(
                version=entry.current_version, trigger=Trigger.PERSON, requested_by=person(request)
            )
        )


class VersionsView(ShapedView):
    """The versions of one entry."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(
        operation_id="versions_list",
        parameters=shaping_parameters(OF_VERSIONS),
        responses=replies(_200=VersionSerializer(many=True)),
    )
    def get(self, request: Request, accession: int) -> Response:
        """List versions, newest first; to editors, also the one not yet published."""
        query_of(request, ShapedListQuery)
        entry = entry_open(request, accession)
        versions = entry_versions(user=viewer(request), entry=entry)
        rows = versions.prefetch_related("citations")
        return self.listed_as_asked(rows, VersionSerializer, OF_VERSIONS)

    @extend_schema(
        operation_id="versions_create",
        request=VersionBody,
        responses=replies(_201=VersionSerializer),
    )
    def post(self, request: Request, accession: int) -> Response:
        """Make a further version, which is then read from its repository."""
        entry = entry_editable(request, accession)
        last = entry.versions.order_by("-number")[0]
        wanted = source_again(request, VersionBody, last)
        version = version_create(entry=entry, **wanted)
        shown = VersionSerializer(version, context=self.get_serializer_context()).data
        return Response(shown, status=201, headers={"Location": shown["url"]})


class VersionView(ShapedView):
    """One version."""

    @extend_schema(
        operation_id="versions_get",
        parameters=shaping_parameters(OF_VERSIONS),
        responses=replies(_200=VersionSerializer),
    )
    def get(self, request: Request, accession: int, number: int) -> Response:
        """Show a version."""
        query_of(request, ShapedQuery)
        version = version_open(request, accession, number)
        return self.shown_as_asked(version, VersionSerializer, OF_VERSIONS)


class EntryCitationView(ApiView):
    """How a model is cited."""

    content_negotiation_class = FirstRenderer

    @extend_schema(
        operation_id="models_citation",
        parameters=[CitationQuery],
        responses=replies() | {("200", one.media_type): ANY_FILE for one in FORMATS.values()},
    )
    def get(self, request: Request, accession: int) -> HttpResponseBase:
        """Cite the current version and its article, or what `of` and `version` name."""
        wanted = query_of(request, CitationQuery)
        entry = entry_seen(request, accession)
        format_ = FORMATS[wanted["format"]]
        text = format_.text(_works(request, entry, wanted.get("version"), wanted.get("of", "")))
        if not text:
            raise NotFound("There is nothing of this to cite, or not in this format.")
        return HttpResponse(text, content_type=f"{format_.media_type}; charset=utf-8")


def _works(
    request: Request, entry: ModelEntry, number: int | None, kind: str
) -> tuple[CitedWork, ...]:
    """The works that are asked for; without a kind, a version and its article."""
    if number is None and not kind:
        return works_cited(entry=entry)
    versions = entry_versions(user=viewer(request), entry=entry)
    version = versions.filter(number=number).first() if number else entry.current_version
    works = works_of(entry=entry, version=version) if version else ()
    wanted = {kind} if kind else {"software", "article"}
    return tuple(work for work in works if work.kind in wanted)


def _source_of(request: Request, kind: type[SourceBody]) -> dict[str, Any]:
    """What the body says, with the file that came with it."""
    wanted = body_of(request, kind)
    return wanted | {"archive": archive_sent(wanted.get("archive"), by=person(request))}


def source_again(request: Request, kind: type[SourceBody], last: ModelVersion) -> dict[str, Any]:
    """As _source_of; with neither address nor archive, from where the last version was read."""
    wanted = _source_of(request, kind)
    if "address" in wanted or wanted["archive"]:
        return wanted
    said = {name: value for name, value in wanted.items() if value}
    return wanted | {"address": last.address, "folder": last.folder} | said
