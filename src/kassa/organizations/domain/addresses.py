"""The addresses of an organisation on the web: its part of Kassa's, a domain of its own, its websites."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from kassa.core.errors import InvalidInput

SLUG = re.compile("[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
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
    if len(domain) > 253 or DOMAIN.fullmatch(domain) is None:
        raise InvalidInput(
            "A domain is written in small letters, without 'https://' and without a path.",
            field="custom_domain",
        )
    if domain == urlsplit(settings.BASE_URL).hostname:
        raise InvalidInput("This domain is that of Kassa itself.", field="custom_domain")


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
