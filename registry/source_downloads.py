"""One file of a version as a download, from wherever it is read fastest."""

from collections.abc import Container, Generator
from contextlib import ExitStack, closing, suppress

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from registry.downloads import file_response, pieces_response
from registry.models import ModelVersion
from registry.services import ServiceError
from registry.services.unpacked import LARGE_BYTES, file_unpack_ask, file_unpacked
from registry.sources import Kind, SourceFiles, SourceItem
from registry.sourcing import source_open

_BYTES = "application/octet-stream"


def source_file_response(
    request: HttpRequest, *, version: ModelVersion, path: str, kinds: Container[Kind]
) -> HttpResponseBase | None:
    """A download of a file, whole or in part; None where nothing of these `kinds` is at `path`.

    ETag is git's name of the content. Raises SourceUnavailableError.
    """
    with ExitStack() as ending:
        files = ending.enter_context(closing(source_open(version)))
        item = files.find(path)
        if item is None or item.kind not in kinds:
            return None
        size = files.size(item)
        kept = _kept(request, version, item) if size >= LARGE_BYTES else None
        response = kept or _read(request, files, item, size)
        if response.streaming and kept is None:
            ending.pop_all()  # the end of the answer's body closes the files
        return response


def _kept(request: HttpRequest, version: ModelVersion, item: SourceItem) -> HttpResponseBase | None:
    """The answer from the unpacked file. Where there is none, a worker is asked for it."""
    blob = file_unpacked(version=version, item=item)
    if blob is None:
        if request.method == "GET":
            file_unpack_ask(version=version, item=item)
        return None
    # Git has it still where the bytes were lost.
    with suppress(ServiceError):
        return file_response(
            request, blob=blob, etag=item.oid, filename=item.name, media_type=_BYTES
        )
    return None


def _read(
    request: HttpRequest, files: SourceFiles, item: SourceItem, size: int
) -> HttpResponseBase:
    """The answer that closes the files at the end of its body, if it has one."""

    def pieces() -> Generator[bytes]:
        with closing(files):
            yield from files.pieces(item)

    return pieces_response(
        request,
        pieces=pieces,
        size=size,
        etag=item.oid,
        filename=item.name,
        media_type=_BYTES,
    )
