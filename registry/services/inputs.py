"""Files that models read and their repositories do not hold, sent by people for an entry.

A manifest names each by its sha256, and only the entry's own are given to its runs.
"""

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from registry.models import InputFile, ModelEntry
from registry.services.blobs import blob_open, blob_store
from registry.services.errors import ServiceError
from registry.services.text import cut
from registry.services.uploads import SentArchive

# Of one entry, so that a page can show them all.
INPUT_FILES_MOST = 100
_NAME_CHARACTERS = 255


def input_file_store(*, entry: ModelEntry, file: SentArchive) -> InputFile:
    """Keep a file for an entry; the same bytes are there once, under their first name.

    Raises ServiceError when it is too large, or the entry has too many.
    """
    if file.path.stat().st_size > settings.UPLOAD_BYTES:
        raise ServiceError(
            "input_too_large",
            f"This file is larger than the {settings.UPLOAD_BYTES / 1e6:,.0f} MB that are taken.",
            "Put it into a data archive such as Zenodo, and declare its address as `url`.",
        )
    blob = blob_store(path=file.path)
    with transaction.atomic():
        ModelEntry.objects.select_for_update().get(pk=entry.pk)
        known = entry.input_files.filter(blob=blob).first()
        if known:
            return known
        if entry.input_files.count() >= INPUT_FILES_MOST:
            raise ServiceError(
                "inputs_too_many",
                f"This entry has {INPUT_FILES_MOST} input files, which is the most.",
                "Pack further ones into a single file.",
            )
        return InputFile.objects.create(
            entry=entry,
            name=cut(file.name, _NAME_CHARACTERS) or "input",
            blob=blob,
            sent_by=file.sent_by,
            created_at=timezone.now(),
        )


def input_file_open(*, accession: int, sha256: str) -> "File[bytes] | None":
    """The bytes of an entry's input file; None when it has none with this sha256.

    Raises ServiceError when the portal has lost them.
    """
    known = InputFile.objects.filter(entry_id=accession, blob_id=sha256).exists()
    return blob_open(sha256) if known else None
