"""The door at which hosts tell of pushes. It notes where upstream is, and starts nothing."""

import msgspec
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, ParseError, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.base import ApiView, asked
from registry.api.throttling import CallerThrottle, ChangeThrottle
from registry.models import Hook
from registry.pushes import host_of
from registry.selectors.schedule import OPEN
from registry.services.hooks import push_receive, secret_of


class NotJson(APIException):
    """GitHub sends forms unless it is told not to."""

    status_code = 415
    default_code = "not_json"
    default_detail = "Choose application/json as the content type of this webhook."


class HookThrottle(ChangeThrottle):
    """An allowance for each hook and caller, so that no entry uses up that of the others."""

    scope = "hooks"

    def apart(self, view: APIView) -> str:
        """The hook."""
        return f"_{view.kwargs['accession']}"


class HookView(ApiView):
    """The address of one entry's hook."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes: tuple[type[CallerThrottle], ...] = (CallerThrottle, HookThrottle)

    @extend_schema(exclude=True)
    def post(self, request: Request, accession: int) -> Response:
        """Take in a message of a host; one that is not about the followed branch is ignored.

        1. Read the message, as far as the bound of all bodies goes.
        2. Find the hook; an entry without one is not told from one that there is not.
        3. Check who speaks, over the bytes as they came, before any of them is understood.
        4. Note where upstream is, unless this was told before.
        """
        body = asked(request).body  # DRF would parse it before it is believed
        hook = Hook.objects.filter(pk=accession, entry__visibility__in=OPEN).first()
        if hook is None:
            raise Http404
        host = host_of(request.headers)
        if host is None:
            raise ParseError("This is no message of GitHub, GitLab, Bitbucket or Gitea.")
        if not host.is_genuine(request.headers, body, secret_of(hook)):
            raise PermissionDenied("The secret or the signature is wrong.", code="wrong_signature")
        if request.headers[host.event] not in host.pushes:
            return _said(taken=False, reason="Heard. Only pushes are taken in.")
        if not request.content_type.startswith("application/json"):
            raise NotJson
        try:
            push = host.read(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ParseError(f"This is not what {host.name} says of a push.") from error
        delivery = host.delivery(request.headers, body)
        taken, reason = push_receive(hook=hook, push=push, delivery=delivery)
        return _said(taken=taken, reason=reason)


def _said(*, taken: bool, reason: str) -> Response:
    return Response({"taken": taken, "reason": reason})
