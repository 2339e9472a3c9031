"""Money that has come in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from kassa.core.fields import CurrencyField, MoneyField, not_negative
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantPart, TenantReference
from kassa.orders.models import Order
from kassa.payments.models.attempts import PaymentAttempt

ONE_PAYMENT_PER_REFERENCE = "payments_payment_reference"
ONE_PAYMENT_PER_ATTEMPT = "payments_payment_attempt_once"
"""Transfers apart, which may come in parts."""
NEVER_MORE_BACK = "payments_payment_within_amount"


class Payment(TenantPart):
    """One sum that was received for an order (bus-ticketing.md, Payment). An order may have several."""

    order = TenantForeignKey(Order)
    attempt = TenantForeignKey(PaymentAttempt, null=True)
    """None: received without one, such as cash, or taken over from an older system."""
    user = models.ForeignKey(
        "identity.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    """None: a guest, or a person whose account was deleted."""
    provider = models.CharField(max_length=40)
    method = models.CharField(max_length=60)
    """``card``, ``transfer``, … as the provider calls it."""
    provider_reference = models.CharField(max_length=255)
    """The provider's own id of this payment: the same money is never booked twice."""
    amount = MoneyField()
    currency = CurrencyField()
    refunded_amount = MoneyField(default=0, db_default=0)
    """Given back or promised to be."""
    disputed_amount = MoneyField(default=0, db_default=0)
    """Taken back by the buyer's bank, in open and in lost disputes."""
    gateway_fee = MoneyField(null=True)
    """What the provider kept. None: it has not said yet."""
    platform_fee = MoneyField(default=0, db_default=0)
    """What whoever runs Kassa kept."""
    waits = models.BooleanField(default=False, db_default=False)
    """It does not pay its order in full, and waits for the rest, or for the order to end."""
    fee_check_at = models.DateTimeField(null=True, db_default=Now())
    """When the provider is asked what it kept, while that is not known. None: not any more."""
    received_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="payments_payment_key"),
            TenantReference(field="order", to="orders_order", name="payments_payment_order"),
            TenantReference(field="attempt", to="payments_paymentattempt", name="payments_payment_attempt"),
            models.UniqueConstraint(
                fields=["organization", "provider", "provider_reference"], name=ONE_PAYMENT_PER_REFERENCE
            ),
            models.UniqueConstraint(
                fields=["organization", "attempt"],
                condition=Q(attempt__isnull=False) & ~Q(provider="manual"),
                name=ONE_PAYMENT_PER_ATTEMPT,
            ),
            not_negative("refunded_amount", "disputed_amount", "platform_fee", name="payments_payment_money"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_payment_amount"),
            models.CheckConstraint(
                condition=Q(amount__gte=F("refunded_amount") + F("disputed_amount")), name=NEVER_MORE_BACK
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "order"], name="payments_payment_of_order"),
            models.Index(fields=["user"], name="payments_payment_of_user", condition=Q(user__isnull=False)),
            models.Index(
                fields=["organization", "order"], condition=Q(waits=True), name="payments_payment_waiting"
            ),
            models.Index(
                fields=["organization", "fee_check_at"],
                condition=Q(gateway_fee=None, attempt__isnull=False, fee_check_at__isnull=False),
                name="payments_payment_fee_check",
            ),
        ]
