"""From an old order to the rows of an order of Kassa's: a function of values, which may refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from kassa.core.database import Statements
from kassa.core.money import ZERO, round_money
from kassa.importers.errors import Rejected
from kassa.importers.found import Found
from kassa.importers.items import plan_goods, plan_tickets, trace_price
from kassa.importers.old import LONGEST_KEY, OldOrder
from kassa.importers.values import LARGEST_AMOUNT
from kassa.orders.domain.moves import FULFILLING
from kassa.orders.domain.record import NewItem, NewOrder, NewTicket
from kassa.orders.enums import (
    HOLDING,
    LIVE_TICKETS,
    Approval,
    FulfilmentStatus,
    ItemKind,
    OrderStatus,
    PaymentStatus,
    TicketStatus,
)
from kassa.sales.domain.customer_keys import build_customer_keys, find_known_people
from kassa.sales.domain.offers import CouponOffer, CustomerLimit

GIVEN_BACK = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REFUNDED})
"""Orders in these states hold neither places nor goods nor a use of their coupon."""
UNPAID = frozenset({OrderStatus.DRAFT, OrderStatus.PENDING, OrderStatus.EXPIRED, OrderStatus.CANCELLED})


@dataclass(slots=True)
class Plan:
    """An order ready to be written if there is room, and what it draws on."""

    old: OldOrder
    order: NewOrder
    coupon: CouponOffer | None
    needs: Counter[UUID] = field(default_factory=Counter)
    """How many places of which quota."""
    names: dict[UUID, str] = field(default_factory=dict)
    """What a quota's places are called in a sentence."""
    limited: list[tuple[NewTicket, CustomerLimit]] = field(default_factory=list)
    """Live tickets, each with something of it that is limited for each customer."""
    customer_keys: tuple[str, ...] = ()
    """Under which its customer is counted. Empty: nothing is counted."""

    @property
    def is_counted(self) -> bool:
        """Whether something of it is limited for each customer."""
        return self.coupon is not None or bool(self.limited)

    @property
    def is_holding(self) -> bool:
        return self.order.status in HOLDING

    @property
    def is_given_back(self) -> bool:
        return self.order.status in GIVEN_BACK

    @property
    def live_tickets(self) -> list[NewTicket]:
        return [ticket for ticket in self.order.tickets if ticket.status in LIVE_TICKETS]


def purchase_key(system: str, old: OldOrder) -> str:
    """Return the idempotency key of an old order, which keeps it from being imported twice.

    Raises:
        Rejected: its reference is too long for that.
    """
    key = f"import:{system}:{old.purchase}"
    if len(key) > LONGEST_KEY:
        raise Rejected("The reference of this purchase is too long to be kept.")
    if "\x00" in key:
        raise Rejected("The reference of this purchase holds a character that cannot be kept.")
    return key


def plan_order(old: OldOrder, found: Found, *, system: str, now: datetime) -> Plan:
    """Return the rows of an old order; its number is still to be given.

    Raises:
        Rejected: it refers to something that there is not, or Kassa cannot hold such an order.
    """
    if old.created_at > now:
        raise Rejected(f"It was bought in the future, at {old.created_at.isoformat()}.")
    old = _end_hold(old, found, now)
    order = _empty_order(old, system=system, found=found)
    plan = Plan(old=old, order=order, coupon=_coupon(old, found))
    order.coupon_code = plan.coupon.code if plan.coupon else None
    plan_tickets(old, order, found)
    plan_goods(old, order, found)
    _add_up(old, order)
    _count_needs(plan)
    plan.limited = _list_limited(plan, found)
    return plan


def add_customer_keys(database: Statements, plans: Sequence[Plan], *, merge_sub_addresses: bool) -> None:
    """Say under which keys the customers are counted, as a sale does."""
    counted = [plan for plan in plans if plan.is_counted]
    if not counted:
        return
    customers = [plan.old.customer for plan in counted]
    people = find_known_people(database, customers, merge_sub_addresses=merge_sub_addresses)
    for plan in counted:
        plan.customer_keys = build_customer_keys(
            plan.old.customer, people, merge_sub_addresses=merge_sub_addresses
        )


def _list_limited(plan: Plan, found: Found) -> list[tuple[NewTicket, CustomerLimit]]:
    """Return the live tickets with their limits.

    Raises:
        Rejected: the order alone has more than each customer may have.
    """
    limited = [
        (ticket, limit)
        for ticket in plan.live_tickets
        for limit in found.offers[ticket.ticket_type_id].customer_limits
    ]
    counts = Counter(limit for _, limit in limited)
    for limit, count in counts.items():
        if count > limit.maximum == 1:
            raise Rejected("The event allows one booking for each customer, and this purchase has several.")
    return limited


