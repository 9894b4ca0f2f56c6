"""Changes of vocabularies, and of which terms fit an entry."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Q

from registry.models import Facet, ModelEntry, Term, User, Vocabulary
from registry.selectors.vocabularies import (
    terms_named,
    terms_near,
    terms_of,
    with_narrower,
)
from registry.selectors.words import folded
from registry.services.audit import audit_record
from registry.services.errors import ServiceError
from registry.services.search import search_refresh
from registry.services.text import cut, typed
from registry.spec.ladder import is_told

FOLDER = Path(__file__).resolve().parent.parent / "vocabularies"
PATH_CHARACTERS, NAME_CHARACTERS, MOST_TERMS = 300, 200, 50
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
# With which column of an entry's origins it is kept that a person chose its terms.
_ORIGIN = "terms.{}".format


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """A term as a file of registry/vocabularies/ says it; in short, its name alone."""

    name: str
    synonyms: tuple[str, ...] = ()
    uri: str = ""
    narrower: "tuple[str | Said, ...]" = ()


class SaidVocabulary(msgspec.Struct, forbid_unknown_fields=True):
    """A file of registry/vocabularies/; the vocabulary's slug is the file's name."""

    name: str
    description: str
    position: int
    terms: tuple[str | Said, ...]
    open: bool = False


def vocabularies_shipped() -> dict[str, SaidVocabulary]:
    """What the files of registry/vocabularies/ say, by slug."""
    return {
        path.stem: msgspec.convert(tomllib.loads(path.read_text()), SaidVocabulary)
        for path in sorted(FOLDER.glob("*.toml"))
    }


def vocabularies_load() -> int:
    """Add the vocabularies and terms that ship and are not there yet; the number of terms added.

    What a site renamed, moved or merged stays as it is: a term is known by the path it came with.
    """
    with transaction.atomic():
        return sum(_load(slug, said) for slug, said in vocabularies_shipped().items())


def _load(slug: str, said: SaidVocabulary) -> int:
    vocabulary, _ = Vocabulary.objects.get_or_create(
        slug=slug,
        defaults={
            "name": said.name,
            "description": said.description,
            "position": said.position,
            "is_open": said.open,
        },
    )
    known = {term.path: term for term in Term.objects.filter(vocabulary=vocabulary)}
    before = len(known)
    level = [_Place(said=_whole(short)) for short in said.terms]
    while level:
        level = _load_level(vocabulary, level, known)
    return len(known) - before


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A term of a file, the term that it stands under, and the path by which the file knows that.

    A site may have moved the parent: then the two paths differ.
    """

    said: Said
    parent: Term | None = None
    above: str = ""

    @property
    def file_path(self) -> str:
        """The path by which the term came, or would."""
        return _path(self.above, self.said.name)

    @property
    def path(self) -> str:
        """Where it belongs now."""
        return _path(self.parent.path if self.parent else "", self.said.name)

    def found(self, known: Mapping[str, Term]) -> Term | None:
        """The term, where it is there already."""
        return known.get(self.file_path) or known.get(self.path)


def _whole(short: str | Said) -> Said:
    return Said(name=short) if isinstance(short, str) else short


def _load_level(
    vocabulary: Vocabulary, level: Sequence[_Place], known: dict[str, Term]
) -> list[_Place]:
    """Add the terms of a level that `known` lacks, in one statement; the places of the next."""
    missing = [place for place in level if not place.found(known)]
    added = [
        Term(
            vocabulary=vocabulary,
            parent=place.parent,
            path=place.path,
            name=place.said.name,
            synonyms=list(place.said.synonyms),
            uri=place.said.uri,
        )
        for place in missing
    ]
    known |= {term.path: term for term in Term.objects.bulk_create(added)}
    return [
        _Place(said=_whole(short), parent=_kept(known_term), above=place.file_path)
        for place in level
        if (known_term := place.found(known)) is not None
        for short in place.said.narrower
    ]


def _kept(term: Term) -> Term:
    """The term itself, or the one that it was merged into in the end."""
    while term.merged_into is not None:
        term = term.merged_into
    return term


def _path(above: str, name: str) -> str:
    """The path of a term called `name` under `above`. Raises ServiceError."""
    # C, C++ and C# are three languages.
    spelt = folded(name.replace("+", " plus ").replace("#", " sharp "))
    slug = _NOT_SLUG.sub("-", spelt).strip("-")
    path = f"{above}/{slug}" if above else slug
    if not slug or len(path) > PATH_CHARACTERS:
        raise ServiceError(
            "term_name",
            f"“{name[:60]}” gives no address.",
            "Use a name with letters of the Latin alphabet or digits, and not too long.",
        )
    return path


