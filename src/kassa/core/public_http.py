"""Small files fetched from hosts that others have named, without reaching anything that is not public.

The addresses of a host are looked up once, all of them have to be public, and the connection is made to one
of these very addresses, so that no second look-up can lead elsewhere. No redirection is followed, and the
whole of it ends at a deadline however slowly a server answers.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator

from django.conf import settings

from kassa.core.name_lookup import LookupFailed, look_up_addresses

PORTS = {"https": 443, "http": 80}
MAX_BYTES = 16 * 1024
"""How much of an answer is read, with its headers."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
SPECIAL = [ipaddress.ip_network(one) for one in ("192.0.0.0/24", "64:ff9b:1::/48", "fec0::/10")]
"""Networks that are not public and that the standard library takes for public ones."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchFailed(Exception):
    """The host has no public address, or gave no such file in time."""


def fetch_public_file(scheme: str, host: str, path: str, *, deadline: float) -> bytes:
    """Return the body that a host answers 200 with; of a long one only the beginning.

    Raises:
        FetchFailed: there is no such file, or nothing that may be reached.
    """
    try:
        addresses = look_up_addresses(host, deadline=deadline)
    except LookupFailed as error:
        raise FetchFailed(f"{host} cannot be looked up") from error
    if not addresses or not all(map(is_reachable, addresses)):
        raise FetchFailed(f"{host} has no public address, or one that is not")
    try:
        with _connect(scheme, host, addresses[0], deadline) as connection:
            request = f"GET {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: Kassa\r\nConnection: close\r\n\r\n"
            connection.settimeout(_seconds_until(deadline))
            connection.sendall(request.encode("ascii"))
            answer = _read(connection, deadline)
    except (OSError, ValueError) as error:
        raise FetchFailed(f"{host} does not answer") from error
    return _parse_body(answer)


def is_reachable(text: str) -> bool:
    """Say whether an address is on the public internet, or in a network that the operator allows."""
    address = _unwrap(ipaddress.ip_address(text))
    if any(address in network for network in settings.DOMAIN_CHECK_NETWORKS):
        return True
    is_special = address.is_multicast or address.is_reserved or any(address in one for one in SPECIAL)
    return address.is_global and not is_special


def _unwrap(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 address leads to, where it is a way to one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address


@contextlib.contextmanager
def _connect(scheme: str, host: str, address: str, deadline: float) -> Iterator[socket.socket]:
    with socket.create_connection((address, PORTS[scheme]), timeout=_seconds_until(deadline)) as plain:
        if scheme == "http":
            yield plain
            return
        plain.settimeout(_seconds_until(deadline))
        with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured:
            yield secured


def _read(connection: socket.socket, deadline: float) -> bytes:
    answer = b""
    while len(answer) < MAX_BYTES:
        connection.settimeout(_seconds_until(deadline))
        part = connection.recv(MAX_BYTES - len(answer))
        if not part:
            break
        answer += part
    return answer


def _parse_body(answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    version, _, rest = head.partition(b" ")
    if not version.startswith(b"HTTP/1.") or rest[:3] != b"200":
        raise FetchFailed("the answer is not 200")
    return body


def _seconds_until(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
