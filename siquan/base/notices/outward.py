"""Post to an address that somebody typed in, without letting it lead into our own network."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECONDS = 5  # for each step
SECONDS_IN_ALL = 10  # a receiver that answers letter by letter must not hold up the worker
GLOBAL = ip_network("2000::/3")  # all that is given out of IPv6; some of the rest is local
# NAT64, 6to4 and Teredo carry an IPv4 address inside.
EMBEDDING = [ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


class Refused(Exception):
    """This address must not be called; the text does not repeat it."""


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Post once, follow no redirect, and return the status. Raises Refused, OSError, HTTPException."""
    parts = _parts(url)
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    address = _address(host, port)
    # The name was looked up once and judged; connecting by name would look it up again.
    plain = socket.create_connection(address, timeout=SECONDS)
    connection: http.client.HTTPConnection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    with plain, _hung_up_after(plain, SECONDS_IN_ALL):
        sock: socket.socket = plain
        if parts.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            connection = http.client.HTTPSConnection(host, port, timeout=SECONDS)
        connection.sock = sock
        path = parts.path or "/"
        with sock:
            connection.request("POST", f"{path}?{parts.query}" if parts.query else path, body, headers)
            return connection.getresponse().status


@contextmanager
def _hung_up_after(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Close the line when the whole of it takes too long; whoever reads or writes then gets an error."""
    line = sock.dup()  # TLS takes the socket itself away

    def hang_up() -> None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        line.close()


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises when it is no number
    except ValueError as error:
        raise Refused("not a web address") from error
    if not parts.hostname or "@" in parts.netloc or any(ord(each) <= 32 for each in url):
        raise Refused("not a plain web address")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_ours(parts.hostname)):
        raise Refused("only https addresses are called")
    return parts


def _is_ours(host: str) -> bool:
    return host in settings.WEBHOOK_HOSTS


def _address(host: str, port: int) -> tuple[str, int]:
    found = [each[4][0] for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not _is_ours(host) and not all(is_public(str(each)) for each in found):
        raise Refused("the address lies in a private network")
    return str(found[0]), port


def is_public(text: str) -> bool:
    """Tell whether an IP address lies in the open Internet."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if address not in GLOBAL or any(address in each for each in EMBEDDING):
            return False
    return address.is_global and not address.is_multicast
