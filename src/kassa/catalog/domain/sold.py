"""Whether any of an offer is taken, asked of what was sold and not of quotas.

A quota tells only what it has counted: an offer without one may have been sold all the same,
and a limit that came later would start at nothing sold. The catalog may not import orders and
sales, which stand floors above it, so it asks their tables by SQL; every statement names
``organization_id``.

The sale keeps the rows of its ticket types and products ``FOR KEY SHARE`` under its quotas'
locks, and reads them again. Here they are locked ``FOR UPDATE`` before the question is asked:
either the order is seen, or the order sees the change. Call these functions inside the
transaction of the change, after its quotas are locked; the row of the event, or of the
product, is locked for the change (``locked_event``, ``locked_product``) before that. The
event's row is not locked ``FOR UPDATE``: whoever sells a place of it keeps a ticket type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from kassa.catalog.models import TicketType
from kassa.catalog.queries import products_of

PLACES_TAKEN = """
SELECT EXISTS (
    SELECT FROM orders_ticket t
    WHERE t.organization_id = %(organization_id)s AND t.event_id = %(event_id)s
      AND t.ticket_type_id = ANY(%(ticket_type_ids)s) AND t.status IN ('reserved', 'valid', 'used')
) OR EXISTS (
    SELECT FROM sales_cart c
    JOIN sales_cartitem i ON i.organization_id = c.organization_id AND i.cart_id = c.id
    WHERE c.organization_id = %(organization_id)s AND c.status = 'active'
      AND i.ticket_type_id = ANY(%(ticket_type_ids)s)
)
"""
PRODUCT_TAKEN = """
SELECT EXISTS (
    SELECT FROM orders_orderitem i
    JOIN orders_order o ON o.organization_id = i.organization_id AND o.id = i.order_id
    WHERE i.organization_id = %(organization_id)s AND i.product_id = %(product_id)s
      AND o.status NOT IN ('cancelled', 'expired', 'refunded')
) OR EXISTS (
    SELECT FROM sales_cart c
    JOIN sales_cartitem i ON i.organization_id = c.organization_id AND i.cart_id = c.id
    WHERE c.organization_id = %(organization_id)s AND c.status = 'active'
      AND i.product_id = %(product_id)s
)
"""


def is_event_taken(organization_id: UUID, event_id: UUID) -> bool:
    """Lock an event's ticket types by key and say whether an order or a cart has a place of it.

    Deleted ticket types count too. Call it with the event locked, so that none is added.
    """
    types = TicketType.objects.of(organization_id).filter(event_id=event_id)
    return _are_places_taken(organization_id, event_id, _locked(types.values_list("id", flat=True)))


def is_ticket_type_taken(ticket_type: TicketType) -> bool:
    """Lock a ticket type and say whether an order or a cart has a place of it."""
    rows = TicketType.objects.of(ticket_type.organization_id).filter(id=ticket_type.id)
    locked = _locked(rows.values_list("id", flat=True))
    return _are_places_taken(ticket_type.organization_id, ticket_type.event_id, locked)


def is_product_taken(organization_id: UUID, product_id: UUID) -> bool:
    """Lock a product and say whether an order or a cart has some of it."""
    _locked(products_of(organization_id).filter(id=product_id).values_list("id", flat=True))
    return _ask(PRODUCT_TAKEN, organization_id=organization_id, product_id=product_id)


def _locked(rows: QuerySet[Any, UUID]) -> list[UUID]:
    return list(rows.order_by("id").select_for_update())


def _are_places_taken(organization_id: UUID, event_id: UUID, ticket_type_ids: Sequence[UUID]) -> bool:
    return _ask(
        PLACES_TAKEN,
        organization_id=organization_id,
        event_id=event_id,
        ticket_type_ids=list(ticket_type_ids),
    )


def _ask(sql: str, **parameters: UUID | list[UUID]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return bool(row and row[0])
