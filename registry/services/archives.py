"""Archives of versions in every form: made once from the one that a run kept, then kept as well."""

import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone

from registry import dispatch
from registry.models import Blob, ModelVersion, SourceArchive
from registry.selectors.sources import archive_kept, version_archive
from registry.services.blobs import blob_open, blob_store
from registry.services.errors import ServiceError
from registry.source_archives import Form, measured, written

# Unpacked bytes that are packed within seconds; a worker makes of what is more.
AT_ONCE_BYTES = 50_000_000
# Of one version; whoever asks for every folder of every model shall not fill the disk.
FOLDERS_KEPT = 50


def archive_take(*, version: ModelVersion, form: Form, folder: str) -> Blob | None:
    """The archive of a version or of one of its folders, made where it is not kept yet.

    None where that takes longer than a caller should wait: a worker was asked to make it.
    Raises ServiceError.
    """
    kept = archive_kept(version, form=form, folder=folder)
    if kept is not None:
        return kept
    source = _source(version)
    with _told(), blob_open(source) as file:
        size = measured(file, folder=folder)
    if size is None:
        raise ServiceError(
            "folder_unknown",
            f"This version has no folder “{folder}”.",
            "Give its path from the top of the version, as its files are listed.",
        )
    if size <= AT_ONCE_BYTES:
        return _made(version, source, form, folder)
    dispatch.send_unless_just_sent(dispatch.MAKE_ARCHIVE, version.pk, str(form), folder)
    return None


def archive_make(*, version_id: int, form: Form, folder: str) -> None:
    """Make an archive, however long it takes, unless it is kept. Raises ServiceError."""
    version = ModelVersion.objects.get(pk=version_id)
    if archive_kept(version, form=form, folder=folder) is None:
        _made(version, _source(version), form, folder)


def _source(version: ModelVersion) -> str:
    """The sha256 of what a run kept of this very commit."""
    archive = version_archive(version)
    if archive is None:
        raise ServiceError(
            "archive_missing",
            "This version is not archived yet: its first verification keeps the files.",
        )
    return archive.blob_id


def _made(version: ModelVersion, source: str, form: Form, folder: str) -> Blob:
    """Two who make the same at once both do, and the first is kept."""
    with tempfile.TemporaryDirectory(prefix="reprise-archive-") as place:
        path = Path(place, "archive")
        with _told(), blob_open(source) as given, path.open("wb") as target:
            written(given, target, form=form, folder=folder)
        blob = blob_store(path=path)
    kept, _ = SourceArchive.objects.get_or_create(
        version=version,
        commit=version.commit,
        folder=folder,
        format=form,
        defaults={"blob": blob, "made_at": timezone.now()},
    )
    _drop_stale(version)
    return kept.blob


def _drop_stale(version: ModelVersion) -> None:
    """Forget what was made of a draft's earlier commits, and the oldest of too many folders."""
    version.archives.exclude(commit=version.commit).delete()
    folders = version.archives.exclude(folder="").order_by("-made_at", "-pk")
    stale = list(folders.values_list("pk", flat=True)[FOLDERS_KEPT:])
    version.archives.filter(pk__in=stale).delete()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError) as fault:
        raise ServiceError(
            "archive_damaged",
            "The source archive of this version is damaged.",
            "Verify the version again; that makes it anew.",
        ) from fault