def terms_write(*, entry: ModelEntry, terms: Mapping[str, Sequence[str]], origin: str) -> None:
    """Say which terms fit an entry: vocabulary → names or paths, in place of those before.

    Vocabularies that are not named stay as they are. An open vocabulary learns what it does not
    know. Raises ServiceError for a term that a closed one does not have, with those near it.
    """
    with transaction.atomic():
        meant = {slug: _terms_meant(slug, names) for slug, names in terms.items()}
        for slug, chosen in meant.items():
            _facets_write(entry, slug, chosen, origin)
        search_refresh(entry=entry)


def terms_read_write(*, entry: ModelEntry, terms: Mapping[str, Sequence[str]], origin: str) -> None:
    """As terms_write, for what a machine read: a person's choice stays, unknown terms are left out.

    A repository names what it likes; that is no reason to refuse to read it.
    """
    free = {slug: names for slug, names in terms.items() if not person_chose(entry, slug)}
    with transaction.atomic():
        for slug, names in free.items():
            known = list(terms_of(slug))
            chosen = [terms_named(vocabulary=slug, name=name, among=known) for name in names]
            one_each = [found[0] for found in chosen if len(found) == 1]
            _facets_write(entry, slug, list(dict.fromkeys(one_each)), origin)


def person_chose(entry: ModelEntry, vocabulary: str) -> bool:
    """Whether a person or another portal, and no file, said which terms of the vocabulary fit."""
    return is_told(entry.origins.get(_ORIGIN(vocabulary), ""))


def _facets_write(entry: ModelEntry, slug: str, terms: Sequence[Term], origin: str) -> None:
    facets = Facet.objects.filter(entry=entry, term__vocabulary=slug)
    if set(facets.values_list("term_id", flat=True)) == {term.pk for term in terms}:
        return  # A form sends back what it showed: that is no choice of a person.
    facets.delete()
    kept = cut(origin, 100)
    Facet.objects.bulk_create(Facet(entry=entry, term=term, origin=kept) for term in terms)
    if entry.origins.get(_ORIGIN(slug)) != origin:
        entry.origins[_ORIGIN(slug)] = str(origin)
        ModelEntry.objects.filter(pk=entry.pk).update(origins=entry.origins)


def _terms_meant(slug: str, names: Sequence[str]) -> list[Term]:
    """The terms that a person's words mean. Raises ServiceError."""
    vocabulary = Vocabulary.objects.filter(pk=slug).first()
    if vocabulary is None:
        raise ServiceError("vocabulary_unknown", f"There is no vocabulary “{slug[:50]}”.")
    if len(names) > MOST_TERMS:
        raise ServiceError(
            "terms_many",
            f"{vocabulary.name}: {len(names)} terms say little.",
            f"Keep the {MOST_TERMS} that fit best, or fewer.",
        )
    among = list(Term.objects.filter(vocabulary=slug).select_related("merged_into"))
    words = [typed(name, limit=PATH_CHARACTERS, what="term") for name in names]
    return list(dict.fromkeys(_term_meant(vocabulary, word, among) for word in words if word))


def _term_meant(vocabulary: Vocabulary, word: str, among: list[Term]) -> Term:
    found = {_kept(t) for t in terms_named(vocabulary=vocabulary.slug, name=word, among=among)}
    if len(found) > 1:
        said = "” or “".join(sorted(term.path for term in found))
        raise ServiceError(
            "term_ambiguous",
            f"{vocabulary.name}: “{word}” may be several terms.",
            f"Write “{said}”.",
        )
    if found:
        return found.pop()
    if vocabulary.is_open:
        added = _term_create(vocabulary, name=word, parent=None)
        among.append(added)
        return added
    raise _unknown(vocabulary, word, among)


def _unknown(vocabulary: Vocabulary, word: str, among: list[Term]) -> ServiceError:
    near = terms_near([term for term in among if term.merged_into is None], word, limit=3)
    said = "”, “".join(term.name for term in near)
    return ServiceError(
        "term_unknown",
        f"{vocabulary.name}: there is no term “{word[:100]}”.",
        f"Did you mean “{said}”?" if near else f"All terms: /vocabularies/{vocabulary.slug}/",
    )


def _term_create(vocabulary: Vocabulary, *, name: str, parent: Term | None) -> Term:
    name = typed(name, limit=NAME_CHARACTERS, what="term")
    path = _path(parent.path if parent else "", name)
    there = Term.objects.filter(vocabulary=vocabulary, path=path).first()
    if there is not None and there.merged_into is None:
        raise ServiceError("term_exists", f"There is a term “{there.name}” already.")
    if there is not None:
        raise ServiceError(
            "term_moved",
            f"The address of “{name}” leads to “{_kept(there).name}”.",
            "A term that was moved or merged keeps its old address. Choose another name.",
        )
    return Term.objects.create(vocabulary=vocabulary, parent=parent, path=path, name=name)


def term_add(*, actor: User, vocabulary: Vocabulary, name: str, parent: Term | None) -> Term:
    """A further term, for curators. Raises ServiceError when it is there already."""
    with transaction.atomic():
        term = _term_create(vocabulary, name=name, parent=parent)
        _record(actor, "term.added", term)
    return term


