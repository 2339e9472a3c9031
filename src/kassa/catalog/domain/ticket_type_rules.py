"""What makes a ticket type valid: functions of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kassa.catalog.domain.event_rules import check_per_customer, check_period
from kassa.catalog.domain.price_rules import check_price
from kassa.catalog.enums import EventKind
from kassa.core.errors import InvalidInput
from kassa.core.money import ZERO
from kassa.inventory.domain.quotas import check_capacity
from kassa.inventory.enums import QuotaKind

TICKET_TYPE_FIELDS = frozenset(
    [
        "name",
        "description",
        "price",
        "min_per_order",
        "max_per_order",
        "max_per_customer",
        "sales_start_at",
        "sales_end_at",
        "is_hidden",
        "is_free",
        "requires_approval",
        "is_addon",
        "is_reduced",
        "names_required",
        "sort_order",
        "seat_category",
        "metadata",
    ]
)
"""The columns a client may set; ``quantity``, ``shared_quotas`` and ``tax_rule`` are kept elsewhere."""
ALSO_GIVEN = frozenset({"quantity", "shared_quotas", "tax_rule"})


def complete(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a new ticket type; what is free needs no price.

    Raises:
        InvalidInput: the price is missing, or a field is not known.
    """
    unknown = sorted(set(given) - TICKET_TYPE_FIELDS - ALSO_GIVEN)
    if unknown:
        raise InvalidInput(f"A ticket type has no field '{unknown[0]}'.", field=unknown[0])
    values = dict(given)
    if values.get("price") is None:
        if not values.get("is_free"):
            raise InvalidInput("Give a price, or say is_free.", field="price")
        values["price"] = ZERO
    return values


def check_ticket_type(values: Mapping[str, Any], *, kind: str, currency: str) -> None:
    """Let the values of a whole ticket type pass if they belong together and to their event.

    Raises:
        InvalidInput: they do not; the field says where.
    """
    name = values.get("name") or ""
    if not name.strip() or len(name) > 200:
        raise InvalidInput("A name has 1 to 200 characters.", field="name")
    check_price(values["price"], currency)
    if values.get("is_free") and values["price"] != ZERO:
        raise InvalidInput("A free ticket type has the price 0.", field="price")
    if kind == EventKind.COURSE and values["price"] == ZERO and not values.get("is_free"):
        raise InvalidInput("A course costs something, or says is_free.", field="price")
    least, most = values.get("min_per_order", 1), values.get("max_per_order")
    if least < 1:
        raise InvalidInput("Let min_per_order be at least 1.", field="min_per_order")
    if most is not None and most < least:
        raise InvalidInput("Let max_per_order not lie below min_per_order.", field="max_per_order")
    check_per_customer(values, least=least)
    if values.get("quantity") is not None:
        check_capacity(values["quantity"], kind=QuotaKind.TICKET_TYPE, field="quantity")
    check_period(values.get("sales_start_at"), values.get("sales_end_at"))
