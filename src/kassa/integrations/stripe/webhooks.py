"""Stripe's events, in Kassa's words. Nothing here asks Stripe anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from kassa.integrations.stripe.disputes import dispute_seen, payout_seen
from kassa.integrations.stripe.reading import TYPE_PATTERN, Json, code, moment, own_id, own_key, part
from kassa.integrations.stripe.refunds import refund_seen
from kassa.integrations.stripe.sessions import intent_seen, session_seen
from kassa.integrations.stripe.settings import connected_account
from kassa.payments.providers.protocol import (
    Credentials,
    DisputeSeen,
    PaymentSeen,
    PaymentState,
    PayoutSeen,
    PayoutState,
    ProviderEvent,
    RefundSeen,
)

Seen = PaymentSeen | RefundSeen | DisputeSeen | PayoutSeen | None

SESSION_EVENTS: dict[str, PaymentState | None] = {
    "checkout.session.completed": None,
    "checkout.session.async_payment_succeeded": PaymentState.SUCCEEDED,
    "checkout.session.async_payment_failed": PaymentState.FAILED,
    "checkout.session.expired": PaymentState.EXPIRED,
}
"""What a session event says of the payment. None: the session's own fields say it."""
INTENT_EVENTS = {
    "payment_intent.processing": PaymentState.PROCESSING,
    "payment_intent.succeeded": PaymentState.SUCCEEDED,
    # One means was declined; on the same page the buyer may try the next one. Should the page be done
    # with, `checkout.session.async_payment_failed` says so.
    "payment_intent.payment_failed": PaymentState.OPEN,
    # Stripe cancels an intent of a session only when the session ends.
    "payment_intent.canceled": PaymentState.EXPIRED,
}
REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
"""`charge.refunded` is left out: it names the sum of all refunds, each of which has an event of its own."""
DISPUTE_EVENTS = "charge.dispute."
PAYOUT_EVENTS = {"payout.paid": PayoutState.PAID, "payout.failed": PayoutState.FAILED}
GIVEN_UP = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")


def organization_named(body: bytes) -> UUID | None:
    """Return the organisation in the metadata of what an event is about; None if it names none."""
    try:
        return own_key(part(part(_parsed(body), "data"), "object"), "organization")
    except ValueError:
        return None


def read_event(credentials: Credentials, body: bytes) -> ProviderEvent:
    """Read an event, whatever may stand in it.

    Raises:
        ValueError: it cannot be read.
    """
    event = _parsed(body)
    event_type = event.get("type")
    if not isinstance(event_type, str) or not TYPE_PATTERN.match(event_type):
        raise ValueError("An event of Stripe's has no type.")
    return ProviderEvent(
        id=own_id(event),
        type=event_type,
        seen=_seen(credentials, event, event_type),
        occurred_at=moment(event, "created"),
    )


def _parsed(body: bytes) -> Json:
    try:
        event = json.loads(body)
    except RecursionError:
        raise ValueError("The event is nested too deeply.") from None
    if not isinstance(event, Mapping):
        raise ValueError("The event is not an object.")  # noqa: TRY004 - what came is wrong, not who reads
    return event


def _seen(credentials: Credentials, event: Json, event_type: str) -> Seen:
    """Return what an event tells of the organisation's money; None if nothing."""
    subject = part(part(event, "data"), "object")
    account = connected_account(credentials)
    if event_type in PAYOUT_EVENTS:
        # A platform hears of the payouts of all its accounts; its own are not the organisation's.
        is_ours = (event.get("account") or "") == account
        return payout_seen(subject, PAYOUT_EVENTS[event_type]) if is_ours else None
    organization = own_key(subject, "organization")
    if event.get("account") or (organization and organization != credentials.organization_id):
        return None
    if event_type in REFUND_EVENTS:
        return refund_seen(subject)
    if event_type.startswith(DISPUTE_EVENTS):
        return dispute_seen(subject)
    return _payment_seen(subject, event_type)


def _payment_seen(subject: Json, event_type: str) -> PaymentSeen | None:
    """Return what an event tells of an attempt; None if it is none of Kassa's."""
    if own_key(subject, "attempt") is None:
        return None
    if event_type in SESSION_EVENTS:
        return session_seen(subject, told=SESSION_EVENTS[event_type])
    if event_type not in INTENT_EVENTS:
        return None
    state = INTENT_EVENTS[event_type]
    if state is PaymentState.EXPIRED and code(subject, "cancellation_reason") in GIVEN_UP:
        state = PaymentState.CANCELLED
    return intent_seen(subject, state)
