"""Repositories read, and archives of their versions made; nothing of them is run."""

from functools import partial
from typing import BinaryIO, cast

from celery import shared_task

from registry.services.archives import archive_make
from registry.services.blobs import blob_open
from registry.services.inputs import input_file_open
from registry.services.unpacked import file_unpack
from registry.services.uploads import SCHEME as UPLOAD
from registry.services.uploads import upload_history
from registry.services.versions import (
    version_inspected,
    version_inspection_failed,
    version_to_inspect,
)
from registry.source_archives import Form
from runners.configuration import (
    bases_of_site,
    bounds_of_site,
    mirrors_of_site,
    uploads_of_site,
)
from runners.faults import Check, RepositoryFault
from runners.inspection import inspect_source
from runners.source.uploads import Archive


@shared_task(name="runners.inspect")
def inspect_version(version_id: int) -> None:
    """Read a pending version's repository, so that its form fills itself."""
    target = version_to_inspect(version_id=version_id)
    if target is None:
        return
    address, ref, folder = target
    try:
        lay_uploads(address, ref, check=_go_on)
        inspection = inspect_source(
            address,
            ref or None,
            folder=folder,
            mirrors=mirrors_of_site(),
            limits=bounds_of_site().source,
            bases=bases_of_site(),
        )
    except RepositoryFault as fault:
        version_inspection_failed(version_id=version_id, failure=fault.failure, target=target)
    else:
        version_inspected(version_id=version_id, inspection=inspection, target=target)


@shared_task(name="runners.make_archive")
def make_archive(version_id: int, form: str, folder: str) -> None:
    """Make an archive that a caller would wait for too long. Who still wants it asks again."""
    archive_make(version_id=version_id, form=Form(form), folder=folder)


@shared_task(name="runners.unpack_file")
def unpack_file(version_id: int, path: str) -> None:
    """Keep a large file as it is. Until then, and if this fails, git gives it."""
    file_unpack(version_id=version_id, path=path)


def lay_uploads(address: str, ref: str, *, check: Check) -> None:
    """Make commits of the archives that the address and ref name, where they name any.

    Raises RepositoryFault for an archive that cannot be read.
    """
    history = [
        Archive(
            number=file.number,
            name=file.name,
            sha256=file.sha256,
            received_at=int(file.received_at.timestamp()),
            open=partial(blob_opened, file.sha256),
        )
        for file in upload_history(address=address, ref=ref)
    ]
    if history:
        number = address.removeprefix(UPLOAD)
        limits = bounds_of_site().source
        uploads_of_site().lay(number, history, limits=limits, check=check)


def input_opened(accession: int, sha256: str) -> BinaryIO | None:
    """The input file of an entry that has this sha256, where one was uploaded."""
    return cast("BinaryIO | None", input_file_open(accession=accession, sha256=sha256))


def blob_opened(sha256: str) -> BinaryIO:
    """A file of the portal, to be read."""
    return cast("BinaryIO", blob_open(sha256))


def _go_on() -> None:
    """An inspection ends by its own time limit; nothing stops it before."""
