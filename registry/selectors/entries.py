"""Queries about entries: who sees what, lists, full-text search."""

from collections.abc import Collection, Mapping, Sequence

from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.db.models import Exists, FloatField, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from registry.models import GroupGrant, Membership, ModelEntry, ModelVersion, User
from registry.models.entries import Role, Visibility
from registry.selectors.words import query_words
from registry.spec.identifiers import name_is_valid

Viewer = User | AnonymousUser
EDITORS = (Role.OWNER, Role.MAINTAINER)
# Each order ends in the unique accession, so that pages can be cut by position.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "newest": ("-accession",),
    "updated": ("-updated_at", "-accession"),
    "level": ("-level", "-accession"),
    "relevance": ("-rank", "-accession"),
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
    "level",
    "outcome",
    "cause",
    "verified_at",
    "tests_pass",
    "repaired",
    "repairs",
    "lost_at",
    "lost_cause",
)


def entries_visible_to(user: Viewer) -> QuerySet[ModelEntry]:
    """Public entries and tombstones for all; the rest for owner, members and staff."""
    return _visible(user, Q(visibility__in=[Visibility.PUBLIC, Visibility.WITHDRAWN]))


def _visible(user: Viewer, open_to_all: Q) -> QuerySet[ModelEntry]:
    if user.is_staff:
        return ModelEntry.objects.all()
    if not user.is_authenticated:
        return ModelEntry.objects.filter(open_to_all)
    return ModelEntry.objects.filter(open_to_all | Q(owner=user) | _member(user, "pk"))


def _member(user: User, entry: str, roles: Collection[Role] = tuple(Role)) -> Q:
    """Whether a person has one of the roles with the entry of that column, alone or in a group."""
    alone = Membership.objects.filter(entry=OuterRef(entry), user=user, role__in=roles)
    shared = GroupGrant.objects.filter(
        entry=OuterRef(entry),
        role__in=roles,
        group__members__user=user,
        group__members__accepted_at__isnull=False,
    )
    return Q(Exists(alone)) | Q(Exists(shared))


def entry_get(
    *,
    user: Viewer,
    accession: int | None = None,
    owner: str = "",
    name: str = "",
    columns: Sequence[str] = (),
) -> ModelEntry | None:
    """An entry by number or by `owner/name` (case does not count); None when not to be seen.

    One query; `columns` names those that are read at once, in place of all.
    """
    entries = entries_visible_to(user).select_related("owner", "current_version")
    if columns:
        entries = entries.only(*columns)
    if accession is not None:
        return entries.filter(pk=accession).first()
    if not (name_is_valid(owner) and name_is_valid(name)):
        return None  # a NUL, for one, is an error to PostgreSQL
    return entries.filter(owner__username__iexact=owner, name__iexact=name).first()


def entry_may_edit(*, user: Viewer, entry: ModelEntry) -> bool:
    """Whether a person may change an entry: its owner, its maintainers, staff."""
    return _has_role(user, entry, EDITORS)


def entry_may_withdraw(*, user: Viewer, entry: ModelEntry) -> bool:
    """Whether a person may take an entry down: its owner, staff."""
    return _has_role(user, entry, (Role.OWNER,))


def entry_versions(*, user: Viewer, entry: ModelEntry) -> QuerySet[ModelVersion]:
    """An entry's versions, newest first; unpublished ones only for those who may edit."""
    versions = entry.versions.order_by("-number")
    if entry_may_edit(user=user, entry=entry):
        return versions
    return versions.filter(published_at__isnull=False)


def versions_visible_to(user: Viewer) -> QuerySet[ModelVersion]:
    """The versions of all visible entries; unpublished ones only for those who may edit."""
    versions = ModelVersion.objects.filter(entry__in=entries_visible_to(user))
    if user.is_staff:
        return versions
    published = Q(published_at__isnull=False)
    if not user.is_authenticated:
        return versions.filter(published)
    return versions.filter(published | Q(entry__owner=user) | _member(user, "entry", EDITORS))


def entry_list(
    *,
    user: Viewer,
    text: str = "",
    level: int | None = None,
    outcome: str = "",
    owner: str = "",
    order: str = "",
) -> QuerySet[ModelEntry]:
    """Entries that can be browsed: public ones, and of the others those that one may see.

    Tombstones are not listed. `level` is the least one; `order` a key of ORDERS (of several words:
    the best hit first when there is a text, else the newest). One query, whatever the length, for
    the columns LISTED.
    """
    # One value of `visibility`, so that an index gives the order.
    entries = _visible(user, Q(visibility=Visibility.PUBLIC))
    entries = entries.exclude(visibility=Visibility.WITHDRAWN)
    entries = entries.select_related("owner", "current_version").only(*LISTED)
    if level is not None:
        entries = entries.filter(level__gte=level)
    if outcome:
        entries = entries.filter(outcome=outcome)
    if owner:
        entries = entries.filter(owner__username__iexact=owner)
    if text.strip():
        entries = entries_matching(entries, text)
    wanted = order or ("relevance" if text.strip() else "newest")
    known = wanted in ORDERS and (wanted != "relevance" or bool(text.strip()))
    return entries.order_by(*ORDERS[wanted if known else "newest"])


def entries_matching(entries: QuerySet[ModelEntry], text: str) -> QuerySet[ModelEntry]:
    """The entries that hold every word of `text`, as a whole word or its beginning.

    Each gets a `rank`: the higher, the better it fits. Any text is safe: words are letters and
    digits alone, and travel as a parameter.
    """
    words = query_words(text)
    if not words:
        return entries.none().annotate(rank=RawSQL("0.0", (), output_field=FloatField()))
    if connections[entries.db].vendor == "sqlite":
        return _matching_sqlite(entries, " ".join(f'"{word}"*' for word in words))
    return _matching_postgresql(entries, " & ".join(f"{word}:*" for word in words))


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


def _has_role(user: Viewer, entry: ModelEntry, roles: Collection[Role]) -> bool:
    if user.is_staff or entry.owner_id == user.pk:
        return True
    if not user.is_authenticated:
        return False
    return ModelEntry.objects.filter(_member(user, "pk", roles), pk=entry.pk).exists()
