"""How often a caller may come. Rates are settings; X-Forwarded-For counts only as they say.

Every answer tells what is left, by the fields of draft-ietf-httpapi-ratelimit-headers-10.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from registry.rates import network_of

if TYPE_CHECKING:
    # rest_framework.views imports this module while it is itself being imported.
    from rest_framework.views import APIView


class CallerThrottle(SimpleRateThrottle):
    """One allowance for each stranger's address, a larger one for each person."""

    scope = "calls"
    num_requests: int | None
    duration: int | None

    def get_rate(self) -> None:
        """No rate before the caller is known: see allow_request."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether this call is within what `settings.API_RATES` grants its caller."""
        self.rate = settings.API_RATES["known" if request.user.is_authenticated else "anonymous"]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return super().allow_request(request, view)

    def get_cache_key(self, request: Request, view: "APIView") -> str:  # noqa: ARG002 — DRF's signature
        """Under which name the caller's calls are counted. All tokens of a person share one."""
        if request.user.is_authenticated:
            return f"throttle_{self.scope}_user_{request.user.pk}"
        return f"throttle_{self.scope}_{network_of(self.get_ident(request) or '')}"


class ChangeThrottle(CallerThrottle):
    """A smaller allowance for what makes the portal work: new entries, runs, edits."""

    scope = "changes"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether this change is within the allowance; reading is not counted."""
        if request.method in SAFE_METHODS:
            return True
        self.rate = settings.API_RATES["changes"]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return SimpleRateThrottle.allow_request(self, request, view)


def allowances_said(throttles: Iterable[BaseThrottle]) -> Mapping[str, str]:
    """RateLimit-Policy and RateLimit of the allowances that counted a call; nothing without any.

    `r` more calls are granted, `t` seconds until one of those that were counted is forgotten.
    """
    counted = [
        one for one in throttles if isinstance(one, CallerThrottle) and hasattr(one, "history")
    ]
    if not counted:
        return {}
    policies = (f'"{one.scope}";q={one.num_requests};w={one.duration}' for one in counted)
    left = (f'"{one.scope}";r={_left(one)};t={_seconds(one)}' for one in counted)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(left)}


def _left(throttle: CallerThrottle) -> int:
    return max(0, (throttle.num_requests or 0) - len(throttle.history))


def _seconds(throttle: CallerThrottle) -> int:
    oldest = throttle.history[-1] if throttle.history else throttle.now
    return ceil((throttle.duration or 0) - (throttle.now - oldest))
