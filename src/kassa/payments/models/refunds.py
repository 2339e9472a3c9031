"""Money that goes back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.actor import ActorKind
from kassa.core.fields import CurrencyField, MoneyField, not_negative, one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantPart, TenantReference
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.payments.enums import SURPLUS_KINDS, EventRefundStatus, RefundKind, RefundStatus
from kassa.payments.models.payments import Payment

ONE_REFUND_PER_TICKET = "payments_refundedticket_once"
ONE_REFUND_PER_KEY = "payments_refund_idempotency_key"
ONE_RUN_PER_EVENT = "payments_eventrefund_one_running"


class Refund(TenantPart):
    """One decision to give money back for an order, and why."""

    order = TenantForeignKey(Order)
    kind = models.CharField(max_length=12, choices=RefundKind.choices)
    status = models.CharField(
        max_length=9,
        choices=RefundStatus.choices,
        default=RefundStatus.PENDING,
        db_default=RefundStatus.PENDING,
    )
    amount = MoneyField()
    currency = CurrencyField()
    reduces_sales = models.BooleanField(default=True, db_default=True)
    """False: the money never paid for anything, because it was too much or the order was not confirmed."""
    lines = models.JSONField(default=list, db_default=[])
    """What is given back and why: ``what``, ``label``, ``amount``; the amounts add up to ``amount``."""
    reason = models.TextField(blank=True, db_default="")
    requested_by = models.UUIDField(null=True)
    """None: Kassa itself."""
    requested_by_kind = models.CharField(max_length=8, choices=ActorKind.choices, default=ActorKind.SYSTEM)
    idempotency_key = models.CharField(max_length=255, null=True)
    fingerprint = models.BinaryField(null=True)
    """SHA-256 of the request: its key with another request is refused. None: there was no key."""
    created_at = models.DateTimeField(db_default=Now())
    completed_at = models.DateTimeField(null=True)
    """None: the money is not all back yet."""

    class Meta:
        constraints = [
            TenantKey(name="payments_refund_key"),
            TenantReference(field="order", to="orders_order", name="payments_refund_order"),
            models.UniqueConstraint(
                fields=["organization", "order", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name=ONE_REFUND_PER_KEY,
            ),
            one_of("kind", RefundKind, name="payments_refund_kind"),
            one_of("status", RefundStatus, name="payments_refund_status"),
            not_negative("amount", name="payments_refund_amount"),
            models.CheckConstraint(
                condition=~Q(kind__in=SURPLUS_KINDS, reduces_sales=True), name="payments_refund_surplus"
            ),
        ]
        indexes = [models.Index(fields=["organization", "order", "id"], name="payments_refund_of_order")]


class RefundPart(TenantPart):
    """What of a refund goes back to one payment. Its ``id`` is the key under which it is sent."""

    refund = TenantForeignKey(Refund, related_name="parts")
    payment = TenantForeignKey(Payment)
    order = TenantForeignKey(Order)
    provider = models.CharField(max_length=40)
    amount = MoneyField()
    currency = CurrencyField()
    status = models.CharField(
        max_length=9,
        choices=RefundStatus.choices,
        default=RefundStatus.PENDING,
        db_default=RefundStatus.PENDING,
    )
    provider_reference = models.CharField(max_length=255, null=True)
    """The provider's own id of the refund. None: not yet known there."""
    held_by_dispute = models.CharField(max_length=255, null=True)
    """The provider's own id of the dispute that decides whether it is sent, or has paid it. Some of these are
    no :class:`Dispute`: all that they take was promised back already. None: no dispute decides."""
    tries = models.PositiveIntegerField(default=0, db_default=0)
    refusals = models.PositiveIntegerField(default=0, db_default=0)
    """How often the provider said no; each try after a no is a new one for the provider."""
    next_try_at = models.DateTimeField(null=True)
    """None: it is done, or waits for staff (a transfer back by hand)."""
    error = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="payments_refundpart_key"),
            TenantReference(field="refund", to="payments_refund", name="payments_refundpart_refund"),
            TenantReference(field="payment", to="payments_payment", name="payments_refundpart_payment"),
            TenantReference(field="order", to="orders_order", name="payments_refundpart_order"),
            models.UniqueConstraint(
                fields=["organization", "provider", "provider_reference"],
                condition=Q(provider_reference__isnull=False),
                name="payments_refundpart_reference",
            ),
            one_of("status", RefundStatus, name="payments_refundpart_status"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refundpart_amount"),
            models.CheckConstraint(
                condition=Q(held_by_dispute__isnull=True)
                | ~Q(status=RefundStatus.PENDING)
                | Q(provider_reference__isnull=True, next_try_at__isnull=True),
                name="payments_refundpart_held",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "refund"], name="payments_refundpart_of_refund"),
            models.Index(fields=["organization", "payment"], name="payments_refundpart_of_payment"),
            models.Index(fields=["organization", "order"], name="payments_refundpart_of_order"),
            models.Index(
                fields=["next_try_at"],
                condition=Q(status="pending", next_try_at__isnull=False),
                name="payments_refundpart_due",
            ),
        ]


