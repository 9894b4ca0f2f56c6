"""How much of a request is read: one bound for every door that takes JSON."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import APIException

# What comes as files goes to the disk, and has a bound of its own (registry.uploads).
_AS_FILES = "multipart/form-data"


class BodyTooLarge(APIException):
    """More than is held in memory for one request."""

    status_code = 413
    default_code = "too_large"


class LengthMissing(APIException):
    """A body whose end nobody stated."""

    status_code = 411
    default_code = "length_missing"
    default_detail = (
        "How long the body is has to be said before it is read. Send it with Content-Length, not "
        "in chunks."
    )


def body_bounded(request: HttpRequest, *, takes_files: bool) -> None:
    """Refuse a body by the length that it states; no more than that is read of it afterwards.

    Raises LengthMissing, BodyTooLarge.
    """
    if takes_files and request.content_type == _AS_FILES:
        return
    length = request.META.get("CONTENT_LENGTH") or "0"
    chunked = "Transfer-Encoding" in request.headers
    if chunked or not (length.isascii() and length.isdecimal()):
        raise LengthMissing
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if len(length) > len(str(most)) or int(length) > most:
        raise BodyTooLarge(
            f"A body of more than {most:,} bytes is not read. Send less, or send what is large "
            "as a file (multipart/form-data) to a door that takes files."
        )
