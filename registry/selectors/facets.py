"""What a list can be narrowed to: every facet with how many models each choice would show.

A choice is counted under all that is chosen in other facets: its number is what a click gives.
Of many models the newest CANDIDATES are counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from registry.models import Facet, ModelEntry, Term, Vocabulary
from registry.selectors.entries import Viewer
from registry.selectors.finding import (
    CANDIDATES,
    FIXED_FACETS,
    Wanted,
    entries_fitting,
)
from registry.selectors.vocabularies import branches, vocabularies_all

# Choices that a facet shows at first; what is chosen is shown in any case.
SHOWN = 8
_BEFORE_COST = ("subject", "framework", "language")


@dataclass(frozen=True, kw_only=True)
class ChoiceShown:
    """A choice of a facet: how many models it would show, and how deep it stands in a tree."""

    value: str
    label: str
    count: int
    chosen: bool
    depth: int = 0


@dataclass(frozen=True, kw_only=True)
class FacetShown:
    """A facet with its choices, and `more` that it does not show; a vocabulary's page has all."""

    name: str
    label: str
    choices: tuple[ChoiceShown, ...]
    more: int = 0
    is_vocabulary: bool = False

    @property
    def is_chosen(self) -> bool:
        """Whether anything of it is chosen."""
        return any(choice.chosen for choice in self.choices)


@dataclass(frozen=True, kw_only=True)
class Chip:
    """Something chosen, in words, and the search without it."""

    name: str
    facet: str
    label: str
    without: Wanted


def facets_counted(*, user: Viewer, wanted: Wanted) -> list[FacetShown]:
    """The facets that could narrow the list further, or do; those without any choice left out.

    Five queries, and up to two for each facet in which something is chosen.
    """
    counting = _Counting(user=user, wanted=wanted, now=timezone.now())
    vocabularies = vocabularies_all()
    first = [v for v in vocabularies if v.pk in _BEFORE_COST]
    others = [v for v in vocabularies if v.pk not in _BEFORE_COST]
    shown = [
        *(counting.vocabulary(one) for one in first[:1]),
        *(counting.fixed(name) for name in ("level", "outcome", "verified")),
        *(counting.vocabulary(one) for one in first[1:]),
        counting.licence(),
        *(counting.fixed(name) for name in ("time", "memory", "image", "gpu", "network")),
        *(counting.vocabulary(one) for one in others),
    ]
    return [facet for facet in shown if facet.choices]


class _Counting:
    """The counts of one request: what facets without a choice share is asked for once."""

    def __init__(self, *, user: Viewer, wanted: Wanted, now: datetime) -> None:
        self.user, self.wanted, self.now = user, wanted, now
        self._fixed: dict[str, dict[str, int]] = {}
        self._licences: dict[str, list[tuple[str, int]]] = {}
        self._terms: dict[str, dict[int, set[int]]] = {}
        self._known: dict[int, Term] | None = None

    def fixed(self, name: str) -> FacetShown:
        """A facet whose choices are always the same; those that show nothing are left out."""
        facet, chosen = FIXED_FACETS[name], self.wanted.choices.get(name, ())
        counts = self._fixed_counts(self._but(name))
        choices = (
            ChoiceShown(
                value=choice.value,
                label=choice.label,
                count=counts[f"{name}_{choice.value}"],
                chosen=choice.value in chosen,
            )
            for choice in facet.choices
        )
        shown = tuple(choice for choice in choices if choice.count or choice.chosen)
        return FacetShown(name=name, label=facet.label, choices=shown)

    def licence(self) -> FacetShown:
        """The licences of models, the most used first."""
        chosen = self.wanted.choices.get("licence", ())
        counts = dict(self._licence_counts(self._but("licence")))
        names = [*counts, *(name for name in chosen if name not in counts)]
        choices = [
            ChoiceShown(value=name, label=name, count=counts.get(name, 0), chosen=name in chosen)
            for name in names
        ]
        shown = _first(choices)
        more = len(choices) - len(shown)
        return FacetShown(name="licence", label="Licence", choices=shown, more=more)

    def vocabulary(self, vocabulary: Vocabulary) -> FacetShown:
        """The terms of a vocabulary that are in use; narrower ones below what is chosen."""
        slug = vocabulary.pk
        chosen = self.wanted.choices.get(slug, ())
        entries = self._entries_by_path(slug, self._but(slug))
        names = self._names(slug, entries, chosen)
        tree = _Tree(counts={path: len(found) for path, found in entries.items()}, names=names)
        choices, more = tree.shown(chosen)
        return FacetShown(
            name=slug, label=vocabulary.name, choices=choices, more=more, is_vocabulary=True
        )

    def _but(self, name: str) -> str:
        """The facet to leave out when counting this one: itself, where something is chosen."""
        return name if name in self.wanted.choices else ""

    def _candidates(self, but: str) -> QuerySet[ModelEntry, int]:
        fitting = entries_fitting(user=self.user, wanted=self.wanted, but=but)
        return fitting.order_by("-pk").values_list("pk", flat=True)[:CANDIDATES]

    def _fixed_counts(self, but: str) -> dict[str, int]:
        if but not in self._fixed:
            wanted = {
                f"{facet.name}_{choice.value}": Count("pk", filter=choice.keeps(self.now))
                for facet in FIXED_FACETS.values()
                if but in {"", facet.name}
                for choice in facet.choices
            }
            entries = ModelEntry.objects.filter(pk__in=self._candidates(but))
            self._fixed[but] = entries.aggregate(**wanted)
        return self._fixed[but]

    def _licence_counts(self, but: str) -> list[tuple[str, int]]:
        if but not in self._licences:
            entries = ModelEntry.objects.filter(pk__in=self._candidates(but)).exclude(licence="")
            counted = entries.values_list("licence").annotate(count=Count("pk"))
            self._licences[but] = list(counted.order_by("-count", "licence"))
        return self._licences[but]

    def _entries_of_terms(self, but: str) -> dict[int, set[int]]:
        """Term → the candidates that it fits."""
        if but not in self._terms:
            # Of one vocabulary alone, SQLite would begin with its terms: 220 ms, in place of 27.
            facets = Facet.objects.filter(entry__in=self._candidates(but))
            found: dict[int, set[int]] = defaultdict(set)
            for term, entry in facets.values_list("term_id", "entry_id").iterator():
                found[term].add(entry)
            self._terms[but] = found
        return self._terms[but]

    def _known_terms(self) -> dict[int, Term]:
        if self._known is None:
            fields = ("vocabulary_id", "path", "name")
            self._known = {term.pk: term for term in Term.objects.only(*fields)}
        return self._known

    def _entries_by_path(self, slug: str, but: str) -> dict[str, set[int]]:
        """Path → the candidates that the term or anything narrower fits."""
        known = self._known_terms()
        entries: dict[str, set[int]] = defaultdict(set)
        for pk, found in self._entries_of_terms(but).items():
            if known[pk].vocabulary_id == slug:
                for path in branches(known[pk].path):
                    entries[path] |= found
        return entries

    def _names(self, slug: str, entries: Iterable[str], chosen: Iterable[str]) -> dict[str, str]:
        wanted = {*entries, *(branch for path in chosen for branch in branches(path))}
        terms = (term for term in self._known_terms().values() if term.vocabulary_id == slug)
        return {term.path: term.name for term in terms if term.path in wanted}


