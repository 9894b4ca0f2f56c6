"""Files kept as evidence, given out as downloads and never as pages of the portal."""

import base64

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

from registry.models import Blob
from registry.sandbox import inert
from registry.services.blobs import blob_open


def file_response(
    request: Request, *, blob: Blob, filename: str, media_type: str
) -> HttpResponseBase:
    """A download of `blob`, 304 when the caller has it. Raises ServiceError when it was lost."""
    etag = f'"{blob.sha256}"'
    known = get_conditional_response(request._request, etag=etag)  # noqa: SLF001 — DRF has no public name for it
    response = known or FileResponse(
        blob_open(blob.sha256), as_attachment=True, filename=filename, content_type=media_type
    )
    digest = base64.b64encode(bytes.fromhex(blob.sha256)).decode()
    response["ETag"] = etag
    response["Repr-Digest"] = f"sha-256=:{digest}:"
    return inert(response)
