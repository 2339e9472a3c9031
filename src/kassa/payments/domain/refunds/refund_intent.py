"""Money is promised back: written down, taken off the payments it came from, and sent by a job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson

from kassa.core.command_context import CommandContext
from kassa.core.database import Statements, plain_array, text_array
from kassa.core.ids import new_id
from kassa.core.money import format_amount
from kassa.core.outbox import write_events
from kassa.orders.domain.refund import add_promised
from kassa.payments.domain.events import refund_event
from kassa.payments.domain.ledger.journal import Journal
from kassa.payments.domain.ledger.transactions import NewTransaction, write_transactions
from kassa.payments.domain.refunds.plan import GoodsBack
from kassa.payments.enums import (
    SURPLUS_KINDS,
    Account,
    PostingKind,
    RefundKind,
    RefundStatus,
    TransactionStatus,
    TransactionType,
)
from kassa.payments.errors import RefundTooLarge
from kassa.payments.jobs import PROVIDERS_QUEUE, SEND_REFUNDS, defer_on_commit
from kassa.payments.models import Refund, RefundPart
from kassa.payments.providers.registry import providers

PAYMENTS = """
SELECT id, order_id, provider, method, provider_reference, user_id,
       amount - refunded_amount - disputed_amount AS left
FROM payments_payment WHERE organization_id = %s AND order_id = ANY(%s::uuid[]) ORDER BY order_id, id
"""
INSERT_REFUNDS = """
INSERT INTO payments_refund (id, organization_id, order_id, kind, status, amount, currency, lines, reason,
    reduces_sales, requested_by, requested_by_kind, idempotency_key, fingerprint, created_at, completed_at)
SELECT d.id, %s, d.order_id, d.kind, CASE WHEN d.amount = 0 THEN 'succeeded' ELSE 'pending' END, d.amount,
    d.currency, d.lines::jsonb, d.reason, d.reduces_sales, %s, %s, d.key, decode(d.fingerprint, 'hex'), %s,
    CASE WHEN d.amount = 0 THEN %s::timestamptz END
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::numeric[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::text[], %s::bool[])
     AS d(id, order_id, kind, amount, currency, lines, reason, key, fingerprint, reduces_sales)
"""
INSERT_PARTS = """
INSERT INTO payments_refundpart (id, organization_id, refund_id, payment_id, order_id, provider, amount,
    currency, created_at, next_try_at)
SELECT d.id, %s, d.refund_id, d.payment_id, d.order_id, d.provider, d.amount, d.currency, %s,
    CASE WHEN d.by_hand THEN NULL ELSE %s::timestamptz END
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::numeric[], %s::text[], %s::bool[])
     AS d(id, refund_id, payment_id, order_id, provider, amount, currency, by_hand)
"""
INSERT_TICKETS = """
INSERT INTO payments_refundedticket (id, organization_id, refund_id, ticket_id, amount)
SELECT d.id, %s, d.refund_id, d.ticket_id, d.amount
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::numeric[]) AS d(id, refund_id, ticket_id, amount)
"""
INSERT_GOODS = """
INSERT INTO payments_refundedgoods (id, organization_id, refund_id, item_id, quantity, is_restocked, amount)
SELECT d.id, %s, d.refund_id, d.item_id, d.quantity, d.is_restocked, d.amount
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int[], %s::bool[], %s::numeric[])
     AS d(id, refund_id, item_id, quantity, is_restocked, amount)
