"""The provider `stripe`: the buyer pays on Stripe's own page, so no card ever reaches Kassa."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import stripe

from kassa.integrations.stripe.client import call
from kassa.integrations.stripe.reading import Json, moment, own_id, own_key
from kassa.integrations.stripe.refunds import refund_seen, send_refund
from kassa.integrations.stripe.sessions import EXPANDED, LONGEST, made_at_of, session_params, session_seen
from kassa.integrations.stripe.settings import SETTINGS, check_settings, connected_account, webhook_secrets
from kassa.integrations.stripe.signatures import check_signature
from kassa.integrations.stripe.webhooks import organization_named, read_event
from kassa.payments.providers.protocol import (
    Credentials,
    Opened,
    PaymentRequest,
    PaymentSeen,
    PaymentState,
    ProviderEvent,
    ProviderRefused,
    ProviderUnreachable,
    RefundRequest,
    RefundSeen,
    RefundState,
    Setting,
    WebhookRefused,
)


class StripeProvider:
    """Checkout Sessions at Stripe; one object serves all organisations, each with its own key."""

    name = "stripe"
    title = "Stripe"
    settings: tuple[Setting, ...] = SETTINGS
    needs_account = True
    can_refund = True
    needs_urls = True

    def check_configuration(self, credentials: Credentials) -> None:
        """Look at keys and addresses without asking Stripe; raises InvalidInput naming the field."""
        check_settings(credentials)

    def splits_payments(self, credentials: Credentials) -> bool:
        """Say yes where the money goes to a connected account."""
        return bool(connected_account(credentials))

    def days_under_way(self, credentials: Credentials) -> int:
        """Return 0: payments arrive at once."""
        return 0

    def open(self, credentials: Credentials, request: PaymentRequest) -> Opened:
        """Open a session, or return the one that was opened under the same key.

        Raises:
            ProviderRefused: Stripe would not open it.
            ProviderUnreachable: it is not known whether it was opened.
        """

        def create(client: stripe.StripeClient) -> Opened:
            params = session_params(credentials, request)
            try:
                session = client.v1.checkout.sessions.create(
                    params=params, options={"idempotency_key": str(request.key)}
                )
            except stripe.IdempotencyError:
                # Something of the order has changed since the key was first used: the session stays.
                found = _session_of(client, request)
                if found is None:
                    raise
                return _opened(found)
            return _opened(session.to_dict())

        return call(credentials, create)

    def look_up(self, credentials: Credentials, reference: str) -> PaymentSeen:
        """Say how a session stands, with what Stripe kept of the payment.

        Raises:
            ProviderUnreachable: it is not known.
        """
        try:
            return call(credentials, lambda client: _retrieved(client, reference))
        except ProviderRefused as refusal:
            return _unknown(reference, refusal)

    def close(self, credentials: Credentials, reference: str) -> PaymentSeen:
        """End a session, and say how it stands then; what was paid stays paid.

        Raises:
            ProviderUnreachable: it is not known.
        """

        def expire(client: stripe.StripeClient) -> PaymentSeen:
            try:
                return session_seen(client.v1.checkout.sessions.expire(reference).to_dict())
            except stripe.InvalidRequestError:
                # Stripe ends only what is open; anything else stands as it stands.
                return _retrieved(client, reference)

        try:
            return call(credentials, expire)
        except ProviderRefused as refusal:
            return _unknown(reference, refusal)

    def refund(self, credentials: Credentials, request: RefundRequest) -> RefundSeen:
        """Give money back; a refusal of Stripe's is a state.

        Raises:
            ProviderUnreachable: it is not known whether it was done.
        """
        try:
            return call(credentials, lambda client: refund_seen(send_refund(client, credentials, request)))
        except ProviderRefused as refusal:
            return RefundSeen(
                state=RefundState.REFUSED,
                reference="",
                key=request.refund_part_id,
                payment_reference=request.payment_reference,
                amount=request.amount,
                currency=request.currency,
                error=refusal.message,
            )

    def look_up_refund(self, credentials: Credentials, reference: str) -> RefundSeen:
        """Say how a refund stands.

        Raises:
            ProviderUnreachable: it is not known.
        """
        try:
            return call(
                credentials, lambda client: refund_seen(client.v1.refunds.retrieve(reference).to_dict())
            )
        except ProviderRefused as refusal:
            raise ProviderUnreachable(refusal.message) from None

    def organization_of(self, body: bytes) -> UUID | None:
        """Return the organisation that Kassa named when it asked for what the event is about."""
        return organization_named(body)

    def verify_webhook(
        self, credentials: Credentials, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> ProviderEvent:
        """Check signature and clock of an event, and read it.

        Raises:
            WebhookRefused: they are not right, or what was signed cannot be read.
        """
        check_signature(headers=headers, body=body, secrets=webhook_secrets(credentials), now=now)
        try:
            return self.read_webhook(credentials, body)
        except ValueError as error:
            raise WebhookRefused(f"The webhook cannot be read: {error}") from error

    def read_webhook(self, credentials: Credentials, body: bytes) -> ProviderEvent:
        """Read an event that was verified when it came. Raises ValueError if it cannot be read."""
        return read_event(credentials, body)


def _opened(session: Json) -> Opened:
    url = session.get("url")
    return Opened(
        reference=own_id(session),
        checkout_url=url if isinstance(url, str) else "",
        expires_at=moment(session, "expires_at"),
        is_paid=session.get("payment_status") == "no_payment_required",
    )


def _retrieved(client: stripe.StripeClient, reference: str) -> PaymentSeen:
    session = client.v1.checkout.sessions.retrieve(reference, params={"expand": EXPANDED})
    return session_seen(session.to_dict())


def _session_of(client: stripe.StripeClient, request: PaymentRequest) -> Json | None:
    """Return the session that was opened for an attempt; None if there is none."""
    since = (made_at_of(request.key) or request.now - LONGEST) - timedelta(minutes=5)
    sessions = client.v1.checkout.sessions.list(
        params={"created": {"gte": int(since.timestamp())}, "limit": 100}
    )
    for session in sessions.auto_paging_iter():
        if own_key(session.to_dict(), "attempt") == request.key:
            return session.to_dict()
    return None


def _unknown(reference: str, refusal: ProviderRefused) -> PaymentSeen:
    """Return that there is no such session, if that is why Stripe refused."""
    if refusal.code == "resource_missing":
        return PaymentSeen(state=PaymentState.UNKNOWN, reference=reference)
    raise ProviderUnreachable(refusal.message) from None
