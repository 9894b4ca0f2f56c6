"""Downloads: whole or in part, the same bytes each time, never a page of the portal.

A part (Range) is asked for by who goes on with a download that broke off. What is read is sent
at once, so that memory does not grow with the size.
"""

import base64
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import IO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from registry.models import Blob
from registry.sandbox import inert
from registry.services.blobs import blob_open

_PIECE = 1 << 18
_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,30})-([0-9]{0,30})[ \t]*")
_PART, _UNSATISFIABLE = 206, 416


def file_response(
    request: HttpRequest, *, blob: Blob, filename: str, media_type: str, etag: str = ""
) -> HttpResponseBase:
    """A download of `blob`, 304 when the caller has it. Raises ServiceError when it was lost.

    Repr-Digest is of its sha256, and so is ETag unless another name of these very bytes is given.
    """
    response = _answered(
        request,
        read=lambda start, length: _FilePieces(blob_open(blob.sha256), start, length),
        size=blob.size,
        etag=etag or blob.sha256,
        filename=filename,
        media_type=media_type,
    )
    digest = base64.b64encode(bytes.fromhex(blob.sha256)).decode()
    response["Repr-Digest"] = f"sha-256=:{digest}:"
    return response


def pieces_response(
    request: HttpRequest,
    *,
    pieces: Callable[[], Generator[bytes]],
    size: int,
    etag: str,
    filename: str,
    media_type: str,
) -> HttpResponseBase:
    """A download of content that is read in pieces from its beginning, `size` bytes in all.

    `etag` names these very bytes; it is given without quotes. `pieces` is called only where a body
    is sent; as any generator it opens what it reads when its first piece is asked for.
    """
    return _answered(
        request,
        read=lambda start, length: _cut(pieces(), start, length),
        size=size,
        etag=etag,
        filename=filename,
        media_type=media_type,
    )


def _answered(
    request: HttpRequest,
    *,
    read: Callable[[int, int], Iterator[bytes]],
    size: int,
    etag: str,
    filename: str,
    media_type: str,
) -> HttpResponseBase:
    """What the caller's conditions ask for: the whole, a part, or that there is nothing new."""
    tag = f'"{etag}"'
    known = get_conditional_response(request, etag=tag)
    response = known or _body(request, read, size, tag)
    if known is None and response.status_code != _UNSATISFIABLE:
        safe = filename.encode("utf-8", "replace").decode()
        response["Content-Type"] = media_type
        response["Content-Disposition"] = content_disposition_header(
            as_attachment=True, filename=safe
        )
    response["ETag"] = tag
    response["Accept-Ranges"] = "bytes"
    return inert(response)


def _body(
    request: HttpRequest, read: Callable[[int, int], Iterator[bytes]], size: int, tag: str
) -> HttpResponseBase:
    part = _part(request, size, tag)
    start, end = part or (0, size)
    if part and start >= end:
        return HttpResponse(status=_UNSATISFIABLE, headers={"Content-Range": f"bytes */{size}"})
    asks = request.method == "HEAD"
    response = HttpResponse() if asks else StreamingHttpResponse(read(start, end - start))
    response["Content-Length"] = end - start
    if part:
        response.status_code = _PART
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _part(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """From where to where is asked for, empty where nothing lies there; None for the whole.

    The whole answers several ranges, ranges that nobody can read, and those of other bytes.
    """
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    same = request.headers.get("If-Range", tag) == tag
    if asked is None or not same or request.method != "GET" or not size:
        return None
    first, last = asked.groups()
    if not first:
        return (max(0, size - int(last)), size) if last else None
    end = min(int(last) + 1, size) if last else size
    return None if last and int(last) < int(first) else (int(first), end)


class _FilePieces(Iterator[bytes]):
    """`length` bytes of a file from `start` on. The file is closed even if nothing was read."""

    def __init__(self, file: IO[bytes], start: int, length: int) -> None:
        file.seek(start)
        self._file, self._left = file, length

    def __next__(self) -> bytes:
        piece = self._file.read(min(_PIECE, self._left))
        if not piece:
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Let the file go; the server asks for it at the end of each answer."""
        self._file.close()


def _cut(pieces: Generator[bytes], start: int, length: int) -> Iterator[bytes]:
    """`length` bytes from `start` on; what comes before is read and dropped."""
    with closing(pieces):
        for piece in pieces:
            part = piece[start : start + length]
            start, length = max(0, start - len(piece)), length - len(part)
            if part:
                yield part
            if not length:
                return
