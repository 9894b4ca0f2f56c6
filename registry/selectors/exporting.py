"""What a bulk export holds, read from one moment of the database; and the exports that are kept."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec
from django.conf import settings
from django.db import connection
from django.db.models import Model, Prefetch
from django.urls import reverse

from registry.models import (
    Artifact,
    BulkExport,
    Collection,
    CollectionItem,
    Facet,
    ModelEntry,
    ModelVersion,
    Term,
    Vocabulary,
)
from registry.models.entries import Visibility
from registry.selectors.citations import registered_doi
from registry.selectors.statistics import public_runs
from registry.spec.exported import (
    EXPORTED,
    ExportedCollection,
    ExportedFile,
    ExportedItem,
    ExportedModel,
    ExportedRun,
    ExportedTerm,
    ExportedVersion,
    ExportedVocabulary,
)

_AT_ONCE = 200
Line = TypeVar("Line", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file of an export. `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class KeptExport:
    """An export by its name: its files; `is_signed` says that there is a statement of them."""

    name: str
    made_at: datetime
    files: tuple[KeptFile, ...]
    is_signed: bool


@contextmanager
def snapshot() -> Iterator[None]:
    """Reads within see the database as it was at the first of them; nobody waits for them.

    For reading alone, and outside of any transaction. On SQLite, Django's own would keep all
    others from writing.
    """
    repeatable = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if repeatable else "BEGIN")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def lines_exported(name: str) -> Iterator[msgspec.Struct]:
    """The lines of one file of an export, always in the same order, a few hundred rows at a time.

    What a stranger may see and no more: nothing of drafts, private and withdrawn models.
    """
    return _READERS[EXPORTED[name]]()


def exports_kept() -> list[KeptExport]:
    """The exports that there are, newest first."""
    found: dict[str, list[BulkExport]] = defaultdict(list)
    for row in BulkExport.objects.select_related("blob").order_by("-made_at", "name"):
        found[row.name.partition("/")[0]].append(row)
    return [
        KeptExport(
            name=name,
            made_at=rows[0].made_at,
            files=tuple(map(_kept, rows)),
            is_signed=bool(rows[0].signature),
        )
        for name, rows in found.items()
    ]


def _kept(row: BulkExport) -> KeptFile:
    return KeptFile(name=row.name.partition("/")[2], size=row.blob.size, sha256=row.blob_id)


def _models() -> Iterator[ExportedModel]:
    entries = ModelEntry.objects.filter(visibility=Visibility.PUBLIC)
    facets = Facet.objects.select_related("term").order_by("term__vocabulary", "term__path")
    wanted = entries.select_related("owner", "current_version").prefetch_related(
        Prefetch("facets", facets)
    )
    for entry in wanted.order_by("pk").iterator(chunk_size=_AT_ONCE):
        if entry.current_version is not None:
            yield _model(entry, entry.current_version)


def _model(entry: ModelEntry, version: ModelVersion) -> ExportedModel:
    terms: dict[str, list[str]] = defaultdict(list)
    for facet in entry.facets.all():
        terms[facet.term.vocabulary_id].append(facet.term.path)
    return _line(
        ExportedModel,
        entry,
        name=entry.full_name,
        page=_absolute("entry_page", entry.pk),
        terms=terms,
        version=version.number,
    )


def _versions() -> Iterator[ExportedVersion]:
    shown = ModelVersion.objects.filter(
        entry__visibility=Visibility.PUBLIC, published_at__isnull=False
    )
    wanted = shown.select_related("minted_doi").prefetch_related("citations")
    for version in wanted.order_by("pk").iterator(chunk_size=_AT_ONCE):
        yield _line(
            ExportedVersion,
            version,
            accession=version.entry_id,
            page=_absolute("version_page", version.entry_id, version.number),
            authors=version.people,
            article=version.article,
            doi=registered_doi(version),
        )


def _runs() -> Iterator[ExportedRun]:
    files = Artifact.objects.select_related("blob").order_by("name")
    wanted = public_runs().defer("report").select_related("version")
    wanted = wanted.prefetch_related(Prefetch("artifacts", files))
    for run in wanted.order_by("pk").iterator(chunk_size=_AT_ONCE):
        yield _line(
            ExportedRun,
            run,
            run=run.pk,
            page=_absolute("run_page", run.pk),
            accession=run.version.entry_id,
            version=run.version.number,
            files=tuple(map(_file, run.artifacts.all())),
        )


def _file(artifact: Artifact) -> ExportedFile:
    return ExportedFile(
        name=artifact.name,
        media_type=artifact.media_type,
        size=artifact.blob.size,
        sha256=artifact.blob_id,
    )


def _collections() -> Iterator[ExportedCollection]:
    items = CollectionItem.objects.filter(entry__visibility=Visibility.PUBLIC)
    wanted = Collection.objects.filter(is_public=True).select_related("owner")
    wanted = wanted.prefetch_related(Prefetch("items", items.order_by("position", "pk")))
    for one in wanted.order_by("pk").iterator(chunk_size=_AT_ONCE):
        yield _line(
            ExportedCollection,
            one,
            owner=one.owner.username,
            page=_absolute("collection_page", one.owner.username, one.name),
            models=tuple(
                ExportedItem(accession=item.entry_id, note=item.note) for item in one.items.all()
            ),
        )


def _vocabularies() -> Iterator[ExportedVocabulary]:
    wanted = Vocabulary.objects.order_by("position", "slug")
    for one in wanted.prefetch_related("terms__merged_into").iterator(chunk_size=_AT_ONCE):
        terms = sorted(one.terms.all(), key=lambda term: term.path)
        yield _line(ExportedVocabulary, one, terms=tuple(map(_term, terms)))


def _term(term: Term) -> ExportedTerm:
    stands = term.merged_into.path if term.merged_into else ""
    return _line(ExportedTerm, term, merged_into=stands)


def _line(kind: type[Line], row: Model, **made: object) -> Line:
    """A line of what is made for it, and of the row's columns that have the name of a field."""
    columns = {field.name for field in row._meta.concrete_fields}  # noqa: SLF001 — Django's documented API
    names = set(kind.__struct_fields__) & columns - made.keys()
    return kind(**{name: getattr(row, name) for name in names}, **made)


_READERS: dict[type[msgspec.Struct], Callable[[], Iterator[msgspec.Struct]]] = {
    ExportedModel: _models,
    ExportedVersion: _versions,
    ExportedRun: _runs,
    ExportedCollection: _collections,
    ExportedVocabulary: _vocabularies,
}


def _absolute(name: str, *args: object) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=args)
