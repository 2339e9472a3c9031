"""The items and tickets of an imported order: functions of values, which may refuse."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.catalog.domain.attendee_names import find_missing_name
from kassa.core.ids import new_id
from kassa.core.money import ZERO, allocate, format_amount, round_money
from kassa.importers.errors import Rejected
from kassa.importers.found import Found
from kassa.importers.old import OldOrder, OldTicket
from kassa.orders.domain.codes import new_codes
from kassa.orders.domain.record import NewItem, NewOrder, NewTicket
from kassa.orders.enums import LIVE_TICKETS, ItemKind
from kassa.sales.domain.offers import Offer
from kassa.seating.domain.plan import seat_label


def plan_tickets(old: OldOrder, order: NewOrder, found: Found) -> None:
    """Add the old order's tickets, with an item for those of one type and price.

    Raises:
        Rejected: a ticket type or seat is not there or does not fit, or a name is missing.
    """
    lines: defaultdict[tuple[UUID, Decimal], list[OldTicket]] = defaultdict(list)
    offers: dict[UUID, Offer] = {}
    for ticket in old.tickets:
        offer = _offer_of(ticket, old, found)
        offers[offer.id] = offer
        lines[offer.id, ticket.base_price].append(ticket)
    codes = iter(new_codes(len(old.tickets)))
    for (offer_id, base_price), tickets in lines.items():
        offer = offers[offer_id]
        item = _new_item(order, name=offer.name, quantity=len(tickets), unit_price=base_price)
        item.kind, item.event_id, item.ticket_type_id = ItemKind.TICKET, offer.event_id, offer.id
        item.quota_ids = offer.quota_ids
        item.total = round_money(sum((ticket.price for ticket in tickets), ZERO), old.currency)
        item.discount = item.subtotal - item.total
        for ticket in tickets:
            order.tickets.append(_new_ticket(ticket, item, offer, found, code=next(codes)))
            if offer.customer_limits:
                order.tickets[-1].booking_key = order.customer_key


def plan_goods(old: OldOrder, order: NewOrder, found: Found) -> None:
    """Add the old order's goods, with its discount and taxes spread over them.

    Raises:
        Rejected: there is no such product.
    """
    if not old.goods:
        return
    for goods in old.goods:
        product = found.products.get(goods.sku)
        if product is None:
            raise Rejected(
                f"This organisation has no product with the SKU {goods.sku}. Make it first.", line=goods.line
            )
        name = goods.name or product.name
        item = _new_item(order, name=name, quantity=goods.quantity, unit_price=goods.unit_price)
        item.product_id, item.sku, item.is_shippable = product.id, goods.sku, product.is_shippable
        item.quota_ids = (product.quota_id,) if product.quota_id else ()
    discounts = allocate(old.discount, [item.subtotal for item in order.items], old.currency)
    nets = [item.subtotal - part for item, part in zip(order.items, discounts, strict=True)]
    taxes = allocate(old.taxes, nets, old.currency)
    for item, discount, net, tax in zip(order.items, discounts, nets, taxes, strict=True):
        item.discount, item.tax, item.total = discount, tax, net + tax


def trace_price(order: NewOrder) -> list[dict[str, object]]:
    """Return the steps of the price, which add up to the order's total, as a sale tells them."""
    steps: list[dict[str, object]] = []

    def tell(step: str, label: str, amount: Decimal, line: int | None = None) -> None:
        place = {} if line is None else {"line": line}
        steps.append({"step": step, **place, "label": label, "amount": format_amount(amount, order.currency)})

    for item in order.items:
        tell("base", item.name, item.subtotal, item.position)
    for item in order.items:
        if item.discount:
            tell("discount", order.coupon_code or "Discount", -item.discount, item.position)
    for item in order.items:
        if item.tax:
            tell("tax", "Tax", item.tax, item.position)
    if order.shipping:
        tell("shipping", "Shipping", order.shipping)
    return steps


