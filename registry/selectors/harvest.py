"""What harvesters are told of: models that are public, and those that once were.

A record is a model under its number. It is deleted when the model was withdrawn or made private
again; a draft was never one. Nothing here depends on who asks.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, DateTimeField, F, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from registry.models import AuditEvent, Facet, ModelEntry, ModelVersion, Term
from registry.models.entries import Visibility
from registry.selectors.vocabularies import SUBJECT, terms_of, with_narrower
from registry.spec.ladder import Level

_LEVEL, _SUBJECT = "level-", "subject-"
_LAST = 999_999  # microseconds: dates are told to the second, so a whole second is within


@dataclass(frozen=True, kw_only=True)
class HarvestSet:
    """Some of the models by what they reached or are about. `spec` is its name for programs."""

    spec: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Harvested:
    """A model as harvesters see it. `version` is the published one; None of a deleted record.

    `changed_at` is when anything that is told of it last changed, `sets` those that it is in.
    """

    accession: int
    changed_at: datetime
    entry: ModelEntry
    version: ModelVersion | None
    sets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which records are asked for: changed from and until, both included, in one set. To seconds.

    None and "" ask for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    spec: str = ""


def harvest_sets() -> list[HarvestSet]:
    """Every set: one for each level that asks for something, and one for each broad subject."""
    levels = [
        HarvestSet(spec=_LEVEL + level.label, name=f"Models that reach at least: {level.label}")
        for level in Level
        if level > Level.REGISTERED
    ]
    subjects = terms_of(SUBJECT).filter(parent=None)
    return levels + [
        HarvestSet(spec=_SUBJECT + term.path, name=f"Models about: {term.name}")
        for term in subjects
    ]


def harvest_page(window: Window, *, after: int, size: int) -> list[Harvested]:
    """The next records of a window by accession, at most `size`, each with its sets.

    By number and not by date: what changes meanwhile is neither skipped nor told twice. Deleted
    records are in no set, and told in every one, for what a set held cannot be known.
    """
    records = _records().filter(_within(window), pk__gt=after)
    if window.spec:
        records = records.filter(_in_set(window.spec) | ~Q(visibility=Visibility.PUBLIC))
    return _harvested(records.order_by("pk")[:size])


def harvest_get(accession: int) -> Harvested | None:
    """One record; None of what was never public."""
    found = _harvested(_records().filter(pk=accession))
    return found[0] if found else None


def harvest_begins() -> datetime | None:
    """No record changed before this; None while there is none."""
    earliest: datetime | None = _records().aggregate(at=Min("created_at"))["at"]
    return earliest


def shown_dates(*, first: int, last: int) -> Iterator[tuple[int, datetime]]:
    """The public models of some numbers, and when each, or what is known of it, changed."""
    shown = ModelEntry.objects.filter(visibility=Visibility.PUBLIC, pk__gte=first, pk__lte=last)
    dated = _dated(shown).order_by("pk")
    yield from dated.values_list("pk", "changed_at").iterator()  # type: ignore[misc]  # annotated by _dated


def _records() -> QuerySet[ModelEntry]:
    """What is public or was so. That it was is on record: publishing left a version behind."""
    known = ModelEntry.objects.filter(
        ~Q(visibility=Visibility.DRAFT), current_version__published_at__isnull=False
    )
    return _dated(known)


def _dated(entries: QuerySet[ModelEntry]) -> QuerySet[ModelEntry]:
    """With `changed_at`. Of one made private it is that moment: what is done later is nobody's."""
    hidden = AuditEvent.objects.filter(accession=OuterRef("pk"), action="entry.visibility")
    last: dict[str, Combinable] = {
        "public": Greatest(
            F("updated_at"),
            Coalesce("verified_at", F("updated_at")),
            Coalesce("current_version__minted_doi__registered_at", F("updated_at")),
        ),
        "private": Coalesce(Subquery(hidden.order_by("-pk").values("at")[:1]), F("updated_at")),
    }
    return entries.annotate(
        changed_at=Case(
            When(visibility=Visibility.PUBLIC, then=last["public"]),
            When(visibility=Visibility.PRIVATE, then=last["private"]),
            default=F("updated_at"),
            output_field=DateTimeField(),
        )
    )


def _within(window: Window) -> Q:
    condition = Q()
    if window.since:
        condition &= Q(changed_at__gte=window.since)
    if window.until:
        condition &= Q(changed_at__lte=window.until.replace(microsecond=_LAST))
    return condition


def _in_set(spec: str) -> Q:
    """Whether a model is in a set; in one that does not exist none is."""
    nothing = Q(pk__in=())
    if spec.startswith(_LEVEL):
        try:
            return Q(level__gte=Level.from_label(spec.removeprefix(_LEVEL)))
        except ValueError:
            return nothing
    path = spec.removeprefix(_SUBJECT)
    term = terms_of(SUBJECT).filter(path=path, parent=None).first()
    if term is None or path == spec:
        return nothing
    about = Facet.objects.filter(term__in=Term.objects.filter(with_narrower(term)))
    return Q(pk__in=about.values("entry_id"))


def _harvested(records: QuerySet[ModelEntry]) -> list[Harvested]:
    """The rows with what is told of them. Three queries, however many rows."""
    rows = records.select_related("current_version__minted_doi")
    entries = list(rows.prefetch_related("current_version__citations"))
    public = [entry for entry in entries if entry.visibility == Visibility.PUBLIC]
    subjects = _subjects(public)
    return [
        Harvested(
            accession=entry.pk,
            changed_at=entry.changed_at,  # type: ignore[attr-defined]  # annotated by _dated
            entry=entry,
            version=entry.current_version if entry.visibility == Visibility.PUBLIC else None,
            sets=_sets(entry, subjects) if entry.visibility == Visibility.PUBLIC else (),
        )
        for entry in entries
    ]


def _sets(entry: ModelEntry, subjects: dict[int, set[str]]) -> tuple[str, ...]:
    reached = (level for level in Level if Level.REGISTERED < level <= entry.level)
    levels = [_LEVEL + level.label for level in reached]
    return (*levels, *sorted(_SUBJECT + path for path in subjects[entry.pk]))


def _subjects(entries: Iterable[ModelEntry]) -> dict[int, set[str]]:
    """The broad subjects of each entry, by its number."""
    found: dict[int, set[str]] = defaultdict(set)
    facets = Facet.objects.filter(entry__in=list(entries), term__vocabulary=SUBJECT)
    for accession, path in facets.values_list("entry_id", "term__path"):
        found[accession].add(path.partition("/")[0])
    return found
