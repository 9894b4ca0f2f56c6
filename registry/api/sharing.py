"""Doors to who may do what with a model: people, groups, reviewers' links, its next owner."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Query, body_of, person, query_of
from registry.api.lookup import entry_editable, entry_open, entry_owned, group_named, somebody
from registry.api.schema import replies
from registry.api.serializers.sharing import (
    EventSerializer,
    GrantSerializer,
    MemberSerializer,
    NewReviewerLinkSerializer,
    ReviewerLinkBody,
    ReviewerLinkSerializer,
    RoleBody,
    TransferAcceptBody,
    TransferBody,
    TransferSerializer,
)
from registry.models import Membership, ModelEntry, Transfer
from registry.selectors.sharing import (
    audit_of,
    grants_of,
    members_of,
    reviewer_links_of,
    transfer_get,
    transfer_open_of,
    transfers_of,
)
from registry.services.reviewer_links import reviewer_link_create, reviewer_link_revoke
from registry.services.sharing import grant_remove, grant_set, member_remove, member_set
from registry.services.transfers import (
    transfer_accept,
    transfer_decline,
    transfer_offer,
    transfer_take_back,
)


class _SharingDoor(ApiView):
    """A door through which a model is shared. What its people see is there for no one else."""

    write_scope = "sharing:write"


class MembersView(_SharingDoor):
    """The people with a role."""

    @extend_schema(operation_id="members_list", responses=replies(_200=MemberSerializer(many=True)))
    def get(self, request: Request, accession: int) -> Response:
        """List the people who have a role with a model, for its editors."""
        query_of(request, ListQuery)
        members = members_of(entry_editable(request, accession)).order_by("pk")
        return self.listed(members, MemberSerializer)


class MemberView(_SharingDoor):
    """One person's role."""

    @extend_schema(
        operation_id="members_set", request=RoleBody, responses=replies(_200=MemberSerializer)
    )
    def put(self, request: Request, accession: int, username: str) -> Response:
        """Give somebody a role with a model of yours, in place of the one before."""
        entry, user = entry_owned(request, accession), somebody(username)
        role = body_of(request, RoleBody)["role"]
        member_set(actor=person(request), entry=entry, user=user, role=role)
        return self.shown(members_of(entry).get(user=user), MemberSerializer)

    @extend_schema(operation_id="members_remove", responses=replies(_204=None))
    def delete(self, request: Request, accession: int, username: str) -> Response:
        """Take somebody's role away, as the owner, or give your own back."""
        entry, member = _membership(request, accession, username)
        member_remove(actor=person(request), entry=entry, user=member.user)
        return Response(status=204)


class GrantsView(_SharingDoor):
    """The groups with a role."""

    @extend_schema(operation_id="grants_list", responses=replies(_200=GrantSerializer(many=True)))
    def get(self, request: Request, accession: int) -> Response:
        """List the groups that have a role with a model, for its editors."""
        query_of(request, ListQuery)
        grants = grants_of(entry_editable(request, accession)).order_by("pk")
        return self.listed(grants, GrantSerializer)


class GrantView(_SharingDoor):
    """One group's role."""

    @extend_schema(
        operation_id="grants_set", request=RoleBody, responses=replies(_200=GrantSerializer)
    )
    def put(self, request: Request, accession: int, name: str) -> Response:
        """Give a group of yours a role with a model of yours."""
        entry, group = entry_owned(request, accession), group_named(name)
        role = body_of(request, RoleBody)["role"]
        grant_set(actor=person(request), entry=entry, group=group, role=role)
        return self.shown(grants_of(entry).get(group=group), GrantSerializer)

    @extend_schema(operation_id="grants_remove", responses=replies(_204=None))
    def delete(self, request: Request, accession: int, name: str) -> Response:
        """Take a group's role away."""
        entry, group = entry_owned(request, accession), group_named(name)
        if not grants_of(entry).filter(group=group).exists():
            raise Http404
        grant_remove(actor=person(request), entry=entry, group=group)
        return Response(status=204)


class ReviewerLinksView(_SharingDoor):
    """The links for reviewers."""

    keeps_answers = False

    @extend_schema(
        operation_id="reviewer_links_list",
        responses=replies(_200=ReviewerLinkSerializer(many=True)),
    )
    def get(self, request: Request, accession: int) -> Response:
        """List a model's links for reviewers that were not revoked, for its editors."""
        query_of(request, ListQuery)
        links = reviewer_links_of(entry_editable(request, accession)).order_by("-pk")
        return self.listed(links, ReviewerLinkSerializer)

    @extend_schema(
        operation_id="reviewer_links_create",
        request=ReviewerLinkBody,
        responses=replies(_201=NewReviewerLinkSerializer),
    )
    def post(self, request: Request, accession: int) -> Response:
        """Make a link that shows a model to somebody without an account; shown this once."""
        entry = entry_editable(request, accession)
        body = body_of(request, ReviewerLinkBody)
        link, key = reviewer_link_create(actor=person(request), entry=entry, **body)
        context = {**self.get_serializer_context(), "key": key}
        shown = NewReviewerLinkSerializer(link, context=context).data
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})


