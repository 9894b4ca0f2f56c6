"""Tokens of programs: `Authorization: Bearer <token>`, or `Token <token>`."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from registry.models import ApiToken, User
from registry.services.tokens import token_authenticate

SCHEMES = ("bearer", "token")
_REFUSED = "This token is unknown, revoked or expired. Make a new one on your account page."


class TokenAuthentication(BaseAuthentication):
    """The person behind a token. `request.auth` is the token, None for a session."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None when no token is offered. Raises AuthenticationFailed for one that is no good."""
        parts = get_authorization_header(request).decode("latin-1").split()
        if not parts or parts[0].lower() not in SCHEMES:
            return None
        token = token_authenticate(parts[1]) if len(parts) == len(("scheme", "token")) else None
        if token is None:
            raise AuthenticationFailed(_REFUSED, code="invalid_token")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 — DRF's signature
        """The challenge of every 401."""
        return 'Bearer realm="reprise"'
