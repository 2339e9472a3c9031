"""Refunds: never more than what is left of the charge."""

from __future__ import annotations

from tests.integrations.fake_stripe.account import Account, Record
from tests.integrations.fake_stripe.errors import StripeAnswer

ALLOWED = {"payment_intent", "amount", "reason", "metadata", "reverse_transfer", "refund_application_fee"}


def create_refund(account: Account, form: Record, *, status: str) -> Record:
    """Give money back, in the status that refunds take at present."""
    unknown = sorted(set(form) - ALLOWED)
    if unknown:
        raise StripeAnswer(f"Received unknown parameter: {unknown[0]}", code="parameter_unknown")
    intent = account.get("payment_intent", form["payment_intent"])
    if not intent["latest_charge"]:
        raise StripeAnswer("This PaymentIntent does not have a successful charge to refund.", is_kept=True)
    charge = account.objects[intent["latest_charge"]]
    amount, left = int(form["amount"]), charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise StripeAnswer(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded", is_kept=True
        )
    if amount > left:
        raise StripeAnswer(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", is_kept=True
        )
    _move_fees(account, form, intent, charge, amount)
    charge["amount_refunded"] += amount
    refund = account.add(
        "refund",
        "re",
        amount=amount,
        currency=charge["currency"],
        status=status,
        charge=charge["id"],
        payment_intent=intent["id"],
        metadata=form.get("metadata", {}),
        reason=form.get("reason"),
        failure_reason=None,
        reversed=form.get("reverse_transfer") == "true",
    )
    account.tell("refund.created", refund)
    account.tell("charge.refunded", charge)
    return refund


def _move_fees(account: Account, form: Record, intent: Record, charge: Record, amount: int) -> None:
    if form.get("reverse_transfer") == "true" and not intent["transfer_data"]:
        raise StripeAnswer("Cannot reverse transfer on charge without a transfer.", is_kept=True)
    if form.get("refund_application_fee") != "true":
        return
    if not charge["application_fee"]:
        raise StripeAnswer(
            "Attempting to refund_application_fee on charge that has no application fee.", is_kept=True
        )
    fee = account.objects[charge["application_fee"]]
    fee["amount_refunded"] += fee["amount"] * amount // charge["amount"]


def finish_refund(account: Account, refund_id: str, *, failure: str | None) -> Record:
    """Let a refund come to its end; a failure gives the money back to the account."""
    refund = account.get("refund", refund_id)
    refund |= {"status": "failed" if failure else "succeeded", "failure_reason": failure}
    if failure:
        account.objects[refund["charge"]]["amount_refunded"] -= refund["amount"]
    account.tell("refund.updated", refund)
    account.tell("charge.refund.updated", refund)
    if failure:
        account.tell("refund.failed", refund)
    return refund
