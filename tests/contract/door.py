"""A door for the organisation of the contract's tests: a list, a device, and one look at a ticket."""

from __future__ import annotations

from uuid import UUID, uuid4

from kassa.admission.domain.devices import create_device
from kassa.admission.domain.lists import create_list
from kassa.admission.domain.scan import WantedScan, record_scan
from kassa.admission.enums import ScanKind
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
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
    made = create_list(
        CommandContext.system(organization.id, now=utc_now()), event_id, fields={"name": "Entrance"}
    )
    return made.id


def make_device(organization: Organization) -> UUID:
    return create_device(CommandContext.system(organization.id, now=utc_now()), name="Phone")[0].id


def make_scan(organization: Organization, list_id: UUID) -> UUID:
    """Scan something that is no ticket; return the id that the device gave it."""
    wanted = WantedScan(id=uuid4(), list_id=list_id, text="NOTHING", kind=ScanKind.ENTRY)
    context = CommandContext.system(organization.id, now=utc_now())
    record_scan(context, wanted, language=Language.ENGLISH)
    return wanted.id
