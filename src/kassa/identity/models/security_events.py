"""The security log: what was done to the access of people and programs."""

from __future__ import annotations

from django.db import models

from kassa.core.actor import ActorKind
from kassa.core.ids import new_id
from kassa.core.tenancy import TenantKey, TenantModel


class SecurityRecord(models.Model):
    """The columns of both logs.

    A trigger lets rows be added, emptied of personal data, and deleted once they are old; nothing else.
    """

    kind = models.CharField(max_length=40)
    """A :class:`SecurityEventKind`. The database does not restrict it: a later version adds to them."""
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices, null=True)
    """None: nobody was recognised, as when a password was wrong."""
    actor_id = models.UUIDField(null=True)
    """The person or key. None: nobody, or the system."""
    subject_id = models.UUIDField(null=True)
    """What it was done to, of the type that the kind implies: a person, key, member, device or domain."""
    address = models.GenericIPAddressField(null=True)
    """None: no request caused it, or it was erased."""
    user_agent = models.CharField(max_length=300, blank=True, db_default="")
    details = models.JSONField(default=dict)
    """Facts that depend on the kind. Never personal data."""
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class SecurityEvent(TenantModel, SecurityRecord):
    """An entry in the log of an organisation."""

    class Meta:
        constraints = [TenantKey(name="identity_securityevent_key")]
        indexes = [
            models.Index(fields=["organization", "id"], name="identity_securityevent_list"),
            models.Index(fields=["actor_id"], name="identity_securityevent_actor"),
            models.Index(fields=["subject_id"], name="identity_securityevent_about"),
            models.Index(fields=["created_at"], name="identity_securityevent_age"),
        ]


class AccountSecurityEvent(SecurityRecord):
    """An entry in the log of a person's account, whichever organisations they belong to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    """Not a foreign key: an entry outlives the account, about nobody."""

    class Meta:
        indexes = [
            models.Index(fields=["user_id", "id"], name="identity_accountevent_list"),
            models.Index(fields=["created_at"], name="identity_accountevent_age"),
        ]
