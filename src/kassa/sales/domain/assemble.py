"""From a quote and the seats it got to the rows of an order: a pure function."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from kassa.core.ids import new_id
from kassa.core.outbox import DomainEvent
from kassa.orders.domain.codes import new_codes
from kassa.orders.domain.document import serialize_order
from kassa.orders.domain.events import mask_order, order_event, ticket_events
from kassa.orders.domain.order_view import view_order
from kassa.orders.domain.record import NewCouponUsage, NewItem, NewLimitUse, NewOrder, NewTicket
from kassa.orders.enums import Approval, ItemKind, OrderStatus, PaymentStatus, TicketStatus
from kassa.sales.domain.offers import CustomerLimit, Offer, SaleSettings
from kassa.sales.domain.pricing import PricedLine
from kassa.sales.domain.quote import Quote
from kassa.sales.domain.request import RequestedLine
from kassa.sales.domain.room import Taken
from kassa.sales.domain.taxes import serialize_charge_taxes
from kassa.seating.domain.plan import seat_label

NO_TAX = Decimal(0)


@dataclass(frozen=True, slots=True)
class Assembled:
    """An order ready to be written, its answer, and what is told of it."""

    order: NewOrder
    usages: list[NewCouponUsage]
    """One for each key of the customer."""
    limit_uses: list[NewLimitUse]
    document: bytes
    events: list[DomainEvent]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order but for what is only known under the locks: its number, its seats, its use of a coupon."""

    quote: Quote
    order: NewOrder
    document: dict[str, Any]


def prepare_order(quote: Quote, *, settings: SaleSettings, now: datetime) -> Prepared:
    """Return all of an order that does not depend on what is left.

    Most of the work is done here, before any row is locked, so that the rows which everyone
    wants are held for as short as can be. What costs nothing is confirmed at once; what needs
    the organiser's approval waits for it with its places held; everything else is a draft
    whose hold ends.
    """
    order = _order(quote, settings=settings, now=now)
    codes = iter(new_codes(sum(line.quantity for line in quote.request.lines if not line.is_product)))
    for position, (line, offer, priced) in enumerate(
        zip(quote.request.lines, quote.offers, quote.price.lines, strict=True)
    ):
        item = _item(order.id, position, line, offer, priced)
        order.items.append(item)
        if not offer.is_product:
            booking_key = quote.request.customer.key if offer.customer_limits else None
            tickets = _tickets(order, item, offer, priced, codes=codes, booking_key=booking_key)
            for ticket, attendee in zip(tickets, line.attendees, strict=False):
                _name_attendee(ticket, attendee)
            order.tickets += tickets
    view = view_order(
        order, order.items, order.tickets, now=now, max_payment_attempts=settings.max_payment_attempts
    )
    return Prepared(quote=quote, order=order, document=serialize_order(view))


def finish_order(prepared: Prepared, taken: Taken, *, number: str) -> Assembled:
    """Return the rows of an order, now that it has its number, its seats and its use of a coupon."""
    order, document = prepared.order, prepared.document
    order.number = document["number"] = number
    chosen = [seat for seats in taken.seats for seat in seats]
    if chosen:
        seated = {offer.id for offer in prepared.quote.offers if offer.seat_category is not None}
        places = zip(order.tickets, document["tickets"], strict=True)
        for seat, (ticket, shown) in zip(
            chosen, ((t, d) for t, d in places if t.ticket_type_id in seated), strict=True
        ):
            ticket.seat_id, ticket.seat_label = seat.id, seat_label(seat.section, seat.row, seat.number)
            shown["seat"], shown["seat_label"] = str(seat.id), ticket.seat_label
    masked = mask_order(document)
    data = orjson.dumps(masked)
    events = [order_event("order.created", order.id, data)]
    if order.status == OrderStatus.CONFIRMED:
        events.append(order_event("order.confirmed", order.id, data))
        events.extend(ticket_events("ticket.issued", masked))
    return Assembled(
        order=order,
        usages=_usages(prepared.quote, taken, order),
        limit_uses=_limit_uses(prepared.quote, taken, order),
        document=orjson.dumps(document),
        events=events,
    )


def _tickets(
    order: NewOrder,
    item: NewItem,
    offer: Offer,
    priced: PricedLine,
    *,
    codes: Iterator[str],
    booking_key: str | None,
) -> list[NewTicket]:
    status = TicketStatus.VALID if order.status == OrderStatus.CONFIRMED else TicketStatus.RESERVED
    return [
        NewTicket(
            id=new_id(),
            order_id=order.id,
            item_id=item.id,
            event_id=_event_of(offer),
            ticket_type_id=offer.id,
            code=next(codes),
            status=status,
            base_price=unit.base,
            discount=unit.discount,
            tax=unit.tax,
            price_paid=unit.paid,
            booking_key=booking_key,
        )
        for unit in priced.units
    ]


