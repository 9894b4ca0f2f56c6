"""Doors to people: what all see of somebody, and what a person says of themselves."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, Query, body_of, person, query_of
from registry.api.schema import replies
from registry.api.serializers import MeSerializer
from registry.api.serializers.accounts import AccountPatch, ProfileSerializer
from registry.selectors.people import orcid_is_confirmed, person_get
from registry.services import ServiceError
from registry.services.people import user_update

_SAID = ("first_name", "last_name", "orcid", "affiliation")


class UserView(ApiView):
    """One person."""

    @extend_schema(operation_id="users_get", responses=replies(_200=ProfileSerializer))
    def get(self, request: Request, username: str) -> Response:
        """Show who somebody is; what they publish is a list of its own."""
        query_of(request, Query)
        found = person_get(username)
        if found is None:
            raise Http404
        return self.shown(found, ProfileSerializer)


class MeView(ApiView):
    """The caller."""

    write_scope = "account:write"

    @extend_schema(operation_id="users_me", responses=replies(_200=MeSerializer))
    def get(self, request: Request) -> Response:
        """Show who a token or a session speaks for, and what it may change."""
        query_of(request, Query)
        return self.shown(person(request), MeSerializer)

    @extend_schema(
        operation_id="users_me_change", request=AccountPatch, responses=replies(_200=MeSerializer)
    )
    def patch(self, request: Request) -> Response:
        """Change what you say of yourself."""
        user, body = person(request), body_of(request, AccountPatch)
        now = {name: getattr(user, name) for name in _SAID}
        if orcid_is_confirmed(user) and body.get("orcid", user.orcid) != user.orcid:
            raise ServiceError(
                "orcid_confirmed",
                "Your ORCID iD was confirmed by orcid.org.",
                "To change it, disconnect your ORCID account on your account page first.",
            )
        return self.shown(user_update(user=user, **(now | body)), MeSerializer)
