"""Refunds: sent once for each key, however long ago it was first tried."""

from __future__ import annotations

import stripe
from stripe.params import RefundCreateParams, RefundListParams

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
)
from kassa.payments.providers.protocol import Credentials, RefundRequest, RefundSeen, RefundState

STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.REFUSED,
    "canceled": RefundState.REFUSED,
}


def send_refund(client: stripe.StripeClient, credentials: Credentials, request: RefundRequest) -> Json:
    """Return the refund that was made under the key, or make it.

    Stripe forgets a key after a day. The refunds of a payment it does not forget, and ours carry their key.
    """
    intent = client.v1.payment_intents.retrieve(
        request.payment_reference, params={"expand": ["latest_charge.refunds"]}
    ).to_dict()
    known = _known(client, request, intent)
    if known is not None:
        return known
    params = _params(credentials, request, intent)
    return client.v1.refunds.create(params=params, options={"idempotency_key": request.key}).to_dict()


def _known(client: stripe.StripeClient, request: RefundRequest, intent: Json) -> Json | None:
    """Return the refund of this payment that carries the key; None if there is none."""
    charge = part(intent, "latest_charge")
    found = [refund for refund in parts(charge, "refunds") if _has_key(refund, request.key)]
    if found or not part(charge, "refunds").get("has_more"):
        return found[0] if found else None
    query: RefundListParams = {"payment_intent": request.payment_reference, "limit": 100}
    for refund in client.v1.refunds.list(params=query).auto_paging_iter():
        if _has_key(refund.to_dict(), request.key):
            return refund.to_dict()
    return None


def _has_key(refund: Json, key: str) -> bool:
    return bool(part(refund, "metadata").get("refund_key") == key)


def _params(credentials: Credentials, request: RefundRequest, intent: Json) -> RefundCreateParams:
    params: RefundCreateParams = {
        "payment_intent": request.payment_reference,
        "amount": to_minor(request.amount, request.currency),
        "reason": "requested_by_customer",
        "metadata": {
            "organization": str(credentials.organization_id),
            "refund_part": str(request.refund_part_id),
            "refund_key": request.key,
            "reason": request.reason[:500],
        },
    }
    # As the payment was made, not as the account is configured today: it may have changed since.
    if part(intent, "transfer_data"):
        params["reverse_transfer"] = True
    # The platform's fee is not given back: it is booked as paid, once, with the payment.
    return params


def refund_seen(refund: Json) -> RefundSeen:
    """Return how a refund stands.

    Raises:
        ValueError: it cannot be read.
    """
    state = STATES.get(code(refund, "status"))
    if state is None:
        raise ValueError("A refund has a state that Kassa does not know.")
    failure = code(refund, "failure_reason").replace("_", " ")
    return RefundSeen(
        state=state,
        reference=own_id(refund),
        key=own_key(refund, "refund_part"),
        payment_reference=id_of(refund, "payment_intent"),
        amount=amount(refund, "amount"),
        currency=currency_of(refund),
        error=f"Stripe could not give the money back: {failure or code(refund, 'status')}."
        if state is RefundState.REFUSED
        else "",
    )
