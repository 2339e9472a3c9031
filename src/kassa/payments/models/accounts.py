"""How an organisation is known to its payment providers."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kassa.core.tenancy import TenantKey, TenantModel


class ProviderAccount(TenantModel):
    """An organisation's account at one payment provider; without one the provider is not offered."""

    provider = models.CharField(max_length=40)
    is_enabled = models.BooleanField(default=True, db_default=True)
    """Off: no new attempt is opened, but money that is under way is still looked after."""
    configuration = models.JSONField(default=dict, db_default={})
    """What is not secret, as the provider defines it."""
    secrets = models.TextField(blank=True, db_default="")
    """What is secret, encrypted."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="payments_provideraccount_key"),
            models.UniqueConstraint(
                fields=["organization", "provider"], name="payments_provideraccount_once"
            ),
        ]
