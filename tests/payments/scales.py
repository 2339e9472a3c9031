"""What the demo bank's books and Kassa's must agree on once nothing is under way any more."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Sum

from kassa.core.money import round_money
from kassa.integrations.demo_bank.models import DemoDispute, DemoPayment, DemoRefund
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.payments.enums import SURPLUS_KINDS
from kassa.payments.models import Dispute, LedgerEntry, Payment, Payout, Refund, RefundPart

ZERO = Decimal(0)
EXTRAS = ("fees", "shipping")
UNSOLD = ("draft", "pending", "cancelled", "expired")


def balances_of_orders(organization_id: UUID) -> dict[tuple[UUID | None, str], Decimal]:
    """Return what stands on each account for each order, where it is not at zero."""
    entries = LedgerEntry.objects.of(organization_id).values_list("order_id", "account")
    sums = entries.annotate(amount=Sum("amount")).order_by()
    return {(order_id, account): amount for order_id, account, amount in sums if amount}


def kept_of_orders(organization_id: UUID) -> dict[UUID, Decimal]:
    """Return what has come in for each order and neither gone back nor been promised or taken back."""
    left = F("amount") - F("refunded_amount") - F("disputed_amount")
    payments = Payment.objects.of(organization_id).values_list("order_id").annotate(kept=Sum(left))
    return dict(payments.order_by())


def assert_accounts_say_what_is_open(organization_id: UUID) -> None:
    """Check each order's accounts: what waits, what is promised, what is disputed, what is sold; no more."""
    balances = balances_of_orders(organization_id)
    kept = kept_of_orders(organization_id)
    parts = RefundPart.objects.of(organization_id).filter(status="pending")
    promised = dict(parts.values_list("order_id").annotate(due=Sum("amount")).order_by())
    open_disputes = Dispute.objects.of(organization_id).filter(status="open")
    disputed = dict(open_disputes.values_list("order_id").annotate(due=Sum("amount")).order_by())
    for order in Order.objects.of(organization_id):
        found = {
            account: balances.get((order.id, account), ZERO)
            for account in ("customer", "sales", "refunds_due", "disputes")
        }
        own = kept.get(order.id, ZERO) + disputed.get(order.id, ZERO)
        was_sold = order.confirmed_at is not None
        assert found == {
            "customer": ZERO if was_sold else -own,
            "sales": -own if was_sold else ZERO,
            "refunds_due": -promised.get(order.id, ZERO),
            "disputes": disputed.get(order.id, ZERO),
        }, (order.number, order.status)


def assert_bank_agrees(organization_id: UUID, *, provider: str = "demo") -> None:
    """Check that each sum is booked as it was paid, each refund was made once, and as much lies there."""
    bank = DemoPayment.objects.of(organization_id).filter(status="succeeded")
    ours = Payment.objects.of(organization_id).filter(provider=provider)
    paid = dict(bank.values_list("payment_reference", "amount"))
    booked = dict(ours.values_list("provider_reference", "amount"))
    assert paid == booked, (paid, booked)
    made: dict[UUID, list[tuple[str, Decimal]]] = defaultdict(list)
    for refund in DemoRefund.objects.of(organization_id).exclude(status="refused"):
        made[refund.client_reference].append((refund.status, refund.amount))
    parts = RefundPart.objects.of(organization_id).filter(provider=provider)
    # What the bank refused for good staff have sent from elsewhere: it is booked on the bank, which kept it.
    by_hand = parts.filter(provider_reference__startswith="by hand:")
    asked = {part.id: [(part.status, part.amount)] for part in parts.exclude(id__in=by_hand.values("id"))}
    assert made == asked, (dict(made), asked)
    there, here = held_by_bank(organization_id), held_by_ledger(organization_id, provider)
    elsewhere = by_hand.aggregate(sum=Sum("amount"))["sum"] or ZERO
    assert there == here + elsewhere, (there, here, elsewhere)


def assert_nothing_is_under_way(organization_id: UUID) -> None:
    """Check that no refund waits, and that nobody can pay for what has ended."""
    assert not Refund.objects.of(organization_id).filter(status="pending").exists()
    live = DemoPayment.objects.of(organization_id).filter(status__in=("open", "processing"))
    ended = Order.objects.of(organization_id).exclude(status__in=("draft", "pending"))
    assert not live.filter(order_number__in=ended.values("number")).exists()


def held_by_bank(organization_id: UUID) -> Decimal:
    """Return what the bank holds by its own books, payouts apart."""
    sums = DemoPayment.objects.of(organization_id).filter(status="succeeded")
    held = sums.aggregate(
        held=Sum(F("amount") - F("gateway_fee") - F("refunded_amount") - F("disputed_amount"))
    )
    fees = DemoDispute.objects.of(organization_id).aggregate(fees=Sum("fee"))
    return (held["held"] or ZERO) - (fees["fees"] or ZERO)


def held_by_ledger(organization_id: UUID, provider: str) -> Decimal:
    """Return what the bank holds by Kassa's ledger, payouts apart."""
    entries = LedgerEntry.objects.of(organization_id).filter(account="provider", provider=provider)
    payouts = Payout.objects.of(organization_id).filter(provider=provider, status="paid")
    held, paid_out = (rows.aggregate(sum=Sum("amount"))["sum"] or ZERO for rows in (entries, payouts))
    return held + paid_out


def assert_money_and_tickets_belong_together(organization_id: UUID) -> None:
    """Check that as much is kept of each order as is worth what its buyer still has of it.

    Fees and shipping may be kept beyond it; what was given back as an amount, or taken by a bank, makes it
    less.
    """
    kept = kept_of_orders(organization_id)
    for order in Order.objects.of(organization_id).exclude(status__in=("draft", "pending")):
        has, worth = kept.get(order.id, ZERO), _worth(order)
        if order.status in UNSOLD:
            assert (has, worth) == (ZERO, ZERO), (order.number, order.status)
            continue
        given = Refund.objects.of(organization_id).filter(order_id=order.id).exclude(kind__in=SURPLUS_KINDS)
        lost = Dispute.objects.of(organization_id).filter(order_id=order.id, status="lost")
        extras = order.fees + order.shipping
        assert has <= worth + extras, (order.number, order.status, has, worth, extras)
        if not given.filter(kind="amount").exists() and not lost.exists():
            lines = (line for refund in given for line in refund.lines if line["what"] in EXTRAS)
            extras -= sum((Decimal(line["amount"]) for line in lines), ZERO)
            assert has == worth + extras, (order.number, order.status)


def _worth(order: Order) -> Decimal:
    """Return what was paid for what the buyer still has."""
    tickets = Ticket.objects.of(order.organization_id).filter(order_id=order.id, status__in=("valid", "used"))
    goods = OrderItem.objects.of(order.organization_id).filter(order_id=order.id, kind="merchandise")
    worth: Decimal = tickets.aggregate(sum=Sum("price_paid"))["sum"] or ZERO
    if order.status not in (*UNSOLD, "refunded"):
        worth += sum((_left_of(item, order.currency) for item in goods), ZERO)
    return worth


def _left_of(item: OrderItem, currency: str) -> Decimal:
    """Return what was paid for the pieces that the buyer still has."""
    gone = round_money(item.total * item.refunded_quantity / item.quantity, currency)
    left: Decimal = item.total - gone
    return left
