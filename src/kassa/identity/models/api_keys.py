"""The keys of programs."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from kassa.core.fields import one_of
from kassa.core.tenancy import TenantKey, TenantModel
from kassa.identity.enums import Role
from kassa.identity.models.people import User


class ApiKey(TenantModel):
    """A program's way in. The secret is shown once; a hash of it is kept."""

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)
    """The public beginning, by which people tell keys apart."""
    secret_hash = models.BinaryField()
    """SHA-256 of the whole key; 256 random bits need no slow hash."""
    role = models.CharField(max_length=8, choices=Role.choices, null=True)
    """The role whose rights the key follows, also when a later version adds to them. None: only `scopes`."""
    scopes = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    """Rights beside those of the role, as they were named."""
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    """None: made by the command line or by another key."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    """When its name or rights were last changed; its use does not touch it."""
    last_used_at = models.DateTimeField(null=True)
    """None: never used. Kept to the minute."""
    expires_at = models.DateTimeField(null=True)
    """None: until it is revoked."""
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="identity_apikey_key"),
            one_of("role", Role, name="identity_apikey_role"),
        ]
        indexes = [models.Index(fields=["organization", "id"], name="identity_apikey_list")]
