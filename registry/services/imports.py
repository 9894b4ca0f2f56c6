"""Drafts made of what other portals and files say of models."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import transaction

from registry.imports.formats import model_read
from registry.imports.model import ImportedModel
from registry.models import Lookup, ModelEntry, Term, User, Vocabulary
from registry.models.outside import LookupKind
from registry.selectors.vocabularies import terms_named, terms_near, terms_of
from registry.services.entries import EntryFields, entry_draft_create, entry_update
from registry.services.errors import ServiceError
from registry.services.lookups import lookup_ask, lookup_keep
from registry.services.uploads import SentArchive

_NEAR_MOST = 3


@dataclass(frozen=True, kw_only=True)
class UnknownTerm:
    """A word that a closed vocabulary does not have, with the terms near it."""

    vocabulary: str
    name: str
    near: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FoundTerms:
    """The imported words by the names of vocabularies: what fits here, and what does not."""

    known: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[UnknownTerm, ...] = ()


def model_file_read(*, user: User, name: str, content: bytes) -> Lookup:
    """Understand a file that describes a model, and ask whether its repository is there.

    Raises ServiceError when it is of no kind that is known, or too many were sent.
    """
    try:
        imported = model_read(content)
    except ValueError as error:
        raise ServiceError("file_unreadable", str(error)) from error
    lookup = lookup_keep(user=user, kind=LookupKind.MODEL, name=name, result=imported)
    repository_ask(lookup_id=lookup.pk)
    return lookup


def repository_ask(*, lookup_id: int) -> None:
    """Ask for the branches and tags of the repository that an imported model names."""
    lookup = Lookup.objects.select_related("asked_by").get(pk=lookup_id)
    address = lookup.model_value.address
    if address:
        # Who has asked too much sees the report without it.
        with suppress(ServiceError):
            lookup_ask(user=lookup.asked_by, kind=LookupKind.REFS, address=address)


def terms_found(terms: Mapping[str, Sequence[str]]) -> FoundTerms:
    """Which of the imported words are terms of this portal; an open vocabulary takes any."""
    vocabularies = {one.slug: one for one in Vocabulary.objects.filter(slug__in=terms)}
    known: dict[str, tuple[str, ...]] = {}
    unknown = [
        UnknownTerm(vocabulary=slug, name=word, near=())
        for slug, words in terms.items()
        for word in words
        if slug not in vocabularies
    ]
    for slug, vocabulary in vocabularies.items():
        among = list(terms_of(slug))
        fitting = [word for word in terms[slug] if vocabulary.is_open or _is_one(slug, word, among)]
        known |= {slug: tuple(fitting)} if fitting else {}
        unknown += [
            UnknownTerm(vocabulary=vocabulary.name, name=word, near=_near(among, word))
            for word in terms[slug]
            if word not in fitting
        ]
    return FoundTerms(known=known, unknown=tuple(unknown))


def _is_one(vocabulary: str, word: str, among: Collection[Term]) -> bool:
    return len(terms_named(vocabulary=vocabulary, name=word, among=among)) == 1


def _near(among: Collection[Term], word: str) -> tuple[str, ...]:
    return tuple(term.name for term in terms_near(among, word, limit=_NEAR_MOST))


def imported_missing(imported: ImportedModel) -> list[str]:
    """What a reader will look for and the description does not say."""
    wanted = {
        "a title": imported.title,
        "a licence": imported.licence,
        "its authors": imported.authors,
        "its article": imported.article,
        "keywords or terms": imported.keywords or imported.terms,
    }
    return [words for words, said in wanted.items() if not said]


def import_draft(
    *,
    owner: User,
    imported: ImportedModel,
    address: str,
    ref: str = "",
    folder: str = "",
    archive: SentArchive | None = None,
) -> ModelEntry:
    """A draft from a description: its repository is read, and what was imported stays above that.

    Terms that this portal does not have are left out. Raises ServiceError.
    """
    with transaction.atomic():
        entry = entry_draft_create(
            owner=owner,
            address=address,
            ref=ref,
            folder=folder,
            name=imported.name,
            archive=archive,
        )
        fields = _fields(imported)
        return entry_update(entry=entry, fields=fields, origin=imported.origin[:100])


def _fields(imported: ImportedModel) -> EntryFields:
    """What the description says; what it does not say is left to the repository."""
    return EntryFields(
        title=imported.title or None,
        summary=imported.summary or None,
        description=imported.description or None,
        container_image=imported.container_image or None,
        keywords=imported.keywords or None,
        label=imported.label or None,
        licence=imported.licence or None,
        authors=imported.authors or None,
        article=imported.article,
        terms=terms_found(imported.terms).known or None,
    )
