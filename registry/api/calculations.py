"""Doors to calculations: a model run on inputs of the caller's, in the image that was verified."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import (
    ApiView,
    FirstRenderer,
    ListQuery,
    asked,
    body_of,
    person,
    query_of,
    viewer,
)
from registry.api.lookup import entry_open, entry_owned
from registry.api.schema import FILE, replies
from registry.api.serializers.calculations import (
    CalculationBody,
    CalculationRowSerializer,
    CalculationSerializer,
)
from registry.downloads import file_response
from registry.models import Calculation
from registry.models.pulling import PullKind
from registry.selectors.calculations import (
    calculation_file,
    calculation_get,
    calculations_of,
)
from registry.services import ServiceError
from registry.services.calculation_offers import entry_calculations_set
from registry.services.calculations import calculation_ask, calculation_remove
from registry.services.usage import pull_count

# JSON may spell a byte in up to six; nobody does so throughout.
_SPELLING = 2
_FILES = {"type": "object", "additionalProperties": {"type": "string", "format": "binary"}}


class EntryCalculationsView(ApiView):
    """The caller's calculations with one model."""

    write_scope = "calculations:write"
    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(
        operation_id="calculations_list",
        responses=replies(_200=CalculationRowSerializer(many=True)),
    )
    def get(self, request: Request, accession: int) -> Response:
        """List one's own calculations with a model, newest first."""
        query_of(request, ListQuery)
        entry = entry_open(request, accession)
        own = calculations_of(user=person(request)).filter(run__version__entry=entry)
        return self.listed(own, CalculationRowSerializer)

    @extend_schema(
        operation_id="calculations_create",
        request={"application/json": CalculationBody, "multipart/form-data": _FILES},
        responses=replies(_202=CalculationSerializer),
    )
    def post(self, request: Request, accession: int) -> Response:
        """Run a model on inputs of one's own. Multipart fields are named by the inputs' paths."""
        entry = entry_open(request, accession)
        _refuse_large(request)
        calculation = calculation_ask(entry=entry, user=person(request), files=_given(request))
        pull_count(
            request=asked(request),
            version_id=calculation.run.version_id,
            kind=PullKind.CALCULATION,
        )
        reply = self.shown(calculation, CalculationSerializer, status=202)
        reply["Location"] = reply.data["url"]
        return reply


class CalculationsOfferedView(ApiView):
    """Whether people may run a model here."""

    write_scope = "models:write"

    @extend_schema(operation_id="calculations_offer", request=None, responses=replies(_204=None))
    def put(self, request: Request, accession: int) -> Response:
        """Let people run a model here; 409 says why it cannot be run."""
        return self._set(request, accession, wanted=True)

    @extend_schema(operation_id="calculations_close", responses=replies(_204=None))
    def delete(self, request: Request, accession: int) -> Response:
        """Let nobody run it here any more. What waits ends as cancelled."""
        return self._set(request, accession, wanted=False)

    def _set(self, request: Request, accession: int, *, wanted: bool) -> Response:
        entry = entry_owned(request, accession)
        entry_calculations_set(actor=person(request), entry=entry, wanted=wanted)
        return Response(status=204)


class CalculationView(ApiView):
    """One calculation, for whoever asked for it."""

    write_scope = "calculations:write"

    @extend_schema(operation_id="calculations_get", responses=replies(_200=CalculationSerializer))
    def get(self, request: Request, calculation_id: int) -> Response:
        """Where it stands, its log so far, and its files."""
        return self.shown(_calculation(request, calculation_id), CalculationSerializer)

    @extend_schema(operation_id="calculations_delete", responses=replies(_204=None))
    def delete(self, request: Request, calculation_id: int) -> Response:
        """End it, and remove it with its files; it counts for the day's allowance all the same."""
        calculation_remove(calculation=_calculation(request, calculation_id))
        return Response(status=204)


class CalculationFileView(ApiView):
    """One file of a calculation."""

    content_negotiation_class = FirstRenderer

    @extend_schema(
        operation_id="calculations_file",
        responses=replies("application/octet-stream", _200=FILE),
    )
    def get(self, request: Request, calculation_id: int, path: str) -> HttpResponseBase:
        """Download what went in or came out. ETag is its sha256."""
        calculation = _calculation(request, calculation_id)
        file = calculation_file(calculation=calculation, path=path)
        if file is None:
            raise Http404
        return file_response(
            asked(request),
            blob=file.blob,
            filename=PurePosixPath(path).name,
            media_type="application/octet-stream",
        )


def _calculation(request: Request, calculation_id: int) -> Calculation:
    """The calculation, if it is the caller's to see. Raises Http404."""
    found = calculation_get(user=viewer(request), calculation_id=calculation_id)
    if found is None:
        raise Http404
    return found


def _refuse_large(request: Request) -> None:
    """Refuse JSON that cannot hold so little, before it is read into memory."""
    length = request.headers.get("Content-Length", "")
    most = settings.CALCULATION_INPUT_MB * 2**20 * _SPELLING
    if _is_json(request) and length.isdecimal() and int(length) > most:
        raise ServiceError(
            "input_too_large",
            f"This has {int(length) / 2**20:,.1f} MB.",
            f"At most {settings.CALCULATION_INPUT_MB} MB are taken.",
        )


def _is_json(request: Request) -> bool:
    return (request.content_type or "").startswith("application/json")


def _given(request: Request) -> dict[str, Path | bytes]:
    """The inputs by their paths. Raises ValidationError."""
    if _is_json(request):
        body = body_of(request, CalculationBody)
        return {path: _written(path, value) for path, value in body["inputs"].items()}
    sent = cast("Mapping[str, Any]", request.data)
    return {path: _file(path, value) for path, value in sent.items()}


def _written(path: str, value: object) -> bytes:
    text = value if isinstance(value, str) else f"{json.dumps(value)}\n"
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError({path: "This is no text: it holds half a character."}) from error


def _file(path: str, value: object) -> Path:
    if not isinstance(value, TemporaryUploadedFile):
        raise ValidationError({path: "Send each input as a file."})
    return Path(value.temporary_file_path())
