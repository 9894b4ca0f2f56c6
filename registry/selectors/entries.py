"""Queries about entries: who sees what, and who may do what."""

from collections.abc import Collection, Sequence

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from registry.models import GroupGrant, Membership, ModelEntry, ModelVersion, User
from registry.models.entries import Role, Visibility
from registry.spec.identifiers import name_is_valid

Viewer = User | AnonymousUser
EDITORS = (Role.OWNER, Role.MAINTAINER)


def entries_visible_to(user: Viewer) -> QuerySet[ModelEntry]:
    """Public entries and tombstones for all; the rest for owner, members and staff."""
    return _visible(user, Q(visibility__in=[Visibility.PUBLIC, Visibility.WITHDRAWN]))


def _visible(user: Viewer, open_to_all: Q) -> QuerySet[ModelEntry]:
    if user.is_staff:
        return ModelEntry.objects.all()
    if entries_reviewed_by(user):
        open_to_all |= Q(pk__in=entries_reviewed_by(user))
    if not user.is_authenticated:
        return ModelEntry.objects.filter(open_to_all)
    return ModelEntry.objects.filter(open_to_all | Q(owner=user) | _member(user, "pk"))


def entries_reviewed_by(user: Viewer) -> frozenset[int]:
    """The entries that reviewers' links open to whoever makes this request: registry.reviewing."""
    return getattr(user, "reviewed", frozenset())


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

    One query, and one more for a name under which nothing stands now: it may once have.
    `columns` names those that are read at once, in place of all.
    """
    entries = entries_visible_to(user).select_related("owner", "current_version")
    if columns:
        entries = entries.only(*columns)
    if accession is not None:
        return entries.filter(pk=accession).first()
    if not (name_is_valid(owner) and name_is_valid(name)):
        return None  # a NUL, for one, is an error to PostgreSQL
    now = entries.filter(owner__username__iexact=owner, name__iexact=name).first()
    return now or entries.filter(aliases__owner__iexact=owner, aliases__name__iexact=name).first()


def entry_may_edit(*, user: Viewer, entry: ModelEntry) -> bool:
    """Whether a person may change an entry: its owner, its maintainers, staff."""
    return _has_role(user, entry, EDITORS)


def entry_is_edited_by(*, user: Viewer, entry: ModelEntry) -> bool:
    """Whether a person is among an entry's own editors; a curator, who may edit all, is not."""
    return _is_given(user, entry, EDITORS)


def entry_may_withdraw(*, user: Viewer, entry: ModelEntry) -> bool:
    """Whether a person may take an entry down, share it or hand it over: its owner, staff."""
    return _has_role(user, entry, (Role.OWNER,))


def entry_versions(*, user: Viewer, entry: ModelEntry) -> QuerySet[ModelVersion]:
    """An entry's versions, newest first; unpublished ones for those who edit or review it."""
    versions = entry.versions.order_by("-number")
    if entry.pk in entries_reviewed_by(user) or entry_may_edit(user=user, entry=entry):
        return versions
    return versions.filter(published_at__isnull=False)


def versions_visible_to(user: Viewer) -> QuerySet[ModelVersion]:
    """The versions of all visible entries; unpublished ones for those who edit or review them."""
    versions = ModelVersion.objects.filter(entry__in=entries_visible_to(user))
    if user.is_staff:
        return versions
    published = Q(published_at__isnull=False)
    if entries_reviewed_by(user):
        published |= Q(entry__in=entries_reviewed_by(user))
    if not user.is_authenticated:
        return versions.filter(published)
    return versions.filter(published | Q(entry__owner=user) | _member(user, "entry", EDITORS))


def entries_browsable(user: Viewer) -> QuerySet[ModelEntry]:
    """What lists show: public entries, and of the others those that one may see; no tombstones."""
    # One value of `visibility`, so that an index gives the order.
    entries = _visible(user, Q(visibility=Visibility.PUBLIC))
    return entries.exclude(visibility=Visibility.WITHDRAWN)


def _has_role(user: Viewer, entry: ModelEntry, roles: Collection[Role]) -> bool:
    return user.is_staff or _is_given(user, entry, roles)


def _is_given(user: Viewer, entry: ModelEntry, roles: Collection[Role]) -> bool:
    if entry.owner_id == user.pk:
        return True
    if not user.is_authenticated:
        return False
    return ModelEntry.objects.filter(_member(user, "pk", roles), pk=entry.pk).exists()
