"""The demo bank's own books. They point at nothing of Kassa's but the organisation."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from kassa.core.fields import CurrencyField, MoneyField, not_negative, one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference
from kassa.integrations.demo_bank.enums import (
    DisputeStatus,
    Method,
    PaymentStatus,
    RefundMode,
    RefundStatus,
    WebhookMode,
)

NEVER_MORE_BACK = "demo_bank_payment_within_amount"


class DemoPayment(TenantModel):
    """One payment, from the page being opened to the money being given back."""

    key = models.UUIDField()
    """The client's id of it: the same key opens it once."""
    reference = models.CharField(max_length=80)
    """Of the page; it stands in its address."""
    payment_reference = models.CharField(max_length=80, null=True)
    """Of the money. None: nothing was paid."""
    order_number = models.CharField(max_length=60, blank=True, db_default="")
    description = models.TextField(blank=True, db_default="")
    customer_email = models.CharField(max_length=320, blank=True, db_default="")
    amount = MoneyField()
    currency = CurrencyField()
    refunded_amount = MoneyField(default=0, db_default=0)
    """Given back, or about to be."""
    disputed_amount = MoneyField(default=0, db_default=0)
    """Taken back in disputes that are open or lost."""
    gateway_fee = MoneyField(null=True)
    """What the bank keeps. None: nothing was paid."""
    return_url = models.TextField(blank=True, db_default="")
    """Where the buyer goes afterwards; empty: they stay on the page."""
    cancel_url = models.TextField(blank=True, db_default="")
    status = models.CharField(
        max_length=10,
        choices=PaymentStatus.choices,
        default=PaymentStatus.OPEN,
        db_default=PaymentStatus.OPEN,
    )
    outcome = models.CharField(max_length=10, choices=PaymentStatus.choices, blank=True, db_default="")
    """What a processing payment comes to at ``moves_at``; empty: it was never processing."""
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.CARD)
    webhook_mode = models.CharField(max_length=7, choices=WebhookMode.choices, default=WebhookMode.AT_ONCE)
    refund_mode = models.CharField(max_length=13, choices=RefundMode.choices, default=RefundMode.WORK)
    error = models.TextField(blank=True, db_default="")
    """Why it failed, in words for the buyer."""
    expires_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64, blank=True, db_default="")
    """Of the place where what is paid begins, such as ``Europe/Paris``; empty: nothing of it has a date."""
    moves_at = models.DateTimeField(null=True)
    """When a processing payment is decided. None: it is not processing."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="demo_bank_demopayment_key"),
            models.UniqueConstraint(fields=["organization", "key"], name="demo_bank_payment_once"),
            models.UniqueConstraint(fields=["organization", "reference"], name="demo_bank_payment_page"),
            models.UniqueConstraint(
                fields=["organization", "payment_reference"], name="demo_bank_payment_reference"
            ),
            one_of("status", PaymentStatus, name="demo_bank_payment_status"),
            one_of("method", Method, name="demo_bank_payment_method"),
            one_of("webhook_mode", WebhookMode, name="demo_bank_payment_webhooks"),
            one_of("refund_mode", RefundMode, name="demo_bank_payment_refunds"),
            not_negative("refunded_amount", "disputed_amount", name="demo_bank_payment_money"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="demo_bank_payment_amount"),
            models.CheckConstraint(
                condition=Q(amount__gte=F("refunded_amount") + F("disputed_amount")), name=NEVER_MORE_BACK
            ),
            models.CheckConstraint(
                condition=Q(status="processing", moves_at__isnull=False, outcome__in=["succeeded", "failed"])
                | (~Q(status="processing") & Q(moves_at__isnull=True)),
                name="demo_bank_payment_processing",
            ),
            models.CheckConstraint(
                condition=Q(status="succeeded", payment_reference__isnull=False, gateway_fee__isnull=False)
                | (~Q(status="succeeded") & Q(payment_reference__isnull=True, refunded_amount=0)),
                name="demo_bank_payment_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(status="open"), name="demo_bank_payment_ending"),
            models.Index(
                fields=["moves_at"], condition=Q(moves_at__isnull=False), name="demo_bank_payment_moving"
            ),
        ]


class DemoRefund(TenantPart):
    """Money given back, or refused to be."""

    payment = TenantForeignKey(DemoPayment)
    key = models.CharField(max_length=255)
    """The client's id of this try: the same key gives back once."""
    client_reference = models.UUIDField()
    """The client's id of what it gives back, the same in every try."""
    reference = models.CharField(max_length=80)
    amount = MoneyField()
    currency = CurrencyField()
    reason = models.TextField(blank=True, db_default="")
    status = models.CharField(max_length=9, choices=RefundStatus.choices)
    error = models.TextField(blank=True, db_default="")
    """Why it was refused."""
    moves_at = models.DateTimeField(null=True)
    """When a pending refund is done. None: it is not pending."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="demo_bank_demorefund_key"),
            TenantReference(field="payment", to="demo_bank_demopayment", name="demo_bank_refund_payment"),
            models.UniqueConstraint(fields=["organization", "key"], name="demo_bank_refund_once"),
            models.UniqueConstraint(fields=["organization", "reference"], name="demo_bank_refund_reference"),
            one_of("status", RefundStatus, name="demo_bank_refund_status"),
            models.CheckConstraint(
                condition=Q(status="pending", moves_at__isnull=False)
                | (~Q(status="pending") & Q(moves_at__isnull=True)),
                name="demo_bank_refund_pending",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "client_reference"], name="demo_bank_refund_tries"),
            models.Index(
                fields=["moves_at"], condition=Q(moves_at__isnull=False), name="demo_bank_refund_moving"
            ),
        ]


class DemoDispute(TenantPart):
    """Money that the buyer's bank has taken back."""

    payment = TenantForeignKey(DemoPayment)
    reference = models.CharField(max_length=80)
    amount = MoneyField()
    currency = CurrencyField()
    fee = MoneyField(default=0, db_default=0)
    reason = models.CharField(max_length=60, blank=True, db_default="")
    status = models.CharField(
        max_length=4, choices=DisputeStatus.choices, default=DisputeStatus.OPEN, db_default=DisputeStatus.OPEN
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="demo_bank_demodispute_key"),
            TenantReference(field="payment", to="demo_bank_demopayment", name="demo_bank_dispute_payment"),
            models.UniqueConstraint(fields=["organization", "reference"], name="demo_bank_dispute_reference"),
            one_of("status", DisputeStatus, name="demo_bank_dispute_status"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="demo_bank_dispute_amount"),
        ]


class DemoWebhook(TenantPart):
    """A message to be sent, and what became of it."""

    payment = TenantForeignKey(DemoPayment)
    event_id = models.CharField(max_length=80)
    type = models.CharField(max_length=40)
    body = models.TextField()
    send_at = models.DateTimeField(null=True)
    """When it is sent next. None: it has arrived as often as it should, or was given up."""
    sends_left = models.PositiveSmallIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    delivered_at = models.DateTimeField(null=True)
    """When it arrived last. None: never so far."""
    error = models.TextField(blank=True, db_default="")
    """Why it did not arrive last time."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="demo_bank_demowebhook_key"),
            TenantReference(field="payment", to="demo_bank_demopayment", name="demo_bank_webhook_payment"),
            models.UniqueConstraint(fields=["organization", "event_id"], name="demo_bank_webhook_once"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "send_at"],
                condition=Q(send_at__isnull=False),
                name="demo_bank_webhook_due",
            )
        ]
