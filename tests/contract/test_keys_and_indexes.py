"""Every key that points at another row is found by an index, or it is said why none is needed."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

# The index may be for the rows alone that have the key, or for those that count: a condition is no fault.
WITHOUT_INDEX = """
SELECT c.conrelid::regclass::text || '.' || key.name
FROM pg_constraint c
JOIN LATERAL (
    SELECT a.attname::text AS name, a.attnum AS place FROM unnest(c.conkey) AS k(place)
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.place
    WHERE a.attname <> 'organization_id' OR cardinality(c.conkey) = 1) AS key ON true
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
  AND split_part(c.conrelid::regclass::text, '_', 1) = ANY(%s)
  AND NOT EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = c.conrelid AND i.indisvalid
      AND key.place = ANY((i.indkey::int2[])[0:CASE WHEN i.indkey[0] IN (
            SELECT attnum FROM pg_attribute
            WHERE attrelid = c.conrelid AND attname = 'organization_id') THEN 1 ELSE 0 END]))
"""
PACKAGES = ["catalog", "coupons", "inventory", "orders", "payments", "sales", "seating"]

_OF_ORDER = "is asked for together with its order, whose rows are few and have an index"
_OF_EVENT = "is asked for together with its event, whose rows have an index; nothing it names is ever deleted"
_SMALL = "an organisation has few rows of this table, and what it names is never deleted"

WITHOUT_REASON: dict[str, str] = {
    "catalog_event.capacity_quota_id": _SMALL,
    "catalog_product.event_id": _SMALL,
    "catalog_product.quota_id": _SMALL,
    "catalog_product.tax_rule_id": _SMALL,
    "catalog_questiontickettype.ticket_type_id": _SMALL,
    "catalog_tickettype.quota_id": _SMALL,
    "catalog_tickettype.tax_rule_id": _SMALL,
    "orders_limituse.item_id": _OF_ORDER,
    "orders_orderitem.event_id": _OF_ORDER,
    "orders_orderitem.ticket_type_id": _OF_ORDER,
    "orders_ticket.item_id": _OF_ORDER,
    "orders_ticket.ticket_type_id": _OF_EVENT,
    "payments_dispute.payment_id": "disputes are few, and are asked for together with their order",
    "payments_ledgerentry.transaction_id": _OF_ORDER,
    "sales_cartitem.product_id": "is asked for together with the carts that are open, which are few",
    "sales_cartitem.ticket_type_id": "is asked for together with the carts that are open, which are few",
}


def test_each_key_has_an_index_or_a_reason() -> None:
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_INDEX, [PACKAGES])
        found = {name for (name,) in cursor.fetchall()}

    assert found == WITHOUT_REASON.keys()
