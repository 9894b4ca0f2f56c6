"""Large files of versions, kept as they are for a while once somebody asked for them."""

import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from registry import dispatch
from registry.models import Blob, ModelVersion, UnpackedFile
from registry.services.blobs import blob_store
from registry.sources import SourceFiles, SourceItem
from registry.sourcing import source_of

# Below it, what a request costs by itself is more than to unpack the file.
LARGE_BYTES = 10_000_000
KEPT = timedelta(days=30)


def file_unpacked(*, version: ModelVersion, item: SourceItem) -> Blob | None:
    """A file's content as it is kept; None where it is not, or no longer."""
    kept = UnpackedFile.objects.filter(version=version, oid=item.oid).select_related("blob")
    found = kept.first()
    return found.blob if found else None


def file_unpack_ask(*, version: ModelVersion, item: SourceItem) -> None:
    """Have a worker keep a file as it is, for whoever asks for it next."""
    dispatch.send_unless_just_sent(dispatch.UNPACK_FILE, version.pk, item.path)


def file_unpack(*, version_id: int, path: str) -> None:
    """Keep a file as it is, unless it is kept. Raises SourceUnavailableError."""
    version = ModelVersion.objects.get(pk=version_id)
    with source_of(version) as files:
        item = files.find(path)
        # A draft may have changed since somebody asked.
        if item is None or file_unpacked(version=version, item=item):
            return
        blob = _stored(files, item)
    UnpackedFile.objects.get_or_create(
        version=version, oid=item.oid, defaults={"blob": blob, "made_at": timezone.now()}
    )


def unpacked_remove_old(*, now: datetime | None = None) -> int:
    """Forget what was unpacked long ago: who wants it still has it unpacked again. How many."""
    until = (now or timezone.now()) - KEPT
    return UnpackedFile.objects.filter(made_at__lt=until).delete()[0]


def _stored(files: SourceFiles, item: SourceItem) -> Blob:
    with tempfile.TemporaryDirectory(prefix="reprise-unpacked-") as place:
        path = Path(place, "file")
        with closing(files.pieces(item)) as pieces, path.open("wb") as target:
            target.writelines(pieces)
        return blob_store(path=path)
