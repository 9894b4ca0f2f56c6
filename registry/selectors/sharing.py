"""Queries about sharing: who has which role, groups, links for reviewers, offers."""

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Concat

from registry.models import (
    AuditEvent,
    GroupGrant,
    GroupMember,
    Membership,
    ModelEntry,
    ProblemReport,
    ResearchGroup,
    ReviewerLink,
    Transfer,
    User,
)
from registry.models.curation import ReportKind, ReportState
from registry.models.entries import Role, Visibility
from registry.selectors.entries import Viewer, entries_visible_to
from registry.spec.identifiers import name_is_valid

PEOPLE_SHOWN = 8
_LONGEST_NUMBER = 19
# What a curator looks at before its subject hears of it: see services.reports.
UNTOLD = (ReportKind.RIGHTS, ReportKind.ABUSE)


def members_of(entry: ModelEntry) -> QuerySet[Membership]:
    """The people with a role, the owner first."""
    return entry.memberships.select_related("user").order_by("-role", "user__username")


def role_of(*, user: Viewer, entry: ModelEntry) -> Role | None:
    """The role that a person has with an entry in their own name; None for strangers."""
    if not user.is_authenticated:
        return None
    member = entry.memberships.filter(user=user).only("role").first()
    return Role(member.role) if member else None


def merged_from(*, entry: ModelEntry, named: str) -> int | None:
    """The number that an address names, if it is of a model that was merged into this one."""
    if not (named.isascii() and named.isdigit() and len(named) < _LONGEST_NUMBER):
        return None
    return entry.merged.filter(pk=int(named)).values_list("pk", flat=True).first()


def merged_into(*, user: Viewer, entry: ModelEntry) -> ModelEntry | None:
    """Where a tombstone leads, if the viewer may see it and it is no tombstone itself."""
    if entry.merged_into_id is None:
        return None
    kept = entries_visible_to(user).exclude(visibility=Visibility.WITHDRAWN)
    return kept.filter(pk=entry.merged_into_id).first()


def grants_of(entry: ModelEntry) -> QuerySet[GroupGrant]:
    """The groups with a role."""
    return entry.group_grants.select_related("group").order_by("group__name")


def person_named(text: str) -> User | None:
    """The person of exactly this user name, case aside."""
    return User.objects.filter(username__iexact=text.strip(), is_active=True).first()


def people_like(text: str) -> Sequence[User]:
    """People whose user name or name holds the text. E-mail addresses are not searched."""
    wanted = text.strip()
    if len(wanted) < 2:  # noqa: PLR2004 — one letter names nobody
        return []
    named = User.objects.annotate(called=Concat("first_name", Value(" "), "last_name"))
    found = named.filter(Q(username__icontains=wanted) | Q(called__icontains=wanted))
    return list(found.filter(is_active=True).order_by("username")[:PEOPLE_SHOWN])


def is_in_group(*, user: User, group: ResearchGroup) -> bool:
    """Whether a person has joined a group."""
    return group.members.filter(user=user, accepted_at__isnull=False).exists()


def groups_of(user: User) -> QuerySet[ResearchGroup]:
    """The groups that a person has joined."""
    mine = GroupMember.objects.filter(user=user, accepted_at__isnull=False)
    return ResearchGroup.objects.filter(pk__in=mine.values("group"))


def group_get(name: str) -> ResearchGroup | None:
    """A group by its name, whatever its case; None when there is none."""
    if not name_is_valid(name):
        return None  # a NUL, for one, is an error to PostgreSQL
    return ResearchGroup.objects.filter(name__iexact=name).first()


def group_membership(*, user: Viewer, group: ResearchGroup) -> GroupMember | None:
    """What a person has to do with a group; an invitation too. None for strangers."""
    if not user.is_authenticated:
        return None
    return group.members.filter(user=user).first()


def group_is_managed_by(*, user: Viewer, group: ResearchGroup) -> bool:
    """Whether a person has joined a group and manages it."""
    own = group_membership(user=user, group=group)
    return own is not None and own.is_manager and own.accepted_at is not None


def groups_listed() -> QuerySet[ResearchGroup]:
    """Every group, with the number of its members."""
    joined = Count("members", filter=Q(members__accepted_at__isnull=False))
    return ResearchGroup.objects.annotate(joined=joined).order_by("name")


def invitations_of(user: User) -> QuerySet[GroupMember]:
    """What a person was invited to and has not answered."""
    return GroupMember.objects.filter(user=user, accepted_at=None).select_related("group")


def group_members(*, group: ResearchGroup, invited: bool) -> QuerySet[GroupMember]:
    """The members, managers first; those who have not answered are for managers to see."""
    members = group.members.select_related("user").order_by(
        "-is_manager", "accepted_at", "user__username"
    )
    return members if invited else members.filter(accepted_at__isnull=False)


def group_entries(*, user: Viewer, group: ResearchGroup) -> QuerySet[ModelEntry]:
    """The models shared with a group, as far as the viewer may see them, newest first."""
    shared = GroupGrant.objects.filter(group=group)
    seen = entries_visible_to(user).exclude(visibility=Visibility.WITHDRAWN)
    return seen.filter(pk__in=shared.values("entry")).select_related("owner").order_by("-accession")


def transfer_open_of(entry: ModelEntry) -> Transfer | None:
    """The offer that waits for an answer."""
    return entry.transfers.filter(ended_at=None).select_related("recipient").first()


def transfers_of(user: User) -> QuerySet[Transfer]:
    """The offers that a person made or got, the newest first; those that have ended, too."""
    offers = Transfer.objects.filter(Q(sender=user) | Q(recipient=user))
    return offers.select_related("entry__owner", "sender", "recipient").order_by("-pk")


def transfer_get(*, user: User, transfer_id: int) -> Transfer | None:
    """An offer, for the two whom it concerns."""
    return transfers_of(user).filter(pk=transfer_id).first()


def reviewer_links_of(entry: ModelEntry) -> QuerySet[ReviewerLink]:
    """The links that were not revoked, newest first; ended ones stay to be seen."""
    return entry.reviewer_links.filter(revoked_at=None).select_related("created_by")


def reports_for_editors(entry: ModelEntry) -> QuerySet[ProblemReport]:
    """The open reports that an entry's own people are told of, newest first."""
    reports = entry.problem_reports.filter(state=ReportState.OPEN).exclude(kind__in=UNTOLD)
    return reports.order_by("-created_at")


def audit_of(entry: ModelEntry) -> QuerySet[AuditEvent]:
    """What was done to an entry, newest first."""
    return AuditEvent.objects.filter(accession=entry.pk)
