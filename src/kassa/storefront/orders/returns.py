"""What a buyer may give back of an order, and what would come back for what they have chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.functional import Promise

from kassa.catalog.models import Event
from kassa.orders.models import Order, Ticket
from kassa.organizations.models import OrganizationSettings
from kassa.payments.domain.refunds.buyer_refund import returns_of, rules_of
from kassa.payments.domain.refunds.buyer_rules import Return
from kassa.payments.domain.refunds.plan import REFUNDABLE, Plan
from kassa.payments.enums import WhyKept
from kassa.storefront.formatting import amount_text, moment_text
from kassa.storefront.messages import RETAINED, WHY_KEPT
from kassa.storefront.orders.money import RefundLine, refund_lines
from kassa.storefront.orders.tickets import EventTickets, TicketLine
from kassa.storefront.templatetags.seats import seat_name


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """A ticket, and whether it may be given back."""

    line: TicketLine
    why_not: Promise | None
    """None: it may."""
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class EventReturns:
    """The tickets of one event, and which of them may be given back."""

    of_event: EventTickets
    until: str
    """Before when they may; empty: at any time, or not at all."""
    lines: tuple[ReturnLine, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come back."""

    tickets: tuple[tuple[str, str], ...]
    """What each is called, and what was paid for it."""
    lines: tuple[RefundLine, ...]
    total: str
    retained: tuple[RefundLine, ...]
    """What was paid beside the tickets and does not come back."""
    agreed: Decimal
    ends_order: bool


def ticket_returns(
    order: Order,
    tickets: Sequence[Ticket],
    events: Mapping[UUID, Event],
    settings: OrganizationSettings,
    *,
    now: datetime,
) -> dict[UUID, Return]:
    """Say of each ticket whether it may be given back; empty: the order is not sold."""
    if order.status not in REFUNDABLE:
        return {}
    return returns_of(tickets, dict(events), rules_of(settings), now=now)


def is_returnable(returns: Mapping[UUID, Return]) -> bool:
    """Say whether there is anything that may be given back."""
    return any(one.why_not is None for one in returns.values())


def return_lines(
    events: Sequence[EventTickets], returns: Mapping[UUID, Return], chosen: Sequence[UUID]
) -> tuple[EventReturns, ...]:
    """Return all tickets with what may be done with them; what has ended is left out."""
    found = (
        EventReturns(
            of_event,
            _until(of_event, returns),
            tuple(
                _line(line, returns[line.ticket.id], chosen)
                for line in of_event.lines
                if returns[line.ticket.id].why_not != WhyKept.OVER
            ),
        )
        for of_event in events
    )
    return tuple(one for one in found if one.lines)


def preview_of(plan: Plan, currency: str, events: Sequence[EventTickets]) -> Preview:
    """Return what a plan pays back, in words."""
    names = {
        str(line.ticket.id): " ".join(filter(None, (line.type_name, seat_name(line.ticket.seat_label))))
        for of_event in events
        for line in of_event.lines
    }
    return Preview(
        tickets=tuple(
            (names[line["ticket"]], amount_text(line["amount"], currency))
            for line in plan.lines
            if line["what"] == "ticket"
        ),
        lines=refund_lines(plan.lines, currency),
        total=amount_text(plan.amount, currency),
        retained=refund_lines(plan.retained, currency, names=RETAINED),
        agreed=plan.amount,
        ends_order=plan.ends_order,
    )


def _until(of_event: EventTickets, returns: Mapping[UUID, Return]) -> str:
    moments = (returns[line.ticket.id] for line in of_event.lines)
    until = next((one.until for one in moments if one.until and one.why_not is None), None)
    return moment_text(until, of_event.event.time_zone) if until else ""


def _line(line: TicketLine, one: Return, chosen: Sequence[UUID]) -> ReturnLine:
    return ReturnLine(
        line=line,
        why_not=None if one.why_not is None else WHY_KEPT[one.why_not],
        is_chosen=one.why_not is None and line.ticket.id in chosen,
    )
