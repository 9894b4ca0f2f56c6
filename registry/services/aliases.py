"""Names under which entries were once found: they keep leading to the number."""

from registry.models import EntryAlias, ModelEntry


def alias_keep(*, entry: ModelEntry) -> None:
    """Keep the entry's present `owner/name` leading to it, in the transaction that changes it.

    Another entry that once bore the same name gives it up: the newest one is meant.
    """
    owner, name = entry.owner.username, entry.name
    EntryAlias.objects.filter(owner__iexact=owner, name__iexact=name).delete()
    EntryAlias.objects.create(owner=owner, name=name, entry=entry)
