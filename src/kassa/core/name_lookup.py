"""Names looked up in the domain name system, within a deadline, at the system's name servers or others."""

from __future__ import annotations

import ipaddress
import time

import dns.exception
import dns.name
import dns.resolver
from django.conf import settings
from dns.nameserver import Do53Nameserver
from dns.rdtypes.ANY.TXT import TXT

PORT = 53
MAX_RECORDS = 100
"""How many records of one name are read."""


class LookupFailed(Exception):
    """No name server has answered in time, or what they answered says nothing about the name."""


def look_up_texts(name: str, *, deadline: float) -> list[str]:
    """Return the TXT records of a name; empty: it has none. The deadline is on the monotonic clock.

    Raises:
        LookupFailed: nothing is known about the name.
    """
    records = _look_up(name, "TXT", deadline)
    return [b"".join(one.strings).decode("utf-8", "replace") for one in records if isinstance(one, TXT)]


def look_up_addresses(name: str, *, deadline: float) -> list[str]:
    """Return the IPv4 and IPv6 addresses of a name; empty: it has none.

    Raises:
        LookupFailed: nothing is known about the name.
    """
    return [record.to_text() for kind in ("A", "AAAA") for record in _look_up(name, kind, deadline)]


def _look_up(name: str, kind: str, deadline: float) -> list[dns.rdata.Rdata]:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise LookupFailed(name)
    try:
        answer = _resolver().resolve(dns.name.from_text(name), kind, lifetime=seconds, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.name.NameTooLong):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise LookupFailed(name) from error
    return list(answer)[:MAX_RECORDS]


def _resolver() -> dns.resolver.Resolver:
    if not settings.DNS_SERVERS:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [
        Do53Nameserver(str(ipaddress.ip_address(one)), PORT) for one in settings.DNS_SERVERS
    ]
    return resolver
