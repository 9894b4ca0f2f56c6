"""Doors to the caller's tokens: shown once, told apart by their beginning, revoked for good."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Query, body_of, person, query_of
from registry.api.schema import replies
from registry.api.serializers.accounts import NewTokenSerializer, OwnTokenSerializer, TokenBody
from registry.models import ApiToken
from registry.selectors.people import tokens_of
from registry.services.tokens import token_create, token_revoke


class TokensView(ApiView):
    """The tokens of the caller."""

    write_scope = "tokens:write"
    keeps_answers = False

    @extend_schema(
        operation_id="tokens_list", responses=replies(_200=OwnTokenSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        """List your tokens that are not revoked, the newest first; never what they are."""
        query_of(request, ListQuery)
        return self.listed(tokens_of(person(request)).order_by("-pk"), OwnTokenSerializer)

    @extend_schema(
        operation_id="tokens_create",
        request=TokenBody,
        responses=replies(_201=NewTokenSerializer),
    )
    def post(self, request: Request) -> Response:
        """Make a token; the answer shows it, this once.

        A token makes none that may more than itself, and none that outlives it.
        """
        token, plain = token_create(
            user=person(request), by=_in_use(request), **body_of(request, TokenBody)
        )
        context = {**self.get_serializer_context(), "plain": plain}
        shown = NewTokenSerializer(token, context=context).data
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})


class TokenView(ApiView):
    """One token."""

    write_scope = "tokens:write"

    @extend_schema(operation_id="tokens_revoke", responses=replies(_204=None))
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke a token of yours."""
        found = tokens_of(person(request)).filter(pk=token_id).first()
        if found is None:
            raise Http404
        token_revoke(token=found)
        return Response(status=204)


class CurrentTokenView(ApiView):
    """The token that the caller came with; under a session there is none."""

    # Whoever holds a token may end it, whatever else it may do.
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="tokens_current", responses=replies(_200=OwnTokenSerializer))
    def get(self, request: Request) -> Response:
        """Show the token in use, without its secret."""
        query_of(request, Query)
        return self.shown(_own(request), OwnTokenSerializer)

    @extend_schema(operation_id="tokens_revoke_current", responses=replies(_204=None))
    def delete(self, request: Request) -> Response:
        """Revoke the token in use. It needs no scope for that."""
        token_revoke(token=_own(request))
        return Response(status=204)


def _in_use(request: Request) -> ApiToken | None:
    # The stubs know only DRF's own token; ours is what TokenAuthentication returns.
    token: object = request.auth
    return token if isinstance(token, ApiToken) else None


def _own(request: Request) -> ApiToken:
    token = _in_use(request)
    if token is None:
        raise Http404
    return token
