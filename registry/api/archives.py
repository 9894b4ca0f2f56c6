"""Doors to a version's files as one archive: whole or one folder, in three forms."""

import re

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from registry.api.base import ApiView, FirstRenderer, Query, asked, query_of
from registry.api.lookup import version_open
from registry.api.schema import FILE, replies
from registry.downloads import file_response
from registry.models import Blob, ModelVersion
from registry.models.pulling import PullKind
from registry.rates import counted
from registry.sandbox import inert
from registry.selectors.sources import archive_kept
from registry.services.archives import archive_take
from registry.services.usage import pull_note
from registry.signposting import belongs
from registry.source_archives import MEDIA_TYPES, Form

_NAME_MOST = 150


class _BeingMade(exceptions.APIException):
    """A worker makes it; curl with --retry asks again by itself at this status."""

    status_code = 503
    default_code = "archive_being_made"
    default_detail = "This archive is large and is being made. Ask again in half a minute."
    wait = 29


class ArchiveQuery(Query):
    """Which archive."""

    format = serializers.ChoiceField(choices=[str(form) for form in Form], default="tar.gz")
    folder = serializers.CharField(
        max_length=500,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="One folder of the version, from its top. Without it: all files.",
    )


class _Archive(ApiView):
    """What the doors to an archive have in common."""

    content_negotiation_class = FirstRenderer

    def found(
        self, request: Request, accession: int, number: int
    ) -> tuple[ModelVersion, Form, str]:
        """The version, and what is asked for of it."""
        wanted = query_of(request, ArchiveQuery)
        version = version_open(request, accession, number)
        return version, Form(wanted["format"]), wanted["folder"].strip("/")


class VersionArchiveView(_Archive):
    """The files of one version, as the portal keeps them."""

    @extend_schema(
        operation_id="versions_archive",
        parameters=[ArchiveQuery],
        responses={
            **replies("application/gzip", _200=FILE),
            ("200", "application/zip"): FILE,
            ("200", "application/zstd"): FILE,
        },
    )
    def get(self, request: Request, accession: int, number: int) -> HttpResponseBase:
        """Download the version's files: always the same bytes, in part too (Range).

        ETag is their sha256. A large archive that nobody asked for before is made first: the answer
        is 503 with Retry-After until it is there.
        """
        version, form, folder = self.found(request, accession, number)
        response = file_response(
            asked(request),
            blob=_blob(request, version, form, folder),
            filename=_filename(version, form, folder),
            media_type=MEDIA_TYPES[form],
        )
        pull_note(
            request=asked(request), response=response, version_id=version.pk, kind=PullKind.ARCHIVE
        )
        return belongs(response, version.entry, version, rel="collection")


class VersionArchiveSumView(_Archive):
    """The sha256 of an archive."""

    @extend_schema(
        operation_id="versions_archive_sha256",
        parameters=[ArchiveQuery],
        responses=replies("text/plain", _200=str),
    )
    def get(self, request: Request, accession: int, number: int) -> HttpResponse:
        """Give the sha256 of an archive and its name, as `sha256sum --check` reads them."""
        version, form, folder = self.found(request, accession, number)
        line = (
            f"{_blob(request, version, form, folder).sha256}  {_filename(version, form, folder)}\n"
        )
        return inert(HttpResponse(line, content_type="text/plain; charset=utf-8"))


def _blob(request: Request, version: ModelVersion, form: Form, folder: str) -> Blob:
    """The archive's bytes. Raises Throttled, _BeingMade, ServiceError."""
    blob = archive_kept(version, form=form, folder=folder)
    if blob is not None:
        return blob
    allowance = counted(asked(request), user=request.user, scope="archive")
    if allowance.is_exceeded:
        raise exceptions.Throttled(allowance.seconds, "You had very many archives made.")
    blob = archive_take(version=version, form=form, folder=folder)
    if blob is None:
        raise _BeingMade
    return blob


def _filename(version: ModelVersion, form: Form, folder: str) -> str:
    """A name that every file system and shell takes."""
    named = "-".join([version.entry.name, str(version.number), *filter(None, folder.split("/"))])
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '_', named)[:_NAME_MOST]}.{form}"
