"""What a refund gives back, and what of the order is left: pure, on values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.core.errors import NotFound
from kassa.core.money import ZERO, allocate
from kassa.orders.enums import OrderStatus, TicketStatus
from kassa.payments.domain.buyer_rules import kept_of
from kassa.payments.enums import RefundKind
from kassa.payments.errors import NothingToRefund, RefundTooLarge, TicketNotRefundable

REFUNDABLE: frozenset[str] = frozenset(
    {
        OrderStatus.CONFIRMED,
        OrderStatus.PROCESSING,
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
        OrderStatus.COMPLETED,
        OrderStatus.PARTIALLY_REFUNDED,
        OrderStatus.REFUNDED,
    }
)
"""The states in which an order has been sold; from `refunded` only what was kept can still go back."""


@dataclass(frozen=True, slots=True)
class PaidTicket:
    """A ticket of the order, and what was paid for it."""

    id: UUID
    code: str
    label: str
    price_paid: Decimal
    status: str

    @property
    def is_live(self) -> bool:
        return self.status in (TicketStatus.VALID, TicketStatus.USED)


@dataclass(frozen=True, slots=True)
class PaidGoods:
    """A line of merchandise."""

    id: UUID
    label: str
    total: Decimal
    quantity: int
    """Pieces that have not been given back yet."""
    is_handed_over: bool
    """The buyer has them: giving the money back does not put them into stock."""


@dataclass(frozen=True, slots=True)
class GoodsBack:
    """Pieces of one item that a refund gives back."""

    item_id: UUID
    quantity: int
    restock: bool
    """They are in stock again."""


@dataclass(frozen=True, slots=True)
class Sold:
    """An order as far as refunds are concerned."""

    number: str
    status: str
    currency: str
    total: Decimal
    given_back: Decimal
    """Back with the buyer, or promised."""
    fees: Decimal
    """With the tax that was added to them."""
    shipping: Decimal
    """With the tax that was added to it."""
    tickets: Sequence[PaidTicket]
    goods: Sequence[PaidGoods]
    fees_given_back: Decimal = ZERO
    shipping_given_back: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What could still be given back."""
        return self.total - self.given_back

    @property
    def fees_left(self) -> Decimal:
        return self.fees - self.fees_given_back

    @property
    def shipping_left(self) -> Decimal:
        return self.shipping - self.shipping_given_back


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be given back: tickets, an amount, or everything."""

    tickets: tuple[UUID, ...] = ()
    amount: Decimal | None = None
    everything: bool = False
    fees: bool | None = None
    """Whether the fees go back with tickets. Null: as the organisation's policy says."""
    shipping: bool | None = None
    """The same for shipping."""
    kept_percentage: Decimal = ZERO
    """What is kept back of the tickets' prices, in per cent."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What goes back with the last ticket of an order, unless it is asked for otherwise."""

    refund_fees: bool
    refund_shipping: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be given back and why; the lines add up to the amount."""

    kind: RefundKind
    amount: Decimal
    lines: tuple[Mapping[str, Any], ...]
    tickets: tuple[tuple[UUID, Decimal], ...]
    goods: tuple[GoodsBack, ...] = ()
    ends_order: bool = False
    """Nothing of the order is left: it is refunded, and its coupon may be used again."""
    retained: tuple[Mapping[str, Any], ...] = ()
    """Fees and shipping that were paid and do not go back although nothing of the order is left."""


def plan_refund(sold: Sold, wish: Wish, policy: Policy) -> Plan:
    """Return what a wish comes to.

    A ticket gives back what was paid for it, less its share of amounts that were given back before. An
    amount that is all that is left is a refund of everything: no ticket stays valid without its money.

    Raises:
        NothingToRefund: the order was never sold, or nothing of it is left.
        NotFound: a ticket is not of this order.
        TicketNotRefundable: a ticket is not valid any more.
        RefundTooLarge: the amount is more than is left.
    """
    if sold.status not in REFUNDABLE:
        raise NothingToRefund(sold.number)
    if wish.tickets:
        return _plan_tickets(sold, wish, policy)
    live = any(ticket.is_live for ticket in sold.tickets)
    if sold.left <= 0 and not (wish.everything and live):
        raise NothingToRefund(sold.number)
    if wish.amount is not None:
        if wish.amount > sold.left:
            raise RefundTooLarge(wish.amount, sold.left, sold.currency)
        if wish.amount < sold.left:
            line = {"what": "amount", "label": "Amount", "amount": wish.amount}
            return Plan(RefundKind.AMOUNT, wish.amount, (line,), ())
    return _plan_everything(sold)


def _plan_tickets(sold: Sold, wish: Wish, policy: Policy) -> Plan:
    by_id = {ticket.id: ticket for ticket in sold.tickets}
    chosen = []
    for ticket_id in dict.fromkeys(wish.tickets):
        ticket = by_id.get(ticket_id)
        if ticket is None:
            raise NotFound("There is no such ticket in this order.", ticket=str(ticket_id))
        if ticket.status != TicketStatus.VALID:
            raise TicketNotRefundable(ticket.code, ticket.status)
        chosen.append(ticket)
    left = sold.left
    worth = _worth(sold)
    lines: list[dict[str, Any]] = []
    tickets = []
    kept_back = ZERO
    for ticket in chosen:
        amount = worth[ticket.id]
        kept = kept_of(amount, wish.kept_percentage, sold.currency)
        kept_back += kept
        left -= amount
        lines.append(_ticket_line(ticket, amount))
        tickets.append((ticket.id, amount - kept))
    if kept_back:
        lines.append({"what": "kept", "label": "Kept back", "amount": -kept_back})
    gone = {ticket.id for ticket in chosen}
    is_last = not sold.goods and not any(ticket.is_live and ticket.id not in gone for ticket in sold.tickets)
    retained: list[dict[str, Any]] = []
    extras = (
        ("fees", "Fees", wish.fees, policy.refund_fees, sold.fees_left),
        (
            "shipping",
            "Shipping",
            wish.shipping,
            policy.refund_shipping,
            sold.shipping - sold.shipping_given_back,
        ),
    )
    for what, label, wished, by_policy, rest in extras:
        amount = min(rest, left)
        if amount > 0 and (wished if wished is not None else is_last and by_policy):
            left -= amount
            lines.append({"what": what, "label": label, "amount": amount})
        elif amount > 0 and is_last:
            retained.append({"what": what, "label": label, "amount": amount})
    total = sum((line["amount"] for line in lines), ZERO)
    return Plan(
        RefundKind.TICKETS,
        total,
        tuple(lines),
        tuple(tickets),
        ends_order=is_last,
        retained=tuple(retained),
    )


def _worth(sold: Sold) -> dict[UUID, Decimal]:
    """Return what each live ticket gives back: what was paid for it.

    Where amounts were given back before without a ticket, they count for all that is left of the order in
    proportion, so that no ticket takes the money of another.
    """
    live = [ticket for ticket in sold.tickets if ticket.is_live]
    prices = [ticket.price_paid for ticket in live]
    others = [*(goods.total for goods in sold.goods), sold.fees_left, sold.shipping_left]
    if sold.left < sum(prices, ZERO) + sum(others, ZERO):
        prices = allocate(sold.left, [*prices, *others], sold.currency)[: len(live)]
    return {ticket.id: price for ticket, price in zip(live, prices, strict=True)}


def _plan_everything(sold: Sold) -> Plan:
    """Return all that is left, line by line; what was given back before is taken off."""
    lines: list[dict[str, Any]] = []
    tickets = []
    left = sold.left
    for ticket in sold.tickets:
        if ticket.is_live:
            lines.append(_ticket_line(ticket, ticket.price_paid))
            amount = min(ticket.price_paid, left)
            left -= amount
            tickets.append((ticket.id, amount))
    lines += [{"what": "goods", "label": goods.label, "amount": goods.total} for goods in sold.goods]
    lines.append({"what": "fees", "label": "Fees", "amount": sold.fees_left})
    lines.append({"what": "shipping", "label": "Shipping", "amount": sold.shipping_left})
    listed = sum((line["amount"] for line in lines), ZERO)
    rest = sold.left - listed
    label = "Kept so far" if rest > 0 else "Given back before"
    lines.append({"what": "difference", "label": label, "amount": rest})
    shown = tuple(line for line in lines if line["amount"] != 0 or line["what"] == "ticket")
    return Plan(
        RefundKind.EVERYTHING, sold.left, shown, tuple(tickets), goods=all_goods(sold), ends_order=True
    )


def all_goods(sold: Sold) -> tuple[GoodsBack, ...]:
    """Return all goods that were not given back yet; those the buyer has are not in stock again."""
    return tuple(
        GoodsBack(goods.id, goods.quantity, restock=not goods.is_handed_over)
        for goods in sold.goods
        if goods.quantity
    )


def _ticket_line(ticket: PaidTicket, amount: Decimal) -> dict[str, Any]:
    return {
        "what": "ticket",
        "ticket": str(ticket.id),
        "label": f"{ticket.label} {ticket.code}".strip(),
        "amount": amount,
    }
