"""Money on its way from a provider to the organiser."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.fields import CurrencyField, MoneyField, not_negative, one_of
from kassa.core.tenancy import TenantKey, TenantModel
from kassa.payments.enums import PayoutStatus


class Payout(TenantModel):
    """One transfer of an organisation's money from a provider to its bank account."""

    provider = models.CharField(max_length=40)
    provider_reference = models.CharField(max_length=255)
    status = models.CharField(
        max_length=7,
        choices=PayoutStatus.choices,
        default=PayoutStatus.PENDING,
        db_default=PayoutStatus.PENDING,
    )
    amount = MoneyField()
    """What arrives: fees are taken off already."""
    currency = CurrencyField()
    gateway_fee = MoneyField(default=0, db_default=0)
    """What the provider has kept since the payout before this one."""
    platform_fee = MoneyField(default=0, db_default=0)
    """What whoever runs Kassa has kept since the payout before this one."""
    error = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    paid_at = models.DateTimeField(null=True)
    """None: it has not arrived yet."""

    class Meta:
        constraints = [
            TenantKey(name="payments_payout_key"),
            models.UniqueConstraint(
                fields=["organization", "provider", "provider_reference"], name="payments_payout_reference"
            ),
            one_of("status", PayoutStatus, name="payments_payout_status"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_payout_amount"),
            not_negative("gateway_fee", "platform_fee", name="payments_payout_fees"),
        ]
        indexes = [models.Index(fields=["organization", "id"], name="payments_payout_list")]
