"""Orders that wait while the demo bank has their money already, and the messages it has to tell of it.

Orders are placed by Kassa itself. Their attempts to pay and the bank's own books, which another
benchmark would have to open one by one, are written many at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from benchmarks.errors import BenchmarkFailed
from benchmarks.seed import Shop
from benchmarks.server import Stage
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.integrations.demo_bank.enums import PaymentStatus
from kassa.integrations.demo_bank.messages import payment_data, write_message
from kassa.integrations.demo_bank.models import DemoPayment
from kassa.integrations.demo_bank.references import EVENT, PAYMENT, PAYMENT_PAGE, new_reference
from kassa.integrations.demo_bank.signing import HEADER, sign
from kassa.payments.domain.accounts import configure_provider
from kassa.payments.enums import AttemptStatus
from kassa.payments.models import PaymentAttempt, WebhookEvent
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import Customer, OrderRequest, RequestedLine

PROVIDER = "demo"
PRICE, FEE, CURRENCY = Decimal(90), Decimal("1.60"), "EUR"
AT_ONCE = 250
"""So many orders are placed in one transaction."""
NOTE_ATTEMPTS = """
UPDATE orders_order SET status = 'pending', payment_attempts = 1, last_payment_attempt_at = now(),
    updated_at = now()
WHERE organization_id = %s AND status = 'draft'
"""


class NotPlaced(BenchmarkFailed):
    """An order that was to wait for its payment was refused."""


def offer_payment(shop: Shop) -> None:
    """Let the customers of a shop pay at the demo bank."""
    configure_provider(
        CommandContext.system(shop.organization_id, now=_now()),
        PROVIDER,
        configuration={},
        secrets={},
        is_enabled=True,
    )


def place_waiting(stage: Stage, shop: Shop, count: int) -> list[DemoPayment]:
    """Place orders of two tickets that were paid a moment ago; return the payments in the bank's books.

    Raises:
        NotPlaced: an order was refused.
    """
    payments: list[DemoPayment] = []
    for start in range(0, count, AT_ONCE):
        orders = _place(shop, min(AT_ONCE, count - start))
        pages = {new_reference(PAYMENT_PAGE, shop.organization_id): order_id for order_id in orders}
        attempts = [_attempt(shop, order_id, page) for page, order_id in pages.items()]
        PaymentAttempt.unscoped.bulk_create(attempts)
        payments += DemoPayment.unscoped.bulk_create(
            pay_at_bank(shop.organization_id, key=attempt.id, reference=page)
            for page, attempt in zip(pages, attempts, strict=True)
        )
    stage.connection.execute(NOTE_ATTEMPTS, (shop.organization_id,))
    stage.connection.execute("ANALYZE")
    stage.checkpoint()
    return payments


def message_of(payment: DemoPayment) -> bytes:
    """Return what the bank tells of a payment."""
    return write_message(
        event_id=new_reference(EVENT, payment.organization_id),
        kind="payment",
        organization_id=payment.organization_id,
        data=payment_data(payment),
        now=_now(),
    ).encode()


def store_messages(payments: Sequence[DemoPayment]) -> None:
    """Store what the bank tells of payments, as if it had been received."""
    WebhookEvent.unscoped.bulk_create(
        WebhookEvent(
            organization_id=payment.organization_id,
            provider=PROVIDER,
            provider_event_id=new_reference(EVENT, payment.organization_id),
            type="payment.succeeded",
            body=message_of(payment).decode(),
            received_at=_now(),
            next_try_at=_now(),
        )
        for payment in payments
    )


def webhook_requests(organization_id: UUID, payments: Sequence[DemoPayment]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the requests that tell of payments, signed now."""
    prepared = [(message_of(payment), payment.reference.encode()) for payment in payments]
    for body, reference in prepared:
        head = (
            f"POST /webhooks/{PROVIDER}/{organization_id} HTTP/1.1\r\n"
            "Host: 127.0.0.1\r\n"
            "Content-Type: application/json\r\n"
            f"{HEADER}: {sign(organization_id, body, now=_now())}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield reference, head.encode() + body


def _place(shop: Shop, count: int) -> list[UUID]:
    [ticket_type_id] = shop.ticket_type_ids
    line = RequestedLine(item_id=ticket_type_id, is_product=False, quantity=2)
    requests = []
    for _ in range(count):
        key = uuid4().hex
        requests.append(
            OrderRequest(
                actor=Actor.system(shop.organization_id),
                lines=(line,),
                customer=Customer(email="ada@example.com", first_name="Ada", last_name="Lovelace"),
                idempotency_key=key,
                fingerprint=hashlib.sha256(key.encode()).digest(),
            )
        )
    order_ids = []
    for outcome in place_orders(shop.organization_id, requests, now=_now()):
        if not isinstance(outcome, Placed):
            raise NotPlaced(str(outcome))
        order_ids.append(outcome.order_id)
    return order_ids


def _attempt(shop: Shop, order_id: UUID, page: str) -> PaymentAttempt:
    return PaymentAttempt(
        organization_id=shop.organization_id,
        order_id=order_id,
        number=1,
        provider=PROVIDER,
        status=AttemptStatus.OPEN,
        amount=PRICE,
        currency=CURRENCY,
        provider_reference=page,
        check_at=_now() + timedelta(minutes=30),
    )


def pay_at_bank(organization_id: UUID, *, key: UUID, reference: str) -> DemoPayment:
    """Return a payment of the price of an order, for the bank's books; it is not written yet."""
    return DemoPayment(
        organization_id=organization_id,
        key=key,
        reference=reference,
        payment_reference=new_reference(PAYMENT, organization_id),
        amount=PRICE,
        currency=CURRENCY,
        gateway_fee=FEE,
        status=PaymentStatus.SUCCEEDED,
        expires_at=_now() + timedelta(hours=24),
    )


def _now() -> datetime:
    return datetime.now(UTC)
