"""Files under their sha256, in the storage called "blobs"."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils import timezone

from registry.models import Blob
from registry.services.errors import ServiceError

_PIECE = 1 << 20


def blob_store(*, path: Path) -> Blob:
    """Keep the bytes of a file and return their row; the same bytes twice are kept once.

    1. Copy to a temporary file beside the blobs, hashing on the way, and sync it to the disk.
    2. Rename it to its hash: a crash leaves the whole blob or none.
    3. Write the row, so that no row is without its bytes.
    """
    storage = storages["blobs"]
    with _staged(path, storage) as (staged, sha256, size):
        blob = Blob(sha256=sha256, size=size, created_at=timezone.now())
        if not _is_whole(storage, blob):
            _move_in(storage, staged, blob)
    return Blob.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "created_at": blob.created_at}
    )[0]


def blob_open(sha256: str) -> "File[bytes]":
    """The bytes of a blob, opened for reading. Raises ServiceError when they are not whole."""
    blob = Blob.objects.filter(pk=sha256).first()
    storage = storages["blobs"]
    if blob is None or not _is_whole(storage, blob):
        raise ServiceError(
            "blob_missing",
            "The portal has lost this file.",
            "Run the verification again; it makes the file anew.",
        )
    return storage.open(blob.key)


@contextmanager
def _staged(path: Path, storage: Storage) -> Iterator[tuple[Path, str, int]]:
    """A synced copy of `path` that is removed unless moved away, its sha256 and size."""
    with tempfile.NamedTemporaryFile(dir=_staging_folder(storage), delete=False) as target:
        staged = Path(target.name)
        try:
            with path.open("rb") as source:
                sha256, size = _copied(source, target)
            target.flush()
            os.fsync(target.fileno())
            yield staged, sha256, size
        finally:
            staged.unlink(missing_ok=True)


def _copied(source: IO[bytes], target: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE):
        digest.update(piece)
        size += target.write(piece)
    return digest.hexdigest(), size


def _staging_folder(storage: Storage) -> Path | None:
    """A folder from which a rename into the storage is atomic, where the storage is a folder."""
    if not isinstance(storage, FileSystemStorage):
        return None
    folder = Path(storage.location, "incoming")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _is_whole(storage: Storage, blob: Blob) -> bool:
    return storage.exists(blob.key) and storage.size(blob.key) == blob.size


def _move_in(storage: Storage, staged: Path, blob: Blob) -> None:
    if isinstance(storage, FileSystemStorage):
        final = Path(storage.path(blob.key))
        final.parent.mkdir(parents=True, exist_ok=True)
        staged.chmod(0o644)
        # Equal names hold equal bytes, so replacing what another worker just wrote is harmless.
        staged.replace(final)
        _sync_folder(final.parent)
        return
    storage.delete(blob.key)
    with staged.open("rb") as file:
        storage.save(blob.key, File(file))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