"""
TAKE_OFF_PAYMENTS = """
UPDATE payments_payment p SET refunded_amount = p.refunded_amount + d.amount
FROM unnest(%s::uuid[], %s::numeric[]) AS d(id, amount) WHERE p.organization_id = %s AND p.id = d.id
"""


@dataclass(frozen=True, slots=True)
class RefundIntent:
    """A refund about to be written. An order has one promise of a kind in one transaction at most."""

    order_id: UUID
    kind: RefundKind
    amount: Decimal
    currency: str
    reason: str
    lines: tuple[Mapping[str, Any], ...] = ()
    tickets: tuple[tuple[UUID, Decimal], ...] = ()
    goods: tuple[GoodsBack, ...] = ()
    was_sold: bool = True
    """False: the money never paid for anything, because the order was not confirmed."""
    idempotency_key: str | None = None
    fingerprint: bytes | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def reduces_sales(self) -> bool:
        """Whether it is taken from what was sold; otherwise the money is the customer's own."""
        return self.was_sold and self.kind not in SURPLUS_KINDS

    @property
    def shown_lines(self) -> list[dict[str, Any]]:
        lines = self.lines or ({"what": self.kind.value, "label": self.reason, "amount": self.amount},)
        return [{**line, "amount": format_amount(line["amount"], self.currency)} for line in lines]


@dataclass(slots=True)
class _Part:
    id: UUID
    promise: RefundIntent
    payment: Any
    amount: Decimal


def create_refunds(
    database: Statements, organization_id: UUID, promises: Sequence[RefundIntent], *, context: CommandContext
) -> None:
    """Write refunds of locked orders and take them off their payments; a job sends the money.

    Raises:
        RefundTooLarge: the payments do not have that much left; the caller's transaction rolls back.
    """
    if not promises:
        return
    order_ids = plain_array({promise.order_id for promise in promises})
    rows = database.queue(PAYMENTS, (organization_id, order_ids), named=True).fetchall()
    by_order = {order_id: list(group) for order_id, group in groupby(rows, key=lambda row: row.order_id)}
    left = {row.id: row.left for row in rows}
    parts: list[_Part] = []
    for promise in promises:
        parts += _allocate(promise, by_order.get(promise.order_id, []), left)
    _write(database, organization_id, promises, parts, context)
    _write_books(database, organization_id, parts, context)
    _tell(database, organization_id, promises, context)
    if parts:
        defer_on_commit(SEND_REFUNDS, organization_id, queue=PROVIDERS_QUEUE)


def _allocate(promise: RefundIntent, payments: Sequence[Any], left: dict[UUID, Decimal]) -> list[_Part]:
    """Spread a refund over payments: what was too much goes back to the last, all else to the first."""
    ordered = payments[::-1] if promise.kind in SURPLUS_KINDS else payments
    open_amount = promise.amount
    parts = []
    for payment in ordered:
        amount = min(open_amount, left[payment.id])
        if amount > 0:
            parts.append(_Part(new_id(), promise, payment, amount))
            left[payment.id] -= amount
            open_amount -= amount
    if open_amount > 0:
        raise RefundTooLarge(promise.amount, promise.amount - open_amount, promise.currency)
    return parts


def _write(
    database: Statements,
    organization_id: UUID,
    promises: Sequence[RefundIntent],
    parts: Sequence[_Part],
    context: CommandContext,
) -> None:
    tickets = [(new_id(), promise.id, *ticket) for promise in promises for ticket in promise.tickets]
    goods = [
        (new_id(), promise.id, back.item_id, back.quantity, back.restock, back.amount)
        for promise in promises
        for back in promise.goods
    ]
    known = providers()
    by_hand = [
        part.payment.provider not in known or not known[part.payment.provider].can_refund for part in parts
    ]
    with database.trip():
        database.queue(INSERT_REFUNDS, _refund_columns(organization_id, promises, context))
        if parts:
            database.queue(
                INSERT_PARTS,
                (
                    organization_id,
                    context.now,
                    context.now,
                    plain_array([part.id for part in parts]),
                    plain_array([part.promise.id for part in parts]),
                    plain_array([part.payment.id for part in parts]),
                    plain_array([part.promise.order_id for part in parts]),
                    text_array([part.payment.provider for part in parts]),
                    plain_array([part.amount for part in parts]),
                    plain_array([part.promise.currency for part in parts]),
                    plain_array(by_hand),
                ),
            )
            taken = _sums((part.payment.id, part.amount) for part in parts)
            database.queue(
                TAKE_OFF_PAYMENTS, (plain_array(taken), plain_array(taken.values()), organization_id)
            )
        if tickets:
            columns = [plain_array(column) for column in zip(*tickets, strict=True)]
            database.queue(INSERT_TICKETS, (organization_id, *columns))
        if goods:
            columns = [plain_array(column) for column in zip(*goods, strict=True)]
            database.queue(INSERT_GOODS, (organization_id, *columns))
        noted = _sums(
            (promise.order_id, promise.amount)
            for promise in promises
            if promise.kind not in SURPLUS_KINDS and promise.amount
        )
        add_promised(database, organization_id, noted, now=context.now)


