"""``/checkin-devices``: the phones at the door, and how each gets a key of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from kassa.admission.domain.devices import (
    Enrolment,
    change_device,
    create_device,
    enrol_device,
    renew_enrolment,
    revoke_device,
)
from kassa.admission.domain.door import lists_by_device
from kassa.admission.errors import DeviceRevoked, EnrolmentOver
from kassa.admission.models import Device
from kassa.admission.queries import device_of, devices_of
from kassa.api.auth import Requires
from kassa.api.checkin_schemas import DeviceChange, DeviceIn, DeviceOut, EnrolIn, EnrolledOut
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import problems, reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.versions import expected_version, show_version
from kassa.core.clock import utc_now
from kassa.core.errors import Busy, ChangedMeanwhile, InvalidInput, Locked, NotFound
from kassa.core.permissions import Permission
from kassa.organizations.queries import organization_settings

router = Router(tags=["Check-in devices"])


@router.post(
    "/checkin-devices",
    response={201: DeviceOut},
    auth=Requires(create_device),
    openapi_extra=writing(NotFound, version_status=201),
    summary="Make a device",
    description="Open `enrolment.url` on the phone, or point its camera at `enrolment.qr_svg`.",
)
def create(request: ApiRequest, payload: DeviceIn) -> Status[dict[str, Any]]:
    device, enrolment = create_device(
        command_context(request),
        name=payload.name,
        gate=payload.gate,
        list_ids=payload.checkin_lists,
    )
    return Status(201, _show(request, device, enrolment))


@router.post(
    "/checkin-devices/enrol",
    response={201: EnrolledOut},
    auth=None,
    openapi_extra=problems(EnrolmentOver, InvalidInput, Locked, Busy),
    summary="Become a device",
    description="What the phone sends with the code from its address. No key is needed: a code has 256 "
    "random bits, works once, and for an hour.",
)
def enrol(request: HttpRequest, payload: EnrolIn) -> Status[dict[str, Any]]:
    device, secret = enrol_device(payload.code, now=utc_now())
    settings = organization_settings(device.organization_id)
    organization = settings.organization
    return Status(
        201,
        {
            "api_key": secret,
            "device": {
                "id": device.id,
                "name": device.name,
                "gate": device.gate,
                "checkin_lists": lists_by_device(organization.id, [device.id]).get(device.id, []),
            },
            "organization": {
                "id": organization.id,
                "name": organization.name,
                "slug": organization.slug,
                "primary_color": settings.primary_color,
                "default_language": settings.default_language,
            },
        },
    )


@router.get(
    "/checkin-devices",
    response=Page[DeviceOut],
    auth=Requires(Permission.CHECKIN_READ),
    openapi_extra=reading(),
    summary="List devices",
)
def list_all(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    return page_of(devices_of(request.auth.organization_id), limit=limit, after=after, show=_show_all)


@router.get(
    "/checkin-devices/{device_id}",
    response=DeviceOut,
    auth=Requires(Permission.CHECKIN_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a device",
)
def read(request: ApiRequest, device_id: UUID) -> dict[str, Any]:
    return _show(request, device_of(request.auth.organization_id, device_id))


@router.patch(
    "/checkin-devices/{device_id}",
    response=DeviceOut,
    auth=Requires(change_device),
    openapi_extra=writing(NotFound, ChangedMeanwhile),
    summary="Change a device",
)
def change(request: ApiRequest, device_id: UUID, payload: DeviceChange) -> dict[str, Any]:
    sent = payload.model_dump(exclude_unset=True)
    changed = change_device(
        command_context(request),
        device_id,
        name=sent.get("name"),
        gate=sent.get("gate"),
        list_ids=sent.get("checkin_lists"),
        expected=expected_version(request),
    )
    return _show(request, changed)


@router.post(
    "/checkin-devices/{device_id}/enrolment",
    response={201: DeviceOut},
    auth=Requires(renew_enrolment),
    openapi_extra=writing(NotFound, DeviceRevoked, version_status=201),
    summary="Make a new code for a device",
    description="For another phone. The key that the device has works until the code is used.",
)
def enrol_again(request: ApiRequest, device_id: UUID) -> Status[dict[str, Any]]:
    device, enrolment = renew_enrolment(command_context(request), device_id)
    return Status(201, _show(request, device, enrolment))


@router.post(
    "/checkin-devices/{device_id}/revoke",
    response=DeviceOut,
    auth=Requires(revoke_device),
    openapi_extra=writing(NotFound, version_status=200),
    summary="Revoke a device",
    description="For good, within a second. What it has scanned stays.",
)
def revoke(request: ApiRequest, device_id: UUID) -> dict[str, Any]:
    return _show(request, revoke_device(command_context(request), device_id))


def _show(request: ApiRequest, device: Device, enrolment: Enrolment | None = None) -> dict[str, Any]:
    show_version(request, device)
    shown = _show_all([device])[0]
    if enrolment is not None:
        names = ("url", "code", "expires_at", "qr_svg")
        shown["enrolment"] = {name: getattr(enrolment, name) for name in names}
    return shown


def _show_all(devices: Sequence[Device]) -> list[dict[str, Any]]:
    if not devices:
        return []
    lists = lists_by_device(devices[0].organization_id, [one.id for one in devices])
    return [
        {
            **{
                name: getattr(one, name)
                for name in ("id", "name", "gate", "status", "created_at", "enrolled_at", "revoked_at")
            },
            "checkin_lists": lists.get(one.id, []),
            "enrolment": None,
            "last_seen_at": one.api_key.last_used_at if one.api_key else None,
        }
        for one in devices
    ]
