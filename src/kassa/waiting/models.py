"""A line before an event's door, and who has gone through."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from kassa.core.fields import not_negative
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference

ONE_ENTRY = "waiting_entry_once"


class WaitingRoom(TenantModel):
    """The line before one event.

    Nobody writes while it moves: who is being served is worked out from ``served_millionths``,
    ``served_since`` and the rate. Who joins is only counted.
    """

    event = TenantForeignKey("catalog.Event")
    opens_at = models.DateTimeField()
    """From when one can wait, and nobody gets by without."""
    starts_at = models.DateTimeField()
    """When the places of all who wait are drawn and the line begins to move."""
    ends_at = models.DateTimeField(null=True)
    """Exclusive. None: until staff take it away."""
    rate_per_minute = models.PositiveIntegerField()
    is_paused = models.BooleanField(default=False, db_default=False)
    joined = models.PositiveIntegerField(default=0, db_default=0)
    """How many numbers have been given out; the next one is one more."""
    drawn = models.PositiveIntegerField(null=True)
    """How many had a number at the start: theirs are drawn. None: it has not started."""
    served_millionths = models.BigIntegerField(default=0, db_default=0)
    """How far the line had come at ``served_since``, in millionths of a place: no fraction is ever lost."""
    served_since = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    """When somebody last changed how it goes; that people join it and are called does not count."""

    class Meta:
        constraints = [
            TenantKey(name="waiting_waitingroom_key"),
            TenantReference(field="event", to="catalog_event", name="waiting_waitingroom_event"),
            models.UniqueConstraint(fields=["organization", "event"], name="waiting_waitingroom_once"),
            models.CheckConstraint(
                condition=Q(opens_at__lte=F("starts_at")), name="waiting_waitingroom_opening"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="waiting_waitingroom_ending",
            ),
            models.CheckConstraint(condition=Q(rate_per_minute__gte=1), name="waiting_waitingroom_rate"),
            models.CheckConstraint(
                condition=Q(drawn__isnull=True) | Q(drawn__lte=F("joined")), name="waiting_waitingroom_drawn"
            ),
            not_negative("served_millionths", name="waiting_waitingroom_served"),
        ]


class Entry(TenantPart):
    """A place in the line that was turned into a way in: once, and good for a while."""

    room = TenantForeignKey(WaitingRoom)
    number = models.PositiveIntegerField()
    turn = models.PositiveIntegerField(default=1, db_default=1)
    """Which pass is the living one: each new one has the next turn, and the one before dies."""
    former_until = models.DateTimeField(null=True)
    """Until when the pass before is still taken, for requests that were under way. None: not at all."""
    entered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    """Exclusive."""
    closed_at = models.DateTimeField(null=True)
    """When it was used up. None: it was not."""

    class Meta:
        constraints = [
            TenantKey(name="waiting_entry_key"),
            TenantReference(field="room", to="waiting_waitingroom", cascade=True, name="waiting_entry_room"),
            models.UniqueConstraint(fields=["organization", "room", "number"], name=ONE_ENTRY),
        ]
        indexes = [
            models.Index(
                fields=["organization", "room", "expires_at"],
                name="waiting_entry_inside",
                condition=Q(closed_at__isnull=True),
            )
        ]
