"""Memberships: a person's role in an organisation."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from kassa.core.fields import one_of
from kassa.core.tenancy import TenantKey, TenantModel
from kassa.identity.enums import Role
from kassa.identity.models.people import User

ONCE = "identity_membership_once"
LAST_OWNER = "identity_membership_last_owner"
"""A trigger's: an organisation that had an owner is not left without one."""


class Membership(TenantModel):
    """A person's place in an organisation: a role, and rights beyond it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices)
    permissions = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    """Rights beside those of the role."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="identity_membership_key"),
            models.UniqueConstraint(fields=["organization", "user"], name=ONCE),
            one_of("role", Role, name="identity_membership_role"),
        ]