def _offer_of(ticket: OldTicket, old: OldOrder, found: Found) -> Offer:
    """Return what the ticket is a ticket of."""
    type_id = ticket.ticket_type
    if type_id is None:
        types = found.types_of_event.get(ticket.event, ())
        if not types:
            raise Rejected(f"This organisation has no event {ticket.event} with places.", line=ticket.line)
        if len(types) > 1:
            raise Rejected(
                f"Event {ticket.event} has {len(types)} ticket types. Name one in 'ticket_type'.",
                line=ticket.line,
            )
        type_id = types[0]
    offer = found.offers.get(type_id)
    if offer is None:
        raise Rejected(f"This organisation has no ticket type {type_id}.", line=ticket.line)
    if offer.event_id != ticket.event:
        raise Rejected(f"Ticket type {type_id} is not one of event {ticket.event}.", line=ticket.line)
    if offer.currency != old.currency:
        raise Rejected(
            f"'{offer.event_title}' is sold in {offer.currency}, not {old.currency}.", line=ticket.line
        )
    return offer


def _new_item(order: NewOrder, *, name: str, quantity: int, unit_price: Decimal) -> NewItem:
    """Add an item of goods without discount and tax; the caller changes what is otherwise."""
    nothing = unit_price * 0
    subtotal = quantity * unit_price
    item = NewItem(
        id=new_id(),
        order_id=order.id,
        position=len(order.items),
        kind=ItemKind.MERCHANDISE,
        event_id=None,
        ticket_type_id=None,
        product_id=None,
        name=name,
        sku="",
        is_shippable=False,
        quantity=quantity,
        unit_price=unit_price,
        subtotal=subtotal,
        discount=nothing,
        tax=nothing,
        included_tax=nothing,
        total=subtotal,
        tax_name="",
        tax_rate=ZERO,
        quota_ids=(),
    )
    order.items.append(item)
    return item


def _new_ticket(ticket: OldTicket, item: NewItem, offer: Offer, found: Found, *, code: str) -> NewTicket:
    _check_name(ticket, offer)
    seat = _seat_of(ticket, offer, found)
    return NewTicket(
        id=new_id(),
        order_id=item.order_id,
        item_id=item.id,
        event_id=ticket.event,
        ticket_type_id=offer.id,
        code=code,
        status=ticket.status,
        base_price=ticket.base_price,
        discount=ticket.base_price - ticket.price,
        tax=ticket.price * 0,
        price_paid=ticket.price,
        seat_id=seat.id if seat else None,
        seat_label=seat_label(seat.section, seat.row, seat.number) if seat else ticket.seat,
        attendee_first_name=ticket.first_name,
        attendee_last_name=ticket.last_name,
        attendee_fields={"ticket_reference": ticket.reference} if ticket.reference else {},
    )


def _check_name(ticket: OldTicket, offer: Offer) -> None:
    """Let a ticket pass that has the names it needs; one that is over needs none.

    Raises:
        Rejected: it has not.
    """
    if not offer.names_required or ticket.status not in LIVE_TICKETS:
        return
    missing = find_missing_name(ticket.first_name, ticket.last_name)
    if missing is not None:
        raise Rejected(
            f"'{offer.name}' needs the first and the last name of each attendee. Fill in '{missing}'.",
            line=ticket.line,
        )


def _seat_of(ticket: OldTicket, offer: Offer, found: Found) -> Any:
    """Return the ticket's seat; None: it has none, or it holds nothing any more and its seat is unknown."""
    is_live = ticket.status in LIVE_TICKETS
    seats = found.seats.get((ticket.event, ticket.seat), ()) if ticket.seat else ()
    if offer.seat_category is None:
        if ticket.seat and is_live:
            raise Rejected(f"'{offer.name}' has no numbered seats. Leave 'seat' empty.", line=ticket.line)
        return None
    fitting = [seat for seat in seats if seat.category == offer.seat_category]
    if len(fitting) == 1:
        return fitting[0]
    if not is_live:
        return None
    if not ticket.seat:
        raise Rejected(f"'{offer.name}' is sold by numbered seat. Name it in 'seat'.", line=ticket.line)
    if fitting:
        raise Rejected(
            f"{len(fitting)} seats are called '{ticket.seat}'. Write section/row/number.", line=ticket.line
        )
    raise Rejected(f"'{offer.name}' has no seat '{ticket.seat}'.", line=ticket.line)