def _order(quote: Quote, *, settings: SaleSettings, now: datetime) -> NewOrder:
    request, price, customer = quote.request, quote.price, quote.request.customer
    free = price.total == 0
    if quote.requires_approval:
        status, expires_at = OrderStatus.PENDING, None
    elif free:
        status, expires_at = OrderStatus.CONFIRMED, None
    else:
        status, expires_at = OrderStatus.DRAFT, now + timedelta(minutes=settings.hold_minutes)
    confirmed_at = now if status == OrderStatus.CONFIRMED else None
    return NewOrder(
        id=new_id(),
        number="",  # given under the lock of its series
        status=status,
        payment_status=PaymentStatus.PAID if confirmed_at else PaymentStatus.PENDING,
        approval=Approval.AWAITED if quote.requires_approval else Approval.NOT_NEEDED,
        event_id=quote.event_id,
        user_id=customer.user_id,
        customer_key=customer.key,
        customer_reference=customer.reference,
        customer_email=customer.email,
        customer_first_name=customer.first_name,
        customer_last_name=customer.last_name,
        customer_phone=customer.phone,
        customer_address=customer.address,
        customer_marketing=customer.marketing,
        customer_language=customer.language,
        subtotal=price.subtotal,
        discount=price.discount,
        fees=price.fees,
        taxes=price.taxes,
        included_taxes=price.included_taxes,
        shipping=price.shipping,
        total=price.total,
        currency=quote.currency,
        coupon_code=quote.coupon.code if quote.coupon else None,
        charge_taxes=serialize_charge_taxes(price.charge_taxes, quote.currency),
        price_trace=price.trace,
        shipping_address=request.shipping_address,
        billing_address=request.billing_address,
        notes=request.notes,
        answers=request.answers,
        cart_id=request.cart.id if request.cart else None,
        idempotency_key=request.idempotency_key,
        fingerprint=request.fingerprint,
        expires_at=expires_at,
        placed_by=request.actor.id,
        placed_by_kind=request.actor.kind.value,
        created_at=now,
        paid_at=confirmed_at,
        confirmed_at=confirmed_at,
        items=[],
        tickets=[],
    )


def _item(order_id: UUID, position: int, line: RequestedLine, offer: Offer, priced: PricedLine) -> NewItem:
    return NewItem(
        id=new_id(),
        order_id=order_id,
        position=position,
        kind=ItemKind.MERCHANDISE if offer.is_product else ItemKind.TICKET,
        event_id=None if offer.is_product else offer.event_id,
        ticket_type_id=None if offer.is_product else offer.id,
        product_id=offer.id if offer.is_product else None,
        name=offer.name,
        sku=offer.sku,
        is_shippable=offer.is_shippable,
        quantity=line.quantity,
        unit_price=priced.units[0].base,
        subtotal=priced.subtotal,
        discount=priced.discount,
        tax=priced.tax,
        included_tax=priced.included_tax,
        total=priced.total,
        tax_name=offer.tax.name if offer.tax else "",
        tax_rate=offer.tax.rate if offer.tax else NO_TAX,
        quota_ids=offer.quota_ids,
        metadata=line.metadata,
    )


def _event_of(offer: Offer) -> UUID:
    if offer.event_id is None:
        raise LookupError(offer.id)
    return offer.event_id


def _name_attendee(ticket: NewTicket, attendee: Mapping[str, Any]) -> None:
    ticket.attendee_first_name = attendee.get("first_name") or ""
    ticket.attendee_last_name = attendee.get("last_name") or ""
    ticket.attendee_email = attendee.get("email") or ""
    ticket.attendee_phone = attendee.get("phone") or ""
    ticket.attendee_fields = attendee.get("fields") or {}


def _usages(quote: Quote, taken: Taken, order: NewOrder) -> list[NewCouponUsage]:
    if quote.coupon is None or taken.coupon_use is None:
        return []
    return [
        NewCouponUsage(
            id=new_id(),
            coupon_id=quote.coupon.id,
            order_id=order.id,
            user_id=quote.request.customer.user_id,
            customer_key=key,
            nth=nth,
            limit_at_use=quote.coupon.max_usage_per_user,
        )
        for key, (nth,) in taken.coupon_use.items()
    ]


def _limit_uses(quote: Quote, taken: Taken, order: NewOrder) -> list[NewLimitUse]:
    """Return a row for each unit of something limited under each key of the customer."""
    if not taken.limit_uses:
        return []
    rows: list[NewLimitUse] = []
    given = dict.fromkeys(taken.limit_uses, 0)
    for item, ticket_id, limit in _limited_units(quote, order):
        index = given[limit.limited_id]
        given[limit.limited_id] += 1
        rows.extend(
            NewLimitUse(
                id=new_id(),
                order_id=order.id,
                item_id=item.id,
                ticket_id=ticket_id,
                limited_id=limit.limited_id,
                customer_key=key,
                nth=numbers[index],
                limit_at_use=limit.maximum,
            )
            for key, numbers in taken.limit_uses[limit.limited_id].items()
        )
    return rows


def _limited_units(quote: Quote, order: NewOrder) -> Iterator[tuple[NewItem, UUID | None, CustomerLimit]]:
    """Go through the tickets, and the pieces of goods (without a ticket), with what each counts against."""
    tickets: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for ticket in order.tickets:
        tickets[ticket.item_id].append(ticket.id)
    for item, offer in zip(order.items, quote.offers, strict=True):
        units: Sequence[UUID | None] = tickets[item.id] or [None] * item.quantity
        for limit in offer.customer_limits:
            for ticket_id in units:
                yield item, ticket_id, limit