@dataclass(frozen=True, kw_only=True)
class _Tree:
    """Terms in use by path, with their names and counts."""

    counts: Mapping[str, int]
    names: Mapping[str, str]

    def shown(self, chosen: Sequence[str]) -> tuple[tuple[ChoiceShown, ...], int]:
        """The top of the tree and what is below chosen terms, most used first; how many more."""
        opened = {branch for path in chosen for branch in branches(path)}
        return self._below("", chosen, opened)

    def _below(
        self, above: str, chosen: Sequence[str], opened: set[str]
    ) -> tuple[tuple[ChoiceShown, ...], int]:
        depth = above.count("/") + 1 if above else 0
        here = [self._choice(path, chosen, depth) for path in self.names if _parent(path) == above]
        here.sort(key=lambda choice: (-choice.count, choice.label.casefold()))
        first = _first(here, also=opened)
        more, shown = len(here) - len(first), []
        for choice in first:
            below, left = (
                self._below(choice.value, chosen, opened) if choice.value in opened else ((), 0)
            )
            shown += [choice, *below]
            more += left
        return tuple(shown), more

    def _choice(self, path: str, chosen: Sequence[str], depth: int) -> ChoiceShown:
        return ChoiceShown(
            value=path,
            label=self.names[path],
            count=self.counts.get(path, 0),
            chosen=path in chosen,
            depth=depth,
        )


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _first(choices: Sequence[ChoiceShown], *, also: Iterable[str] = ()) -> tuple[ChoiceShown, ...]:
    """The first SHOWN of some choices, and what is chosen or opened among the others."""
    kept = set(also)
    return tuple(
        choice
        for place, choice in enumerate(choices)
        if place < SHOWN or choice.chosen or choice.value in kept
    )


def chips_of(wanted: Wanted) -> list[Chip]:
    """Everything chosen but the words, each with the search that is left without it."""
    slugs = [name for name in wanted.choices if name not in FIXED_FACETS and name != "licence"]
    at = Q(pk__in=[])
    for slug in slugs:
        at |= Q(vocabulary=slug, path__in=wanted.choices[slug])
    terms = Term.objects.filter(at).select_related("vocabulary") if slugs else ()
    named = {(term.vocabulary_id, term.path): (term.vocabulary.name, term.name) for term in terms}
    return [
        Chip(name=name, facet=facet, label=label, without=wanted.without(name, value))
        for name in sorted(wanted.choices)
        for value in wanted.choices[name]
        for facet, label in [_said(name, value, named)]
    ]


def _said(
    name: str, value: str, terms: Mapping[tuple[str, str], tuple[str, str]]
) -> tuple[str, str]:
    """What a choice is called: its facet, and itself."""
    if name == "licence":
        return "Licence", value
    if name in FIXED_FACETS:
        facet = FIXED_FACETS[name]
        return facet.label, next(one.label for one in facet.choices if one.value == value)
    return terms.get((name, value), (name, value))


def wanted_said(wanted: Wanted) -> str:
    """What is wanted in a few words, for titles."""
    text = wanted.text.strip()
    said = [f"“{text}”" if text else "", wanted.owner, *(chip.label for chip in chips_of(wanted))]
    return ", ".join(part for part in said if part) or "all models"
