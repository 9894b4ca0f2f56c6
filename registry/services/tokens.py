"""Tokens of the REST API: shown once, kept as a digest."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from registry.models import ApiToken, User
from registry.services.audit import audit_record
from registry.services.errors import ServiceError
from registry.services.text import typed

# What a token may be allowed besides reading, and what each lets a program do, in words.
SCOPES = {
    "models:write": "publish and change your models",
    "runs:write": "start and cancel verifications",
    "calculations:write": "run models here on inputs of yours",
    "reproductions:write": "report reproductions of anybody’s verifications",
    "webhooks:write": "have addresses told of what happens to your models",
    "account:write": "change your profile, collections, searches, follows and news, and report "
    "problems",
    "sharing:write": "say who may do what with your models, hand them over, and act in groups",
    "tokens:write": "make and revoke tokens, none of which may more than it or lasts longer",
    "curation:write": "decide as a curator, if you are one",
}
PREFIX = "reprise_"
# One write a request would make every read of the API a write of the database.
USE_NOTED_EVERY = timedelta(minutes=1)


def token_create(
    *,
    user: User,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    by: ApiToken | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its plain text, which nobody can see again. Raises ServiceError.

    `by` is the token that asks for it, where no person does: it makes none that may more than
    itself, and none that outlives it.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise ServiceError(
            "scope", f"“{unknown[0]}” is no scope.", f"Choose from: {', '.join(SCOPES)}."
        )
    if expires_at is not None and expires_at <= timezone.now():
        raise ServiceError("expired", "This date is past.", "Choose a day to come, or none.")
    if by is not None:
        _refuse_beyond(by, scopes, expires_at)
    plaintext = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=typed(name, limit=100, what="token's name"),
            prefix=plaintext[: len(PREFIX) + 6],
            digest=_digest(plaintext),
            scopes=sorted(set(scopes)),
            created_at=timezone.now(),
            expires_at=expires_at,
        )
        said = {"name": token.name, "scopes": token.scopes}
        audit_record(actor=user, action="token.created", subject=token.prefix, detail=said)
    return token, plaintext


def token_authenticate(plaintext: str) -> ApiToken | None:
    """The token with its user, when it is known, in time, not revoked, and the user active."""
    now = timezone.now()
    usable = Q(expires_at=None) | Q(expires_at__gt=now)
    token = (
        ApiToken.objects.select_related("user")
        .filter(usable, digest=_digest(plaintext), revoked_at=None, user__is_active=True)
        .first()
    )
    if token and (token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def token_revoke(*, token: ApiToken) -> None:
    """End a token now and for good. Doing it twice changes nothing."""
    with transaction.atomic():
        valid = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
        if valid.update(revoked_at=Now()):
            audit_record(actor=token.user, action="token.revoked", subject=token.prefix)


def _refuse_beyond(by: ApiToken, scopes: Collection[str], expires_at: datetime | None) -> None:
    beyond = sorted(set(scopes) - set(by.scopes))
    if beyond:
        raise ServiceError(
            "scope_beyond",
            f"A token without the scope “{beyond[0]}” makes none that has it.",
            "Make this one on your account page.",
        )
    if by.expires_at is not None and (expires_at is None or expires_at > by.expires_at):
        raise ServiceError(
            "expiry_beyond",
            "A token makes none that outlives it.",
            f"Choose a moment until {by.expires_at:%Y-%m-%d %H:%M} UTC.",
        )


def _digest(plaintext: str) -> str:
    # The token itself holds 256 random bits: a slow hash would add nothing but time.
    return hashlib.sha256(plaintext.encode("utf-8", "replace")).hexdigest()
