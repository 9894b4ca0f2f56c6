"""Queries about vocabularies: their terms, what is near to a word, what fits an entry."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from rapidfuzz import fuzz, process

from registry.models import Facet, ModelEntry, Term, Vocabulary
from registry.models.entries import Visibility
from registry.selectors.words import folded

SUBJECT = "subject"
SUGGESTED = 10
# Of 100: below it, words have little more in common than their letters.
NEAR = 72


@dataclass(frozen=True, kw_only=True)
class TermsOf:
    """The terms of one vocabulary that fit an entry, and where they were read."""

    vocabulary: Vocabulary
    terms: tuple[Term, ...]
    origin: str


def vocabularies_all() -> list[Vocabulary]:
    """Every vocabulary, in the order in which pages show them."""
    return list(Vocabulary.objects.all())


def terms_of(vocabulary: str) -> QuerySet[Term]:
    """The terms in use of a vocabulary, each after its parent; not those that were merged."""
    return Term.objects.filter(vocabulary_id=vocabulary, merged_into=None).order_by("path")


def terms_named(*, vocabulary: str, name: str, among: Iterable[Term]) -> list[Term]:
    """The terms of `among` that a person or a file may mean by `name`.

    A path names one term. A name or another word for it may be that of several, in two branches.
    """
    path, words = name.strip().strip("/").lower(), folded(name)
    terms = [term for term in among if term.vocabulary_id == vocabulary]
    by_path = [term for term in terms if term.path == path]
    exact = [term for term in terms if term.name.casefold() == name.strip().casefold()]
    by_name = [term for term in terms if words and folded(term.name) == words]
    others = [term for term in terms if words in {folded(other) for other in term.synonyms}]
    return by_path or exact or by_name or others


def terms_suggested(*, vocabulary: str, text: str, limit: int = SUGGESTED) -> list[Term]:
    """The terms that somebody may mean who typed `text` so far, the likeliest first.

    First what begins with it, then what has a word that does, then what is spelt nearly so. Other
    words for a term count as its name. Of no text: the first terms.
    """
    wanted, terms = folded(text), list(terms_of(vocabulary))
    if not wanted:
        return terms[:limit]
    ranked = sorted(
        (rank, len(term.path), term.path, term)
        for term in terms
        if (rank := _rank(wanted, term)) is not None
    )
    return [term for *_, term in ranked[:limit]] or terms_near(terms, text, limit=limit)


def _rank(wanted: str, term: Term) -> int | None:
    """How soon a term comes to mind for what was typed: 0 soonest; None when it does not."""
    names = [folded(name) for name in (term.name, *term.synonyms)]
    if wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    if any(f" {wanted}" in name for name in names):
        return 2
    return None


def terms_near(terms: Iterable[Term], text: str, *, limit: int = SUGGESTED) -> list[Term]:
    """The terms spelt most like `text`; () when none is like it."""
    kept = list(terms)
    names = [(folded(name), term) for term in kept for name in (term.name, *term.synonyms)]
    hits = process.extract(
        folded(text),
        [name for name, _ in names],
        scorer=fuzz.WRatio,
        score_cutoff=NEAR,
        limit=limit * 2,
    )
    return list(dict.fromkeys(names[index][1] for _, _, index in hits))[:limit]


def entry_terms(entry: ModelEntry) -> tuple[TermsOf, ...]:
    """What an entry is described by, vocabulary by vocabulary in their order. One query."""
    facets = Facet.objects.filter(entry=entry).select_related("term__vocabulary")
    grouped: dict[Vocabulary, list[Facet]] = defaultdict(list)
    for facet in facets.order_by("term__vocabulary__position", "term__vocabulary", "term__name"):
        grouped[facet.term.vocabulary].append(facet)
    return tuple(
        TermsOf(
            vocabulary=vocabulary,
            terms=tuple(facet.term for facet in found),
            origin=found[0].origin,
        )
        for vocabulary, found in grouped.items()
    )


def terms_by_entry(entries: Iterable[ModelEntry]) -> dict[int, list[Term]]:
    """Accession → the terms of all vocabularies that fit the entry, by their path. One query."""
    found: dict[int, list[Term]] = defaultdict(list)
    facets = Facet.objects.filter(entry__in=list(entries)).select_related("term")
    for facet in facets.order_by("term__vocabulary", "term__path"):
        found[facet.entry_id].append(facet.term)
    return found


def subjects_attached(entries: Iterable[ModelEntry]) -> list[ModelEntry]:
    """The entries, each with its subjects as `subjects`: a list shows them as tags. One query."""
    listed = list(entries)
    facets = Facet.objects.filter(entry__in=listed, term__vocabulary=SUBJECT)
    found: dict[int, list[Term]] = defaultdict(list)
    for facet in facets.select_related("term").order_by("term__path"):
        found[facet.entry_id].append(facet.term)
    for entry in listed:
        entry.subjects = found[entry.pk]  # type: ignore[attr-defined]  # for templates alone
    return listed


def top_terms(vocabulary: str) -> list[tuple[Term, int]]:
    """The first level of a vocabulary where it is in use: how many public entries each fits."""
    counts = counts_of_terms(vocabulary)
    tops = terms_of(vocabulary).filter(parent=None).order_by("name")
    return [(term, counts[term.pk]) for term in tops if counts.get(term.pk)]


def term_search_words(entry: ModelEntry) -> list[str]:
    """The words by which an entry is found because of its terms: names, other words, branches."""
    facets = Facet.objects.filter(entry=entry).select_related("term__parent__parent")
    words: dict[str, None] = {}
    for facet in facets.order_by("term_id"):
        term: Term | None = facet.term
        while term is not None:
            words |= dict.fromkeys([term.name, *term.synonyms])
            term = term.parent
    return list(words)


def with_narrower(term: Term) -> Q:
    """The terms at or below one, as a condition on terms."""
    return Q(vocabulary=term.vocabulary_id) & (
        Q(path=term.path) | Q(path__startswith=f"{term.path}/")
    )


def counts_of_terms(vocabulary: str) -> dict[int, int]:
    """How many public entries fit each term or what is narrower, by the term's id. Two queries."""
    facets = Facet.objects.filter(term__vocabulary=vocabulary, entry__visibility=Visibility.PUBLIC)
    fitting: dict[int, set[int]] = defaultdict(set)
    for term_id, entry in facets.values_list("term_id", "entry_id").iterator():
        fitting[term_id].add(entry)
    terms, entries = list(terms_of(vocabulary)), defaultdict[str, set[int]](set)
    for term in terms:
        for branch in branches(term.path):
            entries[branch] |= fitting[term.pk]
    return {term.pk: len(entries[term.path]) for term in terms}


def branches(path: str) -> list[str]:
    """A path and those above it: `a/b/c` → `a`, `a/b`, `a/b/c`."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def vocabularies_with_sizes() -> QuerySet[Vocabulary]:
    """Every vocabulary with `size`, the number of its terms."""
    return Vocabulary.objects.annotate(size=Count("terms", filter=Q(terms__merged_into=None)))


@dataclass(frozen=True, kw_only=True)
class TermRow:
    """A term as a page lists it: how deep it stands, and how many public entries it fits."""

    term: Term
    depth: int
    count: int


def term_tree(vocabulary: str) -> list[TermRow]:
    """Every term of a vocabulary, those narrower after theirs, each level by name. Two queries."""
    terms, counts = list(terms_of(vocabulary)), counts_of_terms(vocabulary)
    names = {term.path: term.name.casefold() for term in terms}

    def place(term: Term) -> list[str]:
        return [names.get(branch, branch) for branch in branches(term.path)]

    return [
        TermRow(term=term, depth=term.path.count("/"), count=counts.get(term.pk, 0))
        for term in sorted(terms, key=place)
    ]
