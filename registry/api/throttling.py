"""How often a caller of the API may come. Every answer tells what is left: registry.rates."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from registry.rates import Allowance, counted

if TYPE_CHECKING:
    # rest_framework.views imports this module while it is itself being imported.
    from rest_framework.views import APIView


class CallerThrottle(BaseThrottle):
    """One allowance for each stranger's network, a larger one for each person."""

    scope = "calls"
    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether this call is within what `settings.API_RATES` grants its caller.

        All tokens of a person share one allowance.
        """
        self.allowance = counted(
            request._request,  # noqa: SLF001 — DRF has no public name for it
            user=request.user,
            scope=self.scope,
            apart=self.apart(view),
        )
        return not self.allowance.is_exceeded

    def apart(self, view: "APIView") -> str:  # noqa: ARG002 — for those who part by view
        """What has an allowance of its own."""
        return ""

    def wait(self) -> float | None:
        """In how many seconds more is granted."""
        return self.allowance.seconds if self.allowance else None


class ChangeThrottle(CallerThrottle):
    """A smaller allowance for what makes the portal work: new entries, runs, edits."""

    scope = "changes"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether this change is within the allowance; reading is not counted."""
        return request.method in SAFE_METHODS or super().allow_request(request, view)
