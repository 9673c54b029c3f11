"""From which address, and from which network, a request came."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

NOWHERE = "0.0.0.0"  # noqa: S104 - a Unix socket has no address; everybody on it shares one


def client_address(request: HttpRequest) -> str:
    """Return the address the request came from.

    Behind proxies the connection is theirs. Each of our `PROXIES` adds the address it saw to the right of
    X-Forwarded-For; what stands further left was written by the sender and is never believed.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    if settings.PROXIES:
        named = request.headers.get("X-Forwarded-For", "").split(",")
        seen = named[-settings.PROXIES].strip() if len(named) >= settings.PROXIES else seen
    try:
        return str(ip_address(seen))
    except ValueError:
        return NOWHERE


def network_of(address: str) -> str:
    """Return whom to count together: one IPv4 address, or the /64 of IPv6 that one connection is given."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ip_network((found, 64), strict=False))
    return address


def client_network(request: HttpRequest) -> str:
    """Return whom the request is counted with."""
    return network_of(client_address(request))
