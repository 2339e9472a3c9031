"""Who is scanning: a device with its lists, or a key that may scan for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from kassa.admission.models import DeviceList
from kassa.core.actor import Actor, ActorKind
from kassa.core.database import statements
from kassa.identity.errors import KeyInvalid

DOOR = """
SELECT d.id, coalesce(d.gate, ''),
       ARRAY(SELECT l.checkin_list_id FROM admission_devicelist l
             WHERE l.organization_id = d.organization_id AND l.device_id = d.id)
FROM identity_apikey k
LEFT JOIN admission_device d ON d.organization_id = k.organization_id AND d.api_key_id = k.id
WHERE k.organization_id = %s AND k.id = %s AND k.revoked_at IS NULL
"""
"""A key with its device, if it has one; none for one that was revoked, as a device's former key was."""


@dataclass(frozen=True, slots=True)
class Door:
    """Who is scanning, and for which lists."""

    actor: Actor
    """A device, or whoever else scans."""
    gate: str = ""
    """Where the device stands."""
    list_ids: frozenset[UUID] = frozenset()
    """Empty: all lists."""

    @property
    def organization_id(self) -> UUID:
        return self.actor.organization_id

    @property
    def device_id(self) -> UUID | None:
        """None: it is no device that scans."""
        return self.actor.id if self.actor.kind == ActorKind.DEVICE else None

    def sees(self, list_id: UUID) -> bool:
        """Say whether it may scan for a list."""
        return not self.list_ids or list_id in self.list_ids


def door_of(actor: Actor) -> Door:
    """Return where an actor scans; a key that is a device's acts as this device.

    Raises:
        KeyInvalid: the key was revoked just now: one that is still remembered must not pass for no device's.
    """
    if actor.kind != ActorKind.API_KEY:
        return Door(actor)
    with connection.wrap_database_errors:
        row = statements().queue(DOOR, (actor.organization_id, actor.id)).fetchone()
    if row is None:
        raise KeyInvalid
    device_id, gate, list_ids = row
    if device_id is not None:
        actor = Actor.device(actor.organization_id, device_id, actor.permissions)
    return Door(actor, gate=gate, list_ids=frozenset(list_ids))


def lists_by_device(organization_id: UUID, device_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Return the lists of devices, by device; those that scan for all have none."""
    found: dict[UUID, list[UUID]] = {}
    links = DeviceList.objects.of(organization_id).filter(device_id__in=list(device_ids)).order_by("id")
    for device_id, list_id in links.values_list("device_id", "checkin_list_id"):
        found.setdefault(device_id, []).append(list_id)
    return found
