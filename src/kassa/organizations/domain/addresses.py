"""The addresses of an organisation on the web: its part of Kassa's, a domain of its own, its websites."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from kassa.core.errors import InvalidInput

SLUG = re.compile("[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
LONGEST_DOMAIN = 253
NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*(?::[0-9]+)?")
"""Also ``127.1``, which browsers read as an IP address, and one with its port."""
ORIGIN = re.compile(rf"https?://(?:localhost|{DOMAIN.pattern})(?::[0-9]{{1,5}})?")
PLATFORM = frozenset(
    [
        "account",
        "admission",
        "anymail",
        "api",
        "checkin",
        "demo-bank",
        "embed",
        "healthz",
        "mailbox",
        "orders",
        "pictures",
        "static",
        "tickets",
        "transfers",
        "unsubscribe",
        "waiting",
        "webhooks",
    ]
)
"""What the addresses of Kassa itself begin with, on every domain."""
PAGES = frozenset(["calendar", "cart", "checkout", "events", "find-order", "products", "trips"])
"""What the addresses of a shop begin with on its own domain."""
KEPT_FREE = frozenset(["about", "admin", "app", "assets", "help", "login", "logout", "media", "news", "www"])
RESERVED = PLATFORM | PAGES | KEPT_FREE
"""No organisation has one of these as its slug."""


def check_slug(slug: str) -> None:
    """Refuse a slug that cannot stand in an address.

    Raises:
        InvalidInput: it is not written like one, or is kept for Kassa's own pages.
    """
    if SLUG.fullmatch(slug) is None:
        raise InvalidInput("A slug has small letters, digits and hyphens, 80 at most.", field="slug")
    if slug in RESERVED:
        raise InvalidInput(f"'{slug}' is an address of Kassa itself. Choose another slug.", field="slug")


def check_domain(domain: str | None) -> None:
    """Refuse what cannot be an organisation's own domain. None: it has none.

    Raises:
        InvalidInput: it is not written like one, or it is Kassa's or the operator's.
    """
    if domain is None:
        return
    check_domain_name(domain)
    if is_reserved_domain(domain):
        raise InvalidInput(
            "This domain is reserved by the operator of this Kassa. Take one of your own.",
            field="custom_domain",
        )


def check_domain_name(domain: str) -> None:
    """Refuse a domain that nobody can have.

    Raises:
        InvalidInput: it is not written like one, or it is Kassa's.
    """
    reason = _find_fault(domain)
    if reason:
        raise InvalidInput(reason, field="custom_domain")
    if domain == urlsplit(settings.BASE_URL).hostname:
        raise InvalidInput("This domain is that of Kassa itself.", field="custom_domain")


def _find_fault(domain: str) -> str:
    """Return why a text is no domain, in a sentence; empty: it is one."""
    if len(domain) <= LONGEST_DOMAIN and DOMAIN.fullmatch(domain):
        return ""
    return next((fault for is_found, fault in FAULTS if is_found(domain)), NOT_A_DOMAIN)


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return NUMBERS.fullmatch(host) is not None
    return True


def is_reserved_domain(domain: str) -> bool:
    """Say whether the operator keeps a domain, or one that it lies below, for themselves."""
    labels = domain.split(".")
    return any(".".join(labels[place:]) in settings.RESERVED_DOMAINS for place in range(len(labels)))


def check_sites(sites: Iterable[str]) -> None:
    """Refuse what is not the origin of a website.

    Raises:
        InvalidInput: one of them is written otherwise.
    """
    for site in sites:
        if ORIGIN.fullmatch(site) is None:
            raise InvalidInput(
                f"'{site}' is not the address of a website alone, such as 'https://www.example.org'.",
                field="settings.embed_sites",
            )


FAULTS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (
        lambda domain: any(sign in domain for sign in "/?#"),
        "A domain is written without 'https://' and without a path, such as 'tickets.example.org'.",
    ),
    (_is_ip_address, "This is an IP address. Set a domain instead, such as 'tickets.example.org'."),
    (
        lambda domain: ":" in domain,
        "A domain is written without a port, such as 'tickets.example.org'.",
    ),
    (
        lambda domain: domain.endswith("."),
        "A domain is written without a dot at its end, such as 'tickets.example.org'.",
    ),
    (
        lambda domain: domain.lower() == "localhost",
        "'localhost' means the computer of each visitor. Set a domain that leads to this Kassa.",
    ),
    (
        lambda domain: not domain.isascii(),
        "A domain with other letters than a to z is written in its form that begins with 'xn--'.",
    ),
    (
        lambda domain: domain != domain.lower(),
        "A domain is written in small letters, such as 'tickets.example.org'.",
    ),
    (
        lambda domain: "." not in domain,
        "A domain has at least two parts with a dot between them, such as 'tickets.example.org'.",
    ),
    (lambda domain: len(domain) > LONGEST_DOMAIN, f"A domain has {LONGEST_DOMAIN} characters at most."),
)
"""How to tell what is wrong with a text that is no domain, and what to say of it; the first counts."""
NOT_A_DOMAIN = (
    "Each part of a domain has letters, digits and hyphens, 63 at most, with no hyphen at either end, "
    "and the last part begins with a letter, as in 'tickets.example.org'."
)
"""What to say of everything else."""
