"""Errors as problem details (RFC 9457): every refusal of the API has this one shape."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from registry.services import ServiceError

MEDIA_TYPE = "application/problem+json"
NOT_FOUND = "Nothing is here that you may see."
_TOO_MUCH = "This request has more fields or files than one may have. Send fewer."
_OUR_FAULT = "Something went wrong here, not in your request. It was logged; try again later."


class Gone(exceptions.APIException):
    """The entry was withdrawn: what belongs to it is no longer given out."""

    status_code = 410
    default_code = "withdrawn"


logger = logging.getLogger(__name__)


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """The reply to any exception of a view. DRF calls it inside the `except` block.

    A fault of ours is logged and signalled as Django does, and tells the caller nothing of itself.
    """
    request: Request = context["request"]
    set_rollback()
    if isinstance(exc, ServiceError):
        return _service_problem(exc, request)
    known = _known(exc)
    if known is None:
        # Loggers, error reporters and the test client listen for this, as for any Django page.
        got_request_exception.send(sender=type(context.get("view")), request=request._request)  # noqa: SLF001 — DRF has no public name for it
        logger.error("The API failed at %s.", request.path, exc_info=exc)
        return problem_response(request, status=500, code="error", detail=_OUR_FAULT)
    return _api_problem(known, request)


def problem_response(
    request: Request,
    *,
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """A problem document. `code` names the kind of problem; `more` are its extension members."""
    body = {
        "type": f"urn:reprise:problem:{code.replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
    } | {name: value for name, value in more.items() if value}
    return Response(body, status=status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def _service_problem(exc: ServiceError, request: Request) -> Response:
    """A refusal of a service: something was given wrong (400), or things stand otherwise (409)."""
    return problem_response(
        request,
        status=_STATUS_OF.get(exc.code, 409),
        code=exc.code,
        detail=exc.sentence,
        hint=exc.hint,
    )


# Every other code of a service says that the thing is in a state that does not allow it.
_STATUS_OF = {
    "address_doi": 400,
    "address_missing": 400,
    "address_secret": 400,
    "archive_missing": 404,
    "archive_too_large": 413,
    "archive_unknown": 400,
    "asked_too_often": 429,
    "blob_missing": 404,
    "calculations_used_up": 429,
    "calculations_waiting": 429,
    "days": 400,
    "expired": 400,
    "expiry_beyond": 403,
    "file_unreadable": 400,
    "folder_unknown": 404,
    "idempotency_key_reused": 422,
    "image_unasked": 404,
    "input_missing": 400,
    "input_too_large": 413,
    "input_unknown": 400,
    "into_same": 400,
    "name_invalid": 400,
    "name_missing": 400,
    "orcid": 400,
    "reason_missing": 400,
    "receipt_other": 400,
    "receipt_ours": 400,
    "receipt_refused": 400,
    "receipt_too_large": 413,
    "role": 400,
    "scope": 400,
    "scope_beyond": 403,
    "search_long": 400,
    "source_twice": 400,
    "term_ambiguous": 400,
    "term_merge": 400,
    "term_name": 400,
    "term_unknown": 400,
    "terms_many": 400,
    "text_missing": 400,
    "title_missing": 400,
    "too_long": 400,
    "upload_unknown": 400,
    "vocabulary_unknown": 400,
    "words_missing": 400,
}


def _known(exc: Exception) -> exceptions.APIException | None:
    """The API exception that says the same as `exc`; None for a fault of ours."""
    if isinstance(exc, Http404):
        # Django's own text names models and values of a query; a caller learns nothing from us.
        return exceptions.NotFound(NOT_FOUND)
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, SuspiciousOperation):
        return exceptions.ParseError(_TOO_MUCH)
    return exc if isinstance(exc, exceptions.APIException) else None


def _api_problem(exc: exceptions.APIException, request: Request) -> Response:
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_field_errors(exc.detail, ""))
        detail = "The request cannot be taken as it is: " + " ".join(e["detail"] for e in errors)
        return problem_response(request, status=400, code="invalid", detail=detail, errors=errors)
    codes = exc.get_codes()
    return problem_response(
        request,
        status=exc.status_code,
        code=codes if isinstance(codes, str) else exc.default_code,
        detail=str(exc.detail),
        headers=_headers(exc),
    )


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    """How to authenticate and when to come back, where DRF knows it."""
    headers = {}
    challenge = getattr(exc, "auth_header", None)
    wait = getattr(exc, "wait", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    if wait is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def _field_errors(detail: object, pointer: str) -> Iterator[dict[str, str]]:
    """Each message with the JSON pointer (RFC 6901) of what it speaks of; "" is the whole body."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            step = "" if key == "non_field_errors" else f"/{_escaped(key)}"
            yield from _field_errors(value, pointer + step)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            inside = isinstance(value, (Mapping, list))
            yield from _field_errors(value, f"{pointer}/{index}" if inside else pointer)
    else:
        yield {"pointer": f"#{pointer}", "detail": str(detail)}


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
