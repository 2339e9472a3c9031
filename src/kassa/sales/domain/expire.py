"""Holds that are over are given back: those of orders and those of carts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kassa.orders.domain.expire import expire_orders
from kassa.orders.enums import HOLDING
from kassa.orders.models import Order
from kassa.sales.domain.carts import expire_carts
from kassa.sales.enums import CartStatus
from kassa.sales.models import Cart


def release_overdue(organization_id: UUID, *, now: datetime) -> int:
    """Expire an organisation's overdue orders and carts; return how many."""
    return expire_orders(organization_id, now=now) + expire_carts(organization_id, now=now)


def release_all_overdue(*, now: datetime) -> int:
    """Expire the overdue orders and carts of every organisation; return how many."""
    orders = Order.unscoped.filter(status__in=HOLDING, expires_at__lte=now)
    carts = Cart.unscoped.filter(status=CartStatus.ACTIVE, expires_at__lte=now)
    owners = (
        orders.order_by()
        .values_list("organization_id")
        .union(carts.order_by().values_list("organization_id"))
    )
    return sum(release_overdue(organization_id, now=now) for (organization_id,) in owners)
