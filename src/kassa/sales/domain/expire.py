"""Holds that are over are given back: those of orders and those of carts."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection

from kassa.orders.domain.expire import expire_orders
from kassa.orders.models import Order
from kassa.orders.queries import given_up
from kassa.sales.domain.carts import expire_carts
from kassa.sales.enums import CartStatus
from kassa.sales.models import Cart

logger = logging.getLogger("kassa.sales")


def release_overdue(organization_id: UUID, *, now: datetime) -> int:
    """Expire an organisation's overdue orders and carts; return how many."""
    return expire_orders(organization_id, now=now) + expire_carts(organization_id, now=now)


def release_if_possible(organization_id: UUID, *, now: datetime) -> int:
    """Expire what is overdue, for somebody who needs the places; return how many, 0 if it cannot be done now.

    Not inside another transaction: that would keep the locks of all released orders until it ends.
    """
    if connection.in_atomic_block:
        return 0
    try:
        with connection.wrap_database_errors:
            return release_overdue(organization_id, now=now)
    except DatabaseError as error:
        logger.info("Holds that are over could not be released just now: %s", error)
        connection.close_if_unusable_or_obsolete()
        return 0


def release_all_overdue(*, now: datetime) -> int:
    """Expire the overdue orders and carts of every organisation; return how many.

    One organisation whose rows are busy does not keep the others waiting.
    """
    orders = Order.unscoped.filter(given_up(now))
    carts = Cart.unscoped.filter(status=CartStatus.ACTIVE, expires_at__lte=now)
    owners = [found.order_by().values_list("organization_id") for found in (orders, carts)]
    return sum(
        release_if_possible(organization_id, now=now)
        for (organization_id,) in list(owners[0].union(owners[1]))
    )
