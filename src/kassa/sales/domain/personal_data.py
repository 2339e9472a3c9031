"""What carts know of people: whose they are, and what was typed into them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from kassa.core.personal_data import DataSubject, Erasure, PersonalData, list_columns, register
from kassa.sales.models import Cart

CART_ITEMS = """
UPDATE sales_cartitem i SET metadata = '{}' FROM sales_cart c
WHERE i.organization_id = %(organization)s AND c.organization_id = i.organization_id AND c.id = i.cart_id
  AND i.metadata <> '{}'
  AND (c.user_id = %(user)s OR lower(c.customer ->> 'email') = ANY(%(emails)s::text[]))
"""
"""Before the carts, which do not know their buyer any more."""
CARTS = """
UPDATE sales_cart SET user_id = NULL, customer = NULL
WHERE organization_id = %(organization)s AND (
    user_id = %(user)s OR lower(customer ->> 'email') = ANY(%(emails)s::text[]))
"""
KNOWN_IN = """
SELECT organization_id FROM sales_cart
WHERE user_id = %(user)s OR lower(customer ->> 'email') = ANY(%(emails)s::text[])
"""


def erase(erasure: Erasure) -> None:
    """Make a person's carts nobody's."""
    erasure.execute(CART_ITEMS, CARTS)


def export(subject: DataSubject, now: datetime) -> dict[str, Any]:
    """Return a person's carts."""
    theirs = Q(user_id=subject.user_id) | Q(address__in=subject.emails)
    carts = Cart.unscoped.alias(address=Lower(KeyTextTransform("email", "customer"))).filter(theirs)
    return {"carts": list_columns(carts.order_by("id"), ("created_at", "status", "customer"))}


register(
    PersonalData(
        app="sales",
        erased={"sales_cart": ("customer",), "sales_cartitem": ("metadata",)},
        erase=erase,
        known_in=KNOWN_IN,
        export=export,
    )
)
