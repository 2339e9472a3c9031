"""How often a visitor may do what costs much, could be guessed, or writes to somebody.

Visitors are counted by their address; those who have signed in by the mailbox of their account, so that
people who share an address, as at a school, have a way on, and nobody has more by sub-addresses.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from kassa.core.budgets import Rate
from kassa.core.client_address import countable_address_in
from kassa.core.email_addresses import email_key, mailbox_key
from kassa.core.errors import KassaError
from kassa.core.rate_limits import RateLimit, TooManyRequests, check, require
from kassa.sales.domain.coupon_tries import Counted
from kassa.storefront.account.session_user import buyer_of

CARTS = RateLimit("carts", per="address", default=Rate(30, 60, 60), is_shared=True)
"""Opening a cart, and changing what one holds."""
ORDERS = RateLimit("orders", per="address", default=Rate(30, 60, 60), is_shared=True)
PRICES = RateLimit("prices", per="address", default=Rate(120, 60, 240))
"""Asking what a choice would cost."""
COUPONS = RateLimit("coupons", per="address", default=Rate(30, 3600, 20), is_shared=True)
"""Codes that do not exist."""
COUPONS_OF_ORGANIZATION = RateLimit(
    "coupons_organization", per="organisation", default=Rate(1200, 3600, 1200), is_shared=True
)
"""The same of all visitors together that have not signed in, so that many addresses do not guess more."""
JOINS = RateLimit("joins", per="address", default=Rate(30, 60, 100), is_shared=True)
"""Places in the line of a waiting room."""
JOINS_OF_NETWORK = RateLimit("joins_network", per="network", default=Rate(120, 60, 400), is_shared=True)
MAILS = RateLimit("mails", per="address", default=Rate(60, 3600, 60), is_shared=True)
"""Tickets that are offered to others, who are written to."""
MAILS_TO = RateLimit("mails_to", per="e-mail address", default=Rate(20, 3600, 20), is_shared=True)
"""Messages to one mailbox that visitors cause over all shops: for guest orders, and for offers."""


def require_visitor(limit: RateLimit, request: HttpRequest, *, now: datetime) -> None:
    """Count something that a visitor does, unless they have done so too often.

    Raises:
        TooManyRequests: they have to wait.
    """
    subject = _subject(request)
    if subject is not None:
        require(limit, subject, now=now)


def require_join(request: HttpRequest, *, now: datetime) -> None:
    """Count a place in a line, by address and by network.

    Raises:
        TooManyRequests: too many were taken.
    """
    address = countable_address_in(request.META)
    if address is not None:
        require(JOINS, address.host, now=now)
        require(JOINS_OF_NETWORK, address.network, now=now)


def require_mail_to(request: HttpRequest, recipient: str, *, now: datetime) -> None:
    """Count a message that a visitor causes to be written; one to their own account is not counted.

    Raises:
        TooManyRequests: the recipient has got too many.
    """
    key = _countable_mailbox(request, recipient)
    if key is not None:
        require(MAILS_TO, key, now=now)


def check_mail_to(request: HttpRequest, recipient: str, *, now: datetime) -> None:
    """Refuse what would cause a message to somebody who has got too many, and count nothing yet.

    Raises:
        TooManyRequests: that is so.
    """
    key = _countable_mailbox(request, recipient)
    if key is not None:
        check(MAILS_TO, key, now=now, in_database=True)


def count_mail_to(request: HttpRequest, recipient: str, *, now: datetime) -> None:
    """Count a message that a visitor has caused; nothing is refused any more."""
    with suppress(TooManyRequests):
        require_mail_to(request, recipient, now=now)


def coupon_limits(request: HttpRequest, organization_id: UUID) -> Counted:
    """Return by what the coupon codes are counted that a visitor types in a shop."""
    subject = _subject(request)
    if subject is None:
        return ()
    if buyer_of(request) is not None:
        return ((COUPONS, subject),)
    return ((COUPONS, subject), (COUPONS_OF_ORGANIZATION, str(organization_id)))


def is_about_coupons(refusal: KassaError) -> bool:
    """Say whether a refusal is one of further coupon codes."""
    return isinstance(refusal, TooManyRequests) and refusal.limit in (COUPONS, COUPONS_OF_ORGANIZATION)


def _subject(request: HttpRequest) -> str | None:
    buyer = buyer_of(request)
    if buyer is not None:
        return f"user:{_mailbox_key(buyer.email)}"
    address = countable_address_in(request.META)
    return None if address is None else address.host


def _countable_mailbox(request: HttpRequest, recipient: str) -> str | None:
    """Return by what messages to an address are counted. None: it is the visitor's own account's."""
    key, buyer = _mailbox_key(recipient), buyer_of(request)
    return None if buyer is not None and _mailbox_key(buyer.email) == key else key


def _mailbox_key(address: str) -> str:
    return mailbox_key(email_key(address))
