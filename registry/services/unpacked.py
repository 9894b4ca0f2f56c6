"""Large files of versions, kept as they are for a while once somebody asked for them."""

import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from registry import dispatch
from registry.models import Blob, ModelVersion, UnpackedFile
from registry.services.blobs import blob_store
from registry.sources import Kind, SourceFiles, SourceItem
from registry.sourcing import source_of

# Below it, what a request costs by itself is more than to unpack the file.
LARGE_BYTES = 10_000_000
PATH_CHARACTERS = 500
KEPT = timedelta(days=30)


def file_unpacked(*, version: ModelVersion, path: str) -> UnpackedFile | None:
    """A file as it is kept; None where it is not, or no longer."""
    if not path.isprintable():
        return None  # no file is shown under such a name, and PostgreSQL refuses some as text
    kept = version.unpacked_files.filter(commit=version.commit, path=path)
    return kept.select_related("blob").first()


def file_unpack_ask(*, version: ModelVersion, path: str) -> None:
    """Have a worker keep a file as it is, for whoever asks for it next."""
    if len(path) <= PATH_CHARACTERS:
        dispatch.send_unless_just_sent(dispatch.UNPACK_FILE, version.pk, path)


def file_unpack(*, version_id: int, path: str) -> None:
    """Keep a file as it is; what was lost of it comes back. Raises SourceUnavailableError."""
    version = ModelVersion.objects.get(pk=version_id)
    with source_of(version) as files:
        item = files.find(path)
        # A draft may have changed since somebody asked.
        if item is None or item.kind is not Kind.FILE:
            return
        blob = _stored(files, item)
    UnpackedFile.objects.get_or_create(
        version=version,
        commit=version.commit,
        path=path,
        defaults={"oid": item.oid, "blob": blob, "made_at": timezone.now()},
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
