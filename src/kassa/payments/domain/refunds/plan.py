"""What a refund gives back, and what of the order is left: pure, on values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.core.errors import NotFound
from kassa.core.formatting import format_quantity
from kassa.core.money import ZERO, allocate, round_money
from kassa.orders.domain.refund import ReturnedGoods
from kassa.orders.enums import ADMITTING_TICKETS, OrderStatus, TicketStatus
from kassa.payments.domain.refunds.buyer_rules import retention_fee
from kassa.payments.enums import RefundKind
from kassa.payments.errors import GoodsNotRefundable, NothingToRefund, RefundTooLarge, TicketNotRefundable

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
        return self.status in ADMITTING_TICKETS


@dataclass(frozen=True, slots=True)
class PaidGoods:
    """A line of merchandise."""

    id: UUID
    name: str
    total: Decimal
    """What was paid for all pieces."""
    bought: int
    quantity: int
    """Pieces that have not been given back yet."""
    is_handed_over: bool
    """The buyer has them: giving the money back does not put them into stock."""

    def worth(self, quantity: int, currency: str) -> Decimal:
        """Return the price of the last so many pieces, so that all pieces together cost the total."""
        return self.total - round_money(self.total * (self.bought - quantity) / self.bought, currency)


@dataclass(frozen=True, slots=True)
class GoodsSelection:
    """Pieces of one item that are to be given back."""

    item_id: UUID
    quantity: int
    restock: bool | None = None
    """Whether they are in stock again. None: those that the buyer does not have yet are."""


@dataclass(frozen=True, slots=True)
class GoodsBack:
    """Pieces of one item that a refund gives back."""

    item_id: UUID
    quantity: int
    restock: bool
    """They are in stock again."""
    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class RefundableOrder:
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
class RefundSelection:
    """What is to be given back: tickets and goods, an amount, or everything."""

    tickets: tuple[UUID, ...] = ()
    goods: tuple[GoodsSelection, ...] = ()
    amount: Decimal | None = None
    everything: bool = False
    fees: bool | None = None
    """Whether the fees go back with tickets or goods. None: as the organisation's policy says."""
    shipping: bool | None = None
    """The same for shipping."""
    kept_percentage: Decimal = ZERO
    """What is kept back of the tickets' prices, in per cent."""
    restock: bool | None = None
    """Whether the goods of everything are in stock again. None: those that the buyer does not have yet."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What goes back with the last ticket or piece of an order, unless it is asked for otherwise."""

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


def plan_refund(sold: RefundableOrder, wish: RefundSelection, policy: Policy) -> Plan:
    """Return what a wish comes to.

    A ticket or a piece gives back what was paid for it, less its share of amounts that were given back
    before. An amount that is all that is left is a refund of everything: nothing stays without its money.

    Raises:
        NothingToRefund: the order was never sold, or nothing of it is left.
        NotFound: a ticket or an item is not of this order.
        TicketNotRefundable: a ticket is not valid any more.
        GoodsNotRefundable: fewer pieces of an item are left.
        RefundTooLarge: the amount is more than is left.
    """
    if sold.status not in REFUNDABLE:
        raise NothingToRefund(sold.number)
    if wish.tickets or wish.goods:
        return _plan_items(sold, wish, policy)
    has_items = any(ticket.is_live for ticket in sold.tickets) or any(one.quantity for one in sold.goods)
    if sold.left <= 0 and not (wish.everything and has_items):
        raise NothingToRefund(sold.number)
    if wish.amount is not None:
        if wish.amount > sold.left:
            raise RefundTooLarge(wish.amount, sold.left, sold.currency)
        if wish.amount < sold.left:
            line = {"what": "amount", "label": "Amount", "amount": wish.amount}
            return Plan(RefundKind.AMOUNT, wish.amount, (line,), ())
    return _plan_everything(sold, wish.restock)


