"""Finding models: what is wanted, the list of it, what else one could want, what was meant.

One value, Wanted, says what pages, API, feeds and saved searches look for, by the same names.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial, reduce
from operator import or_
from types import MappingProxyType
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Cast, Coalesce
from django.http import QueryDict
from django.utils import timezone

from registry.models import Facet, ModelEntry, Term, Vocabulary
from registry.selectors.entries import Viewer, entries_browsable
from registry.selectors.words import TextQuery, text_query
from registry.spec.identifiers import name_is_valid
from registry.spec.ladder import Level, Outcome

TEXT_CHARACTERS, NAME_CHARACTERS, MOST_CHOICES = 200, 96, 50
# So many of the newest models are counted and paged through; beyond, pages say “10,000+”.
CANDIDATES = 10_000
# How much a better level and a newer verification lift a hit: from 1 up to 1.5 times its rank.
LEVEL_LIFT = 0.05
RECENT_LIFTS = ((30, 0.2), (180, 0.1))
# Each order goes down and ends in the unique accession, so that pages can be cut by position.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "relevance": ("-score", "-accession"),
    "newest": ("-accession",),
    "updated": ("-updated_at", "-accession"),
    "verified": ("-recent", "-accession"),
    "level": ("-level", "-accession"),
    "cheapest": ("-thrift", "-accession"),
}
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN_COST = -1e12
_COMPUTED: Mapping[str, Combinable] = {
    "-recent": Coalesce("verified_at", Value(NEVER)),
    "-thrift": Coalesce(Value(0.0) - F("run_seconds"), Value(_UNKNOWN_COST)),
}
# What rows of lists show. The rest is most of an entry, and takes longer to read than to find.
LISTED = (
    "accession",
    "owner__username",
    "name",
    "title",
    "summary",
    "keywords",
    "visibility",
    "created_at",
    "updated_at",
    "current_version__number",
    "current_version__authors",
    "level",
    "outcome",
    "cause",
    "verified_at",
    "tests_pass",
    "repaired",
    "repairs",
    "lost_at",
    "lost_cause",
    "licence",
    "run_seconds",
    "peak_memory_mb",
    "image_mb",
    "needs_gpu",
    "needs_download",
)


# --- What one can choose ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A value of a facet, in words, and which entries it keeps, as of a moment."""

    value: str
    label: str
    keeps: Callable[[datetime], Q]


