"""The tables of payments."""

from kassa.payments.models.accounts import ProviderAccount
from kassa.payments.models.attempts import PaymentAttempt
from kassa.payments.models.disputes import Dispute
from kassa.payments.models.ledger import LedgerEntry, Transaction
from kassa.payments.models.payments import Payment
from kassa.payments.models.payouts import Payout
from kassa.payments.models.refunds import EventRefund, Refund, RefundedGoods, RefundedTicket, RefundPart
from kassa.payments.models.webhooks import WebhookEvent

__all__ = [
    "Dispute",
    "EventRefund",
    "LedgerEntry",
    "Payment",
    "PaymentAttempt",
    "Payout",
    "ProviderAccount",
    "Refund",
    "RefundPart",
    "RefundedGoods",
    "RefundedTicket",
    "Transaction",
    "WebhookEvent",
]
