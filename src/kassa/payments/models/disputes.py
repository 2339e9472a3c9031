"""Money that a buyer's bank has taken back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.fields import CurrencyField, MoneyField, not_negative, one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantPart, TenantReference
from kassa.orders.models import Order
from kassa.payments.enums import DisputeStatus
from kassa.payments.models.payments import Payment


class Dispute(TenantPart):
    """A chargeback: while it is open the order's tickets are frozen."""

    order = TenantForeignKey(Order)
    payment = TenantForeignKey(Payment)
    provider = models.CharField(max_length=40)
    provider_reference = models.CharField(max_length=255)
    status = models.CharField(
        max_length=4, choices=DisputeStatus.choices, default=DisputeStatus.OPEN, db_default=DisputeStatus.OPEN
    )
    amount = MoneyField()
    currency = CurrencyField()
    fee = MoneyField(default=0, db_default=0)
    reason = models.CharField(max_length=120, blank=True, db_default="")
    opened_at = models.DateTimeField(db_default=Now())
    reduces_sales = models.BooleanField(null=True)
    """Whether what was lost is taken from what was sold, or had paid for nothing. None: it is not lost."""
    closed_at = models.DateTimeField(null=True)
    """None: it is open."""

    class Meta:
        constraints = [
            TenantKey(name="payments_dispute_key"),
            TenantReference(field="order", to="orders_order", name="payments_dispute_order"),
            TenantReference(field="payment", to="payments_payment", name="payments_dispute_payment"),
            models.UniqueConstraint(
                fields=["organization", "provider", "provider_reference"], name="payments_dispute_reference"
            ),
            one_of("status", DisputeStatus, name="payments_dispute_status"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_dispute_amount"),
            not_negative("fee", name="payments_dispute_fee"),
            models.CheckConstraint(
                condition=Q(status=DisputeStatus.LOST, reduces_sales__isnull=False)
                | (~Q(status=DisputeStatus.LOST) & Q(reduces_sales__isnull=True)),
                name="payments_dispute_lost",
            ),
        ]
        indexes = [models.Index(fields=["organization", "order"], name="payments_dispute_of_order")]