def _refund_columns(
    organization_id: UUID, promises: Sequence[RefundIntent], context: CommandContext
) -> tuple[Any, ...]:
    return (
        organization_id,
        context.actor.id,
        context.actor.kind.value,
        context.now,
        context.now,
        plain_array([promise.id for promise in promises]),
        plain_array([promise.order_id for promise in promises]),
        plain_array([promise.kind.value for promise in promises]),
        plain_array([promise.amount for promise in promises]),
        plain_array([promise.currency for promise in promises]),
        text_array([orjson.dumps(promise.shown_lines).decode() for promise in promises]),
        text_array([promise.reason for promise in promises]),
        text_array([promise.idempotency_key for promise in promises]),
        text_array([promise.fingerprint.hex() if promise.fingerprint else None for promise in promises]),
        plain_array([promise.reduces_sales for promise in promises]),
    )


def _write_books(
    database: Statements, organization_id: UUID, parts: Sequence[_Part], context: CommandContext
) -> None:
    journal = Journal()
    rows = []
    for part in parts:
        payment, promise = part.payment, part.promise
        row = NewTransaction(
            id=new_id(),
            type=TransactionType.REFUND,
            status=TransactionStatus.PENDING,
            amount=part.amount,
            currency=promise.currency,
            payment_method=payment.method,
            payment_intent_id=payment.provider_reference,
            order_id=promise.order_id,
            user_id=payment.user_id,
            payment_id=payment.id,
            refund_part_id=part.id,
        )
        rows.append(row)
        journal.post(
            PostingKind.REFUND_PROMISED,
            part.amount,
            promise.currency,
            debit=Account.SALES if promise.reduces_sales else Account.CUSTOMER,
            credit=Account.REFUNDS_DUE,
            provider="",
            order_id=promise.order_id,
            transaction_id=row.id,
        )
    with database.trip():
        write_transactions(database, organization_id, rows, now=context.now)
        journal.write(database, organization_id, now=context.now)


def _tell(
    database: Statements, organization_id: UUID, promises: Sequence[RefundIntent], context: CommandContext
) -> None:
    ids = [promise.id for promise in promises]
    refunds = Refund.objects.of(organization_id).filter(id__in=ids).order_by("id")
    parts = parts_by_refund(organization_id, ids)
    events = []
    for refund in refunds:
        own = parts.get(refund.id, [])
        events.append(refund_event("refund.requested", refund, own))
        if refund.status == RefundStatus.SUCCEEDED:  # there was nothing to send
            events.append(refund_event("refund.completed", refund, own))
    write_events(database, organization_id, events, now=context.now)


def parts_by_refund(organization_id: UUID, refund_ids: Iterable[UUID]) -> dict[UUID, list[RefundPart]]:
    """Return the parts of refunds, by refund, in one query."""
    found: dict[UUID, list[RefundPart]] = {}
    parts = RefundPart.objects.of(organization_id).filter(refund_id__in=list(refund_ids)).order_by("id")
    for part in parts:
        found.setdefault(part.refund_id, []).append(part)
    return found


def _sums(pairs: Iterable[tuple[UUID, Decimal]]) -> dict[UUID, Decimal]:
    sums: dict[UUID, Decimal] = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, Decimal(0)) + amount
    return sums
