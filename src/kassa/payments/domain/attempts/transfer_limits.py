"""How many tickets one visitor of the pages orders by transfer without having proven an e-mail address.

A transfer holds its places for days, and costs whoever never pays it nothing. The tickets are counted by
event and by the keys of the visitor's carts, under a lock for each key, as holding is. Add-ons are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from kassa.catalog.models import Event
from kassa.core.ids import new_id
from kassa.orders.enums import ItemKind
from kassa.orders.models import Order, OrderItem
from kassa.payments.errors import AddressUnproven
from kassa.sales.domain.hold_limits import LOCK_HOLDERS
from kassa.sales.domain.holders import NETWORKS, HolderKind, parse_kind
from kassa.sales.models import Cart

NETWORK_SHARE = 4
"""So many times as much as one visitor a network may have."""
TRANSFERS = """
SELECT k.key, i.event_id, sum(i.quantity)::int
FROM unnest(%(keys)s::text[]) AS k(key)
JOIN sales_cart c ON c.holders @> ARRAY[k.key] AND c.holders <> '{}'
JOIN orders_order o ON o.organization_id = c.organization_id AND o.cart_id = c.id
JOIN orders_orderitem i ON i.organization_id = o.organization_id AND i.order_id = o.id
LEFT JOIN catalog_tickettype t ON t.organization_id = i.organization_id AND t.id = i.ticket_type_id
WHERE c.organization_id = %(organization_id)s AND o.id <> %(order_id)s AND i.kind = 'ticket'
  AND t.is_addon IS NOT TRUE
  AND o.status IN ('draft', 'pending') AND (o.expires_at IS NULL OR o.expires_at > %(now)s)
  AND EXISTS (
      SELECT FROM payments_paymentattempt a
      WHERE a.organization_id = o.organization_id AND a.order_id = o.id AND a.provider = %(provider)s
        AND a.status IN ('opening', 'open'))
GROUP BY k.key, i.event_id
"""


def require_proven_address(order: Order, provider: str, holders: Collection[str], *, now: datetime) -> None:
    """Let a visitor who has proven no address pay by a slow provider, within limits.

    Inside the transaction that writes the attempt, so that two of one visitor are counted in turn.

    Raises:
        AddressUnproven: it would be too many tickets of an event.
    """
    carts = Cart.objects.of(order.organization_id).filter(id__in=[order.cart_id] if order.cart_id else [])
    opened_by = carts.values_list("holders", flat=True).first() or ()
    keys = sorted({*holders, *opened_by})
    with connection.cursor() as cursor:
        cursor.execute(LOCK_HOLDERS, [keys])
    items = OrderItem.objects.of(order.organization_id).filter(order_id=order.id, kind=ItemKind.TICKET)
    places = items.exclude(ticket_type__is_addon=True)
    counted = places.values_list("event_id").annotate(count=Sum("quantity"))
    tickets = {event_id: int(count) for event_id, count in counted if event_id}
    if needs_proven_address(order.organization_id, provider, keys, tickets, order_id=order.id, now=now):
        raise AddressUnproven(provider)


def needs_proven_address(
    organization_id: UUID,
    provider: str,
    holders: Collection[str],
    tickets: Mapping[UUID, int],
    *,
    now: datetime,
    order_id: UUID | None = None,
) -> bool:
    """Say whether so many tickets by event would be too many for a visitor, beside those ordered before.

    ``order_id``: the order that they are of. None: it is not placed yet.
    """
    keys = sorted(key for key in holders if parse_kind(key) != HolderKind.PASS)
    if not keys or not tickets:
        return False
    parameters: dict[str, Any] = {
        "organization_id": organization_id,
        "order_id": order_id or new_id(),
        "provider": provider,
        "keys": keys,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(TRANSFERS, parameters)
        before = {(key, event_id): count for key, event_id, count in cursor.fetchall()}
    events = Event.objects.of(organization_id).filter(id__in=tickets)
    for event_id, given in events.values_list("id", "max_unproven_transfer"):
        alone: int = settings.UNPROVEN_TRANSFERS if given is None else given
        for key in keys:
            maximum = alone * NETWORK_SHARE if parse_kind(key) in NETWORKS else alone
            if tickets[event_id] + before.get((key, event_id), 0) > maximum:
                return True
    return False