def _plan_items(sold: RefundableOrder, wish: RefundSelection, policy: Policy) -> Plan:
    chosen = _choose_tickets(sold, wish.tickets)
    prices, worth = _price_what_is_left(sold)
    goods = _choose_goods(sold, wish, worth)
    lines = [_ticket_line(ticket, prices[ticket.id]) for ticket in chosen]
    names = {one.id: one.name for one in sold.goods}
    lines += [_goods_line(back, names[back.item_id]) for back in goods]
    keeps = {
        ticket.id: retention_fee(prices[ticket.id], wish.kept_percentage, sold.currency) for ticket in chosen
    }
    if kept_back := sum(keeps.values(), ZERO):
        lines.append({"what": "kept", "label": "Kept back", "amount": -kept_back})
    is_last = _is_last(sold, chosen, goods)
    left = sold.left - sum((line["amount"] for line in lines if line["what"] != "kept"), ZERO)
    extras, retained = _plan_extras(sold, wish, policy, left=left, is_last=is_last)
    lines += extras
    return Plan(
        RefundKind.TICKETS if chosen else RefundKind.GOODS,
        sum((line["amount"] for line in lines), ZERO),
        tuple(lines),
        tuple((ticket.id, prices[ticket.id] - keeps[ticket.id]) for ticket in chosen),
        goods=goods,
        ends_order=is_last,
        retained=tuple(retained),
    )


def _choose_tickets(sold: RefundableOrder, ticket_ids: Sequence[UUID]) -> list[PaidTicket]:
    by_id = {ticket.id: ticket for ticket in sold.tickets}
    chosen = []
    for ticket_id in dict.fromkeys(ticket_ids):
        ticket = by_id.get(ticket_id)
        if ticket is None:
            raise NotFound("There is no such ticket in this order.", ticket=str(ticket_id))
        if ticket.status != TicketStatus.VALID:
            raise TicketNotRefundable(ticket.code, ticket.status)
        chosen.append(ticket)
    return chosen


def _choose_goods(
    sold: RefundableOrder, wish: RefundSelection, worth: Mapping[UUID, Decimal]
) -> tuple[GoodsBack, ...]:
    """Return the pieces that are asked for; an item may be named twice, to put only a part into stock."""
    by_id = {one.id: one for one in sold.goods}
    left = {one.id: one.quantity for one in sold.goods}
    chosen = []
    for nth, wanted in enumerate(wish.goods):
        goods = by_id.get(wanted.item_id)
        if goods is None:
            raise NotFound("There are no such goods in this order.", item=str(wanted.item_id))
        before = left[goods.id]
        if wanted.quantity > before:
            raise GoodsNotRefundable(goods.name, wanted.quantity, before, field=f"goods.{nth}.quantity")
        left[goods.id] = after = before - wanted.quantity
        amount = _share(goods, before, worth, sold.currency) - _share(goods, after, worth, sold.currency)
        restock = wanted.restock if wanted.restock is not None else not goods.is_handed_over
        chosen.append(GoodsBack(goods.id, wanted.quantity, restock, amount))
    return tuple(chosen)


def _share(goods: PaidGoods, quantity: int, worth: Mapping[UUID, Decimal], currency: str) -> Decimal:
    """Return what the last so many pieces give back, of what all that are left do."""
    whole = goods.worth(goods.quantity, currency)
    part = goods.worth(quantity, currency)
    return round_money(worth[goods.id] * part / whole, currency) if whole else ZERO


def _is_last(sold: RefundableOrder, tickets: Sequence[PaidTicket], goods: Sequence[GoodsBack]) -> bool:
    """Say whether nothing that was bought is left to the buyer once these are given back."""
    gone = {ticket.id for ticket in tickets}
    has_tickets = any(ticket.is_live and ticket.id not in gone for ticket in sold.tickets)
    pieces = sum(one.quantity for one in sold.goods) - sum(back.quantity for back in goods)
    return not has_tickets and pieces == 0


