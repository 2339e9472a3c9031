"""Devices: named, given lists, enrolled with a code that works once, revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.db import transaction

from kassa.admission.errors import DeviceRevoked, EnrolmentOver
from kassa.admission.models import Device, DeviceList
from kassa.admission.queries import device_of, lists_of
from kassa.core.activity_log import record_activity
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.identity.domain.api_keys import issue_api_key, withdraw_api_key
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind

ENROLMENT_PERIOD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A code that is shown once and makes one phone the device."""

    code: str
    expires_at: datetime

    @property
    def url(self) -> str:
        """What the phone opens. The code stands behind the ``#``, so that no server's log has it."""
        return f"{settings.BASE_URL}/checkin/#enrol={self.code}"

    @property
    def qr_svg(self) -> str:
        """The address as a QR code for the phone's camera."""
        drawn: str = segno.make_qr(self.url, error="m").svg_inline(scale=6, border=4, light="#fff")
        return drawn


@command(Permission.CHECKIN_WRITE)
def create_device(
    context: CommandContext, *, name: str, gate: str = "", list_ids: Iterable[UUID] = ()
) -> tuple[Device, Enrolment]:
    """Make a device that waits to be enrolled; without lists it scans for all of them.

    Whoever has its code can scan, so it is made only by those who may scan themselves.

    Raises:
        PermissionMissing: the actor may not scan.
        NotFound: the organisation has no such list.
    """
    context.actor.require(Permission.CHECKIN_SCAN)
    now = context.now
    with transaction.atomic():
        device = Device.unscoped.create(
            organization_id=context.organization_id, name=name, gate=gate, created_at=now, updated_at=now
        )
        after = {"name": name, "gate": gate, "checkin_lists": _set_lists(device, list_ids)}
        _record(SecurityEventKind.DEVICE_ADDED, device, context)
        record_activity(context, "device.created", device, after=after)
        return device, _open_enrolment(device, now)


@command(Permission.CHECKIN_WRITE)
def change_device(
    context: CommandContext,
    device_id: UUID,
    *,
    name: str | None = None,
    gate: str | None = None,
    list_ids: Iterable[UUID] | None = None,
    expected: datetime | None = None,
) -> Device:
    """Change what a device is called, where it stands or what it scans for; None leaves it as it is.

    Raises:
        NotFound: there is no such device or list.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        device = _locked(organization_id, device_id)
        require_version(device, expected)
        before: dict[str, Any] = {"name": device.name, "gate": device.gate}
        device.name = device.name if name is None else name
        device.gate = device.gate if gate is None else gate
        device.updated_at = context.now
        device.save(update_fields=["name", "gate", "updated_at"])
        after: dict[str, Any] = {"name": device.name, "gate": device.gate}
        if list_ids is not None:
            links = DeviceList.objects.of(organization_id).filter(device_id=device_id)
            before["checkin_lists"] = sorted(links.values_list("checkin_list_id", flat=True))
            links.delete()
            after["checkin_lists"] = _set_lists(device, list_ids)
        record_activity(context, "device.changed", device, before=before, after=after)
        return device


@command(Permission.CHECKIN_WRITE)
def renew_enrolment(context: CommandContext, device_id: UUID) -> tuple[Device, Enrolment]:
    """Return a new code for a device, as for another phone; the old code is dead at once.

    The key it has goes on working until the code is used.

    Raises:
        PermissionMissing: the actor may not scan.
        NotFound: there is no such device.
        DeviceRevoked: it was revoked.
    """
    context.actor.require(Permission.CHECKIN_SCAN)
    with transaction.atomic():
        device = _locked(context.organization_id, device_id)
        if device.revoked_at is not None:
            raise DeviceRevoked(device.name)
        _record(SecurityEventKind.DEVICE_RENEWED, device, context)
        before = {"enrolment_expires_at": device.enrolment_expires_at}
        enrolment = _open_enrolment(device, context.now)
        after = {"enrolment_expires_at": enrolment.expires_at}
        record_activity(context, "device.renewed", device, before=before, after=after)
        return device, enrolment


def enrol_device(code: str, *, now: datetime) -> tuple[Device, str]:
    """Give the phone that knows a code the device's key; the code is used up, and an older key is dead.

    Nobody can try out codes of 256 random bits, so attempts are not counted.

    Raises:
        EnrolmentOver: the code was used, is too old, or was never made.
    """
    with transaction.atomic():
        device = (
            Device.unscoped.select_for_update(of=("self",), no_key=True)
            .select_related("organization")
            .filter(
                enrolment_hash=_hash(code),
                enrolment_expires_at__gt=now,
                revoked_at=None,
                organization__deleted_at=None,
            )
            .first()
        )
        if device is None:
            raise EnrolmentOver
        context = CommandContext.system(device.organization_id, now=now)
        if device.api_key_id is not None:
            withdraw_api_key(context, device.api_key_id)
        made = issue_api_key(context, name=device.name, scopes=[Permission.CHECKIN_SCAN])
        device.api_key = made.key
        before = {"enrolled_at": device.enrolled_at}
        device.enrolled_at = device.updated_at = now
        device.enrolment_hash = device.enrolment_expires_at = None
        device.save()
        _record(SecurityEventKind.DEVICE_ENROLLED, device, context)
        itself = Actor.device(device.organization_id, device.id, frozenset())
        record_activity(
            CommandContext(itself, now), "device.enrolled", device, before=before, after={"enrolled_at": now}
        )
        return device, made.secret


@command(Permission.CHECKIN_WRITE)
def revoke_device(context: CommandContext, device_id: UUID) -> Device:
    """Take a device's key and code away for good; doing it again changes nothing.

    Raises:
        NotFound: there is no such device.
    """
    with transaction.atomic():
        device = _locked(context.organization_id, device_id)
        if device.revoked_at is None:
            device.revoked_at = device.updated_at = context.now
            device.enrolment_hash = device.enrolment_expires_at = None
            device.save()
            _record(SecurityEventKind.DEVICE_REVOKED, device, context)
            after = {"revoked_at": device.revoked_at}
            record_activity(context, "device.revoked", device, before={"revoked_at": None}, after=after)
            if device.api_key_id is not None:
                withdraw_api_key(context, device.api_key_id)
        return device


def _record(kind: SecurityEventKind, device: Device, context: CommandContext) -> None:
    record_security_event(
        kind,
        now=context.now,
        organization_id=device.organization_id,
        actor=context.actor,
        subject_id=device.id,
    )


def _locked(organization_id: UUID, device_id: UUID) -> Device:
    Device.objects.of(organization_id).select_for_update(no_key=True).filter(id=device_id).first()
    return device_of(organization_id, device_id)


def _open_enrolment(device: Device, now: datetime) -> Enrolment:
    code = secrets.token_urlsafe(32)
    device.enrolment_hash = _hash(code)
    device.enrolment_expires_at = now + ENROLMENT_PERIOD
    device.updated_at = now
    device.save(update_fields=["enrolment_hash", "enrolment_expires_at", "updated_at"])
    return Enrolment(code=code, expires_at=device.enrolment_expires_at)


def _set_lists(device: Device, list_ids: Iterable[UUID]) -> list[UUID]:
    """Write for which lists a device without any scans, and return them in the order of their ids."""
    wanted = list(dict.fromkeys(list_ids))
    if lists_of(device.organization_id).filter(id__in=wanted).count() != len(wanted):
        raise NotFound("There is no such check-in list in your organisation.")
    DeviceList.unscoped.bulk_create(
        DeviceList(organization_id=device.organization_id, device=device, checkin_list_id=list_id)
        for list_id in wanted
    )
    return sorted(wanted)


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
