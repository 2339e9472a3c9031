"""The address of the client, and the part of the network that is counted as one client."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger("kassa.core")

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


def countable_address_in(environ: Mapping[str, str]) -> ClientAddress | None:
    """Return the address of the client for a rate limit. None: all visitors would have the same.

    That is so behind a proxy which TRUSTED_PROXIES does not count: it says itself for whom it asks, and its
    address is one of those that no visitor from the internet has.
    """
    if settings.TRUSTED_PROXIES == 0 and "HTTP_X_FORWARDED_FOR" in environ:
        peer = parse_client_address(environ.get("REMOTE_ADDR", ""))
        if ipaddress.ip_address(peer.address).is_private:
            _undeclared_proxies.add(peer.address)
            _warn_of_proxy()
            return None
    return client_address_in(environ)


def is_proxy(address: str) -> bool:
    """Say whether connections from an address are those of a proxy, as far as this process has seen."""
    return settings.TRUSTED_PROXIES > 0 or parse_client_address(address).address in _undeclared_proxies


_undeclared_proxies: set[str] = set()


@cache
def _warn_of_proxy() -> None:
    logger.warning(
        "A proxy stands before Kassa, but KASSA_TRUSTED_PROXIES is 0: visitors cannot be told apart, so "
        "nothing is limited by address. Set it to the number of proxies."
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
