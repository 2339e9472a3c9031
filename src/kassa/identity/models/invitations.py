"""Invitations: a membership begins with one that was accepted."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kassa.core.actor import ActorKind
from kassa.core.fields import one_of
from kassa.core.languages import Language
from kassa.core.tenancy import TenantKey, TenantModel
from kassa.identity.enums import InvitationStatus, Role

ONE_OPEN = "identity_invitation_one_open"
"""One address has one open invitation of an organisation."""


class Invitation(TenantModel):
    """What an organisation offers to whoever reads an address: a role, and rights beside it."""

    email = models.EmailField()
    """As it was typed, in lower case. Whether anybody has an account with it is not told."""
    name = models.CharField(max_length=200, blank=True, db_default="")
    """How the mail addresses its reader; empty: not at all."""
    role = models.CharField(max_length=8, choices=Role.choices)
    permissions = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    language = models.CharField(max_length=5, choices=Language.choices)
    """What the mail is written in."""
    status = models.CharField(
        max_length=8,
        choices=InvitationStatus.choices,
        default=InvitationStatus.OPEN,
        db_default=InvitationStatus.OPEN,
    )
    token_hash = models.BinaryField()
    """SHA-256 of the secret in the link of the last mail; earlier links lead nowhere."""
    invited_by_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    invited_by = models.UUIDField(null=True)
    """The person or key. None: the operator."""
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    """When the last mail was asked for."""
    times_sent = models.PositiveSmallIntegerField(default=1, db_default=1)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """None: it is open, or was not answered in time."""

    class Meta:
        constraints = [
            TenantKey(name="identity_invitation_key"),
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(status=InvitationStatus.OPEN),
                name=ONE_OPEN,
            ),
            one_of("role", Role, name="identity_invitation_role"),
            one_of("status", InvitationStatus, name="identity_invitation_status"),
            one_of("language", Language, name="identity_invitation_language"),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="identity_invitation_list"),
            models.Index(fields=["token_hash"], name="identity_invitation_token"),
            models.Index(fields=["email"], name="identity_invitation_email"),
        ]

    def status_at(self, now: datetime) -> InvitationStatus:
        """Return the status, of which the database learns only later that it is expired."""
        if self.status == InvitationStatus.OPEN and self.expires_at <= now:
            return InvitationStatus.EXPIRED
        return InvitationStatus(self.status)
