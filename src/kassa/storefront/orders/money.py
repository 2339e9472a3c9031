"""What an order cost, what of it went back and how far that has come, and the papers about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from kassa.invoices.domain.issue import is_credited
from kassa.orders.models import Order
from kassa.payments.enums import SURPLUS_KINDS, RefundStatus
from kassa.payments.models import Refund, RefundPart
from kassa.payments.queries import list_refunds_with_parts
from kassa.storefront.formatting import amount_text, day_text
from kassa.storefront.messages import REFUND, REFUND_LINE, Standing


@dataclass(frozen=True, slots=True)
class Sum:
    """One line below the others."""

    kind: str
    amount: str


@dataclass(frozen=True, slots=True)
class RefundLine:
    """What of a refund is for what."""

    what: Promise | str
    amount: str


@dataclass(frozen=True, slots=True)
class GivenBack:
    """One refund, as far as it has come."""

    id: UUID
    amount: str
    asked_on: str
    standing: Standing
    done_on: str
    """When the money was back; empty: it is not."""
    is_surplus: bool
    """The money never paid for anything."""
    has_credit_note: bool


def sums_of(order: Order) -> tuple[Sum, ...]:
    """Return what the total is made of; nothing, where that is the price alone."""
    told = _told(
        order,
        subtotal=order.subtotal,
        discount=-order.discount,
        fees=order.fees,
        taxes=order.taxes,
        shipping=order.shipping,
    )
    return told if [one.kind for one in told] != ["subtotal"] else ()


def sums_below(order: Order) -> tuple[Sum, ...]:
    """Return what is told of the total: the tax in it, and what went back."""
    return _told(
        order,
        included=order.included_taxes,
        refunded=-order.refunded_amount,
        refunding=-order.refunding_amount,
    )


def given_back(order: Order, *, time_zone: str) -> tuple[GivenBack, ...]:
    """Return the refunds of an order, oldest first, in two queries."""
    return tuple(
        GivenBack(
            id=refund.id,
            amount=amount_text(refund.amount, refund.currency),
            asked_on=day_text(refund.created_at, time_zone),
            standing=REFUND[refund_state(refund, parts)],
            done_on=day_text(refund.completed_at, time_zone) if refund.completed_at else "",
            is_surplus=refund.kind in SURPLUS_KINDS,
            has_credit_note=is_credited(refund, order),
        )
        for refund, parts in list_refunds_with_parts(order.organization_id, order.id)
    )


def _told(order: Order, **amounts: Decimal) -> tuple[Sum, ...]:
    return tuple(Sum(kind, amount_text(amount, order.currency)) for kind, amount in amounts.items() if amount)


def refund_state(refund: Refund, parts: Sequence[RefundPart]) -> str:
    """Return how a refund stands, as a key of ``words.REFUND``; the worst of its parts counts."""
    if refund.status == RefundStatus.SUCCEEDED:
        return "back" if refund.amount else "nothing"
    waiting = [part for part in parts if part.status == RefundStatus.PENDING]
    if any(part.refusals for part in waiting):
        return "refused"
    if any(part.next_try_at is None for part in waiting):
        return "by_hand"
    return "sent" if any(part.provider_reference for part in waiting) else "promised"


def refund_lines(
    lines: Sequence[Mapping[str, Any]], currency: str, *, names: Mapping[str, Promise] = REFUND_LINE
) -> tuple[RefundLine, ...]:
    """Return what a refund is made of; tickets are called by what they are, without their codes."""
    return tuple(
        RefundLine(names.get(line["what"], line["label"]), amount_text(Decimal(line["amount"]), currency))
        for line in lines
        if line["what"] != "ticket"
    )
