"""Handing an entry over: offered by its owner, accepted or declined by somebody else."""

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from registry.models import Membership, ModelEntry, Transfer, User
from registry.models.entries import Role
from registry.models.news import NewsKind
from registry.services.aliases import alias_keep
from registry.services.audit import audit_record
from registry.services.errors import ServiceError
from registry.services.news import news_tell
from registry.services.search import search_refresh
from registry.services.sharing import entry_locked
from registry.spec.identifiers import name_is_valid


def transfer_offer(
    *, actor: User, entry: ModelEntry, recipient: User, sender_stays: bool
) -> Transfer:
    """Offer an entry to somebody. Nothing changes before they accept. Raises ServiceError."""
    try:
        with transaction.atomic():
            locked = entry_locked(entry)
            if recipient.pk == locked.owner_id:
                raise ServiceError("recipient_owns", f"{recipient.username} owns it already.")
            offer = Transfer.objects.create(
                entry=locked,
                sender=locked.owner,
                recipient=recipient,
                created_at=timezone.now(),
                sender_stays=sender_stays,
            )
            _note(actor, "transfer.offered", offer)
            _tell(recipient, offer, f"{offer.sender.name} offers you the model {_named(offer)}.")
    except IntegrityError as error:
        raise ServiceError(
            "transfer_open", "It is offered to somebody already.", "Take that offer back first."
        ) from error
    return offer


def transfer_take_back(*, actor: User, offer: Transfer) -> None:
    """End an offer that was not yet answered. Raises ServiceError when it was."""
    with transaction.atomic():
        _end(offer, accepted=False)
        _note(actor, "transfer.taken_back", offer)
        _tell(offer.recipient, offer, f"The offer of {_named(offer)} was taken back.")


def transfer_decline(*, offer: Transfer) -> None:
    """Say no, for the recipient. Raises ServiceError when the offer has ended."""
    with transaction.atomic():
        _end(offer, accepted=False)
        _note(offer.recipient, "transfer.declined", offer)
        _tell(offer.sender, offer, f"{offer.recipient.name} does not take over {_named(offer)}.")


def transfer_accept(*, offer: Transfer, name: str) -> ModelEntry:
    """Say yes, for the recipient, under whose name the entry then stands as `name`.

    1. End the offer; of two answers the first counts.
    2. Keep the old `owner/name` leading to the entry's number.
    3. Give the roles: one owner at any moment, the old one a maintainer unless they said no.
    4. Name it anew, and tell the sender.

    Raises ServiceError, which changes nothing: the offer has ended, or the name is taken.
    """
    wanted = _valid(name)
    try:
        with transaction.atomic():
            entry = entry_locked(offer.entry)
            _end(offer, accepted=True)
            alias_keep(entry=entry)
            _give_roles(entry, offer)
            entry.owner, entry.name, entry.updated_at = offer.recipient, wanted, timezone.now()
            entry.save(update_fields=["owner", "name", "updated_at"])
            search_refresh(entry=entry)
            _note(offer.recipient, "entry.transferred", offer)
            _tell(offer.sender, offer, f"{offer.recipient.name} now owns {_named(offer)}.")
    except IntegrityError as error:
        raise ServiceError(
            "name_taken",
            f"You already have an entry called “{wanted}”.",
            "Choose another short name for this one; its number stays the same.",
        ) from error
    return entry


def _valid(name: str) -> str:
    wanted = name.strip()
    if not name_is_valid(wanted):
        raise ServiceError(
            "name_invalid",
            f"“{wanted[:100]}” cannot be the name of an entry.",
            "Use up to 96 letters, digits, “-”, “_” and “.”, without “--” and “..”.",
        )
    return wanted


def _end(offer: Transfer, *, accepted: bool) -> None:
    """Compare and swap: only an open offer ends, and only once.

    The entry's row first, as everywhere: telling of an offer touches both, and two answers that
    took them in opposite orders would wait for each other.
    """
    entry_locked(offer.entry)
    still_open = Transfer.objects.filter(pk=offer.pk, ended_at=None)
    if still_open.update(ended_at=timezone.now(), accepted=accepted) != 1:
        raise ServiceError("transfer_ended", "This offer has ended.", "Ask for a new one.")


def _give_roles(entry: ModelEntry, offer: Transfer) -> None:
    old = Membership.objects.filter(entry=entry, user=offer.sender)
    if offer.sender_stays:
        old.update(role=Role.MAINTAINER)
    else:
        old.delete()
    Membership.objects.update_or_create(
        entry=entry, user=offer.recipient, defaults={"role": Role.OWNER}
    )


def _named(offer: Transfer) -> str:
    return f"“{offer.entry.title or offer.entry.name}”"


def _note(actor: User, action: str, offer: Transfer) -> None:
    said = {"from": offer.sender.username, "to": offer.recipient.username}
    audit_record(
        actor=actor, action=action, subject=offer.entry.name, entry=offer.entry, detail=said
    )


def _tell(user: User, offer: Transfer, sentence: str) -> None:
    news_tell(
        users=[user],
        kind=NewsKind.SHARING,
        cause=f"transfer-{offer.pk}-{timezone.now().timestamp()}",
        sentence=sentence,
        address=reverse("transfer", args=[offer.pk]),
        entry=offer.entry,
    )
