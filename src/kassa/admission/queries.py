"""Reads of lists, devices and scans. What who scans may see comes from here."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from kassa.admission.domain.door import Door
from kassa.admission.models import CheckinList, CheckinListTicketType, Device, Scan
from kassa.core.errors import NotFound


def lists_of(organization_id: UUID) -> QuerySet[CheckinList]:
    """Return an organisation's lists together with their events, deleted ones left out."""
    return CheckinList.objects.of(organization_id).filter(deleted_at=None).select_related("event")


def list_of(organization_id: UUID, list_id: UUID) -> CheckinList:
    """Return one list.

    Raises:
        NotFound: the organisation has no such list.
    """
    found = lists_of(organization_id).filter(id=list_id).first()
    if found is None:
        raise NotFound
    return found


def lists_at(door: Door) -> QuerySet[CheckinList]:
    """Return the lists that somebody scans for."""
    lists = lists_of(door.organization_id)
    return lists.filter(id__in=door.list_ids) if door.list_ids else lists


def list_at(door: Door, list_id: UUID) -> CheckinList:
    """Return one list that somebody scans for.

    Raises:
        NotFound: there is no such list, or it is not one of the device's.
    """
    found = lists_at(door).filter(id=list_id).first()
    if found is None:
        raise NotFound
    return found


def ticket_types_by_list(organization_id: UUID, list_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Return the ticket types that lists let in, by list; those that let in all have none."""
    found: dict[UUID, list[UUID]] = {}
    links = CheckinListTicketType.objects.of(organization_id).filter(checkin_list_id__in=list(list_ids))
    for list_id, ticket_type_id in links.order_by("id").values_list("checkin_list_id", "ticket_type_id"):
        found.setdefault(list_id, []).append(ticket_type_id)
    return found


def devices_of(organization_id: UUID) -> QuerySet[Device]:
    """Return an organisation's devices with their keys, revoked ones included."""
    return Device.objects.of(organization_id).select_related("api_key")


def device_of(organization_id: UUID, device_id: UUID) -> Device:
    """Return one device.

    Raises:
        NotFound: the organisation has no such device.
    """
    found = devices_of(organization_id).filter(id=device_id).first()
    if found is None:
        raise NotFound
    return found


def scans_of(organization_id: UUID) -> QuerySet[Scan]:
    """Return all that was scanned."""
    return Scan.objects.of(organization_id)
