"""Reads of payments: what an actor may see comes from here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from kassa.catalog.models import Event
from kassa.core.clock import format_moment
from kassa.core.errors import NotFound
from kassa.core.money import ZERO, format_amount
from kassa.orders.domain.order_view import is_overdue
from kassa.orders.enums import HOLDING
from kassa.orders.queries import orders_of
from kassa.payments.domain.documents import attempt_document
from kassa.payments.domain.events import dispute_document, payment_document, refund_document
from kassa.payments.domain.refunds.refund_intent import parts_by_refund
from kassa.payments.enums import AttemptStatus
from kassa.payments.models import (
    Dispute,
    EventRefund,
    LedgerEntry,
    Payment,
    PaymentAttempt,
    Payout,
    Refund,
    RefundPart,
    Transaction,
    WebhookEvent,
)


def payments_of_order(organization_id: UUID, order_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Return all money of an order, oldest first, and what it adds up to, in six queries.

    ``outstanding`` is what is still to be paid while the order waits for it.

    Raises:
        NotFound: the organisation has no such order.
    """
    order = orders_of(organization_id).filter(id=order_id).first()
    if order is None:
        raise NotFound
    attempts = PaymentAttempt.objects.of(organization_id).filter(order_id=order_id).order_by("number")
    payments = list(Payment.objects.of(organization_id).filter(order_id=order_id).order_by("id"))
    refunds = Refund.objects.of(organization_id).filter(order_id=order_id).order_by("id")
    disputes = Dispute.objects.of(organization_id).filter(order_id=order_id).order_by("id")
    parts: dict[UUID, list[RefundPart]] = defaultdict(list)
    for part in RefundPart.objects.of(organization_id).filter(order_id=order_id).order_by("id"):
        parts[part.refund_id].append(part)
    received = sum((payment.amount for payment in payments), ZERO)
    kept = sum(
        (payment.amount - payment.refunded_amount - payment.disputed_amount for payment in payments), ZERO
    )
    pending = sum(
        (part.amount for of_refund in parts.values() for part in of_refund if part.status == "pending"), ZERO
    )
    promised = sum((payment.refunded_amount for payment in payments), ZERO)
    waits = order.status in HOLDING and not is_overdue(order, now)
    outstanding = max(order.total - kept, ZERO) if waits else ZERO

    def shown(amount: Decimal) -> str:
        return format_amount(amount, order.currency)

    return {
        "order": str(order.id),
        "number": order.number,
        "currency": order.currency,
        "payment_status": str(order.payment_status),
        "total": shown(order.total),
        "received": shown(received),
        "outstanding": shown(outstanding),
        "refunded": shown(promised - pending),
        "refunding": shown(pending),
        "attempts": [attempt_document(attempt) for attempt in attempts],
        "payments": [payment_document(payment) for payment in payments],
        "refunds": [refund_document(refund, parts[refund.id]) for refund in refunds],
        "disputes": [dispute_document(dispute) for dispute in disputes],
        "links": {"order": f"/api/v1/orders/{order.id}"},
    }


def refunds_of(organization_id: UUID, order_id: UUID) -> list[dict[str, Any]]:
    """Return all refunds of an order, oldest first, in three queries.

    Raises:
        NotFound: the organisation has no such order.
    """
    _check_order(organization_id, order_id)
    refunds = Refund.objects.of(organization_id).filter(order_id=order_id).order_by("id")
    return refund_documents(organization_id, list(refunds))


def refund_of(organization_id: UUID, order_id: UUID, refund_id: UUID) -> dict[str, Any]:
    """Return one refund of an order.

    Raises:
        NotFound: the order has no such refund.
    """
    refunds = list(Refund.objects.of(organization_id).filter(order_id=order_id, id=refund_id))
    if not refunds:
        raise NotFound
    return refund_documents(organization_id, refunds)[0]


def refund_documents(organization_id: UUID, refunds: Sequence[Refund]) -> list[dict[str, Any]]:
    """Return refunds with their parts, in one query however many they are."""
    parts = parts_by_refund(organization_id, [refund.id for refund in refunds])
    return [refund_document(refund, parts.get(refund.id, [])) for refund in refunds]