def _end_hold(old: OldOrder, found: Found, now: datetime) -> OldOrder:
    """Let what was never paid in time be expired, as it would be by now had it been placed here."""
    hold_until = old.created_at + found.hold
    if old.status == OrderStatus.EXPIRED:
        return replace(old, expired_at=min(hold_until, now))
    if not old.hold_ends or old.status not in HOLDING or hold_until > now:
        return old
    return replace(
        old,
        status=OrderStatus.EXPIRED,
        payment_status=PaymentStatus.CANCELLED,
        tickets=tuple(replace(ticket, status=TicketStatus.EXPIRED) for ticket in old.tickets),
        expired_at=hold_until,
    )


def _coupon(old: OldOrder, found: Found) -> CouponOffer | None:
    if old.coupon is None:
        return None
    coupon = found.coupons.get(old.coupon.upper())
    if coupon is None:
        raise Rejected(f"This organisation has no coupon {old.coupon}. Make it first.")
    return coupon


def _empty_order(old: OldOrder, *, system: str, found: Found) -> NewOrder:
    customer, nothing = old.customer, round_money(ZERO, old.currency)
    paid_at = None if old.status in UNPAID else old.created_at
    is_held = old.status in HOLDING and old.hold_ends
    return NewOrder(
        # Lists go by id, so it tells the time of the purchase.
        id=uuid7(nanoseconds=int(old.created_at.timestamp() * 1_000_000) * 1_000),
        number=old.number or "",
        status=old.status,
        payment_status=old.payment_status,
        approval=Approval.NOT_NEEDED,
        event_id=None,
        user_id=None,
        customer_key=customer.key,
        customer_reference=customer.reference,
        customer_email=customer.email,
        customer_first_name=customer.first_name,
        customer_last_name=customer.last_name,
        customer_phone="",
        customer_address=None,
        customer_marketing=False,
        customer_language=None,
        subtotal=nothing,
        discount=nothing,
        fees=nothing,
        taxes=nothing,
        included_taxes=nothing,
        shipping=nothing + old.shipping,
        total=nothing,
        currency=old.currency,
        coupon_code=None,
        charge_taxes=[],
        price_trace=[],
        shipping_address=None,
        billing_address=None,
        notes=old.notes,
        cart_id=None,
        idempotency_key=purchase_key(system, old),
        fingerprint=old.fingerprint,
        expires_at=old.created_at + found.hold if is_held else None,
        placed_by=None,
        placed_by_kind="system",
        created_at=old.created_at,
        paid_at=paid_at,
        confirmed_at=paid_at,
        items=[],
        tickets=[],
        fulfilment_status=_fulfilment_status(old),
        tracking_number=old.tracking_number,
        shipped_at=old.shipped_at,
        delivered_at=old.delivered_at,
        cancelled_at=old.cancelled_at,
        cancellation_reason=old.cancellation_reason,
        expired_at=old.expired_at,
    )


def _fulfilment_status(old: OldOrder) -> FulfilmentStatus:
    """Return where the goods are, as far as the old system says it."""
    if old.status in FULFILLING:
        return FulfilmentStatus(old.status)
    if old.status in (OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED):
        if old.delivered_at is not None:
            return FulfilmentStatus.DELIVERED
        if old.shipped_at is not None:
            return FulfilmentStatus.SHIPPED
    return FulfilmentStatus.UNFULFILLED


def _add_up(old: OldOrder, order: NewOrder) -> None:
    """Set the order's amounts from those of its items, and what was given back of them."""

    def total(rows: Sequence[Any], name: str) -> Decimal:
        return sum((getattr(row, name) for row in rows), order.subtotal * 0)

    order.subtotal = total(order.items, "subtotal")
    order.discount = total(order.items, "discount")
    order.taxes = total(order.items, "tax")
    order.total = order.subtotal - order.discount + order.taxes + order.shipping
    if order.subtotal + order.taxes + order.shipping >= LARGEST_AMOUNT:
        raise Rejected("Its total is larger than Kassa can keep.")
    order.price_trace = trace_price(order)
    if order.status == OrderStatus.REFUNDED:
        order.refunded_amount = order.total
    elif order.status == OrderStatus.PARTIALLY_REFUNDED:
        given_back = [ticket for ticket in order.tickets if ticket.status == TicketStatus.REFUNDED]
        order.refunded_amount = total(given_back, "price_paid")
    events = {item.event_id for item in order.items if item.kind == ItemKind.TICKET}
    order.event_id = events.pop() if len(events) == 1 else None


def _count_needs(plan: Plan) -> None:
    live = Counter(ticket.item_id for ticket in plan.live_tickets)
    for item in plan.order.items:
        for quota_id in item.quota_ids:
            plan.needs[quota_id] += _held(plan, item, live)
            plan.names.setdefault(quota_id, item.name)
    plan.needs = +plan.needs


def _held(plan: Plan, item: NewItem, live: Counter[UUID]) -> int:
    if item.kind == ItemKind.MERCHANDISE:
        return 0 if plan.is_given_back else item.quantity
    return live[item.id]