def term_rename(
    *, actor: User, term: Term, name: str, synonyms: Sequence[str] | None = None
) -> Term:
    """Another name for a term, and other words for it; its address stays."""
    kept = typed(name, limit=NAME_CHARACTERS, what="term")
    if not kept:
        raise ServiceError("term_name", "A term needs a name.")
    before = {"name": term.name, "synonyms": term.synonyms}
    with transaction.atomic():
        term.name = kept
        if synonyms is not None:
            words = [typed(word, limit=NAME_CHARACTERS, what="synonym") for word in synonyms]
            term.synonyms = [word for word in dict.fromkeys(words) if word]
        term.save(update_fields=["name", "synonyms"])
        _record(actor, "term.renamed", term, before=before)
        _refresh_entries(with_narrower(term))
    return term


def term_move(*, actor: User, term: Term, parent: Term | None) -> Term:
    """Put a term with all that is narrower under another parent, or at the top.

    Each keeps an old address behind it, which leads to where it went.
    Raises ServiceError for a parent that is the term itself or below it.
    """
    if parent is not None and f"{parent.path}/".startswith(f"{term.path}/"):
        raise ServiceError("term_circle", "A term cannot stand below itself.")
    before, slug = term.path, term.path.rsplit("/", 1)[-1]
    after = f"{parent.path}/{slug}" if parent else slug
    if after == before:
        return term
    with transaction.atomic():
        term.parent = parent
        _move_branch(term, before, after)
        _record(actor, "term.moved", term, before={"path": before})
        _refresh_entries(with_narrower(term))
    return term


def _move_branch(term: Term, before: str, after: str) -> None:
    """Give a term and all below it their new paths, and leave the old ones as signposts."""
    branch = list(Term.objects.filter(with_narrower(term)))
    paths = {one.pk: after + one.path[len(before) :] for one in branch}
    taken = Term.objects.filter(vocabulary=term.vocabulary_id, path__in=paths.values())
    if taken.exclude(pk__in=paths).exclude(merged_into__in=branch).exists():
        raise ServiceError("term_exists", f"There is a term at “{after}” already.", "Merge them.")
    # A signpost that stands where its own term comes back to is needed no more.
    taken.filter(merged_into__in=branch).delete()
    for one in branch:
        old, one.path = one.path, paths[one.pk]
        if one.pk == term.pk:
            one.parent = term.parent
        one.save(update_fields=["path", "parent"])
        Term.objects.create(
            vocabulary_id=one.vocabulary_id, path=old, name=one.name, merged_into=one
        )
    term.path = after


def term_merge(*, actor: User, term: Term, into: Term) -> Term:
    """Let one term go up in another: its entries, its narrower terms and its words go there.

    The old address leads there. Raises ServiceError unless both are terms of one vocabulary and
    neither is below the other.
    """
    if term.vocabulary_id != into.vocabulary_id or term.pk == into.pk:
        raise ServiceError("term_merge", "A term is merged into another of its vocabulary.")
    if into.merged_into is not None or f"{into.path}/".startswith(f"{term.path}/"):
        raise ServiceError("term_circle", "A term cannot go up in one below itself.")
    with transaction.atomic():
        for child in list(term.children.filter(merged_into=None)):
            _move_branch_under(child, into)
        _merge_facets(term, into)
        words = dict.fromkeys([*into.synonyms, term.name, *term.synonyms])
        into.synonyms = [word for word in words if folded(word) != folded(into.name)]
        into.save(update_fields=["synonyms"])
        term.merged_into, term.parent = into, None
        term.save(update_fields=["merged_into", "parent"])
        Term.objects.filter(merged_into=term).update(merged_into=into)
        _record(actor, "term.merged", term, into=into.path)
        _refresh_entries(with_narrower(into))
    return into


def _move_branch_under(child: Term, into: Term) -> None:
    slug = child.path.rsplit("/", 1)[-1]
    child.parent = into
    _move_branch(child, child.path, f"{into.path}/{slug}")


def _merge_facets(term: Term, into: Term) -> None:
    both = Facet.objects.filter(term=into).values("entry_id")
    Facet.objects.filter(term=term, entry_id__in=both).delete()
    Facet.objects.filter(term=term).update(term=into)


def _refresh_entries(terms: Q) -> None:
    """Write the search words anew of each entry that one of the terms fits."""
    facets = Facet.objects.filter(term__in=Term.objects.filter(terms)).values("entry_id")
    entries = ModelEntry.objects.filter(pk__in=facets)
    for entry in entries.select_related("owner", "current_version").iterator(chunk_size=500):
        search_refresh(entry=entry)


def _record(actor: User, action: str, term: Term, **detail: Any) -> None:
    subject = f"{term.vocabulary_id}: {term.path}"
    audit_record(actor=actor, action=action, subject=subject, detail={"name": term.name} | detail)
