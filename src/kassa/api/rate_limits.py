"""How often a key and its organisation may ask; counted by each web process for itself."""

from __future__ import annotations

from datetime import datetime

from kassa.core.actor import Actor
from kassa.core.budgets import Rate
from kassa.core.rate_limits import RateLimit, require
from kassa.sales.domain.coupon_tries import Counted

REQUESTS = RateLimit("api_key", per="key", default=Rate(100, 1, 300))
REQUESTS_OF_ORGANIZATION = RateLimit("api_organization", per="organisation", default=Rate(200, 1, 600))
"""All keys of an organisation together, so that more keys do not get more."""
ORDERS = RateLimit("api_orders", per="key", default=Rate(1000, 1, 2000))
"""Orders, which are counted apart: a sale may have as many as the machine can place."""
COUPONS = RateLimit("api_coupons", per="key", default=Rate(60, 60, 300))
"""Coupon codes that do not exist; a shop of its own passes on what its visitors type."""
INVALID_KEYS = RateLimit("api_invalid_keys", per="address", default=Rate(60, 60, 60))
"""Requests whose key is missing or not valid."""


def require_request(actor: Actor, *, now: datetime) -> None:
    """Count a request of a key.

    Raises:
        TooManyRequests: it, or its organisation, has to wait.
    """
    require(REQUESTS, str(actor.id), now=now)
    require(REQUESTS_OF_ORGANIZATION, str(actor.organization_id), now=now)


def require_order(actor: Actor, *, now: datetime) -> None:
    """Count an order of a key.

    Raises:
        TooManyRequests: it has to wait.
    """
    require(ORDERS, str(actor.id), now=now)


def coupon_limits(actor: Actor) -> Counted:
    """Return by what the coupon codes are counted that a key sends."""
    return ((COUPONS, str(actor.id)),)
