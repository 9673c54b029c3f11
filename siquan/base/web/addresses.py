"""From which address, and from which network, a request came."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest

NOWHERE = "0.0.0.0"  # noqa: S104 - a Unix socket has no address; everybody on it shares one


def client_address(request: HttpRequest) -> str:
    """Return the address the request came from."""
    return _address_in(request.META)


def _address_in(meta: Mapping[str, Any]) -> str:
    """Return the address that what the server told of a request came from.

    Behind proxies the connection is theirs. Each of our `PROXIES` adds the address it saw to the right of
    X-Forwarded-For; what stands further left was written by the sender and is never believed.
    """
    seen = str(meta.get("REMOTE_ADDR", ""))
    if settings.PROXIES:
        named = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
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
    return network_in(request.META)


def network_in(meta: Mapping[str, Any]) -> str:
    """Return whom a request is counted with, of which there is only what the server told."""
    return network_of(_address_in(meta))
