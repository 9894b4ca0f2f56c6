"""Who stands behind a request that comes from a program: by its token, else by its session.

The REST API, the Hugging Face door, git and docker all ask here. `Bearer <token>` and `Token
<token>` count everywhere; git and docker know a name and a password alone: the token is that.
"""

import base64
import binascii

from django.http import HttpRequest

from registry.models import ApiToken
from registry.reviewing import entries_open
from registry.selectors.entries import Viewer
from registry.services.tokens import token_authenticate

_TOKEN_SCHEMES = ("bearer", "token")


class TokenRefusedError(Exception):
    """A token was offered that is unknown, revoked or expired; the message is for people."""

    def __init__(self) -> None:
        super().__init__(
            "This token is unknown, revoked or expired. Make a new one on your account page."
        )


def token_of(request: HttpRequest, *, basic: bool = False) -> ApiToken | None:
    """The token that a request offers; None when it offers none. Raises TokenRefusedError.

    With `basic`, the password of Basic authentication counts as one; its user name says nothing.
    """
    plaintext = _offered(request.headers.get("Authorization", ""), basic=basic)
    if plaintext is None:
        return None
    token = token_authenticate(plaintext) if plaintext else None
    if token is None:
        raise TokenRefusedError
    return token


def caller_of(request: HttpRequest, *, basic: bool = False) -> Viewer:
    """Whose eyes a door outside the REST API looks with. Raises TokenRefusedError."""
    token = token_of(request, basic=basic)
    if token is not None:
        return token.user
    if not request.user.is_authenticated:
        entries_open(request, request.user)
    return request.user


def _offered(header: str, *, basic: bool) -> str | None:
    """The token in an Authorization header, "" where it cannot be one, None where none is meant."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() in _TOKEN_SCHEMES:
        return value.strip() if " " not in value.strip() else ""
    return _password(value) if basic and scheme.lower() == "basic" else None


def _password(credentials: str) -> str:
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[2]
