"""A door for the organisation of the contract's tests: a list, a device, and one look at a ticket."""

from __future__ import annotations

from uuid import UUID, uuid4

from kassa.admission.domain.devices import create_device
from kassa.admission.domain.door import Door
from kassa.admission.domain.lists import create_list
from kassa.admission.domain.scan import WantedScan, record_scan
from kassa.admission.enums import ScanKind
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.languages import Language
from kassa.organizations.models import Organization


def make_door(organization: Organization, event_id: UUID) -> dict[str, UUID]:
    """Make one object of every kind that a door has; return their ids by the addresses' names for them."""
    list_id = make_list(organization, event_id)
    return {
        "list_id": list_id,
        "device_id": make_device(organization),
        "checkin_id": make_scan(organization, list_id),
    }


def make_list(organization: Organization, event_id: UUID) -> UUID:
    made = create_list(organization.id, event_id=event_id, fields={"name": "Entrance"}, now=utc_now())
    return made.id


def make_device(organization: Organization) -> UUID:
    return create_device(organization.id, name="Phone", now=utc_now())[0].id


def make_scan(organization: Organization, list_id: UUID) -> UUID:
    """Scan something that is no ticket; return the id that the device gave it."""
    wanted = WantedScan(id=uuid4(), list_id=list_id, text="NOTHING", kind=ScanKind.ENTRY)
    door = Door(Actor.system(organization.id))
    record_scan(door, wanted, language=Language.ENGLISH, now=utc_now())
    return wanted.id
