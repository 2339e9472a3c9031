"""What was scanned at the door, written once, and what follows from it: who is in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.admission.enums import ScanKind, ScanResult
from kassa.core.actor import ActorKind
from kassa.core.fields import one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference

ONE_SCAN_PER_ID = "admission_scan_client_id"
ONE_SCAN_PER_TURN = "admission_scan_turn"


class Scan(TenantModel):
    """One look at a ticket and the answer. The database refuses to change or delete it.

    The accepted ones of a ticket in an area are a chain that is counted by ``turn``.
    """

    client_id = models.UUIDField()
    """The id that the device gave it: sent again, it is the same scan."""
    fingerprint = models.BinaryField()
    """Of what was asked, so that one id does not stand for two scans."""
    checkin_list = TenantForeignKey("admission.CheckinList", null=True)
    """None: scanned without a network for a list that there is not."""
    event = TenantForeignKey("catalog.Event", null=True)
    """The list's."""
    area = models.CharField(max_length=40, blank=True, db_default="")
    """The list's, as it then was."""
    ticket = TenantForeignKey("orders.Ticket", null=True)
    """None: what was scanned is no ticket of the organisation."""
    code = models.CharField(max_length=32, blank=True, db_default="")
    """What was read, cut off. Empty: nothing that could be a code."""
    kind = models.CharField(max_length=5, choices=ScanKind.choices)
    result = models.CharField(max_length=17, choices=ScanResult.choices)
    turn = models.PositiveIntegerField(null=True)
    """Its place among the accepted scans of the ticket in the area, from 1. None: it was not accepted."""
    previous = TenantForeignKey("self", null=True)
    """The accepted scan that counted last before this one. None: there was none."""
    undoes = TenantForeignKey("self", null=True)
    """The scan that it takes back. None: it is none of that kind."""
    gate = models.CharField(max_length=80, blank=True, db_default="")
    device = TenantForeignKey("admission.Device", null=True)
    """None: scanned with a key that is no device's."""
    scanned_by = models.UUIDField(null=True)
    """The user, API key or device; of a device's earlier scans, the key that it had. None: Kassa itself."""
    scanned_by_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    reason = models.CharField(max_length=300, blank=True, db_default="")
    """Why it was undone."""
    scanned_at = models.DateTimeField()
    """When it was scanned, by the clock of the device if it told."""
    created_at = models.DateTimeField(db_default=Now())
    """When it got here."""

    class Meta:
        constraints = [
            TenantKey(name="admission_scan_key"),
            TenantReference(field="checkin_list", to="admission_checkinlist", name="admission_scan_list"),
            TenantReference(field="event", to="catalog_event", name="admission_scan_event"),
            TenantReference(field="ticket", to="orders_ticket", name="admission_scan_ticket"),
            TenantReference(field="device", to="admission_device", name="admission_scan_device"),
            TenantReference(field="previous", to="admission_scan", name="admission_scan_previous"),
            TenantReference(field="undoes", to="admission_scan", name="admission_scan_undoes"),
            models.UniqueConstraint(fields=["organization", "client_id"], name=ONE_SCAN_PER_ID),
            models.UniqueConstraint(
                fields=["organization", "ticket", "area", "turn"],
                condition=Q(turn__isnull=False),
                name=ONE_SCAN_PER_TURN,
            ),
            models.UniqueConstraint(
                fields=["organization", "undoes"],
                condition=Q(undoes__isnull=False),
                name="admission_scan_undone_once",
            ),
            one_of("kind", ScanKind, name="admission_scan_kind"),
            one_of("result", ScanResult, name="admission_scan_result"),
            models.CheckConstraint(
                condition=Q(turn__isnull=True)
                | Q(
                    turn__gte=1,
                    ticket__isnull=False,
                    checkin_list__isnull=False,
                    result__in=[ScanResult.VALID.value, ScanResult.UNDONE.value],
                ),
                name="admission_scan_accepted",
            ),
            models.CheckConstraint(
                condition=Q(kind="undo", undoes__isnull=False, turn__isnull=False, result="undone")
                | (~Q(kind="undo") & Q(undoes__isnull=True) & ~Q(result="undone")),
                name="admission_scan_undo",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="admission_scan_by_id"),
            models.Index(
                fields=["organization", "checkin_list", "scanned_at"], name="admission_scan_by_list"
            ),
            models.Index(fields=["organization", "event", "id"], name="admission_scan_by_event"),
            models.Index(
                fields=["organization", "ticket", "id"],
                condition=Q(ticket__isnull=False),
                name="admission_scan_by_ticket",
            ),
        ]

    @property
    def is_accepted(self) -> bool:
        """Whether it changed who is in."""
        return self.turn is not None


class Conflict(TenantPart):
    """A scan that let somebody in without a network and was refused when it got here. Never deleted."""

    scan = TenantForeignKey(Scan, related_name="conflicts")
    checkin_list = TenantForeignKey("admission.CheckinList", null=True)
    """The scan's; null as it is there."""
    let_in_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="admission_conflict_key"),
            TenantReference(field="scan", to="admission_scan", name="admission_conflict_scan"),
            TenantReference(field="checkin_list", to="admission_checkinlist", name="admission_conflict_list"),
            models.UniqueConstraint(fields=["organization", "scan"], name="admission_conflict_once"),
        ]
        indexes = [models.Index(fields=["organization", "checkin_list"], name="admission_conflict_of_list")]


class Presence(TenantPart):
    """What a ticket's chain of accepted scans in one area comes to; kept beside it, and always the same."""

    ticket = TenantForeignKey("orders.Ticket")
    event = TenantForeignKey("catalog.Event")
    """The ticket's."""
    area = models.CharField(max_length=40)
    turn = models.PositiveIntegerField()
    """The last one of the chain."""
    entries = models.PositiveIntegerField()
    """Entries that were not undone."""
    is_inside = models.BooleanField()
    entered_at = models.DateTimeField(null=True)
    """When the first of these entries was. None: there is none."""
    last_scan = TenantForeignKey(Scan, null=True)
    """The last entry or exit that was not undone. None: there is none."""
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            TenantKey(name="admission_presence_key"),
            TenantReference(
                field="ticket", to="orders_ticket", cascade=True, name="admission_presence_ticket"
            ),
            TenantReference(field="event", to="catalog_event", name="admission_presence_event"),
            TenantReference(field="last_scan", to="admission_scan", name="admission_presence_last_scan"),
            models.UniqueConstraint(
                fields=["organization", "ticket", "area"], name="admission_presence_once"
            ),
            models.CheckConstraint(
                condition=Q(entries=0, is_inside=False, entered_at__isnull=True, last_scan__isnull=True)
                | Q(entries__gte=1, entered_at__isnull=False, last_scan__isnull=False),
                name="admission_presence_of_entries",
            ),
        ]
        indexes = [models.Index(fields=["organization", "event", "area"], name="admission_presence_of_event")]