class ReviewerLinkView(_SharingDoor):
    """One link for reviewers."""

    @extend_schema(operation_id="reviewer_links_revoke", responses=replies(_204=None))
    def delete(self, request: Request, accession: int, link_id: int) -> Response:
        """Revoke a link: it opens nothing from now on."""
        links = reviewer_links_of(entry_editable(request, accession))
        link = links.filter(pk=link_id).first()
        if link is None:
            raise Http404
        reviewer_link_revoke(actor=person(request), link=link)
        return Response(status=204)


class EntryTransferView(_SharingDoor):
    """The offer of one model."""

    @extend_schema(operation_id="models_transfer_get", responses=replies(_200=TransferSerializer))
    def get(self, request: Request, accession: int) -> Response:
        """Show to whom a model is offered, for its owner."""
        query_of(request, Query)
        return self.shown(_open(entry_owned(request, accession)), TransferSerializer)

    @extend_schema(
        operation_id="models_transfer_offer",
        request=TransferBody,
        responses=replies(_201=TransferSerializer),
    )
    def post(self, request: Request, accession: int) -> Response:
        """Offer a model of yours to somebody. Nothing changes before they accept."""
        entry, body = entry_owned(request, accession), body_of(request, TransferBody)
        offer = transfer_offer(actor=person(request), entry=entry, **body)
        return self.shown(offer, TransferSerializer, status=201)

    @extend_schema(operation_id="models_transfer_take_back", responses=replies(_204=None))
    def delete(self, request: Request, accession: int) -> Response:
        """Take the offer back."""
        offer = _open(entry_owned(request, accession))
        transfer_take_back(actor=person(request), offer=offer)
        return Response(status=204)


class TransfersView(_SharingDoor):
    """The offers that concern the caller."""

    @extend_schema(
        operation_id="transfers_list", responses=replies(_200=TransferSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        """List the offers that you made or got, the newest first; ended ones too."""
        query_of(request, ListQuery)
        return self.listed(transfers_of(person(request)), TransferSerializer)


class TransferView(_SharingDoor):
    """One offer."""

    @extend_schema(operation_id="transfers_get", responses=replies(_200=TransferSerializer))
    def get(self, request: Request, transfer_id: int) -> Response:
        """Show an offer that you made or got."""
        query_of(request, Query)
        return self.shown(_offer(request, transfer_id), TransferSerializer)


class TransferAcceptView(_SharingDoor):
    """Saying yes."""

    @extend_schema(
        operation_id="transfers_accept",
        request=TransferAcceptBody,
        responses=replies(_200=TransferSerializer),
    )
    def post(self, request: Request, transfer_id: int) -> Response:
        """Take over a model that you were offered, under a name of your choice."""
        offer = _offered(request, transfer_id)
        transfer_accept(offer=offer, name=body_of(request, TransferAcceptBody)["name"])
        return self.shown(_offer(request, transfer_id), TransferSerializer)


class TransferDeclineView(_SharingDoor):
    """Saying no."""

    @extend_schema(
        operation_id="transfers_decline", request=None, responses=replies(_200=TransferSerializer)
    )
    def post(self, request: Request, transfer_id: int) -> Response:
        """Decline a model that you were offered."""
        transfer_decline(offer=_offered(request, transfer_id))
        return self.shown(_offer(request, transfer_id), TransferSerializer)


class EntryLogView(_SharingDoor):
    """The record of one model."""

    @extend_schema(operation_id="models_log", responses=replies(_200=EventSerializer(many=True)))
    def get(self, request: Request, accession: int) -> Response:
        """List who did what with a model, the newest first, for its editors."""
        query_of(request, ListQuery)
        events = audit_of(entry_editable(request, accession)).order_by("-pk")
        return self.listed(events, EventSerializer)


def _membership(request: Request, accession: int, username: str) -> tuple[ModelEntry, Membership]:
    """Somebody's role that the caller may take away: their own, or any as the owner.

    Raises Http404, PermissionDenied, Gone.
    """
    user = person(request)
    own = username.lower() == user.username.lower()
    entry = entry_open(request, accession) if own else entry_owned(request, accession)
    member = members_of(entry).filter(user=user if own else somebody(username)).first()
    if member is None:
        raise Http404
    return entry, member


def _open(entry: ModelEntry) -> Transfer:
    offer = transfer_open_of(entry)
    if offer is None:
        raise Http404
    return offer


def _offer(request: Request, transfer_id: int) -> Transfer:
    offer = transfer_get(user=person(request), transfer_id=transfer_id)
    if offer is None:
        raise Http404
    return offer


def _offered(request: Request, transfer_id: int) -> Transfer:
    """An offer that the caller answers. Raises Http404, PermissionDenied for who made it."""
    offer = _offer(request, transfer_id)
    if offer.recipient_id != person(request).pk:
        raise PermissionDenied("Only whom it is offered to answers an offer.", code="not_yours")
    return offer
