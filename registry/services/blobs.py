"""Files under their sha256, in the storage called "blobs"."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import IntegrityError, transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef, QuerySet
from django.utils import timezone

from registry.models import Blob
from registry.services.errors import ServiceError

_PIECE = 1 << 20
_TRIES = 3
# Whoever stores a file writes the row that points to it a moment later, or a worker within hours.
KEPT_UNUSED = timedelta(days=1)
COLLECTED_AT_ONCE = 1000


def blob_store(*, path: Path) -> Blob:
    """Keep the bytes of a file and return their row; the same bytes twice are kept once.

    1. Copy to a temporary file beside the blobs, hashing on the way, and sync it to the disk.
    2. Rename it to its hash: a crash leaves the whole blob or none.
    3. Write the row, so that no row is without its bytes; from now on, and for a day, the blob
       stays without anybody pointing to it.
    """
    storage = storages["blobs"]
    # Who clears away an old blob of these bytes just now does so once, and they are moved in anew.
    for _ in range(_TRIES):
        with _staged(path, storage) as (staged, sha256, size):
            blob = Blob(sha256=sha256, size=size, created_at=timezone.now())
            if not _is_whole(storage, blob):
                _move_in(storage, staged, blob)
        if _row_written(storage, blob):
            return Blob.objects.get(pk=blob.pk)
    raise ServiceError("blob_busy", "This file could not be kept just now.", "Send it once more.")


def blobs_collect(*, now: datetime | None = None, most: int = COLLECTED_AT_ONCE) -> int:
    """Remove blobs that no row of any table points to and that nobody stored for a day; how many.

    Safe to run any time, and while the same bytes are being stored. A crash leaves at worst bytes
    without a row, which the next to store the same bytes takes over.
    """
    until = (now or timezone.now()) - KEPT_UNUSED
    old = _unused().filter(created_at__lt=until).order_by("created_at")
    return sum(_collected(pk, until) for pk in old.values_list("pk", flat=True)[:most])


def _unused() -> QuerySet[Blob]:
    """The blobs that nothing points to, in whatever table."""
    fields = Blob._meta.get_fields(include_hidden=True)  # noqa: SLF001 — Django's documented API
    pointers = [field for field in fields if isinstance(field, ForeignObjectRel)]
    used = (
        Exists(QuerySet(each.related_model).filter(**{each.field.name: OuterRef("pk")}))
        for each in pointers
    )
    return Blob.objects.exclude(reduce(or_, used))


def _collected(sha256: str, until: datetime) -> bool:
    """Remove the row, then the bytes, unless somebody needs them after all."""
    try:
        removed = _row_removed(sha256, until)
    except IntegrityError:  # a row that points here came at the last moment
        return False
    if removed:
        _remove_bytes(sha256)
    return removed


def _row_removed(sha256: str, until: datetime) -> bool:
    with transaction.atomic():
        old = Blob.objects.select_for_update().filter(pk=sha256, created_at__lt=until)
        # Asked again under the lock: rows that point here may have come while we waited for it.
        if not old.values_list("pk").first() or not _unused().filter(pk=sha256).exists():
            return False
        Blob.objects.filter(pk=sha256).delete()
        return True


def _remove_bytes(sha256: str) -> None:
    """Remove bytes without a row, with the row's key held against whoever stores them anew.

    They wait for this to end, do not find their bytes then, and move them in again.
    """
    with transaction.atomic():
        row = {"size": 0, "created_at": timezone.now()}
        held, made = Blob.objects.get_or_create(sha256=sha256, defaults=row)
        if made:
            storages["blobs"].delete(held.key)
            transaction.set_rollback(True)


def _row_written(storage: Storage, blob: Blob) -> bool:
    """Whether there is a row with its bytes, which says that they were stored now."""
    with transaction.atomic():
        defaults = {"size": blob.size, "created_at": blob.created_at}
        _, made = Blob.objects.get_or_create(sha256=blob.pk, defaults=defaults)
        stored = Blob.objects.filter(pk=blob.pk)
        kept = made or stored.update(created_at=blob.created_at) == 1
        # With the row held: who would clear the bytes away waits, or has done it by now.
        whole = kept and _is_whole(storage, blob)
        if not whole:
            transaction.set_rollback(True)
        return whole


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
