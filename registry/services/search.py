"""The words by which an entry is found, kept beside it."""

from registry.models import ModelEntry, SearchDocument
from registry.selectors.vocabularies import term_search_words
from registry.selectors.words import folded
from registry.services.completeness import completeness_write

BODY_CHARACTERS = 100_000


def search_document_for(entry: ModelEntry) -> tuple[str, str]:
    """What the entry is found by: names first (they weigh more), then what is told of it."""
    version = entry.current_version
    people = version.people if version else ()
    head = [entry.title, entry.name, entry.owner.username, *entry.keywords]
    told = [entry.summary, entry.description]
    body = [person.name for person in people] + term_search_words(entry) + told
    return folded(" ".join(head)), folded(" ".join(body)[:BODY_CHARACTERS])


def search_refresh(*, entry: ModelEntry) -> None:
    """Write the words of an entry anew; called by each service that changes one of them."""
    head, body = search_document_for(entry)
    SearchDocument.objects.update_or_create(entry=entry, defaults={"head": head, "body": body})
    completeness_write(entry=entry)
