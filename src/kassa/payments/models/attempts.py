"""Tries to pay."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.fields import CurrencyField, MoneyField, not_negative, one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantPart, TenantReference
from kassa.orders.models import Order
from kassa.payments.enums import LIVE_ATTEMPTS, AttemptStatus

ONE_LIVE_ATTEMPT = "payments_paymentattempt_one_live"
ONE_ATTEMPT_PER_KEY = "payments_paymentattempt_idempotency_key"


class PaymentAttempt(TenantPart):
    """One try to pay an order at a provider. Its ``id`` is also the key under which it is opened there."""

    order = TenantForeignKey(Order)
    number = models.PositiveSmallIntegerField()
    """The order's how manyth attempt."""
    provider = models.CharField(max_length=40)
    status = models.CharField(
        max_length=10,
        choices=AttemptStatus.choices,
        default=AttemptStatus.OPENING,
        db_default=AttemptStatus.OPENING,
    )
    amount = MoneyField()
    currency = CurrencyField()
    platform_fee = MoneyField(default=0, db_default=0)
    """What whoever runs Kassa keeps of it."""
    idempotency_key = models.CharField(max_length=255, null=True)
    """The client's key. None: none was sent."""
    provider_reference = models.CharField(max_length=255, null=True)
    """The provider's own id of the attempt (Stripe: the Checkout Session). None: not yet known."""
    payment_reference = models.CharField(max_length=255, null=True)
    """The provider's own id of the payment (Stripe: the PaymentIntent). None: not yet known."""
    checkout_url = models.TextField(blank=True, db_default="")
    """Where the buyer pays; empty: nowhere (a transfer)."""
    instructions = models.JSONField(null=True)
    """What the buyer has to do, for a transfer. None: nothing but to visit the page."""
    return_url = models.TextField(blank=True, db_default="")
    cancel_url = models.TextField(blank=True, db_default="")
    expires_at = models.DateTimeField(null=True)
    """When the provider ends it by itself. None: never."""
    check_at = models.DateTimeField(null=True)
    """When the provider is asked next about it. None: there is nothing to ask."""
    unanswered_since = models.DateTimeField(null=True)
    """Since when the provider was asked about it in vain. None: it has answered, or was not asked."""
    checks = models.PositiveSmallIntegerField(default=0, db_default=0)
    error = models.TextField(blank=True, db_default="")
    """The last failure, in words that a buyer may read."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="payments_paymentattempt_key"),
            TenantReference(field="order", to="orders_order", name="payments_paymentattempt_order"),
            models.UniqueConstraint(
                fields=["organization", "order", "number"], name="payments_paymentattempt_number"
            ),
            models.UniqueConstraint(
                fields=["organization", "order"],
                condition=Q(status__in=[str(status) for status in LIVE_ATTEMPTS]),
                name=ONE_LIVE_ATTEMPT,
            ),
            models.UniqueConstraint(
                fields=["organization", "order", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name=ONE_ATTEMPT_PER_KEY,
            ),
            models.UniqueConstraint(
                fields=["organization", "provider", "provider_reference"],
                condition=Q(provider_reference__isnull=False),
                name="payments_paymentattempt_reference",
            ),
            one_of("status", AttemptStatus, name="payments_paymentattempt_status"),
            not_negative("amount", "platform_fee", name="payments_paymentattempt_amount"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "provider", "payment_reference"],
                condition=Q(payment_reference__isnull=False),
                name="payments_attempt_by_payment",
            ),
            models.Index(
                fields=["check_at"], condition=Q(check_at__isnull=False), name="payments_attempt_to_check"
            ),
        ]
