"""Tokens of programs: `Authorization: Bearer <token>`, or `Token <token>`."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from registry.callers import TokenRefusedError, token_of
from registry.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """The person behind a token. `request.auth` is the token, None for a session."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None when no token is offered. Raises AuthenticationFailed for one that is no good."""
        try:
            token = token_of(request._request)  # noqa: SLF001 — DRF has no public name for it
        except TokenRefusedError as refusal:
            raise AuthenticationFailed(str(refusal), code="invalid_token") from refusal
        return None if token is None else (token.user, token)

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 — DRF's signature
        """The challenge of every 401."""
        return 'Bearer realm="reprise"'
