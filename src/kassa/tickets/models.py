"""What a ticket needs beside its place in an order: keys that sign it, its looks, and the way it went."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.actor import ActorKind
from kassa.core.fields import one_of
from kassa.core.languages import Language
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference
from kassa.tickets.enums import EndOfCode, TransferStatus, WalletKind

ONE_KEY_IN_USE = "tickets_signingkey_in_use"
ONE_OPEN_TRANSFER = "tickets_transfer_open"


class SigningKey(TenantModel):
    """A pair of Ed25519 keys: an organisation signs its tickets, and any scanner can check them."""

    key_id = models.CharField(max_length=8)
    """Four random bytes in hexadecimal, written into each QR code."""
    public_key = models.BinaryField()
    """32 bytes."""
    private_key = models.TextField()
    """32 bytes, encrypted."""
    created_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True)
    """Since when nothing is signed with it; what it has signed stays genuine. None: it is in use."""
    revoked_at = models.DateTimeField(null=True)
    """Since when what it has signed lets nobody in, because others may know it. None: it is trusted."""

    class Meta:
        constraints = [
            TenantKey(name="tickets_signingkey_key"),
            models.UniqueConstraint(fields=["organization", "key_id"], name="tickets_signingkey_once"),
            models.UniqueConstraint(
                fields=["organization"], condition=Q(retired_at__isnull=True), name=ONE_KEY_IN_USE
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(retired_at__isnull=False),
                name="tickets_signingkey_revoked_is_retired",
            ),
        ]


class TicketDesign(TenantModel):
    """How tickets look: an organisation's, or one event's own."""

    event = TenantForeignKey("catalog.Event", null=True)
    """None: for all events that have no design of their own."""
    primary_color = models.CharField(max_length=7, blank=True, db_default="")
    """Empty: the organisation's."""
    secondary_color = models.CharField(max_length=7, blank=True, db_default="")
    logo = models.BinaryField(null=True)
    """A PNG, JPEG or SVG file. None: the organisation's name is written instead."""
    logo_type = models.CharField(max_length=20, blank=True, db_default="")
    picture = models.BinaryField(null=True)
    """A picture across the head of the ticket. None: a plain head in the colours."""
    picture_type = models.CharField(max_length=20, blank=True, db_default="")
    terms = models.JSONField(default=dict, db_default={})
    """The small print, by language."""
    notes = models.JSONField(default=dict, db_default={})
    """What a visitor should know, such as the way there, by language."""
    shows_price = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="tickets_ticketdesign_key"),
            TenantReference(field="event", to="catalog_event", name="tickets_ticketdesign_event"),
            models.UniqueConstraint(
                fields=["organization", "event"], name="tickets_ticketdesign_once", nulls_distinct=False
            ),
        ]


class WalletAccount(TenantModel):
    """What an organisation signs passes with, for one maker's wallet."""

    kind = models.CharField(max_length=6, choices=WalletKind.choices)
    configuration = models.JSONField(default=dict, db_default={})
    """Apple: ``pass_type_id``, ``team_id``. Google: ``issuer_id``, ``service_account``."""
    secrets = models.TextField()
    """Certificates and private keys, encrypted."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="tickets_walletaccount_key"),
            models.UniqueConstraint(fields=["organization", "kind"], name="tickets_walletaccount_once"),
            one_of("kind", WalletKind, name="tickets_walletaccount_kind"),
        ]


class FormerCode(TenantPart):
    """A code that a ticket had once: at the door it says what became of it, and lets nobody in."""

    ticket = TenantForeignKey("orders.Ticket", related_name="former_codes")
    position = models.PositiveIntegerField()
    """Its place among the codes that the ticket had, from 1."""
    code = models.CharField(max_length=32)
    reason = models.CharField(max_length=11, choices=EndOfCode.choices)
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [
            TenantKey(name="tickets_formercode_key"),
            TenantReference(
                field="ticket", to="orders_ticket", cascade=True, name="tickets_formercode_ticket"
            ),
            models.UniqueConstraint(fields=["organization", "code"], name="tickets_formercode_once"),
            models.UniqueConstraint(
                fields=["organization", "ticket", "position"], name="tickets_formercode_position"
            ),
            one_of("reason", EndOfCode, name="tickets_formercode_reason"),
        ]


class Transfer(TenantPart):
    """A ticket offered to another person, and what came of it; together they are the ticket's way."""

    ticket = TenantForeignKey("orders.Ticket", related_name="transfers")
    status = models.CharField(
        max_length=9,
        choices=TransferStatus.choices,
        default=TransferStatus.OFFERED,
        db_default=TransferStatus.OFFERED,
    )
    from_name = models.CharField(max_length=250, blank=True, db_default="")
    from_email = models.CharField(max_length=254)
    to_name = models.CharField(max_length=250, blank=True, db_default="")
    to_email = models.CharField(max_length=254)
    message = models.CharField(max_length=500, blank=True, db_default="")
    language = models.CharField(max_length=5, choices=Language.choices, null=True)
    """What the new person is written to in. None: in the organisation's language."""
    offered_by = models.UUIDField(null=True)
    """The user or API key. None: whoever held the ticket, by its secret link, or Kassa itself."""
    offered_by_kind = models.CharField(max_length=8, choices=ActorKind.choices, default=ActorKind.SYSTEM)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    """Exclusive: until when it can be accepted."""
    ended_at = models.DateTimeField(null=True)
    """When it was accepted, declined or withdrawn. None: it is open, or nobody answered in time."""
    link_generation = models.PositiveIntegerField(default=0, db_default=0)
    """Of its secret links: those of an earlier one open nothing any more."""
    ended_code_position = models.PositiveIntegerField(null=True)
    """The position of the ticket's code that ended when it was accepted. None: it was not accepted."""

    class Meta:
        constraints = [
            TenantKey(name="tickets_transfer_key"),
            TenantReference(field="ticket", to="orders_ticket", cascade=True, name="tickets_transfer_ticket"),
            models.UniqueConstraint(
                fields=["organization", "ticket"],
                condition=Q(status="offered"),
                name=ONE_OPEN_TRANSFER,
            ),
            one_of("status", TransferStatus, name="tickets_transfer_status"),
            models.CheckConstraint(
                condition=Q(status="offered", ended_at__isnull=True)
                | (~Q(status="offered") & Q(ended_at__isnull=False)),
                name="tickets_transfer_ended",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", ended_code_position__isnull=False)
                | (~Q(status="accepted") & Q(ended_code_position__isnull=True)),
                name="tickets_transfer_ended_code",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "ticket", "id"], name="tickets_transfer_of_ticket"),
            models.Index(
                fields=["expires_at"], name="tickets_transfer_overdue", condition=Q(status="offered")
            ),
        ]
