"""The money of the one organisation: an order that was paid, and one object of every kind about it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.database import statements
from kassa.core.ids import new_id
from kassa.invoices.domain.issue import invoice_of_order
from kassa.invoices.models import Invoice
from kassa.orders.models import Ticket
from kassa.organizations.models import Organization
from kassa.payments.domain.ledger.journal import Journal
from kassa.payments.domain.manual_status import mark_as_paid
from kassa.payments.domain.payouts.payouts import record_payout
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from kassa.payments.enums import Account, PostingKind
from kassa.payments.models import (
    Dispute,
    EventRefund,
    Payment,
    PaymentAttempt,
    Payout,
    Refund,
    Transaction,
    WebhookEvent,
)
from tests.support.factories import enable_provider, make_actor

PRICE = Decimal("20.00")


def make_money(organization: Organization, order_id: UUID, event_id: UUID) -> dict[str, UUID]:
    """Pay an order by transfer, give a little of it back, pay some of it out; return the ids."""
    enable_provider(organization, "manual")
    attempt_id = make_attempt(organization, order_id)
    actor = make_actor(organization)
    mark_as_paid(
        CommandContext(actor, utc_now()),
        order_id,
        amount=PRICE,
        currency="EUR",
        reference="Line 4",
        received_at=utc_now(),
    )
    payment = Payment.objects.of(organization.id).get(order_id=order_id)
    return {
        "attempt_id": attempt_id,
        "payment_id": payment.id,
        "transaction_id": Transaction.objects.of(organization.id).get(payment=payment).id,
        "refund_id": make_refund(organization, order_id).id,
        "dispute_id": make_dispute(organization, order_id).id,
        "payout_id": make_payout(organization).id,
        "webhook_event_id": make_webhook_event(organization).id,
        "event_refund_id": make_event_refund(organization, event_id).id,
        "invoice_id": make_invoice(organization, order_id).id,
        "ticket_id": Ticket.objects.of(organization.id).filter(order_id=order_id).order_by("id")[0].id,
    }


def make_attempt(organization: Organization, order_id: UUID) -> UUID:
    """Write down an attempt by transfer; no provider is called within a test's transaction."""
    made = PaymentAttempt.objects.of(organization.id).create(
        organization=organization,
        order_id=order_id,
        number=1,
        provider="manual",
        status="open",
        amount=PRICE,
        currency="EUR",
        provider_reference=f"manual-{new_id()}",
    )
    return made.id


def make_refund(organization: Organization, order_id: UUID) -> Refund:
    command = RefundCommand(RefundSelection(amount=Decimal("1.00")), "A wet seat.")
    context = CommandContext(make_actor(organization), utc_now())
    return refund_order(context, order_id, command=command)


def make_dispute(organization: Organization, order_id: UUID) -> Dispute:
    """Write down a dispute that was won: an open one would stand in the way of refunds."""
    payment = Payment.objects.of(organization.id).get(order_id=order_id)
    return Dispute.objects.of(organization.id).create(
        organization=organization,
        order_id=order_id,
        payment=payment,
        provider="manual",
        provider_reference=str(new_id()),
        status="won",
        amount=Decimal("5.00"),
        currency="EUR",
        closed_at=utc_now(),
    )


def make_invoice(organization: Organization, order_id: UUID) -> Invoice:
    """Issue the invoice of an order that costs something; it is paid now if it was not before."""
    if not Payment.objects.of(organization.id).filter(order_id=order_id).exists():
        mark_as_paid(
            CommandContext(make_actor(organization), utc_now()),
            order_id,
            amount=PRICE / 2,
            currency="EUR",
            reference=str(new_id()),
            received_at=utc_now(),
        )
    return invoice_of_order(organization.id, order_id, now=utc_now())


def make_payout(organization: Organization) -> Payout:
    return record_payout(
        CommandContext.system(organization.id, now=utc_now()),
        provider="manual",
        currency="EUR",
        reference=str(new_id()),
        amount=Decimal("2.00"),
    )


def make_webhook_event(organization: Organization, **fields: Any) -> WebhookEvent:
    values: dict[str, Any] = {"provider": "demo", "status": "dead", "body": "{}", "type": "payment"}
    return WebhookEvent.objects.of(organization.id).create(
        organization=organization, provider_event_id=str(new_id()), **{**values, **fields}
    )


def make_event_refund(organization: Organization, event_id: UUID) -> EventRefund:
    now: datetime = utc_now()
    return EventRefund.objects.of(organization.id).create(
        organization=organization, event_id=event_id, status="done", finished_at=now
    )


def make_posting(organization: Organization, order_id: UUID | None = None, *, provider: str = "") -> None:
    """Write a posting from the bank account to what lies at a provider."""
    journal = Journal()
    journal.post(
        PostingKind.PAYOUT_RETURNED,
        Decimal("1.00"),
        "EUR",
        debit=Account.PROVIDER,
        credit=Account.BANK,
        provider=provider or f"p{new_id()}",
        order_id=order_id,
    )
    journal.write(statements(), organization.id, now=utc_now())