def _plan_extras(
    sold: RefundableOrder, wish: RefundSelection, policy: Policy, *, left: Decimal, is_last: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the lines of fees and shipping that go back, and of those kept although nothing else is left."""
    lines: list[dict[str, Any]] = []
    retained: list[dict[str, Any]] = []
    for what, label, wished, by_policy, rest in (
        ("fees", "Fees", wish.fees, policy.refund_fees, sold.fees_left),
        ("shipping", "Shipping", wish.shipping, policy.refund_shipping, sold.shipping_left),
    ):
        amount = min(rest, left)
        if amount > 0 and (wished if wished is not None else is_last and by_policy):
            left -= amount
            lines.append({"what": what, "label": label, "amount": amount})
        elif amount > 0 and is_last:
            retained.append({"what": what, "label": label, "amount": amount})
    return lines, retained


def _price_what_is_left(sold: RefundableOrder) -> tuple[dict[UUID, Decimal], dict[UUID, Decimal]]:
    """Return what each live ticket, and all pieces left of each item, give back: what was paid for them.

    Where amounts were given back before without a ticket, they count for all that is left of the order in
    proportion, so that nothing takes the money of another.
    """
    live = [ticket for ticket in sold.tickets if ticket.is_live]
    prices = [ticket.price_paid for ticket in live]
    prices += [goods.worth(goods.quantity, sold.currency) for goods in sold.goods]
    extras = [sold.fees_left, sold.shipping_left]
    if sold.left < sum(prices, ZERO) + sum(extras, ZERO):
        prices = allocate(sold.left, [*prices, *extras], sold.currency)[: len(prices)]
    of_tickets, of_goods = prices[: len(live)], prices[len(live) :]
    return (
        {ticket.id: price for ticket, price in zip(live, of_tickets, strict=True)},
        {goods.id: price for goods, price in zip(sold.goods, of_goods, strict=True)},
    )


def _plan_everything(sold: RefundableOrder, restock: bool | None) -> Plan:
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
    goods = []
    for one, back in zip([one for one in sold.goods if one.quantity], all_goods(sold, restock), strict=True):
        worth = one.worth(one.quantity, sold.currency)
        lines.append(_goods_line(replace(back, amount=worth), one.name))
        amount = min(worth, left)
        left -= amount
        goods.append(replace(back, amount=amount))
    lines.append({"what": "fees", "label": "Fees", "amount": sold.fees_left})
    lines.append({"what": "shipping", "label": "Shipping", "amount": sold.shipping_left})
    listed = sum((line["amount"] for line in lines), ZERO)
    rest = sold.left - listed
    label = "Kept so far" if rest > 0 else "Given back before"
    lines.append({"what": "difference", "label": label, "amount": rest})
    shown = tuple(line for line in lines if line["amount"] != 0 or line["what"] in ("ticket", "goods"))
    return Plan(RefundKind.EVERYTHING, sold.left, shown, tuple(tickets), goods=tuple(goods), ends_order=True)


def all_goods(sold: RefundableOrder, restock: bool | None = None) -> tuple[GoodsBack, ...]:
    """Return all goods that were not given back yet; those the buyer has are in stock again only if asked."""
    return tuple(
        GoodsBack(goods.id, goods.quantity, restock if restock is not None else not goods.is_handed_over)
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


def _goods_line(back: GoodsBack, name: str) -> dict[str, Any]:
    return {
        "what": "goods",
        "item": str(back.item_id),
        "quantity": back.quantity,
        "restocked": back.restock,
        "label": format_quantity(back.quantity, name),
        "amount": back.amount,
    }


def build_returned_goods(goods: Sequence[GoodsBack]) -> tuple[ReturnedGoods, ...]:
    """Return what of goods an order takes note of: their pieces, without their worth."""
    return tuple(ReturnedGoods(back.item_id, back.quantity, back.restock) for back in goods)
