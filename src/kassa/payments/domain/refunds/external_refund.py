"""A refund that was made on the provider's own pages: it is booked as one of ours that is done already."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.core.stored_sentences import stored_sentence
from kassa.orders.locks import lock_orders
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.payments.domain.refunds.progress import note_refunds
from kassa.payments.domain.refunds.refund import RefundCommand, refund_locked
from kassa.payments.domain.webhooks.outcomes import Settled, Unsettled
from kassa.payments.enums import RefundStatus
from kassa.payments.models import Payment, RefundPart
from kassa.payments.providers.protocol import RefundSeen

REASON = stored_sentence("Given back on the provider's own pages.")


def book_external_refund(payment: Payment, seen: RefundSeen, *, now: datetime) -> Settled | Unsettled:
    """Book an amount that the provider has given back without being asked by us, if the order has it left.

    What is all that is left ends the order's tickets. It is promised and done in one transaction, so that
    no job sends it. While a refund of ours of the same payment has no answer, it may be that one: it waits.
    """
    organization_id, order_id = payment.organization_id, payment.order_id
    context = CommandContext(Actor.system(organization_id), now, REASON)
    parts = RefundPart.objects.of(organization_id).filter(payment_id=payment.id)
    try:
        with transaction.atomic(), connection.wrap_database_errors:
            database, orders = lock_orders(context, [order_id])
            if parts.filter(provider_reference=seen.reference).exists():
                return Settled("known", order_id)
            unanswered = parts.filter(status=RefundStatus.PENDING, provider_reference=None)
            if unanswered.filter(tries__gt=F("refusals")).exists():
                sentence = "It may be a refund that the provider was asked for and has not answered yet."
                return Unsettled("refund_unknown", sentence, is_final=False, order_id=order_id)
            command = RefundCommand(RefundSelection(amount=seen.amount), REASON)
            outcome = refund_locked(database, organization_id, {order_id: command}, orders, context=context)[
                order_id
            ]
            if isinstance(outcome, KassaError):
                return _unbooked(payment, outcome.detail)
            made = RefundPart.objects.of(organization_id).filter(refund_id=outcome.id)
            ids = [part.id for part in made if part.payment_id == payment.id]
            if len(ids) != made.count():
                transaction.set_rollback(True)
                return _unbooked(payment, "Other payments of the order have to go back first.")
            note_refunds(organization_id, {ids[0]: seen}, now=now, context=context)
    except KassaError as error:
        return _unbooked(payment, error.detail)
    return Settled("refund_made_elsewhere", order_id)


def _unbooked(payment: Payment, why: str) -> Unsettled:
    return Unsettled(
        "refund_unknown",
        f"A refund was made on the provider's own pages, and cannot be booked: {why}",
        is_final=True,
        order_id=payment.order_id,
    )
