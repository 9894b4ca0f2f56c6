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
    kept = _unpacked(request, version, path)
    if kept is not None:
        return kept
    with ExitStack() as ending:
        files = ending.enter_context(closing(source_open(version)))
        item = files.find(path)
        if item is None or item.kind not in kinds:
            return None
        size = files.size(item)
        response = _read(request, files, item, size)
        if response.streaming:
            ending.pop_all()  # the end of the answer's body closes the files
            if size >= LARGE_BYTES:
                file_unpack_ask(version=version, path=path)
        return response


def _unpacked(request: HttpRequest, version: ModelVersion, path: str) -> HttpResponseBase | None:
    """The answer from the file as it is kept; None where it is not, or its bytes were lost."""
    kept = file_unpacked(version=version, path=path)
    if kept is None:
        return None
    with suppress(ServiceError):
        return file_response(
            request,
            blob=kept.blob,
            etag=kept.oid,
            filename=path.rpartition("/")[2],
            media_type=_BYTES,
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
