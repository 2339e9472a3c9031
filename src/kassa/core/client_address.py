"""The address of the client, and the part of the network that is counted as one client."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 - an address for clients without one, not one to listen on
IPV6_HOST_BITS, IPV4_NETWORK_BITS, IPV6_NETWORK_BITS = 64, 24, 48


@dataclass(frozen=True, slots=True)
class ClientAddress:
    """Where a request comes from, in the three sizes in which it is counted."""

    address: str
    """The IP address in its canonical form; IPv4 addresses inside IPv6 are written as IPv4."""
    host: str
    """What one client has for itself: an IPv4 address, or the /64 of an IPv6 address."""
    network: str
    """What one owner usually has: a /24 of IPv4, a /48 of IPv6."""


def client_address(request: HttpRequest) -> ClientAddress:
    """Return the address of the client of a request; proxies are believed as far as TRUSTED_PROXIES goes."""
    return client_address_in(request.META)


def client_address_in(environ: Mapping[str, str]) -> ClientAddress:
    """Return the address of the client from a WSGI environment."""
    return forwarded_address(
        environ.get("REMOTE_ADDR", ""),
        environ.get("HTTP_X_FORWARDED_FOR", ""),
        trusted_proxies=settings.TRUSTED_PROXIES,
    )


def forwarded_address(peer: str, forwarded_for: str, *, trusted_proxies: int) -> ClientAddress:
    """Return the address that the outermost trusted proxy has seen.

    Each trusted proxy appends the address of its peer to `X-Forwarded-For`, so the client stands that many
    places from the end; what the client itself has written stands before, and is not believed.
    """
    if trusted_proxies > 0 and forwarded_for:
        hops = forwarded_for.split(",")
        if len(hops) >= trusted_proxies:
            return parse_client_address(hops[-trusted_proxies].strip())
    return parse_client_address(peer)


@lru_cache(maxsize=16_384)
def parse_client_address(text: str) -> ClientAddress:
    """Return an address with its prefixes; text that is no address becomes UNKNOWN_ADDRESS.

    Some proxies write a port behind the address (`192.0.2.7:4711`, `[2001:db8::7]:4711`).
    """
    try:
        ip = ipaddress.ip_address(_without_port(text).partition("%")[0])
    except ValueError:
        ip = ipaddress.ip_address(UNKNOWN_ADDRESS)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return ClientAddress(str(ip), _prefix(ip, IPV6_HOST_BITS), _prefix(ip, IPV6_NETWORK_BITS))
        ip = ip.ipv4_mapped
    return ClientAddress(str(ip), str(ip), _prefix(ip, IPV4_NETWORK_BITS))


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _prefix(ip: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> str:
    return str(ipaddress.ip_network((ip, bits), strict=False))
