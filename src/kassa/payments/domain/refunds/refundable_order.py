"""Orders as refunds see them, read a set at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from kassa.core.money import ZERO
from kassa.orders.enums import CANCELLABLE, FulfilmentStatus, ItemKind
from kassa.orders.models import OrderItem, Ticket
from kassa.payments.domain.refunds.plan import PaidGoods, PaidTicket, RefundableOrder
from kassa.payments.enums import SURPLUS_KINDS
from kassa.payments.models import Refund

_SHIPPED = frozenset(FulfilmentStatus) - CANCELLABLE


def get_refundable_orders(organization_id: UUID, orders: Iterable[Any]) -> dict[UUID, RefundableOrder]:
    """Return orders with all that was sold in them; for a refund that is meant they are locked."""
    by_id = {order.id: order for order in orders}
    items = list(OrderItem.objects.of(organization_id).filter(order_id__in=by_id).order_by("position"))
    names = {item.id: item.name for item in items}
    tickets: dict[UUID, list[PaidTicket]] = defaultdict(list)
    for ticket in Ticket.objects.of(organization_id).filter(order_id__in=by_id).order_by("id"):
        label = " ".join(part for part in (names[ticket.item_id], ticket.seat_label) if part)
        tickets[ticket.order_id].append(
            PaidTicket(ticket.id, ticket.code, label, ticket.price_paid, ticket.status)
        )
    goods: dict[UUID, list[PaidGoods]] = defaultdict(list)
    for item in items:
        if item.kind == ItemKind.MERCHANDISE:
            goods[item.order_id].append(_goods(item, by_id[item.order_id]))
    extras = _extras_given_back(organization_id, by_id)
    return {
        order_id: RefundableOrder(
            number=order.number,
            status=order.status,
            currency=order.currency,
            total=order.total,
            given_back=order.refunded_amount + order.refunding_amount,
            fees=order.fees + _added_tax(order, "fees"),
            shipping=order.shipping + _added_tax(order, "shipping"),
            tickets=tickets[order_id],
            goods=goods[order_id],
            fees_given_back=extras[order_id, "fees"],
            shipping_given_back=extras[order_id, "shipping"],
        )
        for order_id, order in by_id.items()
    }


def _goods(item: OrderItem, order: Any) -> PaidGoods:
    # What is not shipped is picked up: when, nobody says before the order is completed.
    in_hand = _SHIPPED if item.is_shippable else (FulfilmentStatus.COMPLETED,)
    return PaidGoods(
        id=item.id,
        name=item.name,
        total=item.total,
        bought=item.quantity,
        quantity=item.quantity - item.refunded_quantity,
        is_handed_over=order.fulfilment_status in in_hand,
    )


def _added_tax(order: Any, charge: str) -> Decimal:
    """Return the tax that was added to a charge of an order: it goes back with it."""
    taxes = orjson.loads(order.charge_taxes) if isinstance(order.charge_taxes, str) else order.charge_taxes
    added = [Decimal(one["tax"]) for one in taxes if one["charge"] == charge and not one["included"]]
    return sum(added, ZERO)


def _extras_given_back(organization_id: UUID, order_ids: Iterable[UUID]) -> dict[tuple[UUID, str], Decimal]:
    given: dict[tuple[UUID, str], Decimal] = defaultdict(lambda: ZERO)
    refunds = Refund.objects.of(organization_id).filter(order_id__in=list(order_ids))
    for order_id, lines in refunds.exclude(kind__in=SURPLUS_KINDS).values_list("order_id", "lines"):
        for line in lines:
            given[order_id, line["what"]] += Decimal(line["amount"])
    return given
