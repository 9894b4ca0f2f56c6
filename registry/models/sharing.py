"""Who shares what with whom: groups, links for reviewers, transfers, collections."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from registry.models.entries import SHA256, ModelEntry, Role
from registry.models.people import User, validate_name


class ResearchGroup(models.Model):
    """People who work together: a role given to the group is every member's."""

    name = models.CharField(max_length=96, validators=[validate_name])
    title = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        """Names differ by more than their case."""

        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                Lower("name"),
                name="group_name_ci",
                violation_error_message="Somebody already has a group of this name.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """That a person belongs to a group; managers say who does. An invitation waits for a yes."""

    group = models.ForeignKey(
        ResearchGroup, on_delete=models.CASCADE, related_name="members", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="group_memberships")
    is_manager = models.BooleanField(default=False)
    invited_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once."""

        constraints = (models.UniqueConstraint(fields=["group", "user"], name="group_member_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"


class GroupGrant(models.Model):
    """What all members of a group may do with an entry. An owner is a person."""

    entry = models.ForeignKey(
        ModelEntry, on_delete=models.CASCADE, related_name="group_grants", db_index=False
    )
    group = models.ForeignKey(ResearchGroup, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        """One role a group."""

        constraints = (
            models.UniqueConstraint(fields=["entry", "group"], name="group_grant_once"),
            models.CheckConstraint(
                condition=Q(role__in=[Role.MAINTAINER.value, Role.READER.value]),
                name="group_grant_role_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.group_id} {self.role} of {self.entry_id}"


class ReviewerLink(models.Model):
    """An address that shows one entry to whoever holds it. Only the digest of its key is kept.

    With `is_anonymous` nothing that names the authors is shown.
    """

    entry = models.ForeignKey(ModelEntry, on_delete=models.CASCADE, related_name="reviewer_links")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=200)
    is_anonymous = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A digest is 64 hexadecimal digits, so no key can be stored by mistake."""

        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=Q(digest__regex=SHA256), name="reviewer_digest_form"),
        )

    def __str__(self) -> str:
        return self.label


class Transfer(models.Model):
    """An entry offered to another owner, who says yes or no. Ended ones are kept."""

    entry = models.ForeignKey(
        ModelEntry, on_delete=models.CASCADE, related_name="transfers", db_index=False
    )
    sender = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="offered_transfers")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True, blank=True)
    # Whether the sender stays as a maintainer once it is accepted.
    sender_stays = models.BooleanField(default=True)

    class Meta:
        """One offer at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=["entry"], condition=Q(ended_at=None), name="transfer_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(sender=F("recipient")), name="transfer_to_somebody_else"
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} to {self.recipient_id}"


class EntryAlias(models.Model):
    """An `owner/name` under which an entry was once found, and still is.

    Names in place of keys: it outlives whoever had it. An entry that bears the name now wins.
    """

    owner = models.CharField(max_length=96)
    name = models.CharField(max_length=96)
    entry = models.ForeignKey(ModelEntry, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        """A name leads to one entry; case does not count."""

        verbose_name_plural = "entry aliases"
        constraints = (
            models.UniqueConstraint(Lower("owner"), Lower("name"), name="entry_alias_ci"),
        )

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"


class Collection(models.Model):
    """Entries that somebody put together, in an order, with a word on each."""

    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="collections", db_index=False
    )
    name = models.CharField(max_length=96, validators=[validate_name])
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True, default="")
    is_public = models.BooleanField(default=False)
    # Curators put some on the front page.
    featured_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        """Names are unique per owner."""

        ordering = ("-updated_at",)
        constraints = (
            models.UniqueConstraint(
                F("owner"),
                Lower("name"),
                name="collection_owner_name_ci",
                violation_error_message="You already have a collection of this name.",
            ),
        )

    def __str__(self) -> str:
        return self.title


class CollectionItem(models.Model):
    """An entry in a collection."""

    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    entry = models.ForeignKey(ModelEntry, on_delete=models.CASCADE, related_name="collected")
    position = models.PositiveIntegerField()
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        """An entry is in a collection once."""

        ordering = ("collection", "position", "id")
        constraints = (
            models.UniqueConstraint(fields=["collection", "entry"], name="collected_once"),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} in {self.collection_id}"
