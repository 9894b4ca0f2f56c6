"""What somebody may have meant: the very thing that was typed, a word spelt otherwise, a way on."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import Q, QuerySet
from rapidfuzz import process
from rapidfuzz.distance import OSA

from registry.caching import process_cache
from registry.models import ModelEntry, ModelVersion, Term
from registry.selectors.entries import (
    Viewer,
    entries_visible_to,
    entry_get,
    versions_visible_to,
)
from registry.selectors.facets import chips_of
from registry.selectors.finding import Wanted, entries_fitting
from registry.selectors.vocabularies import terms_near
from registry.selectors.words import text_query
from registry.spec.identifiers import doi_normalised

# With fewer hits than this, another spelling is offered beside them.
FEW = 3
# The words of the index that a typing error is looked up in, the most used first, and for how long
# they are kept at hand.
WORDS_KNOWN, WORDS_SECONDS = 50_000, 300
_SHORTEST = 4
_LONG = 8
_NUMBER = re.compile(r"#?([1-9][0-9]{0,11})")
_NAME = re.compile(r"([\w.-]{1,96})/([\w.-]{1,96})")
_COMMIT = re.compile(r"[0-9a-fA-F]{7,40}")
_SWHID = re.compile(r"swh:1:dir:[0-9a-f]{40}")
WAYS_ON = 5


@dataclass(frozen=True, kw_only=True)
class WayOn:
    """Another search that finds something, in words, and how many it finds."""

    label: str
    wanted: Wanted
    count: int


def entry_meant(*, user: Viewer, text: str) -> ModelEntry | None:
    """The model that `text` names: by number, owner/name, DOI, commit or SWHID; None: by none.

    None also where it names several: then a list of them says more.
    """
    typed = text.strip()
    number = _NUMBER.fullmatch(typed)
    if number:
        found = entry_get(user=user, accession=int(number[1]))
        return found or _one(user, _commits(user, typed))
    name = _NAME.fullmatch(typed)
    if name and not typed.startswith("10."):
        return entry_get(user=user, owner=name[1], name=name[2])
    return _one(user, _by_doi(user, typed) or _commits(user, typed))


def _one(user: Viewer, accessions: Iterable[int]) -> ModelEntry | None:
    found = set(accessions)
    return entry_get(user=user, accession=found.pop()) if len(found) == 1 else None


def _by_doi(user: Viewer, typed: str) -> list[int]:
    try:
        doi = doi_normalised(typed)
    except ValueError:
        return []
    cited = Q(citations__doi__iexact=doi) | Q(minted_doi__doi__iexact=doi)
    versions = versions_visible_to(user).filter(cited, entry__in=entries_visible_to(user))
    return list(versions.values_list("entry_id", flat=True).distinct()[:2])


def _commits(user: Viewer, typed: str) -> list[int]:
    if _SWHID.fullmatch(typed):
        condition = Q(tree_swhid=typed)
    elif _COMMIT.fullmatch(typed):
        condition = Q(commit__startswith=typed.lower())
    else:
        return []
    versions = ModelVersion.objects.filter(condition, pk__in=versions_visible_to(user))
    return list(versions.values_list("entry_id", flat=True).distinct()[:2])


# --- Words spelt otherwise -------------------------------------------------------------------


def respelt(text: str) -> str:
    """`text` with each word that nothing holds replaced by the likest that something does.

    "" when every word is known, or when one is like no other. What is quoted stays.
    """
    query, known = text_query(text), _words_known()
    unknown = [word for word in query.words if not any(one.startswith(word) for one in known)]
    nearest = {word: _nearest(word, known) for word in unknown}
    if not unknown or not all(nearest.values()):
        return ""
    parts = [nearest.get(word, word) for word in query.words]
    return " ".join([*parts, *(f'"{" ".join(phrase)}"' for phrase in query.phrases)])


def _nearest(word: str, known: list[str]) -> str:
    """The likest word: one slip apart, two in a long word; of several, the most used."""
    if len(word) < _SHORTEST:
        return ""
    slips = 1 if len(word) < _LONG else 2
    found = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=slips)
    return str(found[0]) if found else ""


def _words_known() -> list[str]:
    """The words by which models are found, the most used first."""
    words: list[str] | None = process_cache.get("finding.words")
    if words is None:
        with connection.cursor() as cursor:
            cursor.execute(_WORDS_SQL[connection.vendor], [WORDS_KNOWN])
            words = [row[0] for row in cursor.fetchall()]
        process_cache.set("finding.words", words, WORDS_SECONDS)
    return words


# Of titles, names and keywords alone on PostgreSQL, which keeps no list of words: it reads all.
_WORDS_SQL = {
    "sqlite": "SELECT term FROM registry_searchwords ORDER BY doc DESC LIMIT %s",
    "postgresql": (
        "SELECT word FROM ts_stat('SELECT document FROM registry_searchdocument', 'a')"
        " ORDER BY ndoc DESC LIMIT %s"
    ),
}


# --- Ways on from an empty list --------------------------------------------------------------


def count_of(*, user: Viewer, wanted: Wanted, most: int) -> int:
    """How many models fit, counted up to `most`."""
    return entries_fitting(user=user, wanted=wanted).order_by()[:most].count()


def ways_on(*, user: Viewer, wanted: Wanted, most: int) -> list[WayOn]:
    """Searches near an empty one that find something: with less chosen, with other terms."""
    ways = (
        WayOn(label=label, wanted=other, count=count_of(user=user, wanted=other, most=most))
        for label, other in [*_with_less(wanted), *_with_other_terms(wanted)]
    )
    return [way for way in ways if way.count][:WAYS_ON]


def _with_less(wanted: Wanted) -> list[tuple[str, Wanted]]:
    """The search with one thing less, for each thing that it asks for; never with nothing left."""
    less = []
    if wanted.text.strip():
        less.append((f"Without the words “{wanted.text.strip()}”", replace(wanted, text="")))
    if wanted.owner:
        less.append((f"Of others than {wanted.owner} too", replace(wanted, owner="")))
    for name, said in _chosen_words(wanted).items():
        less.append((f"Without “{said}”", wanted.without(name)))
    return [(label, other) for label, other in less if other.narrows]


def _chosen_words(wanted: Wanted) -> dict[str, str]:
    """Facet → what is chosen of it, in words."""
    said: dict[str, list[str]] = {}
    for chip in chips_of(wanted):
        said.setdefault(chip.name, []).append(chip.label)
    return {name: ", ".join(labels) for name, labels in said.items()}


def _with_other_terms(wanted: Wanted) -> list[tuple[str, Wanted]]:
    """Terms like the words, and what stands above and beside the terms that are chosen."""
    used = Term.objects.filter(facets__isnull=False, merged_into=None).distinct()
    near = terms_near(used, wanted.text, limit=WAYS_ON) if wanted.text.strip() else []
    related = used.filter(pk__in=_related(wanted))[:WAYS_ON]
    terms = [*near, *(term for term in related if term not in near)]
    return [
        (term.name, Wanted(choices={term.vocabulary_id: (term.path,)}))
        for term in terms
        if term.path not in wanted.choices.get(term.vocabulary_id, ())
    ]


def _related(wanted: Wanted) -> QuerySet[Term]:
    """The parents of chosen terms and the children of those."""
    chosen = Q(pk__in=[])
    for slug, paths in wanted.choices.items():
        chosen |= Q(vocabulary=slug, path__in=paths)
    parents = Term.objects.filter(chosen).exclude(parent=None).values("parent")
    return Term.objects.filter(Q(pk__in=parents) | Q(parent__in=parents))
