"""From a host's name to the addresses that git may connect to, and to no others."""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.request import getproxies_environment, proxy_bypass

from registry.spec.ladder import Cause
from runners.faults import PlatformFault, RepositoryFault
from runners.source.address import Address

Resolver = Callable[[str, int], Sequence[str]]
"""From host name and port to IP addresses. Raises socket.gaierror as `socket.getaddrinfo` does."""

_IPV6_UNICAST = ipaddress.IPv6Network("2000::/3")
# Addresses that carry an IPv4 address inside and hand the connection on to it.
_IPV6_CARRIERS = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))
_IPV4_6TO4_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")


def system_resolver(host: str, port: int) -> list[str]:
    """What this machine's own resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the public internet, seen from any network."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # A scope ("fe80::1%eth0") is as little public.
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address not in _IPV4_6TO4_RELAYS
    # `is_global` alone accepts fec0::1 and the NAT64 prefix.
    return address in _IPV6_UNICAST and not any(address in net for net in _IPV6_CARRIERS)


def pins(address: Address, *, resolver: Resolver) -> str | None:
    """The value of git's `http.curloptResolve` that ties the host to its checked addresses.

    None where there is nothing to tie: a local folder, or a host that only the site's proxy can
    resolve. Raises RepositoryFault when any of the addresses is not public.
    """
    found = checked_ips(address, resolver=resolver) if address.host else ()
    if not found:
        return None
    return f"{address.host}:{address.port}:{','.join(map(_bracketed, found))}"


def checked_ips(address: Address, *, resolver: Resolver) -> Sequence[str]:
    """The IP addresses of a host that may be connected to; () where only the proxy knows them.

    Raises RepositoryFault when there is none, or any of them is not public.
    """
    try:
        found = resolver(address.host, address.port)
    except socket.gaierror as error:
        if proxy_for(address):
            return ()
        raise _unresolved(address, error) from error
    if not found or not (address.trusted or all(map(is_public, found))):
        raise RepositoryFault(
            Cause.FETCH,
            f"{address.host} is a private address, which cannot be fetched from here.",
            hint="Use an address that anyone on the internet can reach.",
        )
    return found


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def proxy_for(address: Address) -> str:
    """The proxy that the environment names for this address, as curl reads it; "" for none."""
    proxies = getproxies_environment()
    named = proxies.get(address.scheme) or proxies.get("all") or ""
    return "" if proxy_bypass(address.host) else named


def _unresolved(address: Address, error: socket.gaierror) -> Exception:
    if error.errno in (socket.EAI_AGAIN, socket.EAI_SYSTEM, socket.EAI_MEMORY):
        return PlatformFault(f"The name {address.host} could not be looked up: {error.strerror}.")
    return RepositoryFault(
        Cause.FETCH,
        f"There is no server called {address.host}.",
        hint="Look for a misspelling in the address, or open it in a browser.",
    )
