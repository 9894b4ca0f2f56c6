"""Archives that people send in place of a repository's address.

The web process only keeps the bytes, as a blob. A worker makes commits of them: the uploads of one
entry are one repository, named `upload:<accession>`, whose tags are `upload-<number>`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import Max
from django.utils import timezone

from registry.models import Blob, ModelEntry, ModelVersion, Upload, User
from registry.services.blobs import blob_store
from registry.services.errors import ServiceError
from registry.services.text import cut
from registry.spec import archives

SCHEME = "upload:"
_TAG = re.compile(r"upload-([1-9][0-9]{0,8})")
_NAME_CHARACTERS = 255


@dataclass(frozen=True, kw_only=True)
class SentArchive:
    """A file that a person sent: where it lies, and what they call it."""

    path: Path
    name: str
    sent_by: User


@dataclass(frozen=True, kw_only=True)
class StoredArchive:
    """A sent archive whose bytes are kept, but which belongs to no entry yet."""

    blob: Blob
    name: str
    sent_by: User


@dataclass(frozen=True, kw_only=True)
class UploadedFile:
    """What a worker needs to make a commit of an upload."""

    number: int
    name: str
    sha256: str
    received_at: datetime


def archive_sent(file: TemporaryUploadedFile | None, *, by: User) -> SentArchive | None:
    """What a request brought, which Django has written to a file; None when it brought none."""
    if file is None:
        return None
    return SentArchive(path=Path(file.temporary_file_path()), name=file.name or "", sent_by=by)


def archive_refused(*, size: int, head: bytes) -> ServiceError | None:
    """Why a file of `size` bytes that begins with `head` is not taken; None if it is."""
    if size > settings.UPLOAD_BYTES:
        return ServiceError(
            "archive_too_large",
            f"This file is larger than the {settings.UPLOAD_BYTES / 1e6:,.0f} MB that are taken.",
            "Leave large data out of it: they belong in a data archive such as Zenodo.",
        )
    sentence = archives.refused(head)
    return ServiceError("archive_unknown", sentence, archives.WAY_OUT) if sentence else None


def archive_store(*, archive: SentArchive) -> StoredArchive:
    """Keep a file's bytes. Raises ServiceError when it is too large, or no archive."""
    with archive.path.open("rb") as file:
        refusal = archive_refused(
            size=archive.path.stat().st_size, head=file.read(archives.HEAD_BYTES)
        )
    if refusal:
        raise refusal
    return StoredArchive(
        blob=blob_store(path=archive.path),
        name=cut(archive.name, _NAME_CHARACTERS),
        sent_by=archive.sent_by,
    )


def upload_create(*, entry: ModelEntry, archive: StoredArchive) -> Upload:
    """The entry's next upload. Within a transaction; locks the entry, so that none is skipped."""
    ModelEntry.objects.select_for_update().get(pk=entry.pk)
    last = entry.uploads.aggregate(last=Max("number"))["last"] or 0
    return Upload.objects.create(
        entry=entry,
        number=last + 1,
        name=archive.name,
        blob=archive.blob,
        sent_by=archive.sent_by,
        created_at=timezone.now(),
    )


def upload_refused(*, entry: ModelEntry | None, address: str, ref: str) -> ServiceError | None:
    """Why an entry may not be read from a typed address; None if it may, or it is no upload's.

    An upload's address is good for its own entry alone: it is no way to other people's files.
    """
    if not address.lower().startswith(SCHEME):
        return None
    if entry and address == entry.upload_address and upload_history(address=address, ref=ref):
        return None
    return ServiceError(
        "upload_unknown",
        "An uploaded archive has no address that could be typed.",
        "Choose the file itself, or give the address of a repository.",
    )


def upload_history(*, address: str, ref: str) -> tuple[UploadedFile, ...]:
    """The archives of which `address` and `ref` speak: the one, after those published before it.

    Empty where the address is no upload's. Replaced drafts are no part of a history.
    """
    tag = _TAG.fullmatch(ref)
    if not address.startswith(SCHEME) or tag is None:
        return ()
    published = ModelVersion.objects.filter(address=address, published_at__isnull=False)
    tags = map(_TAG.fullmatch, published.values_list("ref", flat=True))
    last = int(tag[1])
    numbers = {int(found[1]) for found in tags if found and int(found[1]) < last}
    uploads = Upload.objects.filter(
        entry_id=int(address.removeprefix(SCHEME)), number__in=[*numbers, last]
    )
    return tuple(
        UploadedFile(
            number=upload.number,
            name=upload.name,
            sha256=upload.blob_id,
            received_at=upload.created_at,
        )
        for upload in uploads.order_by("number")
    )
