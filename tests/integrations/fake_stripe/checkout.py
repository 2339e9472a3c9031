"""Checkout Sessions and what buyers do on their page."""

from __future__ import annotations

import time
from typing import Any

from tests.integrations.fake_stripe.account import Account, Record
from tests.integrations.fake_stripe.errors import StripeAnswer

ALLOWED = {
    "mode",
    "line_items",
    "client_reference_id",
    "metadata",
    "payment_intent_data",
    "success_url",
    "cancel_url",
    "expires_at",
    "adaptive_pricing",
    "customer_email",
}
MINUTE = 60
THREE_DECIMALS = ("bhd", "jod", "kwd", "omr", "tnd")


def create_session(account: Account, form: Record, *, address: str) -> Record:
    """Open a session, if Stripe would."""
    unknown = sorted(set(form) - ALLOWED)
    if unknown:
        raise StripeAnswer(f"Received unknown parameter: {unknown[0]}", code="parameter_unknown")
    price = form["line_items"][0]["price_data"]
    amount, currency = int(price["unit_amount"]), price["currency"]
    _check(form, amount, currency)
    session = account.add(
        "checkout.session",
        "cs_test",
        amount_total=amount,
        currency=currency,
        status="open",
        payment_status="unpaid",
        payment_intent=None,
        payment_method_types=["card", "sepa_debit"],
        expires_at=int(form["expires_at"]),
        line_items_asked=form["line_items"],
        intent_asked=form.get("payment_intent_data", {}),
        **{name: form.get(name) for name in ("mode", "client_reference_id", "metadata", "customer_email")},
        **{name: form.get(name) for name in ("success_url", "cancel_url")},
    )
    session["url"] = f"{address}/pay/{session['id']}"
    return session


def _check(form: Record, amount: int, currency: str) -> None:
    if currency != currency.lower() or len(currency) != 3:
        raise StripeAnswer(f"Invalid currency: {currency}")
    if currency in THREE_DECIMALS and amount % 10:
        raise StripeAnswer("Amounts in three-decimal currencies end in 0.")
    if currency in ("isk", "ugx") and amount % 100:
        raise StripeAnswer(f"Invalid amount: {currency} has no fractions.")
    if currency == "eur" and amount < 50:
        raise StripeAnswer(
            "The Checkout Session's total amount due must add up to at least €0.50 eur",
            code="amount_too_small",
        )
    ahead = int(form["expires_at"]) - time.time()
    if not 30 * MINUTE <= ahead <= 24 * 60 * MINUTE:
        raise StripeAnswer(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from creation."
        )
    if int(form.get("payment_intent_data", {}).get("application_fee_amount", 0)) > amount:
        raise StripeAnswer("Application fees cannot exceed the amount.")


def expire_session(account: Account, session_id: str) -> Record:
    """End an open session, and its PaymentIntent with it."""
    session = account.get("checkout.session", session_id)
    if session["status"] != "open":
        raise StripeAnswer(
            f'Only Checkout Sessions with a status in ["open"] can be expired, not {session["status"]}.'
        )
    session |= {"status": "expired", "url": None}
    if session["payment_intent"]:
        intent = account.objects[session["payment_intent"]]
        intent |= {"status": "canceled", "cancellation_reason": "automatic"}
        account.tell("payment_intent.canceled", intent)
    account.tell("checkout.session.expired", session)
    return session


def pay(account: Account, session_id: str) -> Record:
    """Pay by card; returns the PaymentIntent."""
    session, intent = _begun(account, session_id)
    session |= {"status": "complete", "payment_status": "paid", "url": None}
    _charge(account, intent, "card")
    account.tell("checkout.session.completed", session)
    return intent


def decline(account: Account, session_id: str, message: str = "Your card was declined.") -> Record:
    """Try a card that the bank declines; the page stays open for another one."""
    _, intent = _begun(account, session_id)
    _fail(account, intent, message)
    return intent


def pay_later(account: Account, session_id: str) -> Record:
    """Pay by a debit that the bank answers days later."""
    session, intent = _begun(account, session_id)
    session |= {"status": "complete", "payment_status": "unpaid", "url": None}
    intent["status"] = "processing"
    account.tell("payment_intent.processing", intent)
    account.tell("checkout.session.completed", session)
    return intent


def settle_later(account: Account, session_id: str, *, succeeds: bool) -> Record:
    """Let the bank answer a debit."""
    session = account.get("checkout.session", session_id)
    intent = account.objects[session["payment_intent"]]
    if intent["status"] != "processing":
        raise ValueError("Nothing is under way.")
    if succeeds:
        session["payment_status"] = "paid"
        _charge(account, intent, "sepa_debit")
        account.tell("checkout.session.async_payment_succeeded", session)
    else:
        _fail(account, intent, "The bank has no cover for the debit.")
        account.tell("checkout.session.async_payment_failed", session)
    return intent


def _begun(account: Account, session_id: str) -> tuple[Record, Record]:
    """Return an open session and its PaymentIntent, which exists from the first try on."""
    session = account.get("checkout.session", session_id)
    if session["status"] != "open":
        raise StripeAnswer("This page is closed.", status=410)
    if session["payment_intent"]:
        return session, account.objects[session["payment_intent"]]
    asked: dict[str, Any] = session["intent_asked"]
    fee = asked.get("application_fee_amount")
    intent = account.add(
        "payment_intent",
        "pi",
        amount=session["amount_total"],
        amount_received=0,
        currency=session["currency"],
        status="requires_payment_method",
        metadata=asked.get("metadata", {}),
        payment_method_types=session["payment_method_types"],
        latest_charge=None,
        last_payment_error=None,
        cancellation_reason=None,
        application_fee_amount=int(fee) if fee else None,
        transfer_data=asked.get("transfer_data"),
    )
    session["payment_intent"] = intent["id"]
    return session, intent


def _charge(account: Account, intent: Record, method: str) -> None:
    amount = intent["amount"]
    fee = (amount * 15 + 500) // 1000 + 25
    movement = account.add(
        "balance_transaction",
        "txn",
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=intent["currency"],
        fee_details=[{"type": "stripe_fee", "amount": fee, "currency": intent["currency"]}],
    )
    charge = account.add(
        "charge",
        "ch",
        amount=amount,
        amount_refunded=0,
        currency=intent["currency"],
        status="succeeded",
        metadata=intent["metadata"],
        payment_intent=intent["id"],
        balance_transaction=movement["id"],
        payment_method_details={"type": method},
        application_fee=None,
    )
    if intent["application_fee_amount"]:
        taken = account.add(
            "application_fee", "fee", amount=intent["application_fee_amount"], amount_refunded=0
        )
        charge["application_fee"] = taken["id"]
    intent |= {"status": "succeeded", "amount_received": amount, "latest_charge": charge["id"]}
    intent["last_payment_error"] = None
    account.tell("charge.succeeded", charge)
    account.tell("payment_intent.succeeded", intent)


def _fail(account: Account, intent: Record, message: str) -> None:
    intent["status"] = "requires_payment_method"
    intent["last_payment_error"] = {"type": "card_error", "code": "card_declined", "message": message}
    account.tell("payment_intent.payment_failed", intent)
