"""Any sequence of paying, failing, trying again, expiring, giving back and disputing: the books balance.

The machine plays buyers, staff, the bank, its messages and the clock, in any order. After every step all
books are held against each other; at the end all that is under way is brought to its end, and then the bank
and Kassa must say the same, and nobody has a ticket without money or has paid without a ticket.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kassa.core.errors import KassaError
from kassa.integrations.demo_bank.enums import RefundMode, Speed, WebhookMode
from kassa.integrations.demo_bank.models import DemoDispute, DemoPayment, DemoWebhook
from kassa.orders.models import Order
from kassa.payments.models import Dispute, PaymentAttempt
from tests.payments import scales
from tests.payments.till import BANK_MODES, TAMPERED, Till
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_coupon, make_event, make_product, make_ticket_type

ANY = st.integers(0, 99)
SHARES = st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("0.33")])
HOLDING = ("draft", "pending")


class MoneyMachine(RuleBasedStateMachine):
    """Knows nothing of how money should move; only what must never be, and where it all has to end."""

    def __init__(self) -> None:
        super().__init__()
        self.till = Till(service_fee_percentage=Decimal(5), service_fee_fixed=Decimal("0.50"))
        organization = self.till.organization
        event = make_event(organization, capacity=7)
        self.offer: list[Any] = [
            make_ticket_type(event, quantity=4, price=Decimal("19.99")),
            make_ticket_type(event, quantity=3, price=Decimal("7.77")),
            make_ticket_type(event, quantity=3, price=0),
            make_product(organization, stock=4),
        ]
        seats = [seat.id for seat in (self.till.best_seat, *self.till.seats[1:3])]
        type(self.till.best_seat).unscoped.filter(organization=organization).exclude(id__in=seats).update(
            status="blocked"
        )
        self.offer.append(self.till.seated)
        self.coupon = make_coupon(organization, max_usage_per_user=1)
        self.has_failed = False

    def attempt(self, act: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        """Do something that may be refused for a reason."""
        with suppress(KassaError):
            return act(*arguments, **more)
        return None

    def some(self, rows: Any, nth: int) -> Any:
        found = list(rows.order_by("id"))
        return found[nth % len(found)] if found else None

    def order(self, nth: int, *statuses: str) -> Any:
        rows = Order.objects.of(self.till.id)
        return self.some(rows.filter(status__in=statuses) if statuses else rows, nth)

    def page(self, nth: int) -> Any:
        return self.some(DemoPayment.objects.of(self.till.id).filter(status="open"), nth)

    @property
    def has_orders(self) -> bool:
        return Order.objects.of(self.till.id).exists()

    # Buyers.

    @rule(
        customer=st.sampled_from(["ada@example.com", "bob@example.com"]),
        quantities=st.dictionaries(st.integers(0, 4), st.integers(1, 2), min_size=1, max_size=3),
        has_coupon=st.booleans(),
    )
    def place(self, customer: str, quantities: dict[int, int], has_coupon: bool) -> None:
        lines = [
            line(self.offer[kind], count, **({"best_available": True} if kind == 4 else {}))
            for kind, count in quantities.items()
        ]
        self.till.try_to_place(lines, email=customer, coupon_code=self.coupon.code if has_coupon else None)

    @rule(nth=ANY, provider=st.sampled_from(["demo", "demo", "manual"]), has_key=st.booleans())
    def open(self, nth: int, provider: str, has_key: bool) -> None:
        if order := self.order(nth, *HOLDING):
            key = str(uuid4()) if has_key else None
            self.attempt(self.till.open_at, order, provider, idempotency_key=key)

    @rule(nth=ANY)
    def retry(self, nth: int) -> None:
        if order := self.order(nth, *HOLDING):
            self.attempt(self.till.retry, order)

    @rule(nth=ANY)
    def cancel_attempt(self, nth: int) -> None:
        if attempt := self.some(PaymentAttempt.objects.of(self.till.id), nth):
            self.attempt(self.till.cancel_attempt, attempt)

    @rule(
        nth=ANY,
        webhook=st.sampled_from(WebhookMode),
        speed=st.sampled_from(Speed),
        refunds=st.sampled_from(RefundMode),
    )
    def pay(self, nth: int, webhook: WebhookMode, speed: Speed, refunds: RefundMode) -> None:
        if page := self.page(nth):
            self.attempt(self.till.pay_page, page, webhook=webhook, speed=speed, refunds=refunds)

    @rule(nth=ANY, webhook=st.sampled_from(WebhookMode), speed=st.sampled_from(Speed))
    def fail(self, nth: int, webhook: WebhookMode, speed: Speed) -> None:
        if page := self.page(nth):
            self.attempt(self.till.decline_page, page, webhook=webhook, speed=speed)

    @rule(quantities=st.integers(0, 1), webhook=st.sampled_from([WebhookMode.AT_ONCE, WebhookMode.NEVER]))
    def buy_at_once(self, quantities: int, webhook: WebhookMode) -> None:
        """All of an ordinary sale in one step, so that much of a run is about what comes after it."""
        order = self.till.try_to_place([line(self.offer[quantities], 2)])
        attempt = order and self.attempt(self.till.open_at, order, "demo")
        if attempt and attempt.provider_reference:
            page = DemoPayment.objects.of(self.till.id).get(reference=attempt.provider_reference)
            self.attempt(self.till.pay_page, page, webhook=webhook)
            self.till.deliver_all()
            self.till.settle()

    # The bank, its messages and the clock.

    @rule(mode=st.sampled_from(BANK_MODES))
    def bank_answers(self, mode: dict[str, Any]) -> None:
        self.till.bank_answers(mode)

    @rule()
    def bank_moves_on(self) -> None:
        self.till.bank_moves_on()

    @precondition(lambda self: DemoWebhook.objects.of(self.till.id).exists())
    @rule(nth=ANY, times=st.integers(1, 2), settles=st.booleans())
    def deliver(self, nth: int, times: int, settles: bool) -> None:
        """Any message, an old one or a new one, in any order."""
        for _ in range(times):
            self.till.deliver(self.some(DemoWebhook.objects.of(self.till.id), nth))
        if settles:
            self.till.settle()

    @precondition(lambda self: DemoWebhook.objects.of(self.till.id).exists())
    @rule(nth=ANY, how=st.sampled_from(sorted(TAMPERED)))
    def deliver_wrongly(self, nth: int, how: str) -> None:
        self.till.deliver_tampered(self.some(DemoWebhook.objects.of(self.till.id), nth), how)
        self.till.settle()

    @rule()
    def settle(self) -> None:
        self.till.settle()

    @rule(minutes=st.sampled_from([1, 10, 29, 31, 120]))
    def let_time_pass(self, minutes: int) -> None:
        self.till.later += timedelta(minutes=minutes)

    @rule()
    def expire(self) -> None:
        self.till.expire()

    @rule()
    def reconcile(self) -> None:
        self.till.reconcile()

    @rule()
    def close_ended(self) -> None:
        self.till.close_ended()

    @rule()
    def sweep(self) -> None:
        self.till.sweep()

    @rule()
    def send_refunds(self) -> None:
        self.till.send_refunds()

    @rule(nth=ANY, share=SHARES)
    def dispute(self, nth: int, share: Decimal) -> None:
        if payment := self.some(DemoPayment.objects.of(self.till.id).filter(status="succeeded"), nth):
            self.attempt(self.till.open_dispute, payment, share)

    @rule(nth=ANY, is_won=st.booleans())
    def decide(self, nth: int, is_won: bool) -> None:
        if dispute := self.some(DemoDispute.objects.of(self.till.id).filter(status="open"), nth):
            # What was promised back before Kassa heard of a dispute cannot be sent while that is open. Were
            # such a dispute lost, the buyer would have the money and staff the dead message to act on.
            is_known = Dispute.objects.of(self.till.id).filter(provider_reference=dispute.reference).exists()
            self.till.decide_dispute(dispute, is_won=is_won or not is_known)

    # Staff.

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY, share=st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("1.2")]))
    def transfer(self, nth: int, share: Decimal) -> None:
        self.attempt(self.till.mark_as_paid, self.order(nth), share)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY)
    def cancel(self, nth: int) -> None:
        self.attempt(self.till.cancel_order, self.order(nth))

    @rule(nth=ANY)
    def confirm_by_hand(self, nth: int) -> None:
        if order := self.order(nth, *HOLDING):
            self.attempt(self.till.confirm, order)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY, which=st.integers(1, 7), key=st.sampled_from([None, "a", "b"]))
    def refund_tickets(self, nth: int, which: int, key: str | None) -> None:
        self.attempt(self.till.refund_some, self.order(nth), which, key)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY, quantity=st.integers(1, 3), restock=st.none() | st.booleans())
    def refund_goods(self, nth: int, quantity: int, restock: bool | None) -> None:
        self.attempt(self.till.refund_goods, self.order(nth), nth, quantity, restock=restock)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY, share=SHARES)
    def refund_amount(self, nth: int, share: Decimal) -> None:
        self.attempt(self.till.refund_share, self.order(nth), share)

    @precondition(lambda self: self.has_orders)
    @rule(nth=ANY)
    def refund_everything(self, nth: int) -> None:
        self.attempt(self.till.refund_all, self.order(nth))

    @rule()
    def send_back_by_hand(self) -> None:
        self.till.send_back_by_hand()

    @rule()
    def pay_out(self) -> None:
        self.attempt(self.till.pay_out)

    # What must hold after every step, and at the end.

    @invariant()
    def books_balance(self) -> None:
        organization_id: UUID = self.till.id
        try:
            assert_books_balance(organization_id)
            scales.assert_accounts_say_what_is_open(organization_id)
        except AssertionError:
            self.has_failed = True
            raise

    def teardown(self) -> None:
        if self.has_failed:
            return
        self.till.bring_all_to_its_end()
        assert_books_balance(self.till.id)
        scales.assert_accounts_say_what_is_open(self.till.id)
        scales.assert_bank_agrees(self.till.id)
        scales.assert_nothing_is_under_way(self.till.id)
        scales.assert_money_and_tickets_belong_together(self.till.id)


def test_money_and_tickets_belong_together_whatever_happens(transactional_db: None) -> None:
    run_state_machine_as_test(
        MoneyMachine,
        settings=settings(
            max_examples=8,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],  # Looking for a shorter failure takes minutes here.
            suppress_health_check=list(HealthCheck),
        ),
    )
