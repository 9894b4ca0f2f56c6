"""Who may do what with an entry: people, groups, and whether everybody sees it.

Whoever calls has made sure that the actor may do it. What must hold whoever asks is held here,
under the lock of the entry's row, and by the constraints of the tables.
"""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from registry.models import GroupGrant, Membership, ModelEntry, ResearchGroup, User
from registry.models.entries import Role, Visibility
from registry.models.news import NewsKind
from registry.selectors.sharing import is_in_group
from registry.services.audit import audit_record
from registry.services.entries import EntryFields, entry_update
from registry.services.errors import ServiceError
from registry.services.news import news_tell

# What can be given away. An owner is one person, and changes by a transfer alone.
GIVEN = (Role.MAINTAINER, Role.READER)


def entry_locked(entry: ModelEntry) -> ModelEntry:
    """The entry under its lock, held to the end of the transaction. Raises ServiceError.

    Its owner is read after that: joined, the row would be gone for whoever waited while it changed.
    """
    found = ModelEntry.objects.select_for_update().get(pk=entry.pk)
    if found.visibility == Visibility.WITHDRAWN:
        raise ServiceError(
            "withdrawn", "This model is withdrawn: nothing of it is shared any more."
        )
    return found


def member_set(*, actor: User, entry: ModelEntry, user: User, role: Role) -> None:
    """Give a person a role with an entry, in place of the one before. Raises ServiceError."""
    _refuse_unknown_role(role)
    with transaction.atomic():
        locked = entry_locked(entry)
        if locked.owner_id == user.pk:
            raise ServiceError("person_owns", f"{user.username} owns this model and may do all.")
        before = Membership.objects.filter(entry=locked, user=user).first()
        if before and before.role == role:
            return
        Membership.objects.update_or_create(entry=locked, user=user, defaults={"role": role})
        said = {"role": role.value, "before": before.role if before else ""}
        action = "member.changed" if before else "member.added"
        audit_record(actor=actor, action=action, subject=user.username, entry=locked, detail=said)
        _tell(user, locked, "member", f"{actor.name} made you {role.label.lower()} of")


def member_remove(*, actor: User, entry: ModelEntry, user: User) -> None:
    """Take a person's role away; who takes their own leaves. Raises ServiceError for the owner."""
    with transaction.atomic():
        locked = entry_locked(entry)
        if locked.owner_id == user.pk:
            raise ServiceError(
                "owner_stays", "A model always has an owner.", "Hand it over first, then leave."
            )
        gone, _ = Membership.objects.filter(entry=locked, user=user).delete()
        if not gone:
            return
        action = "member.left" if actor == user else "member.removed"
        audit_record(actor=actor, action=action, subject=user.username, entry=locked)
        if actor == user:
            _tell(locked.owner, locked, "member", f"{user.name} has left")
        else:
            _tell(user, locked, "member", f"{actor.name} took your role away with", address="/")


def grant_set(*, actor: User, entry: ModelEntry, group: ResearchGroup, role: Role) -> None:
    """Give all members of a group a role with an entry. Raises ServiceError.

    Only to a group that the actor belongs to, or that has one already: nobody's name stands on what
    they have nothing to do with.
    """
    _refuse_unknown_role(role)
    with transaction.atomic():
        locked = entry_locked(entry)
        before = GroupGrant.objects.filter(entry=locked, group=group).first()
        if before is None and not is_in_group(user=actor, group=group):
            raise ServiceError("group_foreign", "You can share with your own groups alone.")
        GroupGrant.objects.update_or_create(entry=locked, group=group, defaults={"role": role})
        said = {"role": role.value, "before": before.role if before else ""}
        action = "grant.changed" if before else "grant.added"
        audit_record(actor=actor, action=action, subject=group.name, entry=locked, detail=said)


def grant_remove(*, actor: User, entry: ModelEntry, group: ResearchGroup) -> None:
    """Take a group's role away. Doing it twice changes nothing."""
    with transaction.atomic():
        locked = entry_locked(entry)
        gone, _ = GroupGrant.objects.filter(entry=locked, group=group).delete()
        if gone:
            audit_record(actor=actor, action="grant.removed", subject=group.name, entry=locked)


def visibility_set(*, actor: User, entry: ModelEntry, visibility: Visibility) -> None:
    """Make a published entry private or public. Raises ServiceError."""
    with transaction.atomic():
        entry_locked(entry)
        entry_update(entry=entry, fields=EntryFields(visibility=visibility), actor=actor)


def _refuse_unknown_role(role: Role) -> None:
    if role not in GIVEN:
        raise ServiceError(
            "role", "A model has one owner.", "Offer it to somebody to change who that is."
        )


def _tell(user: User, entry: ModelEntry, what: str, sentence: str, *, address: str = "") -> None:
    """Tell one person; the moment makes it news again each time that it happens."""
    news_tell(
        users=[user],
        kind=NewsKind.SHARING,
        cause=f"{what}-{entry.pk}-{timezone.now().timestamp()}",
        sentence=f"{sentence} “{entry.title or entry.name}”.",
        address=address or reverse("entry_page", args=[entry.pk]),
        entry=entry,
    )
