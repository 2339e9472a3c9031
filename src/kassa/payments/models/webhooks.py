"""What providers tell us, kept as they said it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.fields import one_of
from kassa.core.tenancy import TenantKey, TenantModel
from kassa.payments.enums import WebhookStatus


class WebhookEvent(TenantModel):
    """One message of a provider, verified, stored once and settled by a job."""

    provider = models.CharField(max_length=40)
    provider_event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=120, blank=True, db_default="")
    """As the provider calls it."""
    body = models.TextField()
    status = models.CharField(
        max_length=8,
        choices=WebhookStatus.choices,
        default=WebhookStatus.RECEIVED,
        db_default=WebhookStatus.RECEIVED,
    )
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=60, blank=True, db_default="")
    """What settling it did, as a code; for a dead one, why it could not be settled."""
    error = models.TextField(blank=True, db_default="")
    """The same in words."""
    order_id = models.UUIDField(null=True)
    """The order it turned out to be about. None: none, or not yet known."""
    received_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="payments_webhookevent_key"),
            models.UniqueConstraint(
                fields=["organization", "provider", "provider_event_id"], name="payments_webhookevent_once"
            ),
            one_of("status", WebhookStatus, name="payments_webhookevent_status"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "next_try_at"],
                condition=Q(status="received"),
                name="payments_webhookevent_due",
            ),
            models.Index(fields=["organization", "status", "id"], name="payments_webhookevent_list"),
            models.Index(
                fields=["received_at"],
                condition=Q(status__in=["settled", "ignored"]),
                name="payments_webhookevent_old",
            ),
        ]
