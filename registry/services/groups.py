"""Groups of people: founded, invited to, left. A group always has a manager."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from registry.models import GroupMember, ResearchGroup, User
from registry.models.news import NewsKind
from registry.services.audit import audit_record
from registry.services.errors import ServiceError
from registry.services.news import news_tell
from registry.services.text import typed
from registry.spec.identifiers import name_is_valid


def group_create(*, user: User, name: str, title: str) -> ResearchGroup:
    """A group whose first manager is `user`. Raises ServiceError."""
    wanted = name.strip()
    if not name_is_valid(wanted):
        raise ServiceError(
            "name_invalid",
            f"“{wanted[:100]}” cannot be the name of a group.",
            "Use up to 96 letters, digits, “-”, “_” and “.”, without “--” and “..”.",
        )
    now = timezone.now()
    try:
        with transaction.atomic():
            group = ResearchGroup.objects.create(
                name=wanted, title=typed(title, limit=300, what="title"), created_at=now
            )
            GroupMember.objects.create(
                group=group, user=user, is_manager=True, invited_at=now, accepted_at=now
            )
            audit_record(actor=user, action="group.created", subject=group.name)
    except IntegrityError as error:
        raise ServiceError(
            "name_taken", f"There is a group called “{wanted}” already.", "Choose another name."
        ) from error
    return group


def group_invite(*, actor: User, group: ResearchGroup, user: User) -> None:
    """Ask a person to join; nothing is shared with them before they say yes."""
    with transaction.atomic():
        _, fresh = GroupMember.objects.get_or_create(
            group=group, user=user, defaults={"invited_at": timezone.now()}
        )
        if not fresh:
            raise ServiceError("person_known", f"{user.username} is a member or invited already.")
        audit_record(actor=actor, action="group.invited", subject=f"{group.name}: {user.username}")
        _tell(user, group, f"{actor.name} invites you to the group “{_named(group)}”.")


def group_join(*, user: User, group: ResearchGroup) -> None:
    """Say yes to an invitation. Raises ServiceError when there is none."""
    with transaction.atomic():
        invited = GroupMember.objects.filter(group=group, user=user, accepted_at=None)
        if invited.update(accepted_at=timezone.now()) != 1:
            raise ServiceError("invitation_missing", "There is no invitation to accept any more.")
        audit_record(actor=user, action="group.joined", subject=group.name)


def group_manager_set(*, actor: User, group: ResearchGroup, user: User, is_manager: bool) -> None:
    """Make a member a manager, or no longer one. Raises ServiceError for the last one."""
    with transaction.atomic():
        members = _locked(group)
        member = members.filter(user=user, accepted_at__isnull=False).first()
        if member is None:
            raise ServiceError("person_unknown", f"{user.username} has not joined this group.")
        if not is_manager:
            _refuse_last_manager(group, member)
        members.filter(pk=member.pk).update(is_manager=is_manager)
        action = "group.manager_added" if is_manager else "group.manager_removed"
        audit_record(actor=actor, action=action, subject=f"{group.name}: {user.username}")


def group_member_remove(*, actor: User, group: ResearchGroup, user: User) -> None:
    """Take a person out, or leave, or decline. Raises ServiceError for the last manager."""
    with transaction.atomic():
        member = _locked(group).filter(user=user).first()
        if member is None:
            return
        _refuse_last_manager(group, member)
        member.delete()
        action = "group.left" if actor == user else "group.removed"
        audit_record(actor=actor, action=action, subject=f"{group.name}: {user.username}")
        if actor != user:
            _tell(user, group, f"{actor.name} took you out of the group “{_named(group)}”.")


def group_delete(*, actor: User, group: ResearchGroup) -> None:
    """End a group, and with it every role that it was given."""
    with transaction.atomic():
        audit_record(
            actor=actor,
            action="group.deleted",
            subject=group.name,
            detail={
                "models": list(group.grants.values_list("entry_id", flat=True)),
                "members": list(group.members.values_list("user__username", flat=True)),
            },
        )
        group.delete()


def _locked(group: ResearchGroup) -> QuerySet[GroupMember]:
    """The members, while nobody else changes who manages."""
    ResearchGroup.objects.select_for_update().get(pk=group.pk)
    return GroupMember.objects.filter(group=group)


def _refuse_last_manager(group: ResearchGroup, member: GroupMember) -> None:
    others = GroupMember.objects.filter(
        group=group, is_manager=True, accepted_at__isnull=False
    ).exclude(pk=member.pk)
    if member.is_manager and not others.exists():
        raise ServiceError(
            "last_manager",
            "A group always has a manager.",
            "Make somebody else a manager first, or delete the group.",
        )


def _named(group: ResearchGroup) -> str:
    return group.title or group.name


def _tell(user: User, group: ResearchGroup, sentence: str) -> None:
    news_tell(
        users=[user],
        kind=NewsKind.SHARING,
        cause=f"group-{group.pk}-{timezone.now().timestamp()}",
        sentence=sentence,
        address=reverse("group_page", args=[group.name]),
    )