def transactions_of(
    organization_id: UUID,
    *,
    type: str | None = None,  # noqa: A002  # the name of the column, and of the filter over HTTP
    status: Collection[str] = (),
    order: UUID | None = None,
    payment_method: str | None = None,
    created_from: datetime | None = None,
    created_before: datetime | None = None,
) -> QuerySet[Transaction]:
    """Return the movements of money that fit; ``stripe`` as the method means all that Stripe moved."""
    transactions = Transaction.objects.of(organization_id)
    if payment_method is not None:
        at_provider = Payment.objects.of(organization_id).filter(
            id=OuterRef("payment_id"), provider=payment_method
        )
        transactions = transactions.filter(Q(payment_method=payment_method) | Exists(at_provider))
    exact: dict[str, Any] = {
        "type": type,
        "status__in": status or None,
        "order_id": order,
        "created_at__gte": created_from,
        "created_at__lt": created_before,
    }
    return transactions.filter(**{name: value for name, value in exact.items() if value is not None})


def balances_of(organization_id: UUID) -> list[dict[str, Any]]:
    """Return what stands on each account of the ledger, by provider and currency, in one query."""
    rows = (
        LedgerEntry.objects.of(organization_id)
        .values("account", "provider", "currency")
        .annotate(balance=Sum("amount"))
        .order_by("account", "provider", "currency")
    )
    return [{**row, "balance": format_amount(row["balance"], row["currency"])} for row in rows]


def ledger_of_order(organization_id: UUID, order_id: UUID) -> list[dict[str, Any]]:
    """Return the postings of an order with their entries, oldest first, in two queries.

    Raises:
        NotFound: the organisation has no such order.
    """
    _check_order(organization_id, order_id)
    postings: dict[UUID, list[LedgerEntry]] = {}
    for entry in LedgerEntry.objects.of(organization_id).filter(order_id=order_id).order_by("id"):
        postings.setdefault(entry.posting_id, []).append(entry)
    return [_posting(posting_id, entries) for posting_id, entries in postings.items()]


def _posting(posting_id: UUID, entries: Sequence[LedgerEntry]) -> dict[str, Any]:
    first = entries[0]
    return {
        "id": str(posting_id),
        "kind": str(first.kind),
        "transaction": None if first.transaction_id is None else str(first.transaction_id),
        "currency": first.currency,
        "created_at": format_moment(first.created_at),
        "entries": [
            {
                "account": str(entry.account),
                "provider": entry.provider,
                "amount": format_amount(entry.amount, entry.currency),
            }
            for entry in entries
        ],
    }


def webhook_events_of(organization_id: UUID) -> QuerySet[WebhookEvent]:
    """Return what providers have told."""
    return WebhookEvent.objects.of(organization_id)


def disputes_of(organization_id: UUID) -> QuerySet[Dispute]:
    """Return all chargebacks."""
    return Dispute.objects.of(organization_id)


def payouts_of(organization_id: UUID) -> QuerySet[Payout]:
    """Return all payouts."""
    return Payout.objects.of(organization_id)


def event_refunds_of(organization_id: UUID, event_id: UUID) -> QuerySet[EventRefund]:
    """Return the runs that have refunded, or refund, all that was sold for an event.

    Raises:
        NotFound: the organisation has no such event.
    """
    if not Event.objects.of(organization_id).filter(id=event_id, deleted_at=None).exists():
        raise NotFound
    return EventRefund.objects.of(organization_id).filter(event_id=event_id)


def _check_order(organization_id: UUID, order_id: UUID) -> None:
    if not orders_of(organization_id).filter(id=order_id).exists():
        raise NotFound


def find_last_attempt(organization_id: UUID, order_id: UUID) -> PaymentAttempt | None:
    """Return the latest attempt to pay an order. None: there was none."""
    return PaymentAttempt.objects.of(organization_id).filter(order_id=order_id).order_by("-number").first()


def find_checkout_url(organization_id: UUID, order_id: UUID) -> str | None:
    """Return the page on which an order can be paid now. None: none is open."""
    attempts = PaymentAttempt.objects.of(organization_id).filter(order_id=order_id, status=AttemptStatus.OPEN)
    return attempts.exclude(checkout_url="").values_list("checkout_url", flat=True).first()


def list_refunds_with_parts(organization_id: UUID, order_id: UUID) -> list[tuple[Refund, list[RefundPart]]]:
    """Return the refunds of an order, oldest first, in two queries."""
    refunds = list(Refund.objects.of(organization_id).filter(order_id=order_id).order_by("id"))
    parts = parts_by_refund(organization_id, [refund.id for refund in refunds]) if refunds else {}
    return [(refund, list(parts.get(refund.id, ()))) for refund in refunds]
