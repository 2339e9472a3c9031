"""Checkout Sessions: what one is opened with, and how one stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from stripe.params.checkout import SessionCreateParams, SessionCreateParamsPaymentIntentData

from kassa.integrations.stripe.amounts import to_minor
from kassa.integrations.stripe.reading import (
    Json,
    amount,
    code,
    currency_of,
    id_of,
    own_id,
    own_key,
    part,
    parts,
    sentence,
)
from kassa.integrations.stripe.settings import connected_account
from kassa.payments.providers.protocol import Credentials, PaymentRequest, PaymentSeen, PaymentState

SHORTEST = timedelta(minutes=45)
"""Stripe wants 30 minutes from when it is asked; the rest is for asking again, and for clocks that differ."""
LONGEST = timedelta(hours=23, minutes=55)
"""Stripe allows 24 hours."""
EXPANDED = ["payment_intent.latest_charge.balance_transaction"]


def session_params(credentials: Credentials, request: PaymentRequest) -> SessionCreateParams:
    """Return what a session is opened with. The same request gives the same, whatever the time.

    Raises:
        NotChargeable: Stripe cannot charge the amount.
    """
    metadata = {
        "organization": str(credentials.organization_id),
        "order": str(request.order_id),
        "attempt": str(request.key),
    }
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.currency.lower(),
                    "unit_amount": to_minor(request.amount, request.currency),
                    "product_data": {"name": request.order_number[:250]},
                },
            }
        ],
        "client_reference_id": str(request.order_id),
        "metadata": metadata,
        "payment_intent_data": _intent_data(credentials, request, metadata),
        "success_url": request.return_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(ends_at(request).timestamp()),
        # The buyer pays exactly the order's amount in the order's currency.
        "adaptive_pricing": {"enabled": False},
    }
    if request.description:
        params["line_items"][0]["price_data"]["product_data"]["description"] = request.description[:500]
    if request.customer_email:
        params["customer_email"] = request.customer_email
    return params


def _intent_data(
    credentials: Credentials, request: PaymentRequest, metadata: dict[str, str]
) -> SessionCreateParamsPaymentIntentData:
    data: SessionCreateParamsPaymentIntentData = {
        "metadata": metadata,
        "description": request.order_number[:250],
    }
    account = connected_account(credentials)
    if account:
        data["transfer_data"] = {"destination": account}
        if request.platform_fee:
            data["application_fee_amount"] = to_minor(request.platform_fee, request.currency)
    return data


def ends_at(request: PaymentRequest) -> datetime:
    """Return when the session ends by itself: with the hold on the places, as far as Stripe allows.

    It counts from when the attempt was made, not from now: what is asked under one key must stay the same.
    """
    made_at = made_at_of(request.key) or request.now
    latest = made_at + LONGEST
    return min(max(request.holds_until or latest, made_at + SHORTEST), latest)


def made_at_of(key: UUID) -> datetime | None:
    """Return the moment that an identifier of version 7 carries; None for other versions."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, UTC) if key.version == 7 else None


def session_seen(session: Json, *, told: PaymentState | None = None) -> PaymentSeen:
    """Return how a session stands; `told` is what an event says of it beyond its fields.

    Raises:
        ValueError: it cannot be read.
    """
    intent = part(session, "payment_intent")
    charge = part(intent, "latest_charge")
    return PaymentSeen(
        state=told or _state(session, intent),
        reference=own_id(session),
        key=own_key(session, "attempt"),
        payment_reference=id_of(session, "payment_intent"),
        amount=amount(session, "amount_total"),
        currency=currency_of(session),
        method=code(part(charge, "payment_method_details"), "type") or _only_method(session),
        gateway_fee=_fee_of_organisation(intent, charge, currency_of(session)),
        error=sentence(part(intent, "last_payment_error"), "message"),
    )


def _state(session: Json, intent: Json) -> PaymentState:
    """Return the state that the money is in; where both are known, the intent has the last word."""
    status, intent_status = code(session, "status"), code(intent, "status")
    if intent_status == "succeeded" or code(session, "payment_status") in ("paid", "no_payment_required"):
        return PaymentState.SUCCEEDED
    if intent_status == "processing":
        return PaymentState.PROCESSING
    if status == "complete":
        # The buyer is through with the page: a payment that needs another means has failed.
        failed = intent_status in ("requires_payment_method", "canceled")
        return PaymentState.FAILED if failed else PaymentState.PROCESSING
    if status == "expired":
        return PaymentState.EXPIRED
    if status == "open":
        return PaymentState.OPEN
    raise ValueError("A session has a state that Kassa does not know.")


def _only_method(record: Json) -> str:
    """Return the way of paying, if only one was offered."""
    offered = record.get("payment_method_types")
    return code({"only": offered[0]}, "only") if isinstance(offered, list) and len(offered) == 1 else ""


def _fee_of_organisation(intent: Json, charge: Json, currency: str) -> Decimal | None:
    """Return what Stripe keeps of the organisation's money; None if it is not known in this currency."""
    if part(intent, "transfer_data"):
        # The payment is made at the platform, which pays Stripe's fee and passes the whole amount on.
        return Decimal(0)
    return gateway_fee(part(charge, "balance_transaction"), currency)


def gateway_fee(balance_transaction: Json, currency: str) -> Decimal | None:
    """Return what Stripe keeps, without the platform's fee; None if it is not known in this currency."""
    if not balance_transaction or currency_of(balance_transaction) != currency:
        # An account that is settled in another currency pays its fees in that one.
        return None
    details = parts(balance_transaction, "fee_details")
    kept = [amount(fee, "amount", currency) for fee in details if code(fee, "type") != "application_fee"]
    if not details:
        return amount(balance_transaction, "fee")
    return sum((fee for fee in kept if fee is not None), Decimal(0))


def intent_seen(intent: Json, state: PaymentState) -> PaymentSeen:
    """Return how an attempt stands by its PaymentIntent.

    Raises:
        ValueError: it cannot be read.
    """
    is_paid = state is PaymentState.SUCCEEDED
    return PaymentSeen(
        state=state,
        reference="",
        key=own_key(intent, "attempt"),
        payment_reference=own_id(intent),
        amount=amount(intent, "amount_received" if is_paid else "amount"),
        currency=currency_of(intent),
        method=_only_method(intent),
        error="" if is_paid else sentence(part(intent, "last_payment_error"), "message"),
    )
