"""`Idempotency-Key`: a change that is sent twice, as after a broken line, is made once."""

import hashlib
import re
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from registry.models import KeptAnswer, User
from registry.services.answers import answer_claim, answer_drop, answer_keep

if TYPE_CHECKING:
    from registry.api.base import ApiView

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("Content-Type", "Location")


class KeyUnfit(APIException):
    """A key that cannot be kept, or not with this request."""

    status_code = 400
    default_code = "idempotency_key_unfit"


class AnsweredBefore(Exception):
    """The request was carried out before; `answer` is what was said then."""

    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__(kept.key)
        self.answer = HttpResponse(kept.body, status=kept.status, headers=kept.headers)
        self.answer[REPLAYED] = "true"


def answer_begun(request: Request, view: "ApiView") -> KeptAnswer | None:
    """The row for the answer that is to be kept; None where the caller asks for no such thing.

    Raises AnsweredBefore, KeyUnfit, ServiceError.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method in SAFE_METHODS:
        return None
    if not _KEY.fullmatch(key):
        raise KeyUnfit(f"{HEADER} is 1 to 255 visible ASCII characters, such as a UUID.")
    if not view.keeps_answers or not isinstance(request.user, User):
        raise KeyUnfit(
            f"The portal keeps no answer to this, since a secret is in it or nobody is signed in. "
            f"Send it without {HEADER}."
        )
    kept, is_new = answer_claim(user=request.user, key=key, request_digest=_digest(request))
    if not is_new:
        raise AnsweredBefore(kept)
    return kept


def answer_ended(kept: KeptAnswer, response: HttpResponseBase) -> None:
    """Keep what was done. A refusal did nothing: its key may be sent again."""
    if response.status_code >= 300:  # noqa: PLR2004 — no success
        answer_drop(kept=kept)
        return
    if not isinstance(response, HttpResponse):
        raise TypeError("What is streamed is no answer to a change.")
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    body = response.content.decode()
    answer_keep(kept=kept, status=response.status_code, headers=headers, body=body)


def _digest(request: Request) -> str:
    """The sha256 of method, address and what was sent, files by their content."""
    said = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    sent = request.data if request.content_type.startswith("multipart/") else None
    if isinstance(sent, MultiValueDict):
        for name, values in sorted(sent.lists()):
            for value in values:
                said.update(f"{name}\0{_content(value)}\0".encode(errors="replace"))
    else:
        said.update(request.content_type.encode(errors="replace") + b"\n")
        said.update(request._request.body)  # noqa: SLF001 — DRF parses it, and may lose the difference
    return said.hexdigest()


def _content(value: object) -> str:
    """A field's text, or the sha256 of a file with its name."""
    if not isinstance(value, UploadedFile):
        return str(value)
    content = hashlib.sha256()
    for piece in value.chunks():
        content.update(piece)
    value.seek(0)
    return f"{value.name}\0{content.hexdigest()}"
