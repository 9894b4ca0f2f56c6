"""How often the same person or network may do the same, on pages and at the API."""

import ipaddress

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

_HOME = 64  # bits: what an IPv6 provider gives to one customer, who may use every address of it
# Enough for a careful reader of many models; too few to fill a queue or a disk.
_RATES = {"report": "10/hour", "archive": "100/hour"}


def network_of(address: str) -> str:
    """Whom an address stands for: itself, or its /64 in IPv6; unreadable ones share one name."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:  # noqa: PLR2004 — IPv4
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _HOME), strict=False))


class _PageThrottle(SimpleRateThrottle):
    """Counts as the API does, so that proxies are believed as the operator says for both."""

    def __init__(self, action: str) -> None:
        self.scope, self.rate = action, _RATES[action]
        self.num_requests, self.duration = self.parse_rate(self.rate)

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        """One allowance for a person, one for each network of strangers."""
        del view
        if request.user.is_authenticated:
            return f"pages_{self.scope}_user_{request.user.pk}"
        return f"pages_{self.scope}_{network_of(self.get_ident(request) or '')}"  # type: ignore[arg-type]  # as above


def is_within_rate(request: HttpRequest, action: str) -> bool:
    """Whether this is not yet too often; it is counted when it is not."""
    return _PageThrottle(action).allow_request(request, None)  # type: ignore[arg-type]  # a page's request
