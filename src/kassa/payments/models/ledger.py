"""The books: every movement of money, and double entry beneath it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.fields import CurrencyField, MoneyField, one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantPart, TenantReference
from kassa.orders.models import Order
from kassa.payments.enums import Account, PostingKind, TransactionStatus, TransactionType
from kassa.payments.models.disputes import Dispute
from kassa.payments.models.payments import Payment
from kassa.payments.models.payouts import Payout
from kassa.payments.models.refunds import RefundPart


class Transaction(TenantPart):
    """One movement of money (event-platform.md, Transaction)."""

    type = models.CharField(max_length=10, choices=TransactionType.choices)
    status = models.CharField(max_length=9, choices=TransactionStatus.choices)
    order = TenantForeignKey(Order, null=True)
    """None: a payout."""
    user = models.ForeignKey(
        "identity.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    """None: a guest, a deleted account, or a payout."""
    payment = TenantForeignKey(Payment, null=True)
    refund_part = TenantForeignKey(RefundPart, null=True)
    dispute = TenantForeignKey(Dispute, null=True)
    payout = TenantForeignKey(Payout, null=True)
    amount = MoneyField()
    currency = CurrencyField()
    payment_method = models.CharField(max_length=100)
    """As the order says it, such as ``card`` or ``transfer``; of a payout: the provider."""
    payment_method_id = models.CharField(max_length=255, blank=True, db_default="")
    """The provider's own id of what moved: the payment, the refund, the dispute, the payout."""
    payment_intent_id = models.CharField(max_length=255, null=True)
    """The provider's own id of the payment it goes back to. None: there is none."""
    gateway_fee = MoneyField(null=True)
    platform_fee = MoneyField(null=True)
    metadata = models.JSONField(default=dict, db_default={})
    error_message = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="payments_transaction_key"),
            TenantReference(field="order", to="orders_order", name="payments_transaction_order"),
            TenantReference(field="payment", to="payments_payment", name="payments_transaction_payment"),
            TenantReference(
                field="refund_part", to="payments_refundpart", name="payments_transaction_refund_part"
            ),
            TenantReference(field="dispute", to="payments_dispute", name="payments_transaction_dispute"),
            TenantReference(field="payout", to="payments_payout", name="payments_transaction_payout"),
            models.UniqueConstraint(
                fields=["organization", "payment"],
                condition=Q(type="purchase"),
                name="payments_transaction_of_payment",
            ),
            models.UniqueConstraint(
                fields=["organization", "refund_part"],
                condition=Q(refund_part__isnull=False),
                name="payments_transaction_of_refund",
            ),
            models.UniqueConstraint(
                fields=["organization", "dispute"],
                condition=Q(dispute__isnull=False),
                name="payments_transaction_of_dispute",
            ),
            models.UniqueConstraint(
                fields=["organization", "payout"],
                condition=Q(payout__isnull=False),
                name="payments_transaction_of_payout",
            ),
            one_of("type", TransactionType, name="payments_transaction_type"),
            one_of("status", TransactionStatus, name="payments_transaction_status"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_transaction_amount"),
            models.CheckConstraint(
                condition=Q(type="purchase", payment__isnull=False)
                | Q(type="refund", refund_part__isnull=False)
                | Q(type="chargeback", dispute__isnull=False)
                | Q(type="payout", payout__isnull=False),
                name="payments_transaction_of_what",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="payments_transaction_list"),
            models.Index(fields=["organization", "order"], name="payments_transaction_of_order"),
            models.Index(fields=["organization", "created_at"], name="payments_transaction_creation"),
            models.Index(
                fields=["user"], name="payments_transaction_of_user", condition=Q(user__isnull=False)
            ),
        ]


class LedgerEntry(TenantPart):
    """One line of the books, written once: the database refuses to change or delete it.

    The entries of a posting are written by one statement, and the database refuses them unless they
    add up to zero in every currency.
    """

    posting_id = models.UUIDField()
    kind = models.CharField(max_length=16, choices=PostingKind.choices)
    account = models.CharField(max_length=16, choices=Account.choices)
    provider = models.CharField(max_length=40, blank=True, db_default="")
    """Which one, for the account ``provider``; empty elsewhere."""
    order = TenantForeignKey(Order, null=True)
    """None: a payout."""
    transaction = TenantForeignKey(Transaction, null=True)
    """None: it moves no money, such as the confirmation of an order."""
    amount = MoneyField()
    """Positive: debit. Negative: credit."""
    currency = CurrencyField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="payments_ledgerentry_key"),
            TenantReference(field="order", to="orders_order", name="payments_ledgerentry_order"),
            TenantReference(
                field="transaction", to="payments_transaction", name="payments_ledgerentry_transaction"
            ),
            one_of("kind", PostingKind, name="payments_ledgerentry_kind"),
            one_of("account", Account, name="payments_ledgerentry_account"),
            models.CheckConstraint(condition=~Q(amount=0), name="payments_ledgerentry_amount"),
        ]
        indexes = [
            models.Index(fields=["organization", "order"], name="payments_ledgerentry_of_order"),
            models.Index(fields=["organization", "account", "currency"], name="payments_ledgerentry_balance"),
        ]
