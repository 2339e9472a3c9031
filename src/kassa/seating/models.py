"""Numbered places: the plan of a hall or a coach, and the seats of one event."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.fields import one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference
from kassa.seating.enums import LayoutKind, SeatStatus


class SeatLayout(TenantModel):
    """A plan to be used for many events: sections, rows, seats with their price category."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=LayoutKind.choices, default=LayoutKind.HALL)
    plan = models.JSONField()
    """``{"sections": [{"name", "rows": [{"name", "seats": [{"number", "category", "x", "y"}]}]}]}``."""
    seat_count = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="seating_seatlayout_key"),
            one_of("kind", LayoutKind, name="seating_seatlayout_kind"),
        ]
        indexes = [models.Index(fields=["organization", "id"], name="seating_seatlayout_list")]


class EventSeat(TenantPart):
    """One numbered place of one event, sold at most once."""

    event = TenantForeignKey("catalog.Event")
    category = models.CharField(max_length=60)
    section = models.CharField(max_length=60)
    row = models.CharField(max_length=20)
    number = models.CharField(max_length=20)
    rank = models.IntegerField()
    """Best first: 0 is the seat that 'best available' gives away before all others."""
    block = models.IntegerField()
    """Seats of one block stand side by side without an aisle between them."""
    place = models.IntegerField()
    """The position within the block; neighbours differ by one."""
    x = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    """Where it stands on the drawn plan. None: the plan is drawn from rows and numbers."""
    y = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    status = models.CharField(
        max_length=9,
        choices=SeatStatus.choices,
        default=SeatStatus.AVAILABLE,
        db_default=SeatStatus.AVAILABLE,
    )
    cart_id = models.UUIDField(null=True)
    """The cart that holds it. None: no cart does."""

    class Meta:
        constraints = [
            TenantKey(name="seating_eventseat_key"),
            TenantReference(field="event", to="catalog_event", name="seating_eventseat_event"),
            models.UniqueConstraint(
                fields=["organization", "event", "section", "row", "number"], name="seating_eventseat_once"
            ),
            one_of("status", SeatStatus, name="seating_eventseat_status"),
            models.CheckConstraint(
                condition=Q(cart_id__isnull=True) | Q(status=SeatStatus.HELD), name="seating_eventseat_cart"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "event", "rank"], name="seating_eventseat_plan"),
            models.Index(
                fields=["organization", "event", "category", "rank"],
                name="seating_eventseat_best",
                condition=Q(status="available"),
            ),
            models.Index(
                fields=["organization", "cart_id"],
                name="seating_eventseat_cart_i",
                condition=Q(cart_id__isnull=False),
            ),
        ]
