"""What banks do by themselves: disputes and payouts."""

from __future__ import annotations

from tests.integrations.fake_stripe.account import Account, Record

DISPUTE_FEE = 2000


def open_dispute(
    account: Account, intent_id: str, *, amount: int | None, reason: str, is_inquiry: bool
) -> Record:
    """Dispute a payment; an inquiry only asks and takes no money."""
    intent = account.get("payment_intent", intent_id)
    disputed = intent["amount"] if amount is None else amount
    dispute = account.add(
        "dispute",
        "du",
        amount=disputed,
        currency=intent["currency"],
        charge=intent["latest_charge"],
        payment_intent=intent_id,
        reason=reason,
        metadata={},
        status="warning_needs_response" if is_inquiry else "needs_response",
        balance_transactions=[] if is_inquiry else [_movement(account, intent["currency"], -disputed)],
    )
    account.tell("charge.dispute.created", dispute)
    if not is_inquiry:
        account.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def _movement(account: Account, currency: str, amount: int) -> Record:
    fee = DISPUTE_FEE if amount < 0 else 0
    return account.add(
        "balance_transaction", "txn", amount=amount, fee=fee, net=amount - fee, currency=currency
    )


def close_dispute(account: Account, dispute_id: str, status: str) -> Record:
    """Decide a dispute: `won`, `lost` or `warning_closed`."""
    dispute = account.get("dispute", dispute_id)
    dispute["status"] = status
    account.tell("charge.dispute.closed", dispute)
    if status == "won":
        dispute["balance_transactions"].append(_movement(account, dispute["currency"], dispute["amount"]))
        account.tell("charge.dispute.funds_reinstated", dispute)
    return dispute


def pay_out(account: Account, amount: int, currency: str, *, connected: str | None) -> Record:
    """Send money to the bank of the account, or of a connected one."""
    payout = account.add("payout", "po", amount=amount, currency=currency, status="paid", metadata={})
    payout |= {"failure_message": None, "connected": connected}
    account.tell("payout.paid", payout, account=connected)
    return payout


def return_payout(account: Account, payout_id: str, message: str) -> Record:
    """Let a bank send a payout back."""
    payout = account.get("payout", payout_id)
    payout |= {"status": "failed", "failure_message": message}
    account.tell("payout.failed", payout, account=payout["connected"])
    return payout
