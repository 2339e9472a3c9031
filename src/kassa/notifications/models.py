"""What is written to buyers and ticket holders, in whose words, and to whom no more."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.fields import one_of
from kassa.core.languages import Language
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference
from kassa.notifications.enums import DUE, MessageKind, MessageStatus, SuppressionReason

ONE_MESSAGE_PER_OCCASION = "notifications_message_once"
ONE_ANNOUNCEMENT_PER_OCCASION = "notifications_announcement_once"


class Announcement(TenantModel):
    """Something that all guests of an event are written to about, order by order, and how far that is."""

    event = TenantForeignKey("catalog.Event")
    kind = models.CharField(max_length=24, choices=MessageKind.choices)
    occasion = models.CharField(max_length=200)
    """What there is one announcement about: an event of the outbox, or the reminder of one start."""
    facts = models.JSONField(default=dict, db_default={})
    told_at = models.DateTimeField()
    """When it happened."""
    last_order_id = models.UUIDField(null=True)
    """The guests of all orders up to this one have their messages. None: it has not begun."""
    orders_done = models.PositiveIntegerField(default=0, db_default=0)
    messages_written = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    completed_at = models.DateTimeField(null=True)
    """When the last guest's message was written. None: it is under way."""

    class Meta:
        constraints = [
            TenantKey(name="notifications_announcement_key"),
            TenantReference(field="event", to="catalog_event", name="notifications_announcement_event"),
            models.UniqueConstraint(fields=["organization", "occasion"], name=ONE_ANNOUNCEMENT_PER_OCCASION),
            one_of("kind", MessageKind, name="notifications_announcement_kind"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="notifications_announcing",
                condition=Q(completed_at__isnull=True),
            ),
            models.Index(fields=["organization", "event", "kind"], name="notifications_announcement_of"),
        ]


class Message(TenantPart):
    """One e-mail to one person about one occasion. Its words are found when its turn to be sent comes.

    Attachments are not kept: they are made when it is sent or looked at.
    """

    order = TenantForeignKey("orders.Order")
    ticket = TenantForeignKey("orders.Ticket", null=True)
    """None: it is about the order as a whole."""
    event = TenantForeignKey("catalog.Event", null=True)
    """None: it is about what was bought, whatever events that is for."""
    announcement = TenantForeignKey(Announcement, null=True)
    """None: it is for this person alone."""
    kind = models.CharField(max_length=24, choices=MessageKind.choices)
    language = models.CharField(max_length=5, choices=Language.choices)
    recipient = models.CharField(max_length=254)
    recipient_name = models.CharField(max_length=250, blank=True, db_default="")
    occasion = models.CharField(max_length=300)
    """What it is written about, once: an event of the outbox and the kind, or an order's end and its time."""
    facts = models.JSONField(default=dict, db_default={})
    """What was true then and stands nowhere else: what changed, how much was given back."""
    status = models.CharField(
        max_length=7,
        choices=MessageStatus.choices,
        default=MessageStatus.PENDING,
        db_default=MessageStatus.PENDING,
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True)
    """When it is due; while it is being sent, when its worker counts as lost. None: it is done with."""
    subject = models.CharField(max_length=300, blank=True, db_default="")
    text = models.TextField(blank=True, db_default="")
    html = models.TextField(blank=True, db_default="")
    links_tickets = models.BooleanField(default=False, db_default=False)
    """Its tickets were found too large to go with it: it says where they can be downloaded."""
    remark = models.TextField(blank=True, db_default="")
    """Why it was not written in the organisation's own words; what of its tickets could not be printed."""
    error = models.TextField(blank=True, db_default="")
    """The last failure, or why it was not sent."""
    provider_message_id = models.CharField(max_length=255, blank=True, db_default="")
    resent_from = models.UUIDField(null=True)
    """The message that this one repeats. None: it is no repetition."""
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    """When it was handed over or kept. None: not yet, or never."""
    bounced_at = models.DateTimeField(null=True)
    """When it was reported as not delivered or unwanted. None: it was not."""

    class Meta:
        constraints = [
            TenantKey(name="notifications_message_key"),
            TenantReference(
                field="order", to="orders_order", cascade=True, name="notifications_message_order"
            ),
            TenantReference(
                field="ticket", to="orders_ticket", cascade=True, name="notifications_message_ticket"
            ),
            TenantReference(field="event", to="catalog_event", name="notifications_message_event"),
            TenantReference(
                field="announcement",
                to="notifications_announcement",
                name="notifications_message_announcement",
            ),
            models.UniqueConstraint(fields=["organization", "occasion"], name=ONE_MESSAGE_PER_OCCASION),
            one_of("kind", MessageKind, name="notifications_message_kind"),
            one_of("language", Language, name="notifications_message_language"),
            one_of("status", MessageStatus, name="notifications_message_status"),
            models.CheckConstraint(
                condition=Q(status__in=[str(status) for status in DUE], next_try_at__isnull=False)
                | (~Q(status__in=[str(status) for status in DUE]) & Q(next_try_at__isnull=True)),
                name="notifications_message_due_or_done",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="notifications_message_list"),
            models.Index(fields=["organization", "order", "id"], name="notifications_message_of_order"),
            models.Index(
                fields=["organization", "next_try_at"],
                name="notifications_message_due",
                condition=Q(next_try_at__isnull=False),
            ),
            models.Index(
                fields=["provider_message_id"],
                name="notifications_message_sent_as",
                condition=~Q(provider_message_id=""),
            ),
        ]


class MessageTemplate(TenantModel):
    """An organisation's own words for one kind of message in one language."""

    kind = models.CharField(max_length=24, choices=MessageKind.choices)
    language = models.CharField(max_length=5, choices=Language.choices)
    subject = models.CharField(max_length=300, blank=True, db_default="")
    """Empty: Kassa's own."""
    body = models.TextField(blank=True, db_default="")
    """Empty: Kassa's own."""
    is_enabled = models.BooleanField(default=True, db_default=True)
    """False: no message of this kind is sent in this language."""
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="notifications_messagetemplate_key"),
            models.UniqueConstraint(
                fields=["organization", "kind", "language"], name="notifications_template_once"
            ),
            one_of("kind", MessageKind, name="notifications_template_kind"),
            one_of("language", Language, name="notifications_template_language"),
        ]


class SuppressedAddress(TenantModel):
    """An address that nothing is sent to any more, or no reminders, until staff clear it."""

    address = models.CharField(max_length=254)
    """In small letters."""
    reason = models.CharField(max_length=12, choices=SuppressionReason.choices)
    detail = models.TextField(blank=True, db_default="")
    """What the mail server or provider said."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="notifications_suppressedaddress_key"),
            models.UniqueConstraint(fields=["organization", "address"], name="notifications_suppressed_once"),
            one_of("reason", SuppressionReason, name="notifications_suppressed_reason"),
        ]
