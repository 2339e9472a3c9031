"""The lines of an order as its invoice has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.catalog.models import Event
from kassa.core.formatting import format_date, zone_named
from kassa.core.money import ZERO
from kassa.invoices.domain.sums import Line
from kassa.invoices.domain.words import words_in
from kassa.invoices.enums import LineKind
from kassa.orders.models import Order, OrderItem


def lines_of_order(
    order: Order, items: Iterable[OrderItem], events: Mapping[UUID, Event], *, language: str
) -> list[Line]:
    """Return what was sold, and the fees and the shipping of the order by tax rate; together its total."""
    words = words_in(language)
    lines = [_line(item, events.get(item.event_id), language) for item in items]  # type: ignore[arg-type]
    for kind, charge, amount in (
        (LineKind.FEE, "fees", order.fees),
        (LineKind.SHIPPING, "shipping", order.shipping),
    ):
        taxes = [tax for tax in order.charge_taxes if tax["charge"] == charge]
        lines += [_taxed_charge(kind, words[kind], tax) for tax in taxes]
        if rest := amount - sum((Decimal(tax["amount"]) for tax in taxes), ZERO):
            lines.append(_charge(kind, words[kind], net=rest))
    return lines


def _line(item: OrderItem, event: Event | None, language: str) -> Line:
    tax = item.tax + item.included_tax
    return Line(
        kind=str(item.kind),
        item=str(item.id),
        description=item.name,
        detail=_of_event(event, language) if event else item.sku,
        quantity=item.quantity,
        unit_price=item.unit_price,
        discount=item.discount,
        tax_name=item.tax_name,
        tax_rate=item.tax_rate,
        net=item.total - tax,
        tax=tax,
        gross=item.total,
    )


def _taxed_charge(kind: LineKind, name: str, given: Mapping[str, Any]) -> Line:
    amount, tax = Decimal(given["amount"]), Decimal(given["tax"])
    return _charge(
        kind,
        name,
        net=amount - tax if given["included"] else amount,
        tax=tax,
        tax_name=given["tax_name"],
        tax_rate=Decimal(given["tax_rate"]),
    )


def _charge(
    kind: LineKind,
    name: str,
    *,
    net: Decimal,
    tax: Decimal = ZERO,
    tax_name: str = "",
    tax_rate: Decimal = ZERO,
) -> Line:
    return Line(
        kind=kind.value,
        item=None,
        description=name,
        detail="",
        quantity=None,
        unit_price=None,
        discount=ZERO,
        tax_name=tax_name,
        tax_rate=tax_rate,
        net=net,
        tax=tax,
        gross=net + tax,
    )


def _of_event(event: Event, language: str) -> str:
    if event.starts_at is None:
        return event.title
    return f"{event.title}, {format_date(event.starts_at.astimezone(zone_named(event.time_zone)), language)}"
