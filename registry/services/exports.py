"""Bulk exports: all that is public as files of JSON lines, under one signed statement."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from securesystemslib.signer import CryptoSigner

from registry.models import Blob, BulkExport
from registry.selectors.exporting import exports_kept, lines_exported, snapshot
from registry.services.blobs import blob_store
from registry.spec.canonical import canonical_json
from registry.spec.envelope import sealed
from registry.spec.exported import EXPORTED, Export, ExportStatement
from registry.spec.statements import Resource

STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, kw_only=True)
class _Written:
    """A file of an export, and the number of its lines."""

    blob: Blob
    lines: int


def export_make(*, signer: CryptoSigner | None, keep: int) -> str:
    """Write an export and keep the newest `keep` of all; its name.

    1. Read everything from one moment of the database into files, and store them.
    2. Sign a statement of their sha256; without a signer there is none.
    3. Write the rows all at once, so that nobody sees half an export, and drop the oldest. Their
       bytes go with what else nothing points to (services.blobs).
    """
    at = timezone.now()
    files = _files_written()
    signature = sealed([_statement(files, at)], signer).decode() if signer else ""
    with transaction.atomic():
        for name, file in files.items():
            BulkExport.objects.create(
                name=f"{at.strftime(STAMP)}/{name}",
                blob=file.blob,
                signature=signature,
                made_at=at,
            )
        _drop_old(keep)
    return at.strftime(STAMP)


def _files_written() -> dict[str, _Written]:
    with TemporaryDirectory() as folder:
        with snapshot():
            lines = {name: _write(Path(folder, name), name) for name in EXPORTED}
        return {
            name: _Written(blob=blob_store(path=Path(folder, name)), lines=count)
            for name, count in lines.items()
        }


def _write(path: Path, name: str) -> int:
    """One file, and how many lines it has. The same lines are the same bytes."""
    count = 0
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        for line in lines_exported(name):
            file.write(canonical_json(line) + b"\n")
            count += 1
    return count


def _statement(files: Mapping[str, _Written], at: datetime) -> bytes:
    return canonical_json(
        ExportStatement(
            subject=tuple(
                Resource(name=name, digest={"sha256": file.blob.sha256})
                for name, file in files.items()
            ),
            predicate=Export(
                site=settings.PUBLIC_URL.rstrip("/"),
                read_at=at,
                lines={name: file.lines for name, file in files.items()},
            ),
        )
    )


def _drop_old(keep: int) -> None:
    for export in exports_kept()[keep:]:
        BulkExport.objects.filter(name__startswith=f"{export.name}/").delete()
