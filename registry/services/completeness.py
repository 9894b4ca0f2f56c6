"""The score of an entry, kept beside it for lists."""

from registry.models import ModelEntry
from registry.selectors.completeness import completeness_of


def completeness_write(*, entry: ModelEntry) -> None:
    """Count anew how complete an entry is; called wherever what is told of it was written."""
    entry.completeness = completeness_of(entry=entry).score
    ModelEntry.objects.filter(pk=entry.pk).update(completeness=entry.completeness)
