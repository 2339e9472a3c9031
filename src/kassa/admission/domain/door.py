"""Who is scanning: a device with its lists, or a key that may scan for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kassa.admission.models import Device, DeviceList
from kassa.identity.actor import Actor
from kassa.identity.enums import ActorKind
from kassa.identity.errors import KeyInvalid
from kassa.identity.models import ApiKey


@dataclass(frozen=True, slots=True)
class Door:
    """Who is scanning, and for which lists."""

    actor: Actor
    device_id: UUID | None = None
    """Null: the key is no device's."""
    gate: str = ""
    """Where the device stands."""
    list_ids: frozenset[UUID] = frozenset()
    """Empty: all lists."""

    @property
    def organization_id(self) -> UUID:
        return self.actor.organization_id

    @property
    def lets_in_by(self) -> UUID | None:
        """The device, or who else is scanning."""
        return self.device_id or self.actor.id

    def sees(self, list_id: UUID) -> bool:
        """Say whether it may scan for a list."""
        return not self.list_ids or list_id in self.list_ids


def door_of(actor: Actor) -> Door:
    """Return where an actor scans.

    Raises:
        KeyInvalid: the key was revoked just now, or is one that its device has no more.
    """
    if actor.kind != ActorKind.API_KEY:
        return Door(actor)
    device = Device.objects.of(actor.organization_id).filter(api_key_id=actor.id).first()
    if device is None:
        # A device's former key may be remembered for a moment: it must not pass for one of all lists.
        if not ApiKey.objects.of(actor.organization_id).filter(id=actor.id, revoked_at=None).exists():
            raise KeyInvalid
        return Door(actor)
    if device.revoked_at is not None:
        raise KeyInvalid
    links = DeviceList.objects.of(actor.organization_id).filter(device_id=device.id)
    return Door(
        actor,
        device_id=device.id,
        gate=device.gate,
        list_ids=frozenset(links.values_list("checkin_list_id", flat=True)),
    )


def lists_by_device(organization_id: UUID, device_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Return the lists of devices, by device; those that scan for all have none."""
    found: dict[UUID, list[UUID]] = {}
    links = DeviceList.objects.of(organization_id).filter(device_id__in=list(device_ids)).order_by("id")
    for device_id, list_id in links.values_list("device_id", "checkin_list_id"):
        found.setdefault(device_id, []).append(list_id)
    return found