class RefundedTicket(TenantPart):
    """A ticket that was given back: once, for what was paid for it (or what was left of that)."""

    refund = TenantForeignKey(Refund, related_name="tickets")
    ticket = TenantForeignKey(Ticket)
    amount = MoneyField()

    class Meta:
        constraints = [
            TenantKey(name="payments_refundedticket_key"),
            TenantReference(field="refund", to="payments_refund", name="payments_refundedticket_refund"),
            TenantReference(
                field="ticket", to="orders_ticket", cascade=True, name="payments_refundedticket_ticket"
            ),
            models.UniqueConstraint(fields=["organization", "ticket"], name=ONE_REFUND_PER_TICKET),
            not_negative("amount", name="payments_refundedticket_amount"),
        ]
        indexes = [models.Index(fields=["organization", "refund"], name="payments_refundedticket_list")]


class RefundedGoods(TenantPart):
    """Pieces of an item that were given back, for what was paid for them (or what was left of that).

    How many of an item were given back altogether stands at the item, which never allows more than were
    bought.
    """

    refund = TenantForeignKey(Refund, related_name="goods")
    item = TenantForeignKey(OrderItem)
    quantity = models.PositiveIntegerField()
    is_restocked = models.BooleanField()
    """They are in stock again."""
    amount = MoneyField()

    class Meta:
        constraints = [
            TenantKey(name="payments_refundedgoods_key"),
            TenantReference(field="refund", to="payments_refund", name="payments_refundedgoods_refund"),
            TenantReference(
                field="item", to="orders_orderitem", cascade=True, name="payments_refundedgoods_item"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="payments_refundedgoods_quantity"),
            not_negative("amount", name="payments_refundedgoods_amount"),
        ]
        indexes = [
            models.Index(fields=["organization", "refund"], name="payments_refundedgoods_list"),
            models.Index(fields=["organization", "item"], name="payments_refundedgoods_of_item"),
        ]


class EventRefund(TenantPart):
    """The refund of everything that was sold for a cancelled event, order by order."""

    event = TenantForeignKey("catalog.Event")
    status = models.CharField(
        max_length=7,
        choices=EventRefundStatus.choices,
        default=EventRefundStatus.RUNNING,
        db_default=EventRefundStatus.RUNNING,
    )
    reason = models.TextField(blank=True, db_default="")
    requested_by = models.UUIDField(null=True)
    requested_by_kind = models.CharField(max_length=8, choices=ActorKind.choices, default=ActorKind.SYSTEM)
    orders_total = models.PositiveIntegerField(default=0, db_default=0)
    orders_done = models.PositiveIntegerField(default=0, db_default=0)
    orders_failed = models.PositiveIntegerField(default=0, db_default=0)
    """Orders that could not be refunded; ``problems`` says why."""
    problems = models.JSONField(default=list, db_default=[])
    last_order_id = models.UUIDField(null=True)
    """How far it has come: orders are taken by id. None: it has not begun."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="payments_eventrefund_key"),
            TenantReference(field="event", to="catalog_event", name="payments_eventrefund_event"),
            models.UniqueConstraint(
                fields=["organization", "event"], condition=Q(status="running"), name=ONE_RUN_PER_EVENT
            ),
            one_of("status", EventRefundStatus, name="payments_eventrefund_status"),
        ]
