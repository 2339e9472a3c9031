"""Buyers give tickets back, and orders that they have not paid, within the organiser's rules."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.catalog.enums import EventStatus
from kassa.catalog.models import Event
from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import NotFound
from kassa.core.money import format_amount
from kassa.orders.domain.capabilities import is_sold
from kassa.orders.locks import lock_orders
from kassa.orders.models import Ticket
from kassa.organizations.models import OrganizationSettings
from kassa.organizations.queries import organization_settings
from kassa.payments.domain.manual_status import cancel_and_refund
from kassa.payments.domain.refunds.buyer_rules import BuyerRules, HeldTicket, Return, may_give_back
from kassa.payments.domain.refunds.plan import Plan, RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, execute_refund, preview_refund
from kassa.payments.enums import WhyKept
from kassa.payments.errors import ReturnRefused, ReturnTermsChanged
from kassa.payments.models import Refund


def rules_of(settings: OrganizationSettings) -> BuyerRules:
    """Return what an organisation allows its buyers."""
    return BuyerRules(
        is_enabled=settings.buyer_refunds_enabled,
        until_hours=settings.buyer_refund_until_hours,
        kept_percentage=settings.buyer_refund_fee_percentage,
    )


def returns_of(
    tickets: Collection[Ticket], events: dict[UUID, Event], rules: BuyerRules, *, now: datetime
) -> dict[UUID, Return]:
    """Say of each ticket whether its buyer may give it back; their events have been read."""
    return {
        ticket.id: may_give_back(_held(ticket, events[ticket.event_id]), rules, now=now) for ticket in tickets
    }


def preview_return(
    organization_id: UUID, order_id: UUID, *, ticket_ids: Sequence[UUID], now: datetime
) -> tuple[Plan, str]:
    """Return what giving tickets back would pay back and why, and the currency; nothing is written.

    Raises:
        NotFound: there is no such order, or no such ticket in it.
        ReturnRefused: a ticket cannot be given back by its buyer.
        DisputeOpen, NothingToRefund, TicketNotRefundable: as for every refund.
    """
    wish = _checked(organization_id, order_id, ticket_ids, now=now)
    return preview_refund(organization_id, order_id, wish=wish)


@command(None, or_kinds=[ActorKind.BUYER])
def return_tickets(
    context: CommandContext,
    order_id: UUID,
    *,
    ticket_ids: Sequence[UUID],
    agreed: Decimal,
) -> Refund:
    """Give tickets back for their buyer. The same tickets again return the same refund.

    ``agreed`` is what the buyer was told would come back: no other sum is paid back in their name.

    Raises:
        NotFound: there is no such order, or no such ticket in it.
        ReturnRefused: a ticket cannot be given back by its buyer.
        ReturnTermsChanged: another sum would come back than was agreed to.
        DisputeOpen, NothingToRefund, TicketNotRefundable: as for every refund.
    """
    organization_id = context.organization_id
    chosen = sorted(set(ticket_ids))
    fingerprint = hashlib.sha256(b"".join(one.bytes for one in chosen)).digest()
    key = f"buyer:{fingerprint.hex()}"
    with transaction.atomic(), connection.wrap_database_errors:
        _, orders = lock_orders(context, [order_id])
        if not orders:
            raise NotFound
        known = Refund.objects.of(organization_id).filter(order_id=order_id, idempotency_key=key).first()
        if known is not None:
            return known
        # The door looks at tickets, not at orders: nobody is let in while their ticket goes back.
        list(
            Ticket.objects.of(organization_id)
            .filter(id__in=chosen)
            .order_by("id")
            .select_for_update(no_key=True)
        )
        wish = _checked(organization_id, order_id, chosen, now=context.now)
        plan, currency = preview_refund(organization_id, order_id, wish=wish)
        if plan.amount != agreed:
            raise ReturnTermsChanged(format_amount(plan.amount, currency), currency)
        wanted = RefundCommand(wish, context.reason, idempotency_key=key, fingerprint=fingerprint)
        return execute_refund(context, order_id, command=wanted)


@command(None, or_kinds=[ActorKind.BUYER])
def cancel_unpaid(context: CommandContext, order_id: UUID) -> dict[str, Any]:
    """Cancel an order that its buyer has not paid, and give back what came in of it; twice is as once.

    Raises:
        NotFound: there is no such order.
        ReturnRefused: it is paid: its tickets can be given back, if anything can.
        OrderExpired: its hold is over.
        DisputeOpen: the buyer's bank holds the money.
    """
    with transaction.atomic(), connection.wrap_database_errors:
        _, orders = lock_orders(context, [order_id])
        if not orders:
            raise NotFound
        [order] = orders
        if is_sold(order):
            raise ReturnRefused(order.number, WhyKept.PAID)
        return cancel_and_refund(context, order_id)


def _checked(
    organization_id: UUID, order_id: UUID, ticket_ids: Sequence[UUID], *, now: datetime
) -> RefundSelection:
    if not ticket_ids:
        raise NotFound("Choose the tickets to give back.")
    tickets = list(Ticket.objects.of(organization_id).filter(order_id=order_id, id__in=list(ticket_ids)))
    if len(tickets) != len(set(ticket_ids)):
        raise NotFound("There is no such ticket in this order.")
    rules = rules_of(organization_settings(organization_id))
    events = Event.objects.of(organization_id).in_bulk({ticket.event_id for ticket in tickets})
    for one in returns_of(tickets, events, rules, now=now).values():
        if one.why_not is not None:
            raise ReturnRefused(one.ticket.code, one.why_not)
    wish = RefundSelection(tickets=tuple(ticket_ids))
    return replace(wish, kept_percentage=rules.kept_percentage)


def _held(ticket: Ticket, event: Event) -> HeldTicket:
    return HeldTicket(
        id=ticket.id,
        code=ticket.code,
        status=ticket.status,
        is_given_away=ticket.transferred_at is not None,
        is_blocked=ticket.blocked_at is not None,
        is_frozen=ticket.frozen_at is not None,
        starts_at=event.starts_at,
        is_event_cancelled=event.status == EventStatus.CANCELLED,
    )
