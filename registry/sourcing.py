"""Opening the files of a version: from the mirror, else from the version's archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.utils.module_loading import import_string

from registry.archived import ArchivedFiles
from registry.models import ModelVersion
from registry.selectors.sources import version_archive
from registry.services import ServiceError
from registry.services.blobs import blob_open
from registry.sources import SourceFiles, SourcePlace, SourceReader, SourceUnavailableError


def site_sources() -> SourceReader:
    """Who reads the mirrors of this site."""
    return cast("SourceReader", import_string(settings.SOURCE_READER)(Path(settings.MIRROR_DIR)))


def place_of(version: ModelVersion) -> SourcePlace:
    """Where the mirror keeps a version."""
    return SourcePlace(address=version.address, commit=version.commit, folder=version.folder)


def source_open(version: ModelVersion) -> SourceFiles:
    """The files of a version; close them. Raises SourceUnavailableError where neither is here."""
    try:
        return site_sources().open(place_of(version))
    except SourceUnavailableError:
        archive = version_archive(version)
        if archive is None:
            raise
        return ArchivedFiles(partial(_blob, archive.blob_id), key=archive.blob_id)


@contextmanager
def source_of(version: ModelVersion) -> Iterator[SourceFiles]:
    """The files of a version, closed at the end."""
    files = source_open(version)
    try:
        yield files
    finally:
        files.close()


def _blob(sha256: str) -> IO[bytes]:
    try:
        return blob_open(sha256)
    except ServiceError as lost:
        raise SourceUnavailableError(lost.sentence) from lost
