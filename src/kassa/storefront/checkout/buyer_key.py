"""The browser that has ordered a cart; nobody else is led to the order.

The order's fingerprint holds it, so that of two browsers that order the same cart at once the second is
refused, and one that sends its form twice is led to its order.
"""

from __future__ import annotations

import hashlib

from django.utils.crypto import constant_time_compare

from kassa.orders.models import Order
from kassa.storefront.checkout.visit import Visit


def order_key(visit: Visit) -> str:
    """Return the idempotency key under which a cart becomes an order: one for each cart."""
    return f"checkout:{visit.cart_id}"


def buyer_fingerprint(visit: Visit) -> bytes:
    """Return the fingerprint of an order that this browser places."""
    return hashlib.sha256(f"{order_key(visit)}:{visit.browser}".encode()).digest()


def has_ordered(visit: Visit, order: Order) -> bool:
    """Say whether it is this browser that has ordered."""
    return constant_time_compare(bytes(order.fingerprint), buyer_fingerprint(visit))
