"""Holding the copies kept beside entries against what they were copied from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.db import transaction

from registry.models import ModelEntry, SearchDocument
from registry.selectors.completeness import completeness_of
from registry.services.filters import entry_filters_set, filters_from_version, filters_now
from registry.services.search import search_document_for, search_refresh
from registry.services.verdicts import copies_from_evidence, copies_now, entry_copies_write


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A copy that is not what it should be."""

    accession: int
    column: str
    kept: object
    right: object


def entries_recount(*, fix: bool) -> list[Difference]:
    """Every difference between a copy and its source, mended when `fix`; entry by entry.

    Each entry is locked for its own moment only, so the portal goes on meanwhile.
    """
    found: list[Difference] = []
    for accession in ModelEntry.objects.values_list("pk", flat=True).iterator():
        with transaction.atomic():
            entry = ModelEntry.objects.select_for_update().get(pk=accession)
            differences = list(_differences(entry))
            if fix and differences:
                entry_copies_write(entry=entry)
                entry_filters_set(entry=entry)
                entry.save(update_fields=list(asdict(filters_now(entry))))
                search_refresh(entry=entry)
        found.extend(differences)
    return found


def _differences(entry: ModelEntry) -> Iterator[Difference]:
    right = asdict(copies_from_evidence(entry.current_version))
    right |= asdict(filters_from_version(entry))
    kept = asdict(copies_now(entry)) | asdict(filters_now(entry))
    right["head"], right["body"] = search_document_for(entry)
    right["completeness"] = completeness_of(entry=entry).score
    document = SearchDocument.objects.filter(pk=entry.pk).first()
    kept["head"] = document.head if document else None
    kept["body"] = document.body if document else None
    kept["completeness"] = entry.completeness
    for column, value in right.items():
        if kept[column] != value:
            yield Difference(accession=entry.pk, column=column, kept=kept[column], right=value)