@dataclass(frozen=True, kw_only=True)
class FixedFacet:
    """A facet whose choices do not depend on what is in the portal. `help` is for the API."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    help: str

    def keeps(self, values: Iterable[str], now: datetime) -> Q:
        """Entries that one of the values keeps."""
        chosen = [choice.keeps(now) for choice in self.choices if choice.value in set(values)]
        return reduce(or_, chosen, Q(pk__in=[]))


def _always(condition: Q) -> Callable[[datetime], Q]:
    return lambda _now: condition


def _since(days: int, now: datetime) -> Q:
    return Q(verified_at__gte=now - timedelta(days=days))


def _bands(column: str, bands: Sequence[tuple[str, str, float | None]]) -> tuple[Choice, ...]:
    """Bands that follow each other: (value, words, the most; None: no limit)."""
    choices, floor = [], None
    for value, label, most in bands:
        condition = Q(**{f"{column}__isnull": False})
        condition &= Q(**{f"{column}__gt": floor}) if floor is not None else Q()
        condition &= Q(**{f"{column}__lte": most}) if most is not None else Q()
        choices.append(Choice(value=value, label=label, keeps=_always(condition)))
        floor = most
    return tuple(choices)


def _yes_or_no(column: str, yes: str, no: str) -> tuple[Choice, ...]:
    return (
        Choice(value="no", label=no, keeps=_always(Q(**{column: False}))),
        Choice(value="yes", label=yes, keeps=_always(Q(**{column: True}))),
    )


FIXED_FACETS: Mapping[str, FixedFacet] = {
    facet.name: facet
    for facet in (
        FixedFacet(
            name="level",
            label="Verified at least",
            choices=tuple(
                Choice(
                    value=str(level.value), label=level.label, keeps=_always(Q(level__gte=level))
                )
                for level in reversed(Level)
                if level is not Level.REGISTERED
            ),
            help="The least level, by number or by name.",
        ),
        FixedFacet(
            name="outcome",
            label="Verdict",
            choices=tuple(
                Choice(
                    value=outcome.value,
                    label=outcome.value.replace("_", " "),
                    keeps=_always(Q(outcome=outcome.value)),
                )
                for outcome in (Outcome.REPRODUCED, Outcome.NOT_REPRODUCED)
            ),
            help="What the last verification found.",
        ),
        FixedFacet(
            name="verified",
            label="Last verified",
            choices=(
                Choice(value="week", label="in the last week", keeps=partial(_since, 7)),
                Choice(value="month", label="in the last month", keeps=partial(_since, 30)),
                Choice(
                    value="half-year", label="in the last half year", keeps=partial(_since, 183)
                ),
                Choice(value="ever", label="ever", keeps=_always(Q(verified_at__isnull=False))),
                Choice(value="never", label="never", keeps=_always(Q(verified_at=None))),
            ),
            help="When it was verified last.",
        ),
        FixedFacet(
            name="time",
            label="Time of a run",
            choices=_bands(
                "run_seconds",
                (
                    ("minute", "up to a minute", 60),
                    ("ten-minutes", "1 to 10 minutes", 600),
                    ("hour", "10 minutes to an hour", 3600),
                    ("longer", "longer than an hour", None),
                ),
            ),
            help="How long the declared command took here.",
        ),
        FixedFacet(
            name="memory",
            label="Memory",
            choices=_bands(
                "peak_memory_mb",
                (
                    ("256mb", "up to 256 MB", 256),
                    ("1gb", "256 MB to 1 GB", 1024),
                    ("4gb", "1 to 4 GB", 4096),
                    ("more", "more than 4 GB", None),
                ),
            ),
            help="The most memory that a run took here.",
        ),
        FixedFacet(
            name="image",
            label="Size of the image",
            choices=_bands(
                "image_mb",
                (
                    ("500mb", "up to 500 MB", 500),
                    ("2gb", "500 MB to 2 GB", 2048),
                    ("more", "more than 2 GB", None),
                ),
            ),
            help="How large its container image is.",
        ),
        FixedFacet(
            name="gpu",
            label="GPU",
            choices=_yes_or_no("needs_gpu", "asks for a GPU", "asks for none"),
            help="Whether what it declares works on a GPU alone.",
        ),
        FixedFacet(
            name="network",
            label="Data from elsewhere",
            choices=_yes_or_no("needs_download", "files are fetched first", "nothing is fetched"),
            help="Whether it reads files that are fetched from elsewhere before a run.",
        ),
    )
}
_SLUG = re.compile(r"[a-z0-9-]{1,50}")
_LEVELS = {level.label.lower(): str(level.value) for level in Level}


# --- What is wanted --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a search looks for: of each facet any of its values, of all facets each.

    `choices` is facet → values in their order: of FIXED_FACETS, of `licence` (SPDX expressions as
    entries state them), and of vocabularies, by their slug (paths of terms: a term keeps what is
    narrower too). `exact`: the words as they stand, whatever else they may be meant to be.
    """

    text: str = ""
    exact: bool = False
    owner: str = ""
    order: str = ""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.text.strip() or self.owner or self.choices)

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values in canonical order: equal searches have equal addresses."""
        said = [("q", self.text.strip()), ("owner", self.owner)]
        said += [(name, value) for name in sorted(self.choices) for value in self.choices[name]]
        said += [("order", self.order), ("exact", "1" if self.exact else "")]
        return [(name, value) for name, value in said if value]

    def query(self) -> str:
        """The query string, in canonical order; empty when all is wanted."""
        return urlencode(self.pairs())

    def without(self, name: str, value: str | None = None) -> "Wanted":
        """The same without one value of a facet, or without the whole facet."""
        left = tuple(kept for kept in self.choices.get(name, ()) if value not in {None, kept})
        others = {facet: values for facet, values in self.choices.items() if facet != name}
        return replace(self, choices=others | ({name: left} if left else {}))

    def plus(self, name: str, value: str) -> "Wanted":
        """The same with one value of a facet more."""
        values = tuple(sorted({*self.choices.get(name, ()), value}))
        return replace(self, choices={**self.choices, name: values})


def wanted_read(
    query: QueryDict, *, also: frozenset[str] = frozenset()
) -> tuple[Wanted, dict[str, str]]:
    """What a query string asks for, and what is wrong with it: name → a sentence.

    What is wrong is left out: a page lists something all the same, the API refuses it. `also`
    names what else may stand there. No query of the database unless a vocabulary is named.
    """
    complaints: dict[str, str] = {}
    choices: dict[str, tuple[str, ...]] = {}
    for name, facet in FIXED_FACETS.items():
        choices[name] = _values_known(query, facet, complaints)
    choices["licence"] = _distinct(query.getlist("licence"))
    choices |= _terms_read(query, also, complaints)
    wanted = Wanted(
        text=_text(query, complaints),
        exact=query.get("exact", "") == "1",
        owner=_owner(query, complaints),
        order=_order(query, complaints, usual=usual_order(_text(query, {}))),
        choices={name: values for name, values in choices.items() if values},
    )
    return wanted, complaints


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    kept = (value.strip()[:TEXT_CHARACTERS].replace("\0", "") for value in values)
    return tuple(sorted({value for value in kept if value}))[:MOST_CHOICES]


def _values_known(
    query: QueryDict, facet: FixedFacet, complaints: dict[str, str]
) -> tuple[str, ...]:
    known = [choice.value for choice in facet.choices]
    given = _distinct(query.getlist(facet.name))
    if facet.name == "level":
        # Also by name; and 0, which every entry has, leaves nothing out.
        by_number = (_LEVELS.get(value.lower(), value) for value in given)
        given = tuple(value for value in by_number if value != "0")
    if set(given) - set(known):
        complaints[facet.name] = f"Choose from: {', '.join(known)}."
    return tuple(value for value in known if value in given)


def _terms_read(
    query: QueryDict, also: frozenset[str], complaints: dict[str, str]
) -> dict[str, tuple[str, ...]]:
    """The terms that the query names, by vocabulary; merged ones as what they are now."""
    named = {name for name in query if name not in FIXED_NAMES | also}
    slugs = _vocabularies_of(named)
    known = ", ".join(sorted(FIXED_NAMES | also))
    for name in named - slugs:
        complaints[name] = f"There is no such filter. Known here: vocabularies, {known}."
    paths = {slug: _distinct(query.getlist(slug)) for slug in slugs}
    terms = _terms_at(paths)
    for slug, wanted in paths.items():
        unknown = [path for path in wanted if (slug, path) not in terms]
        if unknown:
            complaints[slug] = f"There is no term “{unknown[0]}” in this vocabulary."
    found: dict[str, set[str]] = {}
    for (slug, _), term in terms.items():
        found.setdefault(slug, set()).add(term.path)
    return {slug: tuple(sorted(found[slug])) for slug in found}


def _vocabularies_of(names: set[str]) -> set[str]:
    # What cannot be a slug is none: a NUL, for one, is an error to PostgreSQL.
    slugs = [name for name in names if _SLUG.fullmatch(name)]
    return (
        set(Vocabulary.objects.filter(pk__in=slugs).values_list("pk", flat=True))
        if slugs
        else set()
    )


def _terms_at(paths: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], Term]:
    """The terms at some paths of vocabularies: where they stand now."""
    conditions = [Q(vocabulary=slug, path__in=wanted) for slug, wanted in paths.items()]
    if not conditions:
        return {}
    terms = Term.objects.filter(reduce(or_, conditions)).select_related("merged_into")
    return {(term.vocabulary_id, term.path): term.merged_into or term for term in terms}


def _text(query: QueryDict, complaints: dict[str, str]) -> str:
    text = query.get("q", "")
    if len(text) > TEXT_CHARACTERS:
        complaints["q"] = f"Shorten it to {TEXT_CHARACTERS} characters."
    if "\0" in text:
        complaints["q"] = "Null characters are not allowed."
    return text.replace("\0", " ")[:TEXT_CHARACTERS]


def _owner(query: QueryDict, complaints: dict[str, str]) -> str:
    owner = query.get("owner", "").strip()
    if not owner or name_is_valid(owner):
        return owner
    complaints["owner"] = "This can be no user name."
    return ""


def usual_order(text: str) -> str:
    """The order of a list for which none is said: with words the best hit first."""
    return "relevance" if text.strip() else "newest"


def _order(query: QueryDict, complaints: dict[str, str], *, usual: str) -> str:
    order = query.get("order", "")
    if not order or order in ORDERS:
        return "" if order == usual else order
    complaints["order"] = f"Choose from: {', '.join(ORDERS)}."
    return ""


FIXED_NAMES = frozenset({"q", "exact", "owner", "order", "licence", *FIXED_FACETS})


# --- The list --------------------------------------------------------------------------------


def entry_list(*, user: Viewer, wanted: Wanted) -> QuerySet[ModelEntry]:
    """Entries that can be browsed and fit: public ones, and of the others those one may see.

    Tombstones are not listed. Without an order (or by relevance, without words): the newest first;
    with words, the best hit first. One query, whatever the length, for the columns LISTED.

    Relevance is the databases' own rank of the words (a hit in title, name and keywords weighs ten
    times one in the text), times a lift between 1 and 1.5: 0.05 for each level reached, and 0.2
    when it was verified in the last 30 days or 0.1 in the last 180.
    """
    has_text = bool(wanted.text.strip())
    entries = entries_fitting(user=user, wanted=replace(wanted, text=""))
    if has_text:
        entries = entries_matching(entries, text_query(wanted.text))
    entries = entries.select_related("owner", "current_version")
    order = wanted.order or usual_order(wanted.text)
    names = ORDERS["newest" if order == "relevance" and not has_text else order]
    computed = {name[1:]: _COMPUTED[name] for name in names if name in _COMPUTED}
    if "-score" in names:
        computed["score"] = F("rank") * _lift(timezone.now())
    return entries.only(*LISTED).annotate(**computed).order_by(*names)


def entries_fitting(*, user: Viewer, wanted: Wanted, but: str = "") -> QuerySet[ModelEntry]:
    """The entries that fit, in no order; `but` names a facet that is not looked at."""
    entries = entries_browsable(user)
    for name, values in wanted.choices.items():
        if name != but:
            entries = entries.filter(_keeps(name, values, timezone.now()))
    if wanted.owner:
        entries = entries.filter(owner__username__iexact=wanted.owner)
    if wanted.text.strip():
        entries = entries.filter(_holds(text_query(wanted.text)))
    return entries


def _holds(query: TextQuery) -> Q:
    """Entries that hold all that is asked for. Unranked, it can stand inside other queries."""
    if not query:
        return Q(pk__in=[])
    sqlite = connection.vendor == "sqlite"
    text = query.for_sqlite() if sqlite else query.for_postgresql()
    return Q(pk__in=RawSQL(_HOLDING["sqlite" if sqlite else "postgresql"], (text,)))  # noqa: S611 — a constant text with a parameter


_HOLDING = {
    "sqlite": "SELECT rowid FROM registry_search WHERE registry_search MATCH %s",
    "postgresql": (
        "SELECT entry_id FROM registry_searchdocument WHERE document @@ to_tsquery('simple', %s)"
    ),
}


def _keeps(name: str, values: tuple[str, ...], now: datetime) -> Q:
    if name in FIXED_FACETS:
        return FIXED_FACETS[name].keeps(values, now)
    if name == "licence":
        return Q(licence__in=values)
    below = (Q(path=path) | Q(path__startswith=f"{path}/") for path in values)
    terms = Term.objects.filter(reduce(or_, below), vocabulary=name)
    return Q(pk__in=Facet.objects.filter(term__in=terms).values("entry_id"))


def _lift(now: datetime) -> Combinable:
    """How much more a hit counts. By the day, so that the pages of one list go together."""
    today = datetime.combine(now.date(), time.min, tzinfo=UTC)
    recent = Case(
        *(
            When(verified_at__gte=today - timedelta(days=days), then=Value(lift))
            for days, lift in RECENT_LIFTS
        ),
        default=Value(0.0),
        output_field=FloatField(),
    )
    return Value(1.0) + Cast("level", FloatField()) * Value(LEVEL_LIFT) + recent


def entries_matching(entries: QuerySet[ModelEntry], query: TextQuery) -> QuerySet[ModelEntry]:
    """The entries that hold all that is asked for; each gets a `rank`, higher for a better hit.

    Any text is safe: words are letters and digits alone, and travel as a parameter.
    """
    if not query:
        return entries.none().annotate(rank=RawSQL("0.0", (), output_field=FloatField()))
    if connection.vendor == "sqlite":
        return _matching_sqlite(entries, query.for_sqlite())
    return _matching_postgresql(entries, query.for_postgresql())


def _matching_sqlite(entries: QuerySet[ModelEntry], query: str) -> QuerySet[ModelEntry]:
    # A real join, the only form in which bm25 is computed once a hit and not once a row and hit.
    joined: QuerySet[ModelEntry] = entries.extra(
        tables=["registry_search"],
        # The plus keeps SQLite from looking an entry's row up in the index of words: counting, it
        # would then search once for each entry of the portal (2,000: 120 ms, in place of 1).
        where=[
            "registry_search MATCH %s",
            "registry_modelentry.accession = +registry_search.rowid",
        ],
        params=[query],
    )
    return joined.annotate(
        rank=RawSQL("-bm25(registry_search, 10.0, 1.0)", (), output_field=FloatField())
    )


def _matching_postgresql(entries: QuerySet[ModelEntry], query: str) -> QuerySet[ModelEntry]:
    joined: QuerySet[ModelEntry] = entries.extra(
        tables=["registry_searchdocument"],
        where=[
            "registry_searchdocument.document @@ to_tsquery('simple', %s)",
            "registry_searchdocument.entry_id = registry_modelentry.accession",
        ],
        params=[query],
    )
    # As double precision: a page's cursor brings the number back, and must find its equal.
    rank = "ts_rank(registry_searchdocument.document, to_tsquery('simple', %s))::float8"
    return joined.annotate(rank=RawSQL(rank, (query,), output_field=FloatField()))  # noqa: S611 — a constant text with a parameter
