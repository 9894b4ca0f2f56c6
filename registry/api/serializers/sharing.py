"""Who may do what with a model, as JSON, and what may be sent of it; groups, too."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.base import Strict, page_link
from registry.api.serializers.fields import PersonNameField
from registry.api.serializers.linked import Linked
from registry.models import (
    AuditEvent,
    GroupGrant,
    GroupMember,
    Membership,
    ResearchGroup,
    ReviewerLink,
    Transfer,
)
from registry.models.entries import Role
from registry.selectors.sharing import group_membership
from registry.services.reviewer_links import DAYS
from registry.services.sharing import GIVEN

# Named in portal/settings.py, so that the schema gives each set of words a name of its own.
GIVEN_ROLES = [role.value for role in GIVEN]
STANDINGS = ["invited", "member", "manager"]


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """Somebody with a role."""

    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(choices=Role.choices)

    class Meta:
        """Who, and as what."""

        model = Membership
        fields = ("username", "name", "role")
        read_only_fields = fields


class GrantSerializer(serializers.ModelSerializer[GroupGrant]):
    """A group with a role."""

    group = serializers.CharField(source="group.name")
    title = serializers.CharField(source="group.title")
    role = serializers.ChoiceField(choices=GIVEN_ROLES)

    class Meta:
        """Which, and as what."""

        model = GroupGrant
        fields = ("group", "title", "role")
        read_only_fields = fields


class RoleBody(Strict):
    """A role to be given. Who owns a model changes by a transfer alone."""

    role = serializers.ChoiceField(choices=GIVEN_ROLES)

    def validate_role(self, value: str) -> Role:
        """The role as its value."""
        return Role(value)


class ReviewerLinkSerializer(serializers.ModelSerializer[ReviewerLink]):
    """A link for somebody without an account; what it opens was shown when it was made."""

    created_by = serializers.CharField(source="created_by.username")

    class Meta:
        """What tells which one to revoke."""

        model = ReviewerLink
        fields: tuple[str, ...] = (
            "id", "label", "is_anonymous", "created_by", "created_at", "expires_at", "last_used_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class NewReviewerLinkSerializer(ReviewerLinkSerializer):
    """A link that was just made, with what nobody can see again."""

    address = serializers.SerializerMethodField()

    class Meta(ReviewerLinkSerializer.Meta):
        """With its address."""

        fields = (*ReviewerLinkSerializer.Meta.fields, "address")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_address(self, _link: ReviewerLink) -> str:
        """What opens the model, this once."""
        return page_link(self.context["request"], "review_open", self.context["key"])


class ReviewerLinkBody(Strict):
    """A link to be made."""

    label = serializers.CharField(  # type: ignore[assignment]  # DRF takes declared fields off the class
        max_length=200, help_text="For whom or what, for you alone."
    )
    days = serializers.ChoiceField(choices=DAYS, help_text="It ends after so many days.")
    is_anonymous = serializers.BooleanField(help_text="Whether it hides who made the model.")


class TransferSerializer(Linked):
    """A model offered to another owner. Open until `ended_at`; then `accepted` says how it went."""

    url = serializers.SerializerMethodField()
    model = serializers.IntegerField(source="entry_id")
    title = serializers.CharField(source="entry.title")
    sender = serializers.CharField(source="sender.username")
    recipient = serializers.CharField(source="recipient.username")

    class Meta:
        """What, from whom, to whom."""

        model = Transfer
        fields = ("url", "id", "model", "title", "sender", "recipient", "sender_stays",
                  "created_at", "ended_at", "accepted")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, offer: Transfer) -> str:
        """The offer's address, for the two whom it concerns."""
        return self.link("transfer", offer.pk)


class TransferBody(Strict):
    """To whom a model is offered."""

    recipient = PersonNameField()
    sender_stays = serializers.BooleanField(
        default=True, help_text="Whether the old owner stays on as a maintainer."
    )


class TransferAcceptBody(Strict):
    """The name under which the new owner has the model."""

    name = serializers.CharField(max_length=96)


class EventSerializer(serializers.ModelSerializer[AuditEvent]):
    """Who did what to whom, as in `member.added`."""

    model = serializers.IntegerField(source="accession", allow_null=True)
    detail = serializers.DictField()

    class Meta:
        """A row of the record."""

        model = AuditEvent
        fields = ("id", "at", "actor", "action", "subject", "model", "detail")
        read_only_fields = fields


class GroupRowSerializer(Linked):
    """A group as lists show it. `joined` is how many people belong to it."""

    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()
    joined = serializers.IntegerField()

    class Meta:
        """What one query brings."""

        model = ResearchGroup
        fields: tuple[str, ...] = ("url", "page", "name", "title", "joined", "created_at")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, group: ResearchGroup) -> str:
        """The group's address."""
        return self.link("group", group.name)

    @extend_schema_field(OpenApiTypes.URI)
    def get_page(self, group: ResearchGroup) -> str:
        """The address for people."""
        return page_link(self.context["request"], "group_page", group.name)


class ResearchGroupSerializer(GroupRowSerializer):
    """A group, and what the caller has to do with it."""

    you = serializers.SerializerMethodField()

    class Meta(GroupRowSerializer.Meta):
        """With the caller's own part."""

        fields = (*GroupRowSerializer.Meta.fields, "you")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=STANDINGS, allow_null=True))
    def get_you(self, group: ResearchGroup) -> str | None:
        """Whether the caller is invited, a member or a manager; null for all others."""
        own = group_membership(user=self.context["request"].user, group=group)
        return _standing(own) if own else None


class GroupMemberSerializer(serializers.ModelSerializer[GroupMember]):
    """Somebody in a group. Who is invited and has not answered is shown to managers alone."""

    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.name")
    standing = serializers.SerializerMethodField()

    class Meta:
        """Who, and since when."""

        model = GroupMember
        fields = ("username", "name", "standing", "invited_at", "accepted_at")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=STANDINGS))
    def get_standing(self, member: GroupMember) -> str:
        """Whether they are invited, a member or a manager."""
        return _standing(member)


class InvitationSerializer(Linked):
    """A group that the caller was asked to join."""

    url = serializers.SerializerMethodField()
    group = serializers.CharField(source="group.name")
    title = serializers.CharField(source="group.title")

    class Meta:
        """Which, and since when."""

        model = GroupMember
        fields = ("url", "group", "title", "invited_at")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, invitation: GroupMember) -> str:
        """The group's address."""
        return self.link("group", invitation.group.name)


class GroupBody(Strict):
    """A group to be founded."""

    name = serializers.CharField(max_length=96, help_text="Part of its address.")
    title = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class InviteBody(Strict):
    """Who is asked to join."""

    username = PersonNameField()


class GroupMemberPatch(Strict):
    """Whether a member manages the group."""

    is_manager = serializers.BooleanField()


def _standing(member: GroupMember) -> str:
    if member.accepted_at is None:
        return "invited"
    return "manager" if member.is_manager else "member"
