"""Doors to groups: founded, invited to, joined, left; and what is shared with them."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from registry.api.base import ApiView, ListQuery, Query, body_of, person, query_of, viewer
from registry.api.lookup import group_named, somebody
from registry.api.schema import replies
from registry.api.serializers import EntryRowSerializer
from registry.api.serializers.sharing import (
    GroupBody,
    GroupMemberPatch,
    GroupMemberSerializer,
    GroupRowSerializer,
    InvitationSerializer,
    InviteBody,
    ResearchGroupSerializer,
)
from registry.models import GroupMember, ResearchGroup
from registry.selectors.sharing import (
    group_entries,
    group_is_managed_by,
    group_members,
    groups_listed,
    invitations_of,
)
from registry.services.groups import (
    group_create,
    group_delete,
    group_invite,
    group_join,
    group_manager_set,
    group_member_remove,
)


class _GroupDoor(ApiView):
    """A door to groups. All know of every group; its managers say who belongs to it."""

    write_scope = "sharing:write"

    def as_it_is(self, group: ResearchGroup, **reply: object) -> Response:
        """The group as it stands now."""
        return self.shown(groups_listed().get(pk=group.pk), ResearchGroupSerializer, **reply)


class GroupsView(_GroupDoor):
    """All groups."""

    @extend_schema(
        operation_id="groups_list", responses=replies(_200=GroupRowSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        """List the groups by name."""
        query_of(request, ListQuery)
        return self.listed(groups_listed(), GroupRowSerializer)

    @extend_schema(
        operation_id="groups_create",
        request=GroupBody,
        responses=replies(_201=ResearchGroupSerializer),
    )
    def post(self, request: Request) -> Response:
        """Found a group, which you manage."""
        group = group_create(user=person(request), **body_of(request, GroupBody))
        place = reverse("api:group", args=[group.name], request=request)
        return self.as_it_is(group, status=201, headers={"Location": place})


class GroupView(_GroupDoor):
    """One group."""

    @extend_schema(operation_id="groups_get", responses=replies(_200=ResearchGroupSerializer))
    def get(self, request: Request, name: str) -> Response:
        """Show a group."""
        query_of(request, Query)
        return self.as_it_is(group_named(name))

    @extend_schema(operation_id="groups_delete", responses=replies(_204=None))
    def delete(self, request: Request, name: str) -> Response:
        """End a group that you manage, and with it every role that it was given."""
        group_delete(actor=person(request), group=_managed(request, name))
        return Response(status=204)


class GroupModelsView(_GroupDoor):
    """What is shared with a group."""

    @extend_schema(
        operation_id="groups_models", responses=replies(_200=EntryRowSerializer(many=True))
    )
    def get(self, request: Request, name: str) -> Response:
        """List the models shared with a group, as far as you may see them."""
        query_of(request, ListQuery)
        rows = group_entries(user=viewer(request), group=group_named(name))
        return self.listed(rows.select_related("current_version"), EntryRowSerializer)


class GroupMembersView(_GroupDoor):
    """The people of a group."""

    @extend_schema(
        operation_id="groups_members", responses=replies(_200=GroupMemberSerializer(many=True))
    )
    def get(self, request: Request, name: str) -> Response:
        """List who belongs to a group; to its managers, also who is invited."""
        query_of(request, ListQuery)
        group = group_named(name)
        manages = group_is_managed_by(user=viewer(request), group=group)
        members = group_members(group=group, invited=manages).order_by("pk")
        return self.listed(members, GroupMemberSerializer)

    @extend_schema(
        operation_id="groups_invite",
        request=InviteBody,
        responses=replies(_201=GroupMemberSerializer),
    )
    def post(self, request: Request, name: str) -> Response:
        """Ask somebody to join a group that you manage."""
        group = _managed(request, name)
        user = body_of(request, InviteBody)["username"]
        group_invite(actor=person(request), group=group, user=user)
        invited = group_members(group=group, invited=True).get(user=user)
        return self.shown(invited, GroupMemberSerializer, status=201)


class GroupMemberView(_GroupDoor):
    """One person of a group."""

    @extend_schema(
        operation_id="groups_member_change",
        request=GroupMemberPatch,
        responses=replies(_200=GroupMemberSerializer),
    )
    def patch(self, request: Request, name: str, username: str) -> Response:
        """Make a member of a group that you manage a manager, or no longer one."""
        group = _managed(request, name)
        member = _member(group, username)
        wanted = body_of(request, GroupMemberPatch)
        group_manager_set(actor=person(request), group=group, user=member.user, **wanted)
        return self.shown(_member(group, username), GroupMemberSerializer)

    @extend_schema(operation_id="groups_member_remove", responses=replies(_204=None))
    def delete(self, request: Request, name: str, username: str) -> Response:
        """Take somebody out of a group that you manage; or leave it, or decline to join."""
        user = person(request)
        own = username.lower() == user.username.lower()
        group = group_named(name) if own else _managed(request, name)
        group_member_remove(actor=user, group=group, user=_member(group, username).user)
        return Response(status=204)


class GroupJoinView(_GroupDoor):
    """Saying yes to an invitation."""

    @extend_schema(
        operation_id="groups_join", request=None, responses=replies(_200=ResearchGroupSerializer)
    )
    def post(self, request: Request, name: str) -> Response:
        """Join a group that you are invited to."""
        group = group_named(name)
        group_join(user=person(request), group=group)
        return self.as_it_is(group)


class InvitationsView(_GroupDoor):
    """What the caller was invited to."""

    @extend_schema(
        operation_id="invitations_list", responses=replies(_200=InvitationSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        """List the groups that you were asked to join and have not answered."""
        query_of(request, ListQuery)
        return self.listed(invitations_of(person(request)).order_by("-pk"), InvitationSerializer)


def _managed(request: Request, name: str) -> ResearchGroup:
    """A group that the caller manages. Raises Http404, PermissionDenied."""
    group = group_named(name)
    if not group_is_managed_by(user=person(request), group=group):
        raise PermissionDenied("Only the managers of a group may do this.", code="not_yours")
    return group


def _member(group: ResearchGroup, username: str) -> GroupMember:
    """Somebody of a group, an invited one too. Raises Http404."""
    found = group_members(group=group, invited=True).filter(user=somebody(username)).first()
    if found is None:
        raise Http404
    return found
