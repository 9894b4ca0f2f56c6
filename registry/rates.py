"""How often the same person or network may do the same: one way to count, for pages and programs.

A window begins with a call and lasts as long as its allowance says; then counting begins anew. It
is counted in the site's cache: by all web processes together where the site has a Redis.
"""

import ipaddress
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.throttling import BaseThrottle

_HOME = 64  # bits: what an IPv6 provider gives to one customer, who may use every address of it
# Enough for a careful reader of many models; too few to fill a queue or a disk.
_FIXED = {"report": "10/hour", "archive": "100/hour"}
# By which setting calls are bounded that are counted under another name.
_SETTING = {"hooks": "changes"}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

Answer = TypeVar("Answer", bound=HttpResponseBase)


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What a call left of an allowance: of `most` in `window` seconds, `taken` are taken.

    In `seconds` they are all there again.
    """

    scope: str
    most: int
    window: int
    taken: int
    seconds: int

    @property
    def is_exceeded(self) -> bool:
        """Whether this call was one too many."""
        return self.taken > self.most

    @property
    def left(self) -> int:
        """How many more calls are granted."""
        return max(0, self.most - self.taken)


class TooOftenError(Exception):
    """A call too many, at a door that is not REST; the message is a sentence for people."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(
            f"Too many requests from you or your network: {allowance.most} within "
            f"{allowance.window} seconds are granted. Go on in {allowance.seconds} seconds."
        )
        self.headers = {"Retry-After": str(allowance.seconds), **allowances_said([allowance])}

    def told_by(self, response: Answer) -> Answer:
        """The refusal, with when to come back."""
        for name, value in self.headers.items():
            response[name] = value
        return response

    def as_text(self, *, status: int = 429) -> HttpResponse:
        """The refusal, for programs that show what they are told."""
        plain = "text/plain; charset=utf-8"
        return self.told_by(HttpResponse(f"{self}\n", status=status, content_type=plain))


def counted(
    request: HttpRequest, *, user: AbstractBaseUser | AnonymousUser, scope: str, apart: str = ""
) -> Allowance:
    """Count a call. `apart` names what has an allowance of its own within the scope."""
    most, window = _rate(scope, user)
    key = f"rate_{scope}_{window}_{caller_name(request, user)}{apart}"
    now = time.time()
    began = _began(key, window, now)
    taken = _one_more(f"{key}_{began}", 2 * window)
    # Clocks of several machines may differ.
    seconds = min(max(int(began + window - now) + 1, 1), window)
    return Allowance(scope=scope, most=most, window=window, taken=taken, seconds=seconds)


def pull_counted(request: HttpRequest, user: AbstractBaseUser | AnonymousUser) -> None:
    """Count a request of a program that pulls. Raises TooOftenError."""
    _refused_if_exceeded(counted(request, user=user, scope="pulls"))


def call_counted(request: HttpRequest) -> None:
    """Count a request at a door that answers everybody alike. Raises TooOftenError."""
    _refused_if_exceeded(counted(request, user=AnonymousUser(), scope="calls"))


def allowances_said(allowances: Iterable[Allowance]) -> Mapping[str, str]:
    """RateLimit-Policy and RateLimit; nothing where nothing was counted.

    The fields are those of draft-ietf-httpapi-ratelimit-headers-10.
    """
    said = list(allowances)
    if not said:
        return {}
    policies = (f'"{one.scope}";q={one.most};w={one.window}' for one in said)
    left = (f'"{one.scope}";r={one.left};t={one.seconds}' for one in said)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(left)}


def caller_name(request: HttpRequest, user: AbstractBaseUser | AnonymousUser) -> str:
    """Under which name somebody's calls are counted: the account, of strangers the network.

    Forwarded addresses count only as far as the operator believes proxies.
    """
    if user.is_authenticated:
        return f"user_{user.pk}"
    address = BaseThrottle().get_ident(request)  # type: ignore[arg-type]  # needs but its headers
    return network_of(address or "")


def network_of(address: str) -> str:
    """Whom an address stands for: itself, or its /64 in IPv6; unreadable ones share one name."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:  # noqa: PLR2004 — IPv4
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _HOME), strict=False))


def _refused_if_exceeded(allowance: Allowance) -> None:
    if allowance.is_exceeded:
        raise TooOftenError(allowance)


def _rate(scope: str, user: AbstractBaseUser | AnonymousUser) -> tuple[int, int]:
    """How many, and in how many seconds."""
    if scope == "calls":
        name = "known" if user.is_authenticated else "anonymous"
    else:
        name = _SETTING.get(scope, scope)
    most, _, period = (_FIXED.get(name) or settings.API_RATES[name]).partition("/")
    return int(most), _SECONDS[period[0]]


def _began(key: str, seconds: int, now: float) -> float:
    """When the window that lasts now began; the first to ask begins it."""
    began = cache.get(key)
    if began is None and not cache.add(key, now, seconds):
        began = cache.get(key)
    return float(now if began is None else began)


def _one_more(key: str, seconds: int) -> int:
    """How many there are with this one. What is forgotten in between counts as nothing."""
    with suppress(ValueError):
        return cache.incr(key)
    cache.add(key, 0, seconds)
    with suppress(ValueError):
        return cache.incr(key)
    return 1
