"""Check-in lists: which tickets of an event let somebody in, where, when and how often."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from kassa.admission.enums import ENTRANCE, EntryRule
from kassa.core.fields import one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference


class CheckinList(TenantModel):
    """One way into an event. Lists with the same area share who is in."""

    event = TenantForeignKey("catalog.Event")
    name = models.CharField(max_length=120)
    area = models.CharField(max_length=40, default=ENTRANCE, db_default=ENTRANCE)
    """What the doors lead into: a ticket used at one of its lists is used at all of them."""
    gates = ArrayField(models.CharField(max_length=80), default=list, db_default=[])
    """Names to choose from at the door. Empty: it has only one, or they need no names."""
    entry_rule = models.CharField(
        max_length=10, choices=EntryRule.choices, default=EntryRule.ONCE, db_default=EntryRule.ONCE
    )
    counts_exits = models.BooleanField(default=False, db_default=False)
    doors_open_at = models.DateTimeField(null=True)
    """None: whoever comes early is let in."""
    doors_close_at = models.DateTimeField(null=True)
    """Exclusive. None: whoever comes late is let in."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)
    """None: it is in use. Its scans stay."""

    class Meta:
        constraints = [
            TenantKey(name="admission_checkinlist_key"),
            TenantReference(field="event", to="catalog_event", name="admission_checkinlist_event"),
            one_of("entry_rule", EntryRule, name="admission_checkinlist_entry_rule"),
            models.CheckConstraint(condition=~Q(area=""), name="admission_checkinlist_area"),
            models.CheckConstraint(
                condition=Q(doors_open_at__isnull=True)
                | Q(doors_close_at__isnull=True)
                | Q(doors_close_at__gt=F("doors_open_at")),
                name="admission_checkinlist_doors",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="admission_checkinlist_list"),
            models.Index(fields=["organization", "event", "id"], name="admission_checkinlist_of_event"),
        ]


class CheckinListTicketType(TenantPart):
    """A ticket type that a list lets in. A list without any lets in all of its event."""

    checkin_list = TenantForeignKey(CheckinList, related_name="ticket_types")
    ticket_type = TenantForeignKey("catalog.TicketType")

    class Meta:
        constraints = [
            TenantKey(name="admission_checkinlisttickettype_key"),
            TenantReference(
                field="checkin_list",
                to="admission_checkinlist",
                cascade=True,
                name="admission_listtickettype_list",
            ),
            TenantReference(
                field="ticket_type", to="catalog_tickettype", name="admission_listtickettype_type"
            ),
            models.UniqueConstraint(
                fields=["organization", "checkin_list", "ticket_type"], name="admission_listtickettype_once"
            ),
        ]
